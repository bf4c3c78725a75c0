import type { Trajectory } from '../contract.js';

/**
 * Computes how deep a cube's lowest corner lies below the plane z = 0 in each frame, in % of the cube's width; 0 above it.
 *
 * With half width h and R the rotation to the world, the lowest corner is at z - h (|R31| + |R32| + |R33|).
 * ContactNets' protocol (Pfrommer, Halm, Posa, CoRL 2020).
 *
 * @returns float64 [frames]; NaN where a pose is not finite.
 */
export function penetrationPctWidth(trajectory: Trajectory, widthM: number): Float64Array {
  const { positionM, orientation } = trajectory;
  return Float64Array.from({ length: trajectory.frames }, (_, frame) => {
    const at = frame * 4;
    const w = orientation[at]!;
    const x = orientation[at + 1]!;
    const y = orientation[at + 2]!;
    const z = orientation[at + 3]!;
    const reach =
      Math.abs(2 * (x * z - w * y)) + Math.abs(2 * (y * z + w * x)) + Math.abs(1 - 2 * (x * x + y * y));
    const lowestM = positionM[frame * 3 + 2]! - (widthM / 2) * reach;
    return Number.isNaN(lowestM) ? Number.NaN : (100 * Math.max(0, -lowestM)) / widthM;
  });
}
