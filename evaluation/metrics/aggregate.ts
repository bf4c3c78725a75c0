import type { Metric } from '../contract.js';
import { INVALID, metricOf } from './metric.js';

/** Averages one recording's frames; invalid when there is none, or one is not a finite number. */
export function meanOverFrames(perFrame: Float64Array): Metric {
  let sum = 0;
  for (const value of perFrame) sum += value;
  return metricOf(sum / perFrame.length);
}

/**
 * Returns the value at a horizon, interpolated between the frames on either side; invalid when the recording is shorter, or
 * the value is not a finite number.
 *
 * @param perFrame [frames], where frame 0 is the last one that the forecaster saw.
 */
export function atHorizon(perFrame: Float64Array, rateHz: number, horizonS: number): Metric {
  const exact = horizonS * rateHz;
  const nearest = Math.round(exact);
  // A horizon that falls on a frame must not need the next one because of rounding.
  const at = Math.abs(exact - nearest) < 1e-9 ? nearest : exact;
  const before = perFrame[Math.floor(at)];
  const after = perFrame[Math.ceil(at)];
  if (before === undefined || after === undefined) return INVALID;
  return metricOf(before + (after - before) * (at - Math.floor(at)));
}

/** Spaces horizons evenly from `stepS` up to `lastS`, both included. */
export function horizonGrid(stepS: number, lastS: number): readonly number[] {
  const count = Math.floor(lastS / stepS + 1e-9);
  // Division by the whole number 1 / stepS keeps 0.15 from becoming 0.15000000000000002.
  return Array.from({ length: count }, (_, i) => (i + 1) / Math.round(1 / stepS));
}
