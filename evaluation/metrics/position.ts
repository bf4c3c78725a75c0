import type { Trajectory } from '../contract.js';
import { requireSameFrames } from './frames.js';

/**
 * Computes the position error of each frame, in % of the body's width: 100 |p - p'| / w.
 *
 * ContactNets' protocol (Pfrommer, Halm, Posa, CoRL 2020).
 *
 * @returns float64 [frames]; NaN where a position is not finite.
 * @throws UmweltError `shape-mismatch` when the two differ in frames or rate.
 */
export function positionErrorPctWidth(
  predicted: Trajectory,
  actual: Trajectory,
  widthM: number,
): Float64Array {
  requireSameFrames(predicted, actual);
  const a = predicted.positionM;
  const b = actual.positionM;
  return Float64Array.from({ length: actual.frames }, (_, frame) => {
    const x = a[frame * 3]! - b[frame * 3]!;
    const y = a[frame * 3 + 1]! - b[frame * 3 + 1]!;
    const z = a[frame * 3 + 2]! - b[frame * 3 + 2]!;
    return (100 * Math.sqrt(x * x + y * y + z * z)) / widthM;
  });
}
