import { UmweltError } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import type { Estimate, Metric } from './contract.js';
import { normalCdf, normalQuantile } from './normal-distribution.js';

const CONFIDENCE = 0.95;
const DEFAULT_RESAMPLES = 2000;

/** Draws of whole recordings with replacement; one table serves every estimate, so that differences stay paired. */
export interface Resamples {
  readonly recordings: number;
  readonly resamples: number;
  /** [resamples, recordings]: how often each recording was drawn. */
  readonly counts: Uint16Array;
}

/**
 * Draws the bootstrap's resamples: as many recordings as there are, with replacement, each time.
 *
 * @throws UmweltError `invalid-input` when a number is not whole and at least 1.
 */
export function drawResamples(recordings: number, seed: number, resamples = DEFAULT_RESAMPLES): Resamples {
  for (const [what, value] of Object.entries({ recordings, resamples })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new UmweltError(
      'invalid-input',
      { [what]: value },
      `bootstrap: expected a whole number of ${what} of at least 1, got ${value}`,
    );
  }
  const random = randomStream(seed, 'evaluation', 'bootstrap', recordings);
  const counts = new Uint16Array(resamples * recordings);
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < recordings; i++) counts[resample * recordings + random.integer(recordings)]!++;
  }
  return { recordings, resamples, counts };
}

/**
 * Estimates the mean over recordings with its 95 % bias-corrected and accelerated bootstrap interval (Efron 1987,
 * Better bootstrap confidence intervals, JASA 82).
 *
 * @param values one a recording. Invalid ones (recordings shorter than the horizon) are left out of every resample; `n`
 *   counts the rest. The mean of none is NaN, and so is the interval of fewer than two.
 * @throws UmweltError `shape-mismatch` when there are not as many values as recordings were resampled.
 */
export function estimateMean(values: readonly Metric[], resamples: Resamples): Estimate {
  requireRecordings(values.length, resamples);
  const valid = values.flatMap(({ value, valid }, index) => (valid ? [{ value, index }] : []));
  const n = valid.length;
  const mean = valid.reduce((sum, { value }) => sum + value, 0) / n;
  if (n < 2) return { mean, lo: Number.NaN, hi: Number.NaN, n };
  const means = resampledMeans(valid, resamples);
  if (means[0] === means[means.length - 1]) return { mean, lo: mean, hi: mean, n };
  const bias = normalQuantile(clampShare(shareBelow(means, mean), means.length));
  const acceleration = accelerationOf(valid.map(({ value }) => value - mean));
  const bound = (p: number) => {
    const z = bias + normalQuantile(p);
    return quantile(means, normalCdf(bias + z / (1 - acceleration * z)));
  };
  return { mean, lo: bound((1 - CONFIDENCE) / 2), hi: bound((1 + CONFIDENCE) / 2), n };
}

/**
 * Estimates the mean of a - b over the recordings where both are valid, by the paired bootstrap.
 *
 * @throws UmweltError `shape-mismatch` as `estimateMean`.
 */
export function estimateDifference(
  a: readonly Metric[],
  b: readonly Metric[],
  resamples: Resamples,
): Estimate {
  requireRecordings(b.length, resamples);
  const differences = a.map(({ value, valid }, i) => ({
    value: value - b[i]!.value,
    valid: valid && b[i]!.valid,
  }));
  return estimateMean(differences, resamples);
}

/** Returns the sorted means of the resamples that hold at least one of the valid recordings. */
function resampledMeans(
  valid: readonly { readonly value: number; readonly index: number }[],
  { recordings, resamples, counts }: Resamples,
): Float64Array {
  const indices = Int32Array.from(valid, ({ index }) => index);
  const values = Float64Array.from(valid, ({ value }) => value);
  const means = new Float64Array(resamples);
  let kept = 0;
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    let drawn = 0;
    for (let i = 0; i < indices.length; i++) {
      const count = counts[resample * recordings + indices[i]!]!;
      sum += count * values[i]!;
      drawn += count;
    }
    if (drawn > 0) means[kept++] = sum / drawn;
  }
  return means.subarray(0, kept).sort();
}

/** Acceleration of the mean from its jackknife: sum d^3 / (6 (sum d^2)^(3/2)) with d the deviations. */
function accelerationOf(deviations: readonly number[]): number {
  let squares = 0;
  let cubes = 0;
  for (const d of deviations) {
    squares += d * d;
    cubes += d * d * d;
  }
  return squares === 0 ? 0 : cubes / (6 * squares * Math.sqrt(squares));
}

/** Share of the sorted values below `x`; ties count half. */
function shareBelow(sorted: Float64Array, x: number): number {
  let below = 0;
  for (const value of sorted) below += value < x ? 1 : value === x ? 0.5 : 0;
  return below / sorted.length;
}

/** Keeps a share away from 0 and 1, where the normal quantile is infinite. */
function clampShare(share: number, count: number): number {
  return Math.min(1 - 0.5 / count, Math.max(0.5 / count, share));
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan 1996). */
function quantile(sorted: Float64Array, p: number): number {
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (at - below);
}

function requireRecordings(count: number, { recordings }: Resamples): void {
  if (count === recordings) return;
  throw new UmweltError(
    'shape-mismatch',
    { expected: recordings, actual: count },
    `bootstrap: expected one value for each of ${recordings} recordings, got ${count}`,
  );
}
