import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findRecordings } from '../../datasets/recordings/find.js';
import { type Finished, temporaryFolder, umwelt, until } from './run.js';

const TIMEOUT = { timeout: 240_000 };
const recordings = findRecordings();

/** Runs a command and kills it the moment that a condition holds. */
async function killWhen(args: readonly string[], condition: () => boolean): Promise<Finished> {
  return umwelt(args, {
    onStart: (child) => {
      until(condition, 'the moment to kill').then(() => child.kill('SIGKILL'));
    },
  });
}

describe('kill -9 in the middle of train', () => {
  it('leaves a checkpoint, and --resume reaches the weights of an uninterrupted run', TIMEOUT, async () => {
    const folder = temporaryFolder();
    const data = join(folder, 'data');
    expect((await umwelt(['generate', 'cube-toss', '--episodes', '2', '--out', data])).status).toBe(0);
    const args = ['train', data, '--steps', '600', '--size', 'tiny', '--checkpoint-s', '1', '--out'];
    const whole = join(folder, 'whole');
    expect((await umwelt([...args, whole])).status).toBe(0);

    const killed = join(folder, 'killed');
    const { signal } = await killWhen([...args, killed], () =>
      existsSync(join(killed, 'checkpoint.safetensors')),
    );
    expect(signal).toBe('SIGKILL');
    expect(existsSync(join(killed, 'manifest.json'))).toBe(false);

    const again = await umwelt([...args, killed]);
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('--resume');
    const resumed = await umwelt([...args, killed, '--resume']);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(readFileSync(join(killed, 'manifest.json'))).toEqual(readFileSync(join(whole, 'manifest.json')));
    expect(readFileSync(join(killed, 'weights.safetensors'))).toEqual(
      readFileSync(join(whole, 'weights.safetensors')),
    );
    const steps = (model: string) =>
      readFileSync(join(model, 'log.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ loss }) => loss !== undefined)
        .map(({ step, loss }) => [step, loss]);
    expect(steps(killed)).toEqual(steps(whole));
  });
});

// Needs the real recordings: set UMWELT_RECORDINGS, or put them at ../shared/recordings.
describe.skipIf(recordings === null)('kill -9 in the middle of evaluate', () => {
  it('goes on to the same result', TIMEOUT, async () => {
    const folder = temporaryFolder();
    const few = join(folder, 'few');
    mkdirSync(few);
    const names = readdirSync(recordings!).filter((name) => name.endsWith('.pt'));
    for (const name of names.slice(0, 60)) cpSync(join(recordings!, name), join(few, name));
    const args = ['evaluate', '--recordings', few, '--json', '--out'];
    const whole = join(folder, 'whole');
    const expected = await umwelt([...args, whole]);
    expect(expected.status, expected.stderr).toBe(0);

    const killed = join(folder, 'killed');
    const partial = join(killed, 'partial');
    const { signal } = await killWhen(
      [...args, killed],
      () => existsSync(partial) && readdirSync(partial).length >= 2,
    );
    expect(signal).toBe('SIGKILL');
    const resumed = await umwelt([...args, killed]);
    expect(resumed.status, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout)).toEqual(JSON.parse(expected.stdout));
    for (const name of ['evaluation.json', 'drift.arrow']) {
      expect(readFileSync(join(killed, name)), name).toEqual(readFileSync(join(whole, name)));
    }
    expect(readdirSync(killed).sort()).toEqual(readdirSync(whole).sort());
  });
});
