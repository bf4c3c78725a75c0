import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { type CaseLosses, calibrate } from '../../evaluation/calibrate/calibrate.js';
import type { CalibrationParameter } from '../../evaluation/calibrate/contract.js';
import { lossStore } from '../../evaluation/calibrate/loss-store.js';
import { temporaryFolder } from '../datasets/sample-dataset.js';

const INPUTS = { data: 'of a test', seed: 1 };
const PARAMETERS: readonly CalibrationParameter[] = ['a', 'b'].map((name) => ({
  name,
  unit: '1',
  description: name,
  lo: 0,
  hi: 1,
  start: 0.5,
  scale: 'linear',
}));

/** Three cases that disagree a little about where the bottom is; counts what it is asked. */
function bowl(): { readonly losses: CaseLosses; readonly asked: () => number } {
  let asked = 0;
  return {
    losses: async (candidates) => {
      asked += candidates.length;
      return candidates.map(({ a, b }) =>
        Float64Array.from([0.3, 0.32, 0.35], (at) => (a! - at) ** 2 + (b! - 2 * at) ** 2),
      );
    },
    asked: () => asked,
  };
}

async function search(path: string, judge: CaseLosses) {
  const store = await lossStore(path, INPUTS, 3, judge);
  return calibrate({ parameters: PARAMETERS, losses: store.losses, seed: 1, evaluations: 97, restarts: 2 });
}

async function newPath(): Promise<string> {
  return join(await temporaryFolder(), 'losses.jsonl');
}

describe('the store of losses', () => {
  it('goes on after a cut last line with the same result, and asks only for what is missing', async () => {
    const path = await newPath();
    const whole = bowl();
    const undisturbed = await search(path, whole.losses);
    expect(whole.asked()).toBe(97);
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n');
    // The header and forty candidates, and half of another's line.
    const kept = lines.slice(0, 41).join('\n');
    writeFileSync(path, `${kept}\n${lines[41]!.slice(0, 20)}`);
    const rest = bowl();
    expect(await search(path, rest.losses)).toEqual(undisturbed);
    expect(rest.asked()).toBe(97 - 40);
    expect(readFileSync(path, 'utf8')).toBe(text);
    const nothing = bowl();
    expect(await search(path, nothing.losses)).toEqual(undisturbed);
    expect(nothing.asked()).toBe(0);
  });

  it('begins anew for other inputs', async () => {
    const path = await newPath();
    await search(path, bowl().losses);
    const judge = bowl();
    const other = await lossStore(path, { ...INPUTS, seed: 2 }, 3, judge.losses);
    await other.losses([{ a: 0.5, b: 0.5 }]);
    expect(judge.asked()).toBe(1);
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
  });

  it.each([
    ['half a line in the middle', '["{\\"a\\":0.5'],
    ['losses of other cases', '["{\\"a\\":0.5}",[1,2]]'],
    ['a loss that is no number', '["{\\"a\\":0.5}",[1,2,"x"]]'],
    ['losses without a candidate', '[7,[1,2,3]]'],
    ['a loss beyond all numbers', '["{\\"a\\":0.5}",[1,2,1e999]]'],
    ['an empty line', ''],
  ])('reads no further than %s', async (_, damage) => {
    const path = await newPath();
    await (await lossStore(path, INPUTS, 3, bowl().losses)).losses([{ a: 0.1, b: 0.1 }]);
    const good = readFileSync(path, 'utf8');
    appendFileSync(path, `${damage}\n["{\\"a\\":0.7,\\"b\\":0.7}",[1,2,3]]\n`);
    const judge = bowl();
    const { losses } = await lossStore(path, INPUTS, 3, judge.losses);
    expect(readFileSync(path, 'utf8')).toBe(good);
    const rows = await losses([
      { a: 0.1, b: 0.1 },
      { a: 0.7, b: 0.7 },
    ]);
    expect(judge.asked()).toBe(1);
    expect(rows[1]![0]).toBeCloseTo(0.4 ** 2 + 0.1 ** 2, 12);
  });

  it('keeps losses that are not finite as not finite, and asks once for one that comes twice', async () => {
    const path = await newPath();
    let asked = 0;
    const judge: CaseLosses = async (candidates) => {
      asked += candidates.length;
      return candidates.map(() => Float64Array.of(Number.POSITIVE_INFINITY, 1, Number.NaN));
    };
    const twice = [{ a: 1 }, { a: 1 }];
    expect(await (await lossStore(path, INPUTS, 3, judge)).losses(twice)).toHaveLength(2);
    expect(asked).toBe(1);
    const [row] = await (await lossStore(path, INPUTS, 3, judge)).losses(twice);
    expect([...row!].map(Number.isFinite)).toEqual([false, true, false]);
    expect(asked).toBe(1);
  });

  it('survives any content: what is not its own counts for nothing', async () => {
    const path = await newPath();
    const candidates = [{ a: 0.25, b: 0.5 }];
    await (await lossStore(path, INPUTS, 3, bowl().losses)).losses(candidates);
    const good = readFileSync(path);
    const [expected] = await bowl().losses(candidates);
    const openWith = async (bytes: Uint8Array) => {
      writeFileSync(path, bytes);
      return (await lossStore(path, INPUTS, 3, bowl().losses)).losses([
        ...candidates,
        { a: 0.123456, b: 0.654321 },
      ]);
    };
    const junk = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc.json().map((text) => Buffer.from(`${text}\n`)),
    );
    await fc.assert(
      fc.asyncProperty(junk, fc.nat(good.length), fc.boolean(), async (bytes, at, keep) => {
        const rows = await openWith(keep ? Buffer.concat([good.subarray(0, at), bytes]) : bytes);
        expect(rows[0]).toEqual(expected);
        // What it left is in order again.
        const judge = bowl();
        await (await lossStore(path, INPUTS, 3, judge.losses)).losses(candidates);
        expect(judge.asked()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('says what the disk refuses', async () => {
    const folder = await temporaryFolder();
    mkdirSync(join(folder, 'taken'));
    for (const path of [join(folder, 'taken'), join(folder, 'nowhere', 'losses')]) {
      const refused = lossStore(path, INPUTS, 3, bowl().losses);
      await expect(refused).rejects.toThrow(UmweltError);
      await expect(refused).rejects.toMatchObject({ code: 'io', context: { path } });
    }
  });
});
