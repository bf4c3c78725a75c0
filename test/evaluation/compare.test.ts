import { describe, expect, it } from 'vitest';
import type { Metric } from '../../evaluation/contract.js';
import { compareWithEarlier, regressionsOf } from '../../evaluation/regression.js';
import { storedMethod, storedReport } from './sample-reports.js';

const CASES = 40;
/** Of a mean of 10, spread by the case. */
const spread = (offset: number, i: number) => 10 + Math.sin(7 * i) + offset;
const scores = (value: (i: number) => number): Metric[] =>
  Array.from({ length: CASES }, (_, i) => ({ value: value(i), valid: true }));

function compare(
  earlier: Readonly<Record<string, readonly Metric[]>>,
  now: Readonly<Record<string, readonly Metric[]>>,
  diverged: readonly [number, number] = [0, 0],
) {
  return compareWithEarlier(
    storedReport([storedMethod('model', now, { diverged: diverged[1] })]),
    storedReport([storedMethod('model', earlier, { diverged: diverged[0] })], '/earlier'),
  );
}

describe('the comparison with an earlier report', () => {
  it('tells better from worse by the sense of each metric, paired by case', () => {
    const before = { error: scores((i) => spread(0, i)), psnr: scores((i) => spread(0, i)) };
    // Much less than the spread over cases, which pairing takes out.
    const shifted = { error: scores((i) => spread(0.01, i)), psnr: scores((i) => spread(0.01, i)) };
    const worse = compare(before, shifted);
    expect(worse.rows.map(({ metric, verdict }) => [metric, verdict])).toEqual([
      ['error', 'worse'],
      ['psnr', 'better'],
    ]);
    expect(worse.rows[0]!.difference).toMatchObject({ mean: expect.closeTo(0.01, 9), n: CASES });
    expect(regressionsOf(worse).map(({ metric }) => metric)).toEqual(['error']);
    expect(compare(shifted, before).rows.map(({ verdict }) => verdict)).toEqual(['better', 'worse']);
  });

  it('finds no difference between two that are the same, nor where the sign is not sure', () => {
    const same = { error: scores((i) => spread(0, i)) };
    expect(compare(same, same).rows[0]).toMatchObject({ verdict: 'no difference', difference: { mean: 0 } });
    const noisy = { error: scores((i) => spread(i % 2 === 0 ? 1 : -0.99, i)) };
    expect(compare(same, noisy).rows[0]!.verdict).toBe('no difference');
  });

  it('judges a coverage by how far its mean is from what is right', () => {
    // Cases are covered or not; means of 0.9, 0.5 and 1.
    const right = { coverage: scores((i) => (i % 10 === 0 ? 0 : 1)) };
    const half = { coverage: scores((i) => i % 2) };
    const all = { coverage: scores(() => 1) };
    expect(compare(right, half).rows[0]).toMatchObject({
      verdict: 'worse',
      difference: { mean: expect.closeTo(0.4, 9) },
    });
    expect(compare(half, all).rows[0]).toMatchObject({
      verdict: 'better',
      difference: { mean: expect.closeTo(-0.3, 9) },
    });
  });

  it('counts a divergence as worse and its end as better', () => {
    const values = { error: scores((i) => spread(0, i)) };
    const verdicts = (diverged: readonly [number, number]) =>
      compare(values, values, diverged).rows[0]!.verdict;
    expect(verdicts([0, 1])).toBe('worse');
    expect(verdicts([1, 0])).toBe('better');
    expect(verdicts([2, 2])).toBe('no difference');
    expect(compare(values, values, [0, 1]).rows[0]!.now.mean).toBeNaN();
  });

  it('does not claim to know from a single case, and leaves out what neither has', () => {
    const one = { error: scores((i) => (i === 0 ? 1 : 2)).map((score, i) => ({ ...score, valid: i === 0 })) };
    const { rows } = compare(one, { error: scores(() => 5) });
    expect(rows.map(({ metric, verdict }) => [metric, verdict])).toEqual([['error', 'unknown']]);
  });

  it('names methods that only one of the two has, and does not act on a ceiling', () => {
    const values = { error: scores((i) => spread(0, i)) };
    const worse = { error: scores((i) => spread(5, i)) };
    const ceiling = (of: typeof values) => storedMethod('ceiling', of, { kind: 'ceiling' });
    const compared = compareWithEarlier(
      storedReport([storedMethod('new', values), ceiling(worse)]),
      storedReport([storedMethod('old', values), ceiling(values)], '/earlier'),
    );
    expect(compared).toMatchObject({
      onlyEarlier: ['old'],
      onlyNow: ['new'],
      earlier: { directory: '/earlier' },
    });
    expect(compared.rows.map(({ method, verdict }) => [method, verdict])).toEqual([['ceiling', 'worse']]);
    expect(regressionsOf(compared)).toEqual([]);
  });

  it('refuses another protocol', () => {
    const method = storedMethod('model', { error: scores(() => 1) });
    const now = storedReport([method]);
    const protocol = { ...now.protocol, contextFrames: 10, sha256: 'f'.repeat(64) };
    expect(() => compareWithEarlier({ ...now, protocol }, storedReport([method], '/earlier'))).toThrow(
      /\/earlier and this evaluation follow different protocols[\s\S]*contextFrames: 1 in \/earlier, 10 in this/,
    );
  });
});
