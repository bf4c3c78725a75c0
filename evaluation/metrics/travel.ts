import type { Metric, Trajectory } from '../contract.js';
import { requireSameFrames } from './frames.js';
import { INVALID, metricOf, requireSameLength } from './metric.js';

/**
 * Computes the position error of each frame in % of the distance travelled since frame 0: 100 |p - p'| / s (the drift of
 * KITTI's odometry benchmark, without its alignment). NaN until the body has travelled `leastM`.
 *
 * @param predictedM [frames, dimensions] positions, m, as `actualM`; 2 or 3 dimensions.
 * @returns float64 [frames].
 * @throws UmweltError `shape-mismatch` when the two are not equally long.
 */
export function driftPctOfDistance(
  predictedM: ArrayLike<number>,
  actualM: ArrayLike<number>,
  dimensions = 3,
  leastM = 0.01,
): Float64Array {
  requireSameLength('drift', predictedM, actualM);
  let travelled = 0;
  return Float64Array.from({ length: Math.floor(actualM.length / dimensions) }, (_, frame) => {
    let error = 0;
    let step = 0;
    for (let axis = 0; axis < dimensions; axis++) {
      const at = frame * dimensions + axis;
      error += (predictedM[at]! - actualM[at]!) ** 2;
      if (frame > 0) step += (actualM[at]! - actualM[at - dimensions]!) ** 2;
    }
    travelled += Math.sqrt(step);
    return travelled >= leastM ? (100 * Math.sqrt(error)) / travelled : Number.NaN;
  });
}

/** When an error first went beyond a limit. */
export interface Exceedance {
  /** Seconds after frame 0; where it was never reached, how long the error was watched. */
  readonly timeS: number;
  /** False where the recording ended before: the time is then a lower bound (censored). */
  readonly reached: boolean;
}

/**
 * Finds the first time that an error exceeds a limit, interpolated between the frames on either side. An error that is not a
 * number counts as beyond any limit: the forecast has diverged.
 *
 * @param perFrame [frames] errors, frame 0 being the last one that the forecaster saw.
 */
export function firstExceedance(perFrame: ArrayLike<number>, rateHz: number, limit: number): Exceedance {
  for (let frame = 0; frame < perFrame.length; frame++) {
    const now = perFrame[frame]!;
    if (now <= limit) continue;
    const before = perFrame[frame - 1];
    const share = before === undefined || !Number.isFinite(now) ? 0 : 1 - (limit - before) / (now - before);
    return { timeS: (frame - share) / rateHz, reached: true };
  }
  return { timeS: Math.max(0, perFrame.length - 1) / rateHz, reached: false };
}

/**
 * Returns which face of a box looks up: 0 +x, 1 -x, 2 +y, 3 -y, 4 +z, 5 -z of the body's axes.
 *
 * @param orientation w x y z, world from body.
 */
export function faceUp([w, x, y, z]: readonly number[]): number {
  // The third row of the rotation matrix: how far each body axis points up.
  const up = [2 * (x! * z! - w! * y!), 2 * (y! * z! + w! * x!), 1 - 2 * (x! * x! + y! * y!)];
  const sizes = up.map(Math.abs);
  const axis = sizes.indexOf(Math.max(...sizes));
  return 2 * axis + (up[axis]! < 0 ? 1 : 0);
}

/**
 * Says whether a box ends on the same face in a forecast as in the recording: 1 or 0. Invalid when a number of either last
 * orientation is not finite.
 *
 * @throws UmweltError `shape-mismatch` when the two differ in frames or rate.
 */
export function finalFaceAgrees(predicted: Trajectory, actual: Trajectory): Metric {
  requireSameFrames(predicted, actual);
  const last = ({ orientation, frames }: Trajectory): number[] =>
    Array.from(orientation.subarray(4 * (frames - 1), 4 * frames));
  const [a, b] = [last(predicted), last(actual)];
  if (a.length < 4 || ![...a, ...b].every(Number.isFinite)) return INVALID;
  return metricOf(faceUp(a) === faceUp(b) ? 1 : 0);
}
