import { exp, log } from '../../../core/math/exact.js';
import { normalCdf } from '../../../core/math/normal.js';
import type { Metric } from '../../contract.js';
import { INVALID, metricOf } from '../metric.js';

/**
 * Computes the continuous ranked probability score of an ensemble, in the observation's unit; lower is better, and for one
 * member it is the absolute error.
 *
 * Fair form: mean |x_i - y| - sum_i sum_j |x_i - x_j| / (2 m (m - 1)), whose expectation does not depend on the number of
 * members (Ferro, Fair scores for ensemble forecasts, QJRMS 140, 2014; Zamo, Naveau 2018). It may be below 0 by chance.
 *
 * @param samples members, in any order; not changed. Invalid where there is none or a number is not finite.
 */
export function crpsEnsemble(samples: ArrayLike<number>, observed: number): Metric {
  const m = samples.length;
  if (m === 0) return INVALID;
  const sorted = Float64Array.from(samples).sort();
  let error = 0;
  let spread = 0;
  for (let i = 0; i < m; i++) {
    error += Math.abs(sorted[i]! - observed);
    // Over all pairs of a sorted list, sum of x_j - x_i = sum of (2 i - m + 1) x_i.
    spread += (2 * i - m + 1) * sorted[i]!;
  }
  return metricOf(error / m - (m > 1 ? spread / (m * (m - 1)) : 0));
}

/**
 * Computes the continuous ranked probability score of a normal distribution, in the observation's unit:
 * s (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)), z = (y - mean) / s (Gneiting, Raftery 2007, JASA 102).
 *
 * @param deviation standard deviation; 0 gives the absolute error.
 */
export function crpsNormal(mean: number, deviation: number, observed: number): Metric {
  if (deviation === 0) return metricOf(Math.abs(observed - mean));
  if (!(deviation > 0)) return INVALID;
  const z = (observed - mean) / deviation;
  const density = exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return metricOf(deviation * (z * (2 * normalCdf(z) - 1) + 2 * density - 1 / Math.sqrt(Math.PI)));
}

/**
 * Computes the negative log likelihood of an observation under a normal distribution, nats:
 * ln s + z^2 / 2 + ln(2 pi) / 2. Lower is better; invalid unless the deviation is above 0.
 */
export function normalNll(mean: number, deviation: number, observed: number): Metric {
  if (!(deviation > 0)) return INVALID;
  const z = (observed - mean) / deviation;
  return metricOf(log(deviation) + (z * z) / 2 + log(2 * Math.PI) / 2);
}

/**
 * Computes the negative log likelihood of an observation under an ensemble, nats: that of the normal distribution with its
 * mean and variance (over m - 1), the logarithmic score of Siegert et al. (2019) without their correction for m, which for 10
 * members is 0.1. Invalid for fewer than 4 members or no spread.
 */
export function ensembleNll(samples: ArrayLike<number>, observed: number): Metric {
  const m = samples.length;
  if (m < 4) return INVALID;
  let mean = 0;
  for (let i = 0; i < m; i++) mean += samples[i]! / m;
  let squares = 0;
  for (let i = 0; i < m; i++) squares += (samples[i]! - mean) ** 2;
  return normalNll(mean, Math.sqrt(squares / (m - 1)), observed);
}
