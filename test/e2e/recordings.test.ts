import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { torchFile } from '../datasets/recordings/torch-file.js';
import { hasSmallDisk, withSmallDisk } from '../datasets/small-disk.js';
import { type Finished, temporaryFolder, umwelt, until } from './run.js';

const TIMEOUT = { timeout: 240_000 };

/** A cube that stands still. */
function toss(frames: number): Buffer {
  const row = [0, 0, 1, 1, ...Array<number>(15).fill(0)];
  return torchFile(Array.from({ length: frames }, () => row).flat(), { shape: [1, frames, row.length] });
}

/** A parent of recordings: so many tosses of so many frames. */
function recordings(count: number, frames = 2): string {
  const parent = temporaryFolder();
  const folder = join(parent, 'contactnets-cube');
  mkdirSync(folder);
  // Each of another length, so that each has another digest.
  for (let i = 0; i < count; i++) writeFileSync(join(folder, `${i}.pt`), toss(frames + i));
  return parent;
}

function finishedShards(directory: string): number {
  const shards = join(directory, 'shards');
  return existsSync(shards) ? readdirSync(shards).filter((name) => /^\d+$/.test(name)).length : 0;
}

describe('umwelt recordings list', () => {
  it('tells what can be imported, what lies at a path and what is wrong with it', TIMEOUT, async () => {
    const parent = recordings(2);
    for (const name of ['my logs', 'notes']) mkdirSync(join(parent, name));
    writeFileSync(join(parent, 'my logs/drive.mcap'), 'no log');
    const { status, stdout } = await umwelt(['recordings', 'list', parent, '--json']);
    expect(status).toBe(0);
    const list = JSON.parse(stdout);
    expect(list.formats.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['contactnets-cube', 'mcap', 'lerobot']),
    );
    expect(list.formats[0]).toMatchObject({ name: 'contactnets-cube', filesToFetch: 446 });
    expect(list.recordings).toMatchObject([
      { format: 'contactnets-cube', recordings: 2, files: 2, streams: [{ name: 'state', rateHz: 148 }] },
      {
        format: 'mcap',
        error: { code: 'malformed-file', message: expect.stringContaining('drive.mcap, byte 0') },
      },
    ]);
    expect(list.recordings[0].recordingsSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(list.unknown).toEqual(['notes']);

    const shown = await umwelt(['recordings', 'list'], { env: { UMWELT_RECORDINGS: parent } });
    expect(shown.status).toBe(0);
    expect(shown.stdout).toMatch(
      /^contactnets-cube \(fetch: 446 files\)\n {2}ContactNets.*\n {2}licence: BSD-3-Clause/m,
    );
    expect(shown.stdout).toMatch(
      /holds {4}2 recordings in 2 files, .*\n {2}streams {2}state \(truth\), 148 Hz/,
    );
    expect(shown.stdout).toMatch(/problem {2}drive\.mcap/);
    expect(shown.stdout).toContain('Folders that no format knows: notes');
  });

  it('says what to do where there is nothing', TIMEOUT, async () => {
    const cwd = temporaryFolder();
    const { status, stdout } = await umwelt(['recordings', 'list'], { cwd, env: { UMWELT_RECORDINGS: '' } });
    expect(status).toBe(0);
    expect(stdout).toContain('give a PATH, or set UMWELT_RECORDINGS');
  });
});

