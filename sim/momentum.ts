import { conjugate, type Quaternion, rotate } from '../core/math/quaternion.js';
import { scale, subtract, type Vec3 } from '../core/math/vector.js';
import type { PhysicsSpec } from '../scenarios/contract.js';
import type { SimFrame } from './contract.js';
import type { BodyImpulse } from './friction.js';

/** What a body's momentum depends on besides its state. */
export interface BodyInertia {
  readonly massKg: number;
  /** Principal inertia about the body's axes. */
  readonly inertiaKgm2: Vec3;
}

/**
 * Returns what all contacts together did to a body between two frames, one step apart: `m (v1 - v0 - g dt)` and
 * `L1 - L0`, where `L = R I R^T w`. World frame.
 *
 * @param index of the body in the frames.
 */
export function impulseOfContacts(
  body: BodyInertia,
  index: number,
  before: SimFrame,
  after: SimFrame,
  physics: PhysicsSpec,
): BodyImpulse {
  const change = subtract(linearVelocity(after, index), linearVelocity(before, index));
  const byContacts = subtract(change, scale(physics.gravityMps2, 1 / physics.stepHz));
  return {
    centreM: [before.poses[index * 7]!, before.poses[index * 7 + 1]!, before.poses[index * 7 + 2]!],
    linearNs: scale(byContacts, body.massKg),
    get angularNms() {
      return subtract(
        angularMomentum(body.inertiaKgm2, after, index),
        angularMomentum(body.inertiaKgm2, before, index),
      );
    },
  };
}

function linearVelocity({ velocities }: SimFrame, index: number): Vec3 {
  return [velocities[index * 6]!, velocities[index * 6 + 1]!, velocities[index * 6 + 2]!];
}

function angularMomentum([ix, iy, iz]: Vec3, { poses, velocities }: SimFrame, index: number): Vec3 {
  const orientation: Quaternion = [
    poses[index * 7 + 3]!,
    poses[index * 7 + 4]!,
    poses[index * 7 + 5]!,
    poses[index * 7 + 6]!,
  ];
  const [x, y, z] = rotate(conjugate(orientation), [
    velocities[index * 6 + 3]!,
    velocities[index * 6 + 4]!,
    velocities[index * 6 + 5]!,
  ]);
  return rotate(orientation, [ix * x, iy * y, iz * z]);
}
