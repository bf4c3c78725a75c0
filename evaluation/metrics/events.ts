import type { Metric } from '../contract.js';
import { INVALID, metricOf } from './metric.js';

/** How predicted events agree with actual ones. */
export interface EventScores {
  /** Share of the predicted that happened. Invalid where none was predicted. */
  readonly precision: Metric;
  /** Share of what happened that was predicted. Invalid where nothing happened. */
  readonly recall: Metric;
  /** 2 matched / (predicted + actual). Invalid where there are neither. */
  readonly f1: Metric;
  /** Mean of predicted minus actual time over the matched, s; above 0 where the prediction is late. */
  readonly lagS: Metric;
  /** Mean |predicted - actual| over the matched, s. */
  readonly absoluteLagS: Metric;
  readonly matched: number;
}

/**
 * Compares two lists of times: onsets of sounds, contacts, slips.
 *
 * As many pairs as possible are matched, each time in one pair, no pair further apart than the tolerance; as mir_eval's
 * `match_events`. On a line the greedy matching in order of time is the largest.
 *
 * @param predictedS seconds, in any order, as `actualS`; not changed.
 * @param toleranceS 0.05 s is MIREX's for onsets.
 */
export function compareEvents(
  predictedS: readonly number[],
  actualS: readonly number[],
  toleranceS = 0.05,
): EventScores {
  const pairs = matchEvents(predictedS, actualS, toleranceS);
  const matched = pairs.length;
  const lags = pairs.map(([predicted, actual]) => predicted - actual);
  const mean = (values: readonly number[]): Metric =>
    values.length === 0 ? INVALID : metricOf(values.reduce((sum, value) => sum + value, 0) / values.length);
  const share = (of: number): Metric => (of === 0 ? INVALID : metricOf(matched / of));
  return {
    precision: share(predictedS.length),
    recall: share(actualS.length),
    f1: share((predictedS.length + actualS.length) / 2),
    lagS: mean(lags),
    absoluteLagS: mean(lags.map(Math.abs)),
    matched,
  };
}

/** Returns the pairs (predicted, actual) of two lists of times that lie within a tolerance of each other. */
export function matchEvents(
  predictedS: readonly number[],
  actualS: readonly number[],
  toleranceS: number,
): readonly (readonly [number, number])[] {
  // A time that is no number matches nothing.
  const a = predictedS.filter(Number.isFinite).sort((x, y) => x - y);
  const b = actualS.filter(Number.isFinite).sort((x, y) => x - y);
  // 50 ms apart must stay 50 ms apart after the subtraction's rounding.
  const reach = toleranceS * (1 + 1e-9);
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i]! < b[j]! - reach) i++;
    else if (b[j]! < a[i]! - reach) j++;
    else pairs.push([a[i++]!, b[j++]!]);
  }
  return pairs;
}

/**
 * Compares two series of contact states frame by frame, forgiving a shift: a frame in contact counts as found when the other
 * series is in contact within `toleranceFrames` of it. F1 = 2 P R / (P + R), 0 to 1; invalid where neither is ever in contact.
 *
 * @param predicted [frames], 0 or not, as `actual`.
 */
export function contactF1(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  toleranceFrames = 1,
): Metric {
  const precision = shareFound(predicted, actual, toleranceFrames);
  const recall = shareFound(actual, predicted, toleranceFrames);
  if (precision === null && recall === null) return INVALID;
  if (precision === null || recall === null || precision + recall === 0) return metricOf(0);
  return metricOf((2 * precision * recall) / (precision + recall));
}

function shareFound(of: ArrayLike<number>, among: ArrayLike<number>, tolerance: number): number | null {
  let count = 0;
  let found = 0;
  for (let frame = 0; frame < of.length; frame++) {
    if (of[frame] === 0) continue;
    count++;
    for (let near = Math.max(0, frame - tolerance); near <= frame + tolerance; near++) {
      if (near >= among.length || among[near] === 0) continue;
      found++;
      break;
    }
  }
  return count === 0 ? null : found / count;
}
