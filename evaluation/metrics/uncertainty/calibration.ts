import { UmweltError } from '../../../core/errors.js';
import { normalCdf } from '../../../core/math/normal.js';
import type { RandomStream } from '../../../core/random.js';
import type { Metric } from '../../contract.js';
import { INVALID, metricOf } from '../metric.js';
import type { Distance } from './energy-score.js';

/**
 * Where an observation lies in a predicted distribution: somewhere between `lo` and `hi`, each 0 to 1. An ensemble of m knows
 * it to 1 / (m + 1) and no better; a distribution function gives lo = hi. Uniform for a calibrated forecast.
 */
export interface Place {
  readonly lo: number;
  readonly hi: number;
}

/** Places an observation in a normal distribution: the probability integral transform Phi((y - mean) / s). */
export function placeInNormal(mean: number, deviation: number, observed: number): Place | null {
  if (!(deviation > 0)) return null;
  const at = normalCdf((observed - mean) / deviation);
  return Number.isNaN(at) ? null : { lo: at, hi: at };
}

/**
 * Places an observation among the members of an ensemble by its rank: below, between or above them, each of the m + 1 gaps
 * being 1 / (m + 1) wide; equal members widen it. Uniform for exchangeable members, however few.
 *
 * @returns null where there is no member or a number is not finite.
 */
export function placeInEnsemble(samples: ArrayLike<number>, observed: number): Place | null {
  const m = samples.length;
  let below = 0;
  let equal = 0;
  for (let i = 0; i < m; i++) {
    if (!Number.isFinite(samples[i]!)) return null;
    if (samples[i]! < observed) below++;
    else if (samples[i] === observed) equal++;
  }
  if (m === 0 || !Number.isFinite(observed)) return null;
  return { lo: below / (m + 1), hi: (below + equal + 1) / (m + 1) };
}

/**
 * Places an observation of any kind (a position, an orientation) in an ensemble by how central it is: its mean distance to the
 * others, ranked among that of each member to the others; 0 is the middle, 1 far outside. Uniform for exchangeable members
 * (average-distance pre-rank, as Gneiting et al. 2008, TEST 17; Knueppel, Krueger, Pohle 2022).
 *
 * Read as one-sided: see `covers` with `sided` of 1.
 *
 * @returns null for fewer than 2 members or distances that are not finite.
 */
export function placeByDepth<T>(samples: readonly T[], observed: T, distance: Distance<T>): Place | null {
  const m = samples.length;
  if (m < 2) return null;
  const sums = new Float64Array(m + 1);
  const all = [...samples, observed];
  for (let i = 0; i <= m; i++) {
    for (let j = 0; j < i; j++) {
      const apart = distance(all[i]!, all[j]!);
      sums[i] = sums[i]! + apart;
      sums[j] = sums[j]! + apart;
    }
  }
  return placeInEnsemble(sums.subarray(0, m), sums[m]!);
}

/** Draws one number from a place, uniform for a calibrated forecast: the randomised PIT. */
export function randomisedPit({ lo, hi }: Place, random: RandomStream): number {
  return lo + (hi - lo) * random.uniform();
}

/**
 * Says how much of a place lies within the central interval of the given level: 1 inside, 0 outside, in between where an
 * ensemble is too small to tell. Its mean over observations is the coverage, without bias for any number of members.
 *
 * @param level 0.9 for a 90 % interval.
 * @param sided 2 for an interval in the middle of the distribution, 1 for [0, level] (`placeByDepth`).
 */
export function covers({ lo, hi }: Place, level: number, sided: 1 | 2 = 2): number {
  const from = sided === 2 ? (1 - level) / 2 : 0;
  const to = sided === 2 ? (1 + level) / 2 : level;
  if (hi === lo) return lo >= from && lo <= to ? 1 : 0;
  return Math.max(0, Math.min(hi, to) - Math.max(lo, from)) / (hi - lo);
}

/** Averages `covers` over the observations that have a place; invalid where there is none. */
export function coverage(places: readonly (Place | null)[], level: number, sided: 1 | 2 = 2): Metric {
  const known = places.filter((place) => place !== null);
  if (known.length === 0) return INVALID;
  return metricOf(known.reduce((sum, place) => sum + covers(place, level, sided), 0) / known.length);
}

/**
 * Counts how many observations fall into each part of the predicted distribution; a place over several parts is shared
 * among them (the non-randomised PIT of Czado, Gneiting, Held, Biometrics 65, 2009). Flat for a calibrated forecast, U-shaped for
 * one too sure, a hill for one too unsure.
 *
 * @returns [bins], whose sum is the number of observations with a place.
 * @throws UmweltError `invalid-input` unless there is a whole number of bins of at least 1.
 */
export function pitHistogram(places: readonly (Place | null)[], bins = 10): number[] {
  if (!Number.isSafeInteger(bins) || bins < 1)
    throw new UmweltError(
      'invalid-input',
      { bins },
      `PIT histogram: expected bins of at least 1, got ${bins}`,
    );
  const counts = new Array<number>(bins).fill(0);
  for (const place of places) {
    if (place === null) continue;
    const { lo, hi } = place;
    const first = Math.min(bins - 1, Math.floor(lo * bins));
    if (hi === lo) {
      counts[first]!++;
      continue;
    }
    for (let bin = first; bin < bins && bin < hi * bins; bin++)
      counts[bin]! += Math.max(0, Math.min(hi, (bin + 1) / bins) - Math.max(lo, bin / bins)) / (hi - lo);
  }
  return counts;
}

/** One point of a reliability diagram. */
export interface ReliabilityPoint {
  /** Level of the interval. */
  readonly nominal: number;
  /** Share of the observations within it; NaN for none. */
  readonly empirical: number;
  readonly n: number;
}

/** Compares the levels of intervals with the share of observations within them; the diagonal is calibrated. */
export function reliabilityCurve(
  places: readonly (Place | null)[],
  levels: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95],
  sided: 1 | 2 = 2,
): ReliabilityPoint[] {
  const n = places.filter((place) => place !== null).length;
  return levels.map((nominal) => ({ nominal, empirical: coverage(places, nominal, sided).value, n }));
}

/**
 * Computes how far a reliability curve lies from the diagonal on average, 0 to 0.5; lower is better.
 *
 * Invalid without observations.
 */
export function calibrationError(points: readonly ReliabilityPoint[]): Metric {
  return metricOf(
    points.reduce((sum, { nominal, empirical }) => sum + Math.abs(nominal - empirical), 0) / points.length,
  );
}
