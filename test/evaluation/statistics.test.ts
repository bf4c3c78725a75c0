import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import type { Metric } from '../../evaluation/contract.js';
import {
  drawResamples,
  estimateDifference,
  estimateMean,
  estimateShare,
} from '../../evaluation/statistics.js';

const valid = (values: readonly number[]): Metric[] => values.map((value) => ({ value, valid: true }));
const MISSING: Metric = { value: Number.NaN, valid: false };

describe('bootstrap intervals', () => {
  it('cover the true mean of normal data 93 to 97 times in 100', () => {
    const trials = 800;
    const n = 60;
    const random = randomStream(1, 'test', 'coverage');
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { lo, hi } = estimateMean(
        valid(Array.from({ length: n }, () => 3 + 2 * random.normal())),
        drawResamples(n, trial, 400),
      );
      if (lo <= 3 && hi >= 3) covered++;
    }
    expect(covered / trials).toBeGreaterThan(0.93);
    expect(covered / trials).toBeLessThan(0.97);
  });

  it('are as wide as the textbook says: 2 x 1.96 standard errors', () => {
    const n = 400;
    const random = randomStream(2, 'test');
    const values = Array.from({ length: n }, () => random.normal());
    const { mean, lo, hi } = estimateMean(valid(values), drawResamples(n, 0, 4000));
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    expect((hi - lo) / (2 * 1.96 * Math.sqrt(variance / n))).toBeCloseTo(1, 1);
  });

  it('lean towards the long tail of skewed data', () => {
    const random = randomStream(3, 'test');
    const values = Array.from({ length: 50 }, () => random.normal() ** 4);
    const { mean, lo, hi } = estimateMean(valid(values), drawResamples(50, 0));
    expect(hi - mean).toBeGreaterThan(1.2 * (mean - lo));
  });

  it('shrink to a point for equal values, and do not exist below two', () => {
    expect(estimateMean(valid([4, 4, 4]), drawResamples(3, 0))).toEqual({ mean: 4, lo: 4, hi: 4, n: 3 });
    expect(estimateMean([MISSING, ...valid([4])], drawResamples(2, 0))).toEqual({
      mean: 4,
      lo: Number.NaN,
      hi: Number.NaN,
      n: 1,
    });
    expect(estimateMean([MISSING], drawResamples(1, 0)).mean).toBeNaN();
  });

  it('leave missing values out and count the rest', () => {
    const { mean, lo, hi, n } = estimateMean([MISSING, ...valid([1, 2, 3]), MISSING], drawResamples(5, 0));
    expect({ mean, n }).toEqual({ mean: 2, n: 3 });
    const three = drawResamples(5, 0);
    const shuffled = estimateMean([MISSING, ...valid([3, 1, 2]), MISSING], three);
    expect(shuffled.mean).toBe(2);
    // Student's interval for 1, 2, 3 is 2 +- 2.48.
    expect(lo).toBeGreaterThan(2 - 2.49);
    expect(lo).toBeLessThan(1);
    expect(hi).toBeLessThan(2 + 2.49);
    expect(hi).toBeGreaterThan(3);
  });

  it('of paired differences ignore what both share', () => {
    const random = randomStream(4, 'test');
    const shared = Array.from({ length: 30 }, () => 100 * random.normal());
    const a = valid(shared.map((value) => value + 1 + 0.01 * random.normal()));
    const { mean, lo, hi, n } = estimateDifference(a, valid(shared), drawResamples(30, 0));
    expect(mean).toBeCloseTo(1, 1);
    expect(hi - lo).toBeLessThan(0.05);
    expect(n).toBe(30);
  });

  it('are the same for the same seed, and others for another', () => {
    const values = valid(Array.from({ length: 20 }, (_, i) => i * i));
    const twice = [0, 0].map(() => estimateMean(values, drawResamples(20, 7)));
    expect(twice[0]).toEqual(twice[1]);
    expect(estimateMean(values, drawResamples(20, 8)).lo).not.toBe(twice[0]!.lo);
  });

  it('refuse counts that are not whole and values that do not match', () => {
    expect(() => drawResamples(0, 0)).toThrow(/recordings of at least 1, got 0/);
    expect(() => drawResamples(3, 0, 0.5)).toThrow(/resamples/);
    expect(() => estimateMean(valid([1, 2]), drawResamples(3, 0))).toThrow(/each of 3 recordings, got 2/);
  });
});

describe('intervals of shares', () => {
  const sample = (values: readonly number[]) => estimateShare(valid(values), drawResamples(values.length, 0));

  it("are Wilson's where all are zeros and ones, and say what none of twenty can", () => {
    // Newcombe 1998, table I: 15 of 148 by the score method.
    const of148 = Array.from({ length: 148 }, (_, i) => (i < 15 ? 1 : 0));
    expect(sample(of148)).toMatchObject({ lo: expect.closeTo(0.0624, 4), hi: expect.closeTo(0.1605, 4) });
    expect(sample(new Array(20).fill(0))).toMatchObject({ mean: 0, lo: 0, hi: expect.closeTo(0.161, 3) });
  });

  it('count units, not cases', () => {
    const values = valid(new Array(20).fill(1));
    const resamples = { ...drawResamples(20, 0), unitOf: Int32Array.from({ length: 20 }, (_, i) => i % 5) };
    expect(estimateShare(values, resamples).lo).toBeCloseTo(0.566, 3);
  });

  it('stay between 0 and 1', () => {
    const { lo, hi } = sample([0.99, 1, 1, 1, 0.6]);
    expect(lo).toBeGreaterThanOrEqual(0);
    expect(hi).toBe(1);
  });

  it('are not those of numbers that happen to be 0', () => {
    expect(estimateMean(valid([0, 0, 0]), drawResamples(3, 0))).toMatchObject({ lo: 0, hi: 0 });
  });
});
