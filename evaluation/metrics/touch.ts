import { log10 } from '../../core/math/exact.js';
import type { Metric } from '../contract.js';
import { INVALID, metricOf, requirePositive, requireSameLength } from './metric.js';
import { welchDensity } from './short-time-spectrum.js';

/**
 * Computes the root mean square error over the range of what was recorded, 1: sqrt(mean (p - a)^2) / (max a - min a). Lower is
 * better. Invalid where the recording is constant.
 *
 * @param predicted values of one quantity (a taxel, a force, all taxels of all frames), as `actual`.
 * @throws UmweltError `shape-mismatch` when the two are not equally long.
 */
export function nrmse(predicted: ArrayLike<number>, actual: ArrayLike<number>): Metric {
  requireSameLength('NRMSE', predicted, actual);
  let squares = 0;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < actual.length; i++) {
    squares += (predicted[i]! - actual[i]!) ** 2;
    least = Math.min(least, actual[i]!);
    most = Math.max(most, actual[i]!);
  }
  return most > least ? metricOf(Math.sqrt(squares / actual.length) / (most - least)) : INVALID;
}

/**
 * Computes the error of the largest force, % of the recorded largest: 100 |max |F| - max |F'|| / max |F'|. Invalid where
 * nothing pressed.
 */
export function peakForceErrorPct(predictedN: ArrayLike<number>, actualN: ArrayLike<number>): Metric {
  const peak = (force: ArrayLike<number>): number => {
    let most = 0;
    for (let i = 0; i < force.length; i++) {
      const size = Math.abs(force[i]!);
      if (Number.isNaN(size)) return size;
      most = Math.max(most, size);
    }
    return most;
  };
  const actual = peak(actualN);
  return actual > 0 ? metricOf((100 * Math.abs(peak(predictedN) - actual)) / actual) : INVALID;
}

/**
 * Computes the error of the impulse, % of the recorded one: 100 |J - J'| / |J'| with J the integral of the force by the
 * trapezoidal rule. Invalid where the recorded impulse is 0.
 *
 * @throws UmweltError `shape-mismatch` when the two are not equally long.
 */
export function impulseErrorPct(predictedN: ArrayLike<number>, actualN: ArrayLike<number>): Metric {
  requireSameLength('impulse', predictedN, actualN);
  const actual = impulseNs(actualN, 1);
  return actual === 0
    ? INVALID
    : metricOf((100 * Math.abs(impulseNs(predictedN, 1) - actual)) / Math.abs(actual));
}

/** Integrates a force over time by the trapezoidal rule, N s. */
export function impulseNs(forceN: ArrayLike<number>, rateHz: number): number {
  let sum = 0;
  for (let i = 1; i < forceN.length; i++) sum += (forceN[i]! + forceN[i - 1]!) / 2;
  return sum / rateHz;
}

/** Says when a touch counts as slipping. */
export interface SlipOptions {
  /** Tangential over normal force from which it slips. */
  readonly friction: number;
  /** Below this normal force nothing is held, N. */
  readonly leastNormalN?: number;
  /** It must last this long to count. */
  readonly leastS?: number;
}

/**
 * Finds when slip begins: the first time that tangential over normal force is at least the friction coefficient, and stays
 * there, s from the first sample. Invalid where it never slips.
 *
 * @throws UmweltError `shape-mismatch`, `invalid-input` when the rate or the friction is not above 0.
 */
export function slipOnsetS(
  tangentialN: ArrayLike<number>,
  normalN: ArrayLike<number>,
  rateHz: number,
  { friction, leastNormalN = 0.05, leastS = 0.01 }: SlipOptions,
): Metric {
  requireSameLength('slip onset', tangentialN, normalN);
  requirePositive('slip onset', { rateHz, friction });
  const needed = Math.max(1, Math.ceil(leastS * rateHz - 1e-9));
  let run = 0;
  for (let i = 0; i < normalN.length; i++) {
    const slips = normalN[i]! >= leastNormalN && Math.abs(tangentialN[i]!) >= friction * normalN[i]!;
    run = slips ? run + 1 : 0;
    if (run === needed) return metricOf((i - needed + 1) / rateHz);
  }
  return INVALID;
}

/** Subtracts two times that may not exist: predicted minus actual, s; above 0 where the prediction is late. */
export function lagS(predicted: Metric, actual: Metric): Metric {
  return predicted.valid && actual.valid ? metricOf(predicted.value - actual.value) : INVALID;
}

/**
 * Computes the distance of two forces' spectra, dB: sqrt(mean over bins of (10 log10(S / S'))^2) of the power spectral
 * densities (Welch, Hann windows of `window` samples), the mean left out. Densities more than `rangeDb` below the recording's
 * largest are raised to that. Invalid where the recorded force is constant or shorter than 8 samples.
 *
 * @param predictedN at the same rate as `actualN`; the lengths may differ.
 */
export function forceSpectrumDistanceDb(
  predictedN: ArrayLike<number>,
  actualN: ArrayLike<number>,
  { window = 256, rangeDb = 60 }: { readonly window?: number; readonly rangeDb?: number } = {},
): Metric {
  let size = window;
  while (size > Math.min(predictedN.length, actualN.length)) size /= 2;
  if (size < 8) return INVALID;
  const a = welchDensity(predictedN, 1, size);
  const b = welchDensity(actualN, 1, size);
  const largest = b.subarray(1).reduce((most, value) => Math.max(most, value), 0);
  const floor = largest * 10 ** (-rangeDb / 10);
  if (!(floor > 0)) return INVALID;
  let squares = 0;
  for (let bin = 1; bin < b.length; bin++)
    squares += (10 * log10(Math.max(floor, a[bin]!) / Math.max(floor, b[bin]!))) ** 2;
  return metricOf(Math.sqrt(squares / (b.length - 1)));
}
