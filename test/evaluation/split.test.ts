import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../core/digest.js';
import { splitRecordings } from '../../evaluation/split.js';

const recordings = Array.from({ length: 30 }, (_, i) => ({ name: `${i}.pt`, sha256: sha256(`toss ${i}`) }));
const names = (side: readonly { readonly name: string }[]) => side.map(({ name }) => name);

describe('the split', () => {
  it('puts two thirds on the train side and every recording on one side', () => {
    const { train, heldout } = splitRecordings(recordings, 0);
    expect(train.length).toBe(20);
    expect([...names(train), ...names(heldout)].sort()).toEqual(names(recordings).sort());
  });

  it('does not depend on the order or the names of the files', () => {
    const held = new Set(splitRecordings(recordings, 3).heldout.map((recording) => recording.sha256));
    fc.assert(
      fc.property(fc.shuffledSubarray(recordings, { minLength: recordings.length }), (order) => {
        const renamed = order.map((recording, i) => ({ ...recording, name: `x${i}` }));
        const again = splitRecordings(renamed, 3).heldout;
        expect(new Set(again.map((recording) => recording.sha256))).toEqual(held);
      }),
    );
  });

  it('depends on the seed', () => {
    expect(names(splitRecordings(recordings, 1).heldout)).not.toEqual(
      names(splitRecordings(recordings, 2).heldout),
    );
  });

  it('stays as it is from version to version', () => {
    expect(names(splitRecordings(recordings.slice(0, 9), 0).heldout)).toEqual(['0.pt', '1.pt', '3.pt']);
  });

  it('never has copies of one recording on both sides', () => {
    const copies = recordings.flatMap((recording) => [
      recording,
      { ...recording, name: `copy-${recording.name}` },
    ]);
    const { train, heldout } = splitRecordings(copies, 0);
    const trained = new Set(train.map((recording) => recording.sha256));
    expect(heldout.filter((recording) => trained.has(recording.sha256))).toEqual([]);
    expect(heldout.length).toBe(20);
  });

  it('leaves neither side empty, except that one recording is held out', () => {
    const [first, second] = recordings;
    expect(names(splitRecordings([first!], 0).heldout)).toEqual(['0.pt']);
    for (const share of [0.01, 0.99]) {
      const { train, heldout } = splitRecordings([first!, second!], 0, share);
      expect([train.length, heldout.length]).toEqual([1, 1]);
    }
  });

  it('refuses nothing and impossible shares', () => {
    expect(() => splitRecordings([], 0)).toThrow(/at least one recording/);
    expect(() => splitRecordings(recordings, 0, 1)).toThrow(/between 0 and 1, got 1/);
    expect(() => splitRecordings(recordings, 0, Number.NaN)).toThrow(/between 0 and 1/);
  });
});