describe('umwelt recordings import', () => {
  const out = (): string => join(temporaryFolder(), 'data');
  const file = join(import.meta.dirname, 'recordings.test.ts');

  it.each<[string[], number, RegExp]>([
    [['/nowhere/at/all'], 2, /"\/nowhere\/at\/all" does not exist/],
    [[file], 2, /is a file: expected the folder/],
    [[import.meta.dirname], 2, /has no recordings: expected the files of contactnets-cube, /],
    [[import.meta.dirname, '--format', 'nothing'], 2, /called "nothing": expected contactnets-cube, /],
    [[import.meta.dirname, '--format', 'mcap'], 2, /expected the files of mcap, or a folder of that name/],
  ])('%j is refused', TIMEOUT, async (args, expected, message) => {
    const { status, stderr, stdout } = await umwelt(['recordings', 'import', ...args, '--out', out()]);
    expect(status).toBe(expected);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
  });

  it('does not write into a file, or a folder of something else', TIMEOUT, async () => {
    const parent = recordings(1);
    const target = join(parent, 'contactnets-cube/0.pt');
    const before = readFileSync(target);
    expect((await umwelt(['recordings', 'import', parent, '--out', target])).stderr).toContain(
      'it is a file',
    );
    const taken = await umwelt(['recordings', 'import', parent, '--out', parent]);
    expect(taken.status).toBe(2);
    expect(taken.stderr).toContain('holds something else (contactnets-cube)');
    expect(readFileSync(target)).toEqual(before);
  });

  it('names the file and the place that is wrong, and leaves no part of it', TIMEOUT, async () => {
    const parent = recordings(3);
    writeFileSync(join(parent, 'contactnets-cube/1.pt'), toss(9).subarray(0, 700));
    const data = out();
    const { status, stderr } = await umwelt(['recordings', 'import', parent, '--out', data]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/1\.pt, byte \d+/);
    expect(finishedShards(data)).toBe(0);
    expect(readdirSync(join(data, 'shards'))).toEqual([]);
  });

  it('killed and started again makes the same dataset', TIMEOUT, async () => {
    const parent = recordings(150, 300);
    const [whole, killed] = [out(), out()];
    expect((await umwelt(['recordings', 'import', parent, '--out', whole])).status).toBe(0);
    const { signal } = await umwelt(['recordings', 'import', parent, '--out', killed], {
      onStart: (child) => {
        until(() => finishedShards(killed) >= 1, 'the first shard').then(() => child.kill('SIGKILL'));
      },
    });
    expect(signal).toBe('SIGKILL');
    const again = await umwelt(['recordings', 'import', parent, '--out', killed, '--json']);
    expect(again.status, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ format: 'contactnets-cube', episodes: 150 });
    expect(readFileSync(join(killed, 'manifest.json'))).toEqual(readFileSync(join(whole, 'manifest.json')));
    expect(readdirSync(killed).sort()).toEqual(readdirSync(whole).sort());
    // Other recordings are another dataset.
    rmSync(join(parent, 'contactnets-cube/7.pt'));
    const other = await umwelt(['recordings', 'import', parent, '--out', killed]);
    expect(other.status).toBe(2);
  });

  it('stops at Ctrl-C with status 130, and says how to go on', TIMEOUT, async () => {
    const parent = recordings(150, 300);
    const data = out();
    const { status, stderr } = await umwelt(['recordings', 'import', parent, '--out', data], {
      onStart: (child) => {
        until(() => finishedShards(data) >= 1, 'the first shard').then(() => child.kill('SIGINT'));
      },
    });
    expect(status).toBe(130);
    expect(stderr).toContain('import again to go on');
  });

  it('twice at once into one folder is refused to the second', TIMEOUT, async () => {
    const parent = recordings(150, 300);
    const data = out();
    let refused: Finished | null = null;
    const first = await umwelt(['recordings', 'import', parent, '--out', data], {
      onStart: (child) => {
        const holdUp = async (): Promise<void> => {
          await until(() => existsSync(join(data, '.lock')), 'the lock');
          child.kill('SIGSTOP');
          refused = await umwelt(['recordings', 'import', parent, '--out', data]);
          child.kill('SIGCONT');
        };
        void holdUp();
      },
    });
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringMatching(/process \d+ is writing to/) });
    expect(first.status, first.stderr).toBe(0);
  });

  it.skipIf(!hasSmallDisk())(
    'says that the disk is full, and goes on when there is room',
    TIMEOUT,
    async () => {
      const parent = recordings(150, 300);
      await withSmallDisk(8_000, async (disk) => {
        const filler = join(disk, 'filler');
        writeFileSync(filler, Buffer.alloc(6_000_000));
        const data = join(disk, 'data');
        const full = await umwelt(['recordings', 'import', parent, '--out', data]);
        expect(full.status, full.stderr).toBe(1);
        expect(full.stderr).toContain('the disk is full');
        rmSync(filler);
        const again = await umwelt(['recordings', 'import', parent, '--out', data]);
        expect(again.status, again.stderr).toBe(0);
      });
    },
  );
});

describe('umwelt recordings fetch', () => {
  it('lists what can be fetched in its help, and refuses the rest', TIMEOUT, async () => {
    const help = await umwelt(['recordings', 'fetch', '--help']);
    expect(help.stdout.replace(/\s+/g, ' ')).toContain('which recordings: contactnets-cube, ');
    for (const [name, message] of [
      ['mcap', /"mcap" is a format, not a publication.*Can be fetched: contactnets-cube/],
      ['unheard-of', /no recordings called "unheard-of"/],
    ] as const) {
      const { status, stderr } = await umwelt([
        'recordings',
        'fetch',
        name,
        '--out',
        join(temporaryFolder(), 'x'),
      ]);
      expect(status).toBe(2);
      expect(stderr).toMatch(message);
    }
  });
});
