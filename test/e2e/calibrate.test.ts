import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { conjugate, rotate } from '../../core/math/quaternion.js';
import { stateAt } from '../../evaluation/body-state.js';
import type { Trajectory } from '../../evaluation/contract.js';
import { torchFile } from '../datasets/recordings/torch-file.js';
import { CUBE, cubeOverlay } from '../evaluation/sample-overlay.js';
import { sampleTosses } from '../evaluation/sample-tosses.js';
import { temporaryFolder, umwelt, until } from './run.js';

const TIMEOUT = { timeout: 240_000 };
const HALF_WIDTH_M = CUBE.widthM / 2;

/** A toss as it is published: lengths in half widths, the spin in the cube's frame. */
function tossFile(motion: Trajectory): Buffer {
  const rows = Array.from({ length: motion.frames }, (_, frame) => {
    const { positionM, orientation, linearVelocityMps, angularVelocityRadps } = stateAt(motion, frame);
    return [
      ...positionM.map((x) => x / HALF_WIDTH_M),
      ...orientation,
      ...linearVelocityMps.map((x) => x / HALF_WIDTH_M),
      ...rotate(conjugate(orientation), angularVelocityRadps),
      ...Array<number>(6).fill(0),
    ];
  });
  return torchFile(rows.flat(), { shape: [1, motion.frames, 19] });
}

/** A folder of made-up tosses. */
function recordings(count: number): string {
  const folder = join(temporaryFolder(), 'contactnets-cube');
  mkdirSync(folder);
  for (const [i, motion] of sampleTosses(count, 16, CUBE).entries()) {
    writeFileSync(join(folder, `${i}.pt`), tossFile(motion));
  }
  return folder;
}

/** How many candidates a calibration has noted. */
function tried(out: string): number {
  const file = `${out}.losses/corners.jsonl`;
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 2 : 0;
}

const calibrateArgs = (source: string, out: string, evaluations: number, workers: number) => [
  ...['calibrate', 'cube-toss', '--recordings', source, '--out', out],
  ...['--evaluations', `${evaluations}`, '--workers', `${workers}`],
];

describe('umwelt calibrate', () => {
  it('gives the same overlay with 1 worker, and with 2 that were killed in the middle', TIMEOUT, async () => {
    const source = recordings(3);
    const folder = temporaryFolder();
    const [whole, killed] = [join(folder, 'whole.json'), join(folder, 'killed.json')];
    const undisturbed = await umwelt([...calibrateArgs(source, whole, 37, 1), '--json']);
    expect(undisturbed.status, undisturbed.stderr).toBe(0);
    const { signal } = await umwelt(calibrateArgs(source, killed, 37, 2), {
      onStart: (child) => {
        until(() => tried(killed) >= 13, 'a generation').then(() => child.kill('SIGKILL'));
      },
    });
    expect(signal).toBe('SIGKILL');
    expect(existsSync(killed)).toBe(false);
    const resumed = await umwelt(calibrateArgs(source, killed, 37, 2));
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(readFileSync(killed, 'utf8')).toBe(readFileSync(whole, 'utf8'));
    expect(JSON.parse(undisturbed.stdout)).toEqual(JSON.parse(readFileSync(whole, 'utf8')));
    expect(resumed.stdout).toMatch(/engine\.friction .*\+- /);
    // Nothing of the way there is left.
    expect(readdirSync(folder).sort()).toEqual(['killed.json', 'whole.json']);
    const { provenance, searches } = JSON.parse(readFileSync(whole, 'utf8'));
    expect(provenance.recordingSha256.length).toBeLessThan(3);
    for (const { candidates } of searches) expect(candidates).toBeLessThanOrEqual(37);

    // It is refused by the recordings that it was fitted to.
    const judged = await umwelt([
      ...['evaluate', '--recordings', source, '--overlay', whole, '--held-out', 'all'],
      ...['--out', join(folder, 'report')],
    ]);
    expect(judged.status).toBe(2);
    expect(judged.stderr).toMatch(/the overlay was fitted on \d of 3 held-out recordings \(\d\.pt/);
  });

  it('stops at Ctrl-C with 130, keeps what it tried, and has its file to itself', TIMEOUT, async () => {
    const source = recordings(3);
    const out = join(temporaryFolder(), 'overlay.json');
    let running: ChildProcess | undefined;
    const first = umwelt(calibrateArgs(source, out, 1_000_000, 1), {
      onStart: (child) => {
        running = child;
      },
    });
    await until(() => tried(out) >= 13, 'a generation');
    const second = await umwelt(calibrateArgs(source, out, 13, 1));
    expect(second.status).toBe(2);
    expect(second.stderr).toMatch(/process \d+ is writing to .*overlay\.json\.losses/);
    running!.kill('SIGINT');
    const { status, stderr } = await first;
    expect(status).toBe(130);
    expect(stderr).toContain('calibrate again with the same settings');
    expect(stderr).not.toContain('evaluate');
    expect(tried(out)).toBeGreaterThanOrEqual(13);
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(`${out}.losses`)).toEqual(['corners.jsonl']);
  });

  it.each<[string, (source: string) => string[], number, RegExp]>([
    [
      'another scenario',
      (source) => ['push-box', '-r', source, '-o', join(source, '../overlay.json')],
      2,
      /calibrate the scenario "cube-toss", not "push-box"/,
    ],
    [
      'a folder that is not there',
      () => ['cube-toss', '-r', '/nowhere/at/all', '-o', 'overlay.json'],
      2,
      /does not exist/,
    ],
    ['a folder for a file', (source) => ['cube-toss', '-r', source, '-o', source], 2, /got a folder/],
    [
      'a place that takes no files',
      (source) => ['cube-toss', '-r', source, '-o', '/proc/nowhere/overlay.json', '-n', '13'],
      1,
      /could not write "\/proc\/nowhere/,
    ],
    [
      'too few candidates',
      (source) => ['cube-toss', '-r', source, '-o', 'overlay.json', '-n', '3'],
      2,
      /at least 13/,
    ],
  ])('refuses %s', TIMEOUT, async (_, args, expected, message) => {
    const source = recordings(2);
    const { status, stderr, stdout } = await umwelt(['calibrate', ...args(source)]);
    expect(stderr).toMatch(message);
    expect(status).toBe(expected);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toBe('');
    expect(existsSync(join(source, '../overlay.json.losses'))).toBe(false);
  });
});

describe('umwelt generate --overlay', () => {
  it('draws from the posterior, and takes no overlay of another scenario', TIMEOUT, async () => {
    const folder = temporaryFolder();
    const [overlay, data] = [join(folder, 'overlay.json'), join(folder, 'data')];
    writeFileSync(overlay, JSON.stringify(cubeOverlay()));
    const made = await umwelt(['generate', 'cube-toss', '-n', '1', '--overlay', overlay, '--out', data]);
    expect(made.status, made.stderr).toBe(0);
    const inspected = await umwelt(['inspect', data, '--json']);
    expect(inspected.status, inspected.stderr).toBe(0);
    const { configuration } = JSON.parse(readFileSync(join(data, 'manifest.json'), 'utf8'));
    expect(configuration.scenario.bodies.cube.friction).toHaveProperty('normal');

    const other = await umwelt([
      ...['generate', 'push-box', '-n', '1', '--overlay', overlay],
      ...['--out', join(folder, 'other')],
    ]);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain('the overlay is for the scenario "cube-toss", not for "push-box"');
    expect(existsSync(join(folder, 'other'))).toBe(false);
  });
});
