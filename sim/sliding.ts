import { cross, dot, length, scale, subtract, type Vec3 } from '../core/math/vector.js';
import type { SimFrame } from './contract.js';
import { readState } from './frames.js';
import type { ContactPatch } from './friction.js';

/** Below this speed friction falls in proportion: where bodies stick nothing tells how hard. */
const STICKING_MPS = 1e-3;

/**
 * Returns Coulomb's friction on B of a patch whose bodies slide: `-mu N v / |v|` of B past A, N s, world frame.
 *
 * For contacts between bodies that joints, paths or the ground hold: what holds them hides what friction did to their
 * momentum. Right where they slide; where they stick (under 1 mm/s) it is too small.
 */
export function slidingFriction(patch: ContactPatch, after: SimFrame): Vec3 {
  const { bodyA, bodyB, normal, normalImpulseNs, coefficient, points } = patch;
  let point: Vec3 = [0, 0, 0];
  for (const { pointM, normalImpulseNs: weight } of points)
    point = [
      point[0] + (weight / normalImpulseNs) * pointM[0],
      point[1] + (weight / normalImpulseNs) * pointM[1],
      point[2] + (weight / normalImpulseNs) * pointM[2],
    ];
  const relative = subtract(velocityAt(after, bodyB, point), velocityAt(after, bodyA, point));
  const slip = subtract(relative, scale(normal, dot(relative, normal)));
  return scale(slip, (-coefficient * normalImpulseNs) / Math.max(length(slip), STICKING_MPS));
}

function velocityAt(frame: SimFrame, body: number, pointM: Vec3): Vec3 {
  const { pose, linearVelocityMps, angularVelocityRadps } = readState(frame, body);
  const spin = cross(angularVelocityRadps, subtract(pointM, pose.positionM));
  return [linearVelocityMps[0] + spin[0], linearVelocityMps[1] + spin[1], linearVelocityMps[2] + spin[2]];
}
