import { UmweltError } from '../core/errors.js';
import { normalQuantile } from '../core/math/normal.js';
import { randomStream } from '../core/random.js';
import type { Estimate, Metric } from './contract.js';
import { quantile, studentisedBounds, type Units } from './statistics/studentised.js';

const CONFIDENCE = 0.95;
const DEFAULT_RESAMPLES = 2000;

/** Draws of whole recordings with replacement; one table serves every estimate, so that differences stay paired. */
export interface Resamples {
  /** How many values an estimate takes. */
  readonly recordings: number;
  readonly resamples: number;
  /** [resamples, recordings]: how often each recording was drawn. */
  readonly counts: Uint16Array;
  /** [recordings] which values were drawn together (cases of one recording); each for itself where it is absent. */
  readonly unitOf?: ArrayLike<number>;
  /** [recordings] within which stratum each was drawn; one stratum where it is absent. */
  readonly stratumOf?: ArrayLike<number>;
}

/**
 * Draws the bootstrap's resamples: as many recordings as there are, with replacement, each time.
 *
 * @throws UmweltError `invalid-input` when a number is not whole and at least 1.
 */
export function drawResamples(recordings: number, seed: number, resamples = DEFAULT_RESAMPLES): Resamples {
  requireCounts({ recordings, resamples });
  const random = randomStream(seed, 'evaluation', 'bootstrap', recordings);
  const counts = new Uint16Array(resamples * recordings);
  for (let resample = 0; resample < resamples; resample++) {
    for (let i = 0; i < recordings; i++) counts[resample * recordings + random.integer(recordings)]!++;
  }
  return { recordings, resamples, counts };
}

/**
 * Draws resamples of a series whose neighbours resemble each other: blocks of `block` consecutive values, from anywhere,
 * until there are as many as in the series. Blocks run on from the end to the beginning, so that every value is drawn equally
 * often (the circular form of Kuensch's moving blocks: Politis, Romano 1992).
 *
 * The block must be longer than the memory of the series, and many must fit into it; n^(1/3) is the rate that makes the
 * error of the interval's width least (Hall, Horowitz, Jing 1995) and the default.
 *
 * @throws UmweltError `invalid-input` when a number is not whole and at least 1, or the block longer than the series.
 */
export function drawBlockResamples(
  length: number,
  seed: number,
  block = Math.max(1, Math.round(Math.cbrt(length))),
  resamples = DEFAULT_RESAMPLES,
): Resamples {
  requireCounts({ values: length, block, resamples });
  if (block > length) {
    throw new UmweltError(
      'invalid-input',
      { block, length },
      `bootstrap: expected blocks no longer than the series of ${length} values, got ${block}`,
    );
  }
  const random = randomStream(seed, 'evaluation', 'block-bootstrap', length, block);
  const counts = new Uint16Array(resamples * length);
  for (let resample = 0; resample < resamples; resample++) {
    for (let drawn = 0; drawn < length; ) {
      const start = random.integer(length);
      for (let i = 0; i < block && drawn < length; i++, drawn++)
        counts[resample * length + ((start + i) % length)]!++;
    }
  }
  return { recordings: length, resamples, counts };
}

/**
 * Estimates the mean over recordings with its 95 % studentised bootstrap interval.
 *
 * Chosen by coverage: over normal, exponential, log-normal, gamma, t5, Bernoulli and mixed data with n from 50 to 150 it held the
 * true mean in 93 to 97 of 100 samples, percentile and BCa intervals in as few as 90 (test/evaluation/coverage.test.ts). Below 20
 * recordings it is wide, and rightly so.
 *
 * @param values one a recording. Invalid ones (recordings shorter than the horizon) are left out of every resample; `n`
 *   counts the rest. The mean of none is NaN, and so is the interval of fewer than two recordings.
 * @throws UmweltError `shape-mismatch` when there are not as many values as recordings were resampled.
 */
export function estimateMean(values: readonly Metric[], resamples: Resamples): Estimate {
  requireRecordings(values.length, resamples);
  let sum = 0;
  let n = 0;
  for (const { value, valid } of values) {
    if (!valid) continue;
    sum += value;
    n++;
  }
  const mean = sum / n;
  const missing = { mean, lo: Number.NaN, hi: Number.NaN, n };
  if (n < 2) return missing;
  const { units, columns } = gatherUnits(values, mean, resamples);
  if (columns.length < 2) return missing;
  const drawn = drawnOf(columns, resamples);
  const bounds = studentisedBounds(units, drawn, resamples.resamples, CONFIDENCE);
  if (bounds === null) return missing;
  // A mean of numbers none of which is negative is not negative.
  const least = values.some(({ value, valid }) => valid && value < 0) ? Number.NEGATIVE_INFINITY : 0;
  return { mean, lo: Math.max(least, mean + bounds.lo), hi: mean + bounds.hi, n };
}

/**
 * Estimates the mean of shares, each from 0 to 1: as `estimateMean` within those bounds, and by Wilson's interval over units where all
 * are zeros and ones (did it hit, did it hold), because a bootstrap knows of no other value than those it has seen.
 *
 * @throws UmweltError `shape-mismatch` as `estimateMean`.
 */
