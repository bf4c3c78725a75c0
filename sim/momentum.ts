import { conjugate, IDENTITY, multiply, type Quaternion, rotate } from '../core/math/quaternion.js';
import { add, cross, scale, subtract, type Vec3 } from '../core/math/vector.js';
import type { PhysicsSpec } from '../scenarios/contract.js';
import type { SimFrame } from './contract.js';
import type { BodyImpulse } from './friction.js';

/** What a body's momentum depends on besides its state. */
export interface BodyInertia {
  readonly massKg: number;
  /** About the principal axes. */
  readonly inertiaKgm2: Vec3;
  /** Body from principal axes; the body's own axes when absent. */
  readonly inertiaOrientation?: Quaternion;
  /** Centre of mass in the body's frame; the origin when absent. */
  readonly centreM?: Vec3;
}

/** A force at the centre of mass and a torque, world frame. */
export interface Push {
  readonly forceN: Vec3;
  readonly torqueNm: Vec3;
}

/**
 * Returns what all contacts together did to a body between two frames, one step apart: `m (v1 - v0 - g dt) - F dt` and
 * `L1 - L0 - T dt`, where `L = R I R^T w`. World frame.
 *
 * @param index of the body in the frames.
 * @param push what else acted on it during the step.
 */
export function impulseOfContacts(
  body: BodyInertia,
  index: number,
  before: SimFrame,
  after: SimFrame,
  physics: PhysicsSpec,
  push?: Push,
): BodyImpulse {
  const stepS = 1 / physics.stepHz;
  const change = subtract(centreVelocity(body, after, index), centreVelocity(body, before, index));
  const byContacts = scale(subtract(change, scale(physics.gravityMps2, stepS)), body.massKg);
  const positionM: Vec3 = [
    before.poses[index * 7]!,
    before.poses[index * 7 + 1]!,
    before.poses[index * 7 + 2]!,
  ];
  return {
    centreM: body.centreM ? add(positionM, rotate(orientationOf(before, index), body.centreM)) : positionM,
    linearNs: push ? subtract(byContacts, scale(push.forceN, stepS)) : byContacts,
    get angularNms() {
      const turned = subtract(angularMomentum(body, after, index), angularMomentum(body, before, index));
      return push ? subtract(turned, scale(push.torqueNm, stepS)) : turned;
    },
  };
}

/** Velocity of the centre of mass; frames hold that of the body's origin. */
function centreVelocity({ centreM }: BodyInertia, frame: SimFrame, index: number): Vec3 {
  const { velocities } = frame;
  const v: Vec3 = [velocities[index * 6]!, velocities[index * 6 + 1]!, velocities[index * 6 + 2]!];
  return centreM ? add(v, cross(spinOf(frame, index), rotate(orientationOf(frame, index), centreM))) : v;
}

function orientationOf({ poses }: SimFrame, index: number): Quaternion {
  const at = index * 7 + 3;
  return [poses[at]!, poses[at + 1]!, poses[at + 2]!, poses[at + 3]!];
}

function spinOf({ velocities }: SimFrame, index: number): Vec3 {
  return [velocities[index * 6 + 3]!, velocities[index * 6 + 4]!, velocities[index * 6 + 5]!];
}

function angularMomentum(
  { inertiaKgm2: [ix, iy, iz], inertiaOrientation = IDENTITY }: BodyInertia,
  frame: SimFrame,
  index: number,
): Vec3 {
  const own = orientationOf(frame, index);
  const orientation = inertiaOrientation === IDENTITY ? own : multiply(own, inertiaOrientation);
  const [x, y, z] = rotate(conjugate(orientation), spinOf(frame, index));
  return rotate(orientation, [ix * x, iy * y, iz * z]);
}
