import { add, cross, dot, length, scale, subtract, type Vec3, ZERO } from '../core/math/vector.js';
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
  const point = points.reduce(
    (sum, { pointM, normalImpulseNs: weight }) => add(sum, scale(pointM, weight / normalImpulseNs)),
    ZERO,
  );
  const relative = subtract(velocityAt(after, bodyB, point), velocityAt(after, bodyA, point));
  const slip = subtract(relative, scale(normal, dot(relative, normal)));
  return scale(slip, (-coefficient * normalImpulseNs) / Math.max(length(slip), STICKING_MPS));
}

function velocityAt(frame: SimFrame, body: number, pointM: Vec3): Vec3 {
  const { pose, linearVelocityMps, angularVelocityRadps } = readState(frame, body);
  return add(linearVelocityMps, cross(angularVelocityRadps, subtract(pointM, pose.positionM)));
}
