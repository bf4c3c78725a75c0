import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../core/math/normal.js';
import type { Metric } from '../../evaluation/contract.js';
import { spearman } from '../../evaluation/dreams/summary.js';
import { decomposeGap } from '../../evaluation/statistics/gap.js';
import {
  estimatePearson,
  fisherInterval,
  meanMaximumRankViolation,
} from '../../evaluation/statistics/rankings.js';
import {
  estimateImprovement,
  estimateInterquartileMean,
  interquartileMean,
} from '../../evaluation/statistics/robust.js';
import { meanTimeWithinS, medianExceedanceS, survivalCurve } from '../../evaluation/statistics/survival.js';
import { drawBlockResamples, drawResamples } from '../../evaluation/statistics.js';
import { REFERENCE, uniformNumbers } from './reference/values.js';

const valid = (values: readonly number[]): Metric[] => values.map((value) => ({ value, valid: true }));
const MISSING: Metric = { value: Number.NaN, valid: false };

/**
 * What SIMPLER released (simpler-env/SimplerEnv, simpler_env/utils/metrics.py, REAL_PERF and SIMPLER_PERF): success of RT-2-X, RT-1
 * (converged, 15 %), RT-1-X, RT-1 (begin), Octo. The violations are what its own function gives, run with numpy.
 */
const SIMPLER = {
  'pick coke can': {
    real: [0.907, 0.853, 0.92, 0.76, 0.133, 0.293],
    sim: [0.787, 0.857, 0.71, 0.567, 0.027, 0.17],
    mmrv: 0.03133333333333336,
    swapped: 0.06183333333333335,
  },
  'move near': {
    real: [0.733, 0.633, 0.583, 0.45, 0.017, 0.35],
    sim: [0.779, 0.442, 0.354, 0.317, 0.05, 0.042],
    mmrv: 0.11099999999999999,
    swapped: 0.0026666666666666666,
  },
  'open drawer': {
    real: [0.333, 0.815, 0.704, 0.519, 0, 0.148],
    sim: [0.157, 0.601, 0.463, 0.296, 0, 0.009],
    mmrv: 0,
    swapped: 0,
  },
  'close drawer': {
    real: [0.63, 0.926, 0.889, 0.741, 0, 0.519],
    sim: [0.343, 0.861, 0.667, 0.891, 0.278, 0.444],
    mmrv: 0.12333333333333335,
    swapped: 0.11333333333333333,
  },
  'place apple': {
    real: [0.074, 0.185, 0.185, 0.407, 0, 0],
    sim: [0.037, 0.065, 0.13, 0.213, 0, 0],
    mmrv: 0,
    swapped: 0.010833333333333334,
  },
};

describe('rankings of policies', () => {
  it.each(Object.entries(SIMPLER))('on SIMPLER’s %s have its MMRV, simulator first', (_, task) => {
    expect(meanMaximumRankViolation(task.sim, task.real).value).toBeCloseTo(task.mmrv, 12);
    expect(meanMaximumRankViolation(task.real, task.sim).value).toBeCloseTo(task.swapped, 12);
  });

  it('have no violation where they agree, and none for one policy', () => {
    expect(meanMaximumRankViolation([1, 2, 3], [10, 20, 30])).toEqual({ value: 0, valid: true });
    expect(meanMaximumRankViolation([3, 2, 1], [10, 20, 30]).value).toBeCloseTo((20 + 10 + 20) / 3, 12);
    expect(meanMaximumRankViolation([1], [1]).valid).toBe(false);
    expect(meanMaximumRankViolation([1, Number.NaN], [1, 2]).valid).toBe(false);
    expect(() => meanMaximumRankViolation([1], [1, 2])).toThrow(/MMRV.*1 and 2/);
  });

  it('over 6 policies with r = 0.77 correlate anywhere from -0.11 to 0.97', () => {
    const { lo, hi } = fisherInterval(0.77, 6);
    expect(lo).toBeCloseTo(-0.11, 2);
    expect(hi).toBeCloseTo(0.97, 2);
    expect(fisherInterval(0.77, 3).lo).toBeNaN();
    expect(fisherInterval(1, 10)).toEqual({ lo: 1, hi: 1 });
  });

  it('have the correlations that scipy computes', () => {
    const a = [...uniformNumbers(9, 40)];
    const noise = uniformNumbers(10, 40);
    const b = a.map((value, i) => 0.6 * value + noise[i]!);
    const { mean, lo, hi, n } = estimatePearson(a, b);
    const [r, low, high] = REFERENCE.statistics.pearson;
    expect([mean, lo, hi].map((value) => value.toFixed(10))).toEqual(
      [r, low, high].map((value: number) => value.toFixed(10)),
    );
    expect(n).toBe(40);
    expect(spearman(a, b)).toBeCloseTo(REFERENCE.statistics.spearman, 12);
    expect(estimatePearson([1, 1], [1, 2]).mean).toBeNaN();
  });
});

