import { describe, expect, it } from 'vitest';
import { sha256 } from '../../core/digest.js';
import { divideCases, requireUnseenByOverlay } from '../../evaluation/sides.js';
import { splitRecordings } from '../../evaluation/split.js';
import type { Case } from '../../evaluation/task.js';
import { cubeOverlay } from './sample-overlay.js';

const RECORDINGS = Array.from({ length: 9 }, (_, i) => ({
  name: `${i}.pt`,
  sha256: sha256(`recording ${i}`),
}));
const caseOf = (episode: number, side?: Case['side']): Case => ({
  name: `${episode}`,
  recording: RECORDINGS[episode]!,
  episode,
  startS: 0,
  horizonS: 1,
  ...(side && { side }),
});
const CASES = RECORDINGS.map((_, i) => caseOf(i));
const TIMED = [
  ...RECORDINGS.map((_, i) => caseOf(i, 'train')),
  ...RECORDINGS.map((_, i) => caseOf(i, 'heldout')),
];
const digests = (cases: readonly { sha256: string }[]) => cases.map((one) => one.sha256);
const all = digests(RECORDINGS);

describe('the sides of an evaluation', () => {
  it('are all held out when asked, also where a task would divide', () => {
    for (const cases of [CASES, TIMED]) {
      expect(divideCases(cases, RECORDINGS, 0, true)).toEqual({ heldOut: 'all', train: [], heldout: cases });
    }
  });

  it("are the task's own where it has some, else by seed", () => {
    const timed = divideCases(TIMED, RECORDINGS, 0, false);
    expect(timed.heldOut).toBe('task');
    expect([timed.train.length, timed.heldout.length]).toEqual([9, 9]);
    const split = divideCases(CASES, RECORDINGS, 4, false);
    expect(split.heldOut).toBe('split');
    expect(split.heldout.map(({ recording }) => recording)).toEqual(splitRecordings(RECORDINGS, 4).heldout);
    expect(split.train.length + split.heldout.length).toBe(9);
  });

  it('need something to judge by', () => {
    expect(() => divideCases([], RECORDINGS, 0, true)).toThrow(/none of 9 recordings leaves anything/);
  });
});

describe('an overlay before recordings that it was fitted to', () => {
  const heldOutAll = divideCases(CASES, RECORDINGS, 0, true);

  it('is refused by every one of them, which are named', () => {
    const judge = () => requireUnseenByOverlay(cubeOverlay(all), heldOutAll);
    expect(judge).toThrow(
      /the overlay was fitted on 9 of 9 held-out recordings \(0\.pt, 1\.pt, 2\.pt and 6 more\)/,
    );
    expect(judge).toThrow(/without --held-out all/);
    const one = () => requireUnseenByOverlay(cubeOverlay([all[5]!]), heldOutAll);
    expect(one).toThrow(/on 1 of 9 held-out recordings \(5\.pt\)/);
  });

  it('is taken with other recordings, or with the other side of the same split', () => {
    requireUnseenByOverlay(cubeOverlay([sha256('another')]), heldOutAll);
    const train = digests(splitRecordings(RECORDINGS, 2).train);
    requireUnseenByOverlay(cubeOverlay(train), divideCases(CASES, RECORDINGS, 2, false));
    expect(() =>
      requireUnseenByOverlay(cubeOverlay(train), divideCases(CASES, RECORDINGS, 3, false)),
    ).toThrow(/evaluate with the seed that it was calibrated with/);
  });

  it('is taken where a task divides by time, unless it was fitted to both sides', () => {
    const timed = divideCases(TIMED, RECORDINGS, 0, false);
    const overlay = cubeOverlay(all);
    requireUnseenByOverlay(overlay, timed);
    const greedy = { ...overlay, provenance: { ...overlay.provenance, use: 'all' as const } };
    expect(() => requireUnseenByOverlay(greedy, timed)).toThrow(/fitted on 9 of 9 .*--use train/);
    // Held out as a whole, time no longer tells anything apart.
    expect(() => requireUnseenByOverlay(overlay, divideCases(TIMED, RECORDINGS, 0, true))).toThrow(/9 of 9/);
  });
});
