import { describe, expect, it } from 'vitest';
import type { Metric } from '../../evaluation/contract.js';
import { estimateSkill } from '../../evaluation/skill.js';
import { drawResamples } from '../../evaluation/statistics.js';

/** [cases][horizons]; NaN is invalid. */
function rows(values: readonly (readonly number[])[]): Metric[][] {
  return values.map((row) => row.map((value) => ({ value, valid: Number.isFinite(value) })));
}

const { NaN: none } = Number;
const resamples = drawResamples(4, 0, 500);

describe('skill', () => {
  it('is the share of what could be gained, by horizon, and its mean', () => {
    const baseline = rows([10, 20, 30, 40].map((value) => [value, 2 * value]));
    const ceiling = rows([2, 4, 6, 8].map((value) => [value, value]));
    const method = rows([6, 12, 18, 24].map((value) => [value, 2 * value]));
    const { byHorizon, area } = estimateSkill(method, baseline, ceiling, 2, resamples);
    expect(byHorizon[0]).toMatchObject({ mean: expect.closeTo(0.5, 12), n: 4 });
    expect(byHorizon[1]!.mean).toBeCloseTo(80 / 180, 12);
    expect(area.mean).toBeCloseTo((0.5 + 80 / 180) / 2, 12);
    // All cases gain the same share, so no resample differs.
    expect([area.lo, area.hi]).toEqual([expect.closeTo(area.mean, 9), expect.closeTo(area.mean, 9)]);
  });

  it('is not clipped: 0 at the baseline, 1 at the ceiling, beyond on both sides', () => {
    const baseline = rows([[10], [10], [10], [10]]);
    const skillOf = (value: number) =>
      estimateSkill(
        rows([[value], [value], [value], [value]]),
        baseline,
        rows([[5], [5], [5], [5]]),
        1,
        resamples,
      ).area.mean;
    expect([10, 5, 0, 20].map(skillOf)).toEqual([0, 1, 2, -2]);
  });

  it('counts no horizon in the mean that fewer than half of the cases reach', () => {
    const baseline = rows([
      [10, 10],
      [10, none],
      [10, none],
      [10, none],
    ]);
    const method = rows([
      [5, 1000],
      [5, none],
      [5, none],
      [5, none],
    ]);
    const { byHorizon, area } = estimateSkill(method, baseline, null, 2, resamples);
    expect(byHorizon[1]).toMatchObject({ mean: -99, n: 1 });
    expect(area.mean).toBe(0.5);
  });

  it('does not exist where the baseline is no worse than the ceiling', () => {
    const zero = rows([[0], [0], [0], [0]]);
    const ceiling = rows([[0.1], [0.1], [0.1], [0.1]]);
    const { byHorizon, area } = estimateSkill(rows([[8], [8], [8], [8]]), zero, ceiling, 1, resamples);
    expect([byHorizon[0]!.mean, area.mean]).toEqual([none, none]);
  });
});