describe('the interquartile mean', () => {
  const values = [...uniformNumbers(8, 50)].map((p) => normalQuantile(p) ** 3);
  const ascending = (count: number) => values.slice(0, count).toSorted((a, b) => a - b);

  it('is scipy’s trim_mean of a quarter', () => {
    expect(interquartileMean(ascending(50))).toBeCloseTo(REFERENCE.statistics.iqm50, 12);
    expect(interquartileMean(ascending(47))).toBeCloseTo(REFERENCE.statistics.iqm47, 12);
  });

  it('counts values as often as they are drawn', () => {
    expect(interquartileMean([1, 2, 5], [3, 0, 2])).toBeCloseTo((1 + 1 + 5) / 3, 12);
    expect(interquartileMean([])).toBeNaN();
  });

  it('is not moved by an outlier, and has an interval', () => {
    const resamples = drawResamples(51, 0);
    const { mean, lo, hi, n } = estimateInterquartileMean([...valid(values), MISSING], resamples);
    expect(mean).toBeCloseTo(REFERENCE.statistics.iqm50, 12);
    expect(lo).toBeLessThan(mean);
    expect(hi).toBeGreaterThan(mean);
    expect(n).toBe(50);
    const wild = values.with(values.indexOf(Math.max(...values)), 1e6);
    expect(estimateInterquartileMean([...valid(wild), MISSING], resamples).mean).toBe(mean);
  });
});

describe('the probability of improvement', () => {
  it('is the share of recordings on which a is better, ties half', () => {
    const a = valid([1, 2, 3, 4, 5, 6, 7, 8]);
    const b = valid([2, 3, 4, 5, 5, 5, 8, 9]);
    const { mean, lo, hi, n } = estimateImprovement(a, b, drawResamples(8, 0));
    expect(mean).toBeCloseTo((6 + 0.5) / 8, 12);
    expect(lo).toBeLessThan(mean);
    expect(hi).toBeLessThanOrEqual(1);
    expect(n).toBe(8);
    expect(estimateImprovement(a, b, drawResamples(8, 0), 'higher').mean).toBeCloseTo(1.5 / 8, 12);
  });

  it('is not certain after 10 wins of 10', () => {
    const a = valid(new Array(10).fill(1));
    const b = valid(new Array(10).fill(2));
    // Clopper and Pearson: [0.692, 1].
    const won = estimateImprovement(a, b, drawResamples(10, 0));
    expect([won.mean, won.hi]).toEqual([1, 1]);
    expect(won.lo).toBeCloseTo(0.6915, 4);
    expect(estimateImprovement(b, a, drawResamples(10, 0)).hi).toBeCloseTo(1 - 0.6915, 4);
  });
});

describe('first exceedances', () => {
  const at = (timeS: number, reached = true) => ({ timeS, reached });

  it('that were censored are counted while they were watched', () => {
    // Kaplan and Meier's own product: 1 - 1/5, then of the 3 left after a loss 1 - 1/3.
    const curve = survivalCurve([at(1), at(1.5, false), at(2), at(3, false), at(3, false)]);
    expect(curve.map(({ timeS }) => timeS)).toEqual([0, 1, 2]);
    expect(curve[1]!.surviving).toBeCloseTo(0.8, 12);
    expect(curve[2]!.surviving).toBeCloseTo(0.8 * (2 / 3), 12);
  });

  it('have a median and a mean within a horizon', () => {
    const times = [at(1), at(2), at(3), at(4)];
    expect(medianExceedanceS(times).value).toBe(2);
    expect(meanTimeWithinS(times, 10).value).toBeCloseTo(2.5, 12);
    expect(meanTimeWithinS(times, 2.5).value).toBeCloseTo((1 + 2 + 2.5 + 2.5) / 4, 12);
    expect(medianExceedanceS([at(1), at(5, false), at(5, false)]).valid).toBe(false);
    expect(meanTimeWithinS([at(5, false)], 3).value).toBe(3);
    expect(meanTimeWithinS([], 3).valid).toBe(false);
    expect(() => meanTimeWithinS([], 0)).toThrow(/horizon above 0/);
  });
});

describe('the gap between a model and reality', () => {
  it('is less than the sum of its parts by what cancels', () => {
    const resamples = drawResamples(3, 0, 200);
    const { total, simulatorToReality, modelToSimulator, overlap } = decomposeGap(
      [...valid([3, 4]), MISSING],
      [...valid([2, 3]), ...valid([9])],
      [...valid([2, 1]), ...valid([9])],
      resamples,
    );
    expect([total.mean, simulatorToReality.mean, modelToSimulator.mean]).toEqual([3.5, 2.5, 1.5]);
    expect(overlap.mean).toBe(0.5);
    expect(total.n).toBe(2);
  });
});

describe('blocks of a series', () => {
  it('draw every value equally often, neighbours together', () => {
    const { counts, resamples } = drawBlockResamples(30, 1, 5, 3000);
    const together = new Float64Array(30);
    for (let r = 0; r < resamples; r++)
      for (let i = 0; i < 30; i++) together[i]! += counts[r * 30 + i]! / resamples;
    for (const mean of together) expect(Math.abs(mean - 1)).toBeLessThan(0.1);
    let [near, far] = [0, 0];
    for (let r = 0; r < resamples; r++) {
      near += (counts[r * 30]! - 1) * (counts[r * 30 + 1]! - 1);
      far += (counts[r * 30]! - 1) * (counts[r * 30 + 15]! - 1);
    }
    expect(near / resamples).toBeGreaterThan(0.6);
    expect(far / resamples).toBeLessThan(0.1);
    for (let r = 0; r < resamples; r += 500)
      expect(counts.subarray(r * 30, r * 30 + 30).reduce((sum, count) => sum + count, 0)).toBe(30);
  });

  it('are refused when they do not fit', () => {
    expect(() => drawBlockResamples(5, 0, 6)).toThrow(/block/);
    expect(() => drawBlockResamples(5, 0, 0)).toThrow(/block of at least 1, got 0/);
  });
});
