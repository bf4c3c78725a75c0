import type { Quaternion } from '../../core/math/quaternion.js';
import { geodesicAngle } from '../../core/math/rotation.js';
import type { Trajectory } from '../contract.js';
import { requireSameFrames } from './frames.js';

const DEG_PER_RAD = 180 / Math.PI;

/**
 * Computes the rotation error of each frame in degrees, 0 to 180: the angle of the rotation from one orientation to the
 * other, whatever the signs and norms of the quaternions.
 *
 * @returns float64 [frames]; NaN where an orientation is not finite.
 * @throws UmweltError `shape-mismatch` when the two differ in frames or rate.
 */
export function rotationErrorDeg(predicted: Trajectory, actual: Trajectory): Float64Array {
  requireSameFrames(predicted, actual);
  return Float64Array.from(
    { length: actual.frames },
    (_, frame) => geodesicAngle(orientationAt(predicted, frame), orientationAt(actual, frame)) * DEG_PER_RAD,
  );
}

function orientationAt({ orientation }: Trajectory, frame: number): Quaternion {
  const at = frame * 4;
  return [orientation[at]!, orientation[at + 1]!, orientation[at + 2]!, orientation[at + 3]!];
}
