import type { Quaternion } from '../../../core/math/quaternion.js';
import { geodesicAngle } from '../../../core/math/rotation.js';
import type { Metric } from '../../contract.js';
import { INVALID, metricOf } from '../metric.js';

/** How far two values of any kind lie apart. */
export type Distance<T> = (a: T, b: T) => number;

/**
 * Computes the energy score of an ensemble, in the distance's unit: the CRPS for values of more than one dimension. Fair form:
 * mean d(x_i, y) - sum_i sum_j d(x_i, x_j) / (2 m (m - 1)) (Gneiting, Raftery 2007, JASA 102, section 4.3; Ferro 2014).
 *
 * It is proper (rewards the truth) for distances of negative type: those below but `geodesicDistance`.
 *
 * @param samples members; invalid where there is none or a distance is not finite.
 */
export function energyScore<T>(samples: readonly T[], observed: T, distance: Distance<T>): Metric {
  const m = samples.length;
  if (m === 0) return INVALID;
  let error = 0;
  let spread = 0;
  for (let i = 0; i < m; i++) {
    error += distance(samples[i]!, observed);
    for (let j = 0; j < i; j++) spread += distance(samples[i]!, samples[j]!);
  }
  return metricOf(error / m - (m > 1 ? spread / (m * (m - 1)) : 0));
}

/** Returns the length of the difference of two vectors. */
export const euclideanDistance: Distance<ArrayLike<number>> = (a, b) => {
  let squares = 0;
  for (let i = 0; i < a.length; i++) squares += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(squares);
};

/**
 * Returns the shorter way round between two angles, rad, 0 to pi. Of negative type: the energy score with it is the circular
 * CRPS (Grimit, Gneiting, Berrocal, Johnson, QJRMS 132, 2006).
 */
export const angularDistance: Distance<number> = (a, b) => {
  const turn = Math.abs(a - b) % (2 * Math.PI);
  return Math.min(turn, 2 * Math.PI - turn);
};

/**
 * Returns the angle of the rotation between two orientations, rad, 0 to pi.
 *
 * Rotations with this distance are not of negative type (they are a projective space; of the compact two-point homogeneous
 * spaces only spheres are: Gangolli 1967, Lyons 2013), so the energy score with it can reward a wrong distribution when the
 * ensemble is spread over most of the rotations. Use `chordalDistance` to compare methods; this one to read off degrees.
 */
export const geodesicDistance: Distance<Quaternion> = (a, b) => geodesicAngle(a, b);

/**
 * Returns the chordal distance of two orientations, 2 sin(angle / 2), 0 to 2: the Frobenius norm |R - R'| over sqrt 2, so of negative
 * type. For small angles it is the angle in rad.
 */
export const chordalDistance: Distance<Quaternion> = (a, b) => {
  const cosine = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const norms = squaredNorm(a) * squaredNorm(b);
  return 2 * Math.sqrt(Math.max(0, 1 - (cosine * cosine) / norms));
};

function squaredNorm([w, x, y, z]: Quaternion): number {
  return w * w + x * x + y * y + z * z;
}
