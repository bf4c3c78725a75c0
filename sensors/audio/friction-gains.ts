import { conjugate, rotate } from '../../core/math/quaternion.js';
import { add, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import type { SimFrame } from '../../sim/contract.js';
import { readPose } from '../ticks.js';
import type { FrictionForce, FrictionPlace } from './friction-sound.js';
import type { BodyModes } from './modes.js';

/** How strongly each mode of a body takes up a friction force, sqrt(kg) m/s per N s. */
export type FrictionGains = (force: FrictionForce, frame: SimFrame) => Float64Array;

/**
 * Creates the modal gains of friction on one body, by its index.
 *
 * Each place of contact rubs by itself: the gains are the root sum of squares over the places. They are kept for as long as
 * the force's `places` are.
 */
export function createFrictionGains(modes: BodyModes, body: number): FrictionGains {
  const known = new WeakMap<readonly FrictionPlace[], Float64Array>();
  return ({ bodyB, places }, frame) => {
    const found = known.get(places);
    if (found !== undefined) return found;
    const { positionM, orientation } = readPose(frame.poses, body);
    const bodyFromWorld = conjugate(orientation);
    const sums = new Float64Array(modes.frequencyHz.length);
    for (const { pointM, directionOnB } of places) {
      const point = rotate(bodyFromWorld, subtract(pointM, positionM));
      const push = rotate(bodyFromWorld, body === bodyB ? directionOnB : scale(directionOnB, -1));
      const gains = modes.excite(point, push);
      for (let mode = 0; mode < gains.length; mode++) sums[mode]! += gains[mode]! * gains[mode]!;
    }
    const gains = sums.map((sum) => Math.sqrt(sum));
    known.set(places, gains);
    return gains;
  };
}

/** Returns the middle of the places of contact, m. */
export function middleOf(places: readonly FrictionPlace[]): Vec3 {
  let sum: Vec3 = [0, 0, 0];
  for (const { pointM } of places) sum = add(sum, pointM);
  return scale(sum, 1 / Math.max(1, places.length));
}
