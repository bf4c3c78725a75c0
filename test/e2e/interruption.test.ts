import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, umwelt, until } from './run.js';

const TIMEOUT = { timeout: 240_000 };

function finishedShards(directory: string): number {
  const shards = join(directory, 'shards');
  return existsSync(shards) ? readdirSync(shards).filter((name) => /^\d+$/.test(name)).length : 0;
}

function dataDigest(directory: string): string {
  return JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8')).dataSha256;
}

describe('kill -9 in the middle of generate', () => {
  it('leaves nothing broken, and --resume reaches the digest of an uninterrupted run', TIMEOUT, async () => {
    const folder = temporaryFolder();
    const args = ['generate', 'cube-toss', '--episodes', '24', '--seed', '7', '--workers', '2'];
    const whole = join(folder, 'whole');
    expect((await umwelt([...args, '--out', whole])).status).toBe(0);

    const killed = join(folder, 'killed');
    const { signal } = await umwelt([...args, '--out', killed], {
      onStart: (child) => {
        until(() => finishedShards(killed) >= 1, 'the first shard').then(() => child.kill('SIGKILL'));
      },
    });
    expect(signal).toBe('SIGKILL');
    expect(finishedShards(killed)).toBeLessThan(6);
    const inspected = await umwelt(['inspect', killed]);
    expect(inspected.status).not.toBe(0);
    expect(inspected.stderr).toContain('--resume');

    const resumed = await umwelt([...args, '--out', killed, '--resume']);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(dataDigest(killed)).toBe(dataDigest(whole));
    expect(readFileSync(join(killed, 'manifest.json'))).toEqual(readFileSync(join(whole, 'manifest.json')));
    expect((await umwelt(['inspect', killed, '--verify'])).status).toBe(0);
    expect(readdirSync(killed).sort()).toEqual(readdirSync(whole).sort());
  });

  it('refuses to resume with another seed', TIMEOUT, async () => {
    const data = join(temporaryFolder(), 'data');
    await umwelt(['generate', 'cube-toss', '--episodes', '1', '--seed', '1', '--out', data]);
    const { status, stderr } = await umwelt([
      'generate',
      'cube-toss',
      '--episodes',
      '1',
      '--seed',
      '2',
      '--out',
      data,
      '--resume',
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('seed');
  });
});

describe('Ctrl-C', () => {
  it('stops generate with status 130 and says how to go on', TIMEOUT, async () => {
    const data = join(temporaryFolder(), 'data');
    const { status, stderr } = await umwelt(
      ['generate', 'cube-toss', '--episodes', '400', '--workers', '1', '--out', data],
      {
        onStart: (child) => {
          until(() => finishedShards(data) >= 1, 'the first shard').then(() => child.kill('SIGINT'));
        },
      },
    );
    expect(status).toBe(130);
    expect(stderr).toContain('--resume');
  });
});
