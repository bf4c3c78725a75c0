import { conjugate, type Pose, rotate } from '../../core/math/quaternion.js';
import type { Shape } from '../../core/shape.js';
import { lineEntry } from './line-entry.js';
import type { PatchPoints } from './surface-patch.js';

/**
 * Measures how far a solid is above each point of a patch, along the patch's outward normal there; negative where the
 * point is buried, Infinity where the normal's line misses the solid.
 *
 * @param patchFromSolid pose of the solid in the patch's frame.
 * @param gapM written from `offset` on.
 * @returns the least gap.
 */
export function measureGaps(
  points: PatchPoints,
  shape: Shape,
  patchFromSolid: Pose,
  gapM: Float64Array,
  offset = 0,
): number {
  const solidFromPatch = conjugate(patchFromSolid.orientation);
  const [ax, ay, az] = rotate(solidFromPatch, [1, 0, 0]);
  const [bx, by, bz] = rotate(solidFromPatch, [0, 1, 0]);
  const [cx, cy, cz] = rotate(solidFromPatch, [0, 0, 1]);
  const [ox, oy, oz] = patchFromSolid.positionM;
  const { count, positionM, normal } = points;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const at = index * 3;
    const x = positionM[at]! - ox;
    const y = positionM[at + 1]! - oy;
    const z = positionM[at + 2]! - oz;
    const nx = normal[at]!;
    const ny = normal[at + 1]!;
    const nz = normal[at + 2]!;
    const gap = lineEntry(
      shape,
      ax * x + bx * y + cx * z,
      ay * x + by * y + cy * z,
      az * x + bz * y + cz * z,
      ax * nx + bx * ny + cx * nz,
      ay * nx + by * ny + cy * nz,
      az * nx + bz * ny + cz * nz,
    );
    gapM[offset + index] = gap;
    if (gap < least) least = gap;
  }
  return least;
}
