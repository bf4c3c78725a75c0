import { pow } from '../../core/math/exact.js';
import type { Estimate, Metric } from '../contract.js';
import { estimateMean, estimateStatistic, type Resamples } from '../statistics.js';

/**
 * Averages the middle half: a quarter of the values, rounded down, is cut from either end (the interquartile mean of
 * Agarwal et al., Deep reinforcement learning at the edge of the statistical precipice, NeurIPS 2021; scipy's trim_mean of 0.25).
 *
 * @param sorted ascending; `drawn`, where given, says how often each counts.
 * @returns NaN for no values.
 */
export function interquartileMean(sorted: ArrayLike<number>, drawn?: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) count += drawn?.[i] ?? 1;
  const cut = Math.floor(count / 4);
  let sum = 0;
  let before = 0;
  for (let i = 0; i < sorted.length; i++) {
    const after = before + (drawn?.[i] ?? 1);
    const kept = Math.max(0, Math.min(after, count - cut) - Math.max(before, cut));
    sum += kept * sorted[i]!;
    before = after;
  }
  return sum / (count - 2 * cut);
}

/**
 * Estimates the interquartile mean over recordings with its 95 % percentile bootstrap interval.
 *
 * @throws UmweltError `shape-mismatch` when there are not as many values as recordings were resampled.
 */
export function estimateInterquartileMean(values: readonly Metric[], resamples: Resamples): Estimate {
  return estimateStatistic(values, resamples, interquartileMean);
}

/**
 * Estimates the probability that a beats b on a recording of the same kind: the share of the paired recordings on which it
 * does, ties half, with its 95 % interval (the probability of improvement of Agarwal et al. 2021, paired).
 *
 * Where every pair agrees no resample differs, and the bound is the exact binomial one: 0.025^(1/n) from the sure side.
 *
 * @param better which of two values wins.
 * @throws UmweltError `shape-mismatch` when there are not as many values as recordings were resampled.
 */
export function estimateImprovement(
  a: readonly Metric[],
  b: readonly Metric[],
  resamples: Resamples,
  better: 'lower' | 'higher' = 'lower',
): Estimate {
  const sign = better === 'lower' ? 1 : -1;
  const wins = a.map(({ value, valid }, i): Metric => {
    const other = b[i];
    const lead = sign * ((other?.value ?? Number.NaN) - value);
    return { value: lead > 0 ? 1 : lead < 0 ? 0 : 0.5, valid: valid && (other?.valid ?? false) };
  });
  const { mean, lo, hi, n } = estimateMean(wins, resamples);
  const sure = pow(0.025, 1 / n);
  if (mean === 1) return { mean, lo: n < 1 ? Number.NaN : sure, hi: 1, n };
  if (mean === 0) return { mean, lo: 0, hi: n < 1 ? Number.NaN : 1 - sure, n };
  return { mean, lo: Math.max(0, lo), hi: Math.min(1, hi), n };
}