export function estimateShare(values: readonly Metric[], resamples: Resamples): Estimate {
  const { mean, lo, hi, n } = estimateMean(values, resamples);
  if (n < 2) return { mean, lo, hi, n };
  if (isBinary(values)) return { mean, ...wilsonBounds(mean, unitsOf(values, resamples)), n };
  return { mean, lo: Math.max(0, lo), hi: Math.min(1, hi), n };
}

/** How many units have a valid value. */
function unitsOf(values: readonly Metric[], { unitOf }: Resamples): number {
  return new Set(values.flatMap(({ valid }, i) => (valid ? [unitOf?.[i] ?? i] : []))).size;
}

function isBinary(values: readonly Metric[]): boolean {
  return values.every(({ value, valid }) => !valid || value === 0 || value === 1);
}

/** Interval of a share of `n` independent units (Wilson 1927), inside 0 to 1 and honest where the share is 0 or 1. */
function wilsonBounds(share: number, n: number): { lo: number; hi: number } {
  const z = normalQuantile((1 + CONFIDENCE) / 2);
  const middle = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const reach = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { lo: Math.max(0, middle - reach), hi: Math.min(1, middle + reach) };
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

/**
 * Estimates any statistic of the valid values with its 95 % percentile bootstrap interval.
 *
 * @param statistic takes the valid values in ascending order and how often each was drawn; NaN where it does not exist.
 * @throws UmweltError `shape-mismatch` as `estimateMean`.
 */
export function estimateStatistic(
  values: readonly Metric[],
  resamples: Resamples,
  statistic: (sorted: Float64Array, drawn: Uint16Array) => number,
): Estimate {
  requireRecordings(values.length, resamples);
  const order = values
    .flatMap(({ value, valid }, column) => (valid ? [{ value, column }] : []))
    .sort((a, b) => a.value - b.value);
  const n = order.length;
  const sorted = Float64Array.from(order, ({ value }) => value);
  const mean = n === 0 ? Number.NaN : statistic(sorted, new Uint16Array(n).fill(1));
  if (n < 2) return { mean, lo: Number.NaN, hi: Number.NaN, n };
  const columns = Int32Array.from(order, ({ column }) => column);
  const drawn = drawnOf(columns, resamples);
  const results = new Float64Array(resamples.resamples);
  let kept = 0;
  for (let resample = 0; resample < resamples.resamples; resample++) {
    const result = statistic(sorted, drawn.subarray(resample * n, (resample + 1) * n));
    if (Number.isFinite(result)) results[kept++] = result;
  }
  const all = results.subarray(0, kept).sort();
  const bound = (p: number): number => (kept === 0 ? Number.NaN : quantile(all, p));
  return { mean, lo: bound((1 - CONFIDENCE) / 2), hi: bound((1 + CONFIDENCE) / 2), n };
}

/** Sums the valid values by unit, strata side by side, with a column of the table of counts for each unit. */
function gatherUnits(
  values: readonly Metric[],
  mean: number,
  { unitOf, stratumOf }: Resamples,
): { readonly units: Units; readonly columns: Int32Array } {
  const strata = new Map<number, Map<number, { sum: number; size: number; column: number }>>();
  for (const [column, { value, valid }] of values.entries()) {
    if (!valid) continue;
    const stratum = strata.get(stratumOf?.[column] ?? 0) ?? new Map();
    strata.set(stratumOf?.[column] ?? 0, stratum);
    const name = unitOf?.[column] ?? column;
    const unit = stratum.get(name) ?? { sum: 0, size: 0, column };
    stratum.set(name, unit);
    unit.sum += value - mean;
    unit.size++;
  }
  const all = [...strata.values()].flatMap((stratum) => [...stratum.values()]);
  const starts = [0];
  for (const stratum of strata.values()) starts.push(starts.at(-1)! + stratum.size);
  return {
    units: {
      sum: Float64Array.from(all, ({ sum }) => sum),
      size: Float64Array.from(all, ({ size }) => size),
      alone: all.every(({ size }) => size === 1),
      starts: Int32Array.from(starts),
    },
    columns: Int32Array.from(all, ({ column }) => column),
  };
}

/** Picks columns of the table of counts: [resamples, columns]. */
function drawnOf(columns: Int32Array, { recordings, resamples, counts }: Resamples): Uint16Array {
  const whole = columns.length === recordings && columns.every((column, i) => column === i);
  if (whole) return counts;
  const drawn = new Uint16Array(resamples * columns.length);
  for (let resample = 0, at = 0; resample < resamples; resample++)
    for (let i = 0; i < columns.length; i++) drawn[at++] = counts[resample * recordings + columns[i]!]!;
  return drawn;
}

function requireCounts(counts: Readonly<Record<string, number>>): void {
  for (const [what, value] of Object.entries(counts)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new UmweltError(
      'invalid-input',
      { [what]: value },
      `bootstrap: expected a whole number of ${what} of at least 1, got ${value}`,
    );
  }
}

function requireRecordings(count: number, { recordings }: Resamples): void {
  if (count === recordings) return;
  throw new UmweltError(
    'shape-mismatch',
    { expected: recordings, actual: count },
    `bootstrap: expected one value for each of ${recordings} recordings, got ${count}`,
  );
}
