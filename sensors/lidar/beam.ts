import { cos, log, sin } from '../../core/math/exact.js';

/** The angle by which each next ray of a beam is turned, so that rays cover it evenly (Vogel 1979). */
const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));

/**
 * Lays rays of equal power into a Gaussian beam, whose share of power within angle r is `1 - exp(-2 r^2 / w^2)`, w half the
 * divergence: ray k of n at the radius that holds (k + 1/2) / n of the power.
 *
 * @returns [rays, 2] angles to the left and up from the middle of the beam, rad; a single ray goes along the middle.
 */
export function layBeam(subRays: number, divergenceRad: number): Float64Array {
  const angles = new Float64Array(subRays * 2);
  if (subRays === 1) return angles;
  for (let k = 0; k < subRays; k++) {
    const radius = (divergenceRad / 2) * Math.sqrt(-log(1 - (k + 0.5) / subRays) / 2);
    angles[k * 2] = radius * cos(k * GOLDEN_ANGLE);
    angles[k * 2 + 1] = radius * sin(k * GOLDEN_ANGLE);
  }
  return angles;
}

/** The widest angle between the middle of a beam and one of its rays, rad. */
export function widthOf(angles: Float64Array): number {
  let widest = 0;
  for (let k = 0; k < angles.length; k += 2)
    widest = Math.max(widest, Math.sqrt(angles[k]! * angles[k]! + angles[k + 1]! * angles[k + 1]!));
  return widest;
}
