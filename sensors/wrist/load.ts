import { UmweltError } from '../../core/errors.js';
import { conjugate, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { add, cross, scale, subtract, type Vec3, ZERO } from '../../core/math/vector.js';
import { centreOfMassM, inertiaTensorOf } from '../../core/shape.js';
import type { BodySpec, SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { readPose } from '../ticks.js';

/**
 * Finds the bodies on the child side of a joint: all that hang on its child by other joints.
 *
 * @throws UmweltError `invalid-input` when the parent is among them: then the joint does not carry them alone.
 */
export function childSide(path: string, joint: number, { joints, bodies }: SimSpec): readonly number[] {
  const { parent, child } = joints[joint]!;
  const side = [child];
  for (let at = 0; at < side.length; at++) {
    for (const [index, other] of joints.entries()) {
      if (index === joint) continue;
      const next = other.parent === side[at] ? other.child : other.child === side[at] ? other.parent : null;
      if (next !== null && !side.includes(next)) side.push(next);
    }
  }
  if (side.includes(parent)) {
    throw new UmweltError(
      'invalid-input',
      { path, joint: joints[joint]!.name },
      `${path}: expected a joint that alone carries its child side, got "${joints[joint]!.name}", whose parent ` +
        `"${bodies[parent]!.name}" hangs on the child by other joints too`,
    );
  }
  return side.sort((a, b) => a - b);
}

/** Impulse and angular impulse, N s and N m s; world frame. */
export interface ImpulsePair {
  readonly linearNs: Vec3;
  readonly angularNms: Vec3;
}

interface LoadBody {
  readonly index: number;
  readonly body: BodySpec;
  readonly centreM: Vec3;
  /** xx yy zz xy xz yz about the centre, body frame. */
  readonly inertiaKgm2: readonly [number, number, number, number, number, number];
}

/**
 * Makes the inverse dynamics of a load: what whatever holds it did to it during a step, from its change of momentum
 * (Newton and Euler): sum of m (dv - g dt) less contacts with other bodies and pushes, and the same for angular momentum about
 * a point.
 *
 * @param load indices of bodies.
 * @returns a function of two neighbouring frames and a point of the world.
 */
export function createLoadDynamics(load: readonly number[], spec: SimSpec) {
  const isLoad = spec.bodies.map((_, index) => load.includes(index));
  const bodies = load.map((index): LoadBody => {
    const body = spec.bodies[index]!;
    const given = body.inertiaKgm2;
    return {
      index,
      body,
      centreM: centreOfMassM(body.shape),
      inertiaKgm2: given ? [...given, 0, 0, 0] : inertiaTensorOf(body.shape, body.massKg),
    };
  });
  const { gravityMps2, stepHz } = spec.physics;
  return (before: SimFrame, after: SimFrame, aboutM: Vec3): ImpulsePair => {
    const stepS = (after.step - before.step) / stepHz;
    let linearNs: Vec3 = ZERO;
    let angularNms: Vec3 = ZERO;
    for (const { index, body, centreM, inertiaKgm2 } of bodies) {
      if (before.present[index] === 0 || after.present[index] === 0) continue;
      const start = stateOf(before, index, centreM, inertiaKgm2);
      const end = stateOf(after, index, centreM, inertiaKgm2);
      const change = subtract(subtract(end.velocityMps, start.velocityMps), scale(gravityMps2, stepS));
      const push = pushOn(body, before.step / stepHz);
      const held = subtract(scale(change, body.massKg), scale(push.forceN, stepS));
      const turned = subtract(subtract(end.spinNms, start.spinNms), scale(push.torqueNm, stepS));
      linearNs = add(linearNs, held);
      angularNms = add(angularNms, add(turned, cross(subtract(start.centreM, aboutM), held)));
    }
    for (const { bodyA, bodyB, pointM, normal, normalImpulseNs, tangentImpulseNs } of after.contacts) {
      if (isLoad[bodyA] === isLoad[bodyB]) continue;
      const sign = isLoad[bodyB] ? 1 : -1;
      const pushed = scale(add(scale(normal, normalImpulseNs), tangentImpulseNs), sign);
      linearNs = subtract(linearNs, pushed);
      angularNms = subtract(angularNms, cross(subtract(pointM, aboutM), pushed));
    }
    return { linearNs, angularNms };
  };
}

/** Centre of mass, its velocity, and angular momentum about it; world frame. */
function stateOf(frame: SimFrame, index: number, centreInBodyM: Vec3, inertia: LoadBody['inertiaKgm2']) {
  const { positionM, orientation } = readPose(frame.poses, index);
  const arm = rotate(orientation, centreInBodyM);
  const v = index * 6;
  const { velocities } = frame;
  const origin: Vec3 = [velocities[v]!, velocities[v + 1]!, velocities[v + 2]!];
  const spin: Vec3 = [velocities[v + 3]!, velocities[v + 4]!, velocities[v + 5]!];
  return {
    centreM: add(positionM, arm),
    velocityMps: add(origin, cross(spin, arm)),
    spinNms: angularMomentum(spin, orientation, inertia),
  };
}

function angularMomentum(
  spin: Vec3,
  orientation: Quaternion,
  [xx, yy, zz, xy, xz, yz]: LoadBody['inertiaKgm2'],
): Vec3 {
  const [x, y, z] = rotate(conjugate(orientation), spin);
  return rotate(orientation, [xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z]);
}

function pushOn({ forces }: BodySpec, timeS: number) {
  let forceN: Vec3 = ZERO;
  let torqueNm: Vec3 = ZERO;
  for (const push of forces) {
    if (timeS < push.fromS || timeS >= push.toS) continue;
    forceN = add(forceN, push.forceN);
    torqueNm = add(torqueNm, push.torqueNm);
  }
  return { forceN, torqueNm };
}
