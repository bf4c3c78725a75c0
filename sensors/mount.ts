import { UmweltError } from '../core/errors.js';
import { multiply, normaliseQuaternion, type Pose, rotate } from '../core/math/quaternion.js';
import { add, cross, type Vec3, ZERO } from '../core/math/vector.js';
import type { SimSpec } from '../scenarios/contract.js';
import type { MountSpecification } from './mount-specification.js';
import { type Instant, poseAt } from './ticks.js';

/** A place on a body, or in the world. */
export interface Mount {
  /** Index of the body that carries the sensor; -1 for the world. */
  readonly body: number;
  /** Frame of the carrier from frame of the sensor. */
  readonly carrierFromSensor: Pose;
}

/**
 * Finds the body that carries a sensor.
 *
 * @throws UmweltError `invalid-input` when the scene has no such body or the orientation is zero.
 */
export function createMount(
  name: string,
  { body, positionM, orientation }: MountSpecification,
  spec: SimSpec,
): Mount {
  if (orientation.every((component) => component === 0)) {
    throw new UmweltError(
      'invalid-input',
      { sensor: name, orientation },
      `sensors.${name}.orientation: expected a quaternion w x y z of some length, got [0,0,0,0]`,
    );
  }
  const carrierFromSensor = { positionM, orientation: normaliseQuaternion(orientation) };
  return { body: body === undefined ? -1 : bodyIndex(`sensors.${name}.body`, body, spec), carrierFromSensor };
}

/**
 * Finds a body by name.
 *
 * @param path of the key that names it, for the message.
 * @throws UmweltError `invalid-input` when the scene has no such body.
 */
export function bodyIndex(path: string, body: string, { bodies }: SimSpec): number {
  const index = bodies.findIndex(({ name }) => name === body);
  if (index >= 0) return index;
  const known = bodies.map(({ name }) => name);
  throw new UmweltError(
    'invalid-input',
    { path, body, known },
    `${path}: expected the name of a body (${known.join(', ')}), got "${body}"`,
  );
}

/** World from sensor, at an instant between two frames. */
export function mountPoseAt({ body, carrierFromSensor }: Mount, instant: Instant): Pose {
  return body < 0 ? carrierFromSensor : compose(poseAt(instant, body), carrierFromSensor);
}

/** Velocity of the mount and angular velocity of its carrier, interpolated between two frames. World frame. */
export function mountVelocityAt(
  { body, carrierFromSensor }: Mount,
  instant: Instant,
): { readonly linearMps: Vec3; readonly angularRadps: Vec3 } {
  if (body < 0) return { linearMps: ZERO, angularRadps: ZERO };
  const { before, after, fraction } = instant;
  const at = (component: number): number => {
    const end = after.velocities[body * 6 + component]!;
    return fraction === 1 ? end : lerpNumber(before.velocities[body * 6 + component]!, end, fraction);
  };
  const angularRadps: Vec3 = [at(3), at(4), at(5)];
  const arm = rotate(poseAt(instant, body).orientation, carrierFromSensor.positionM);
  return { linearMps: add([at(0), at(1), at(2)], cross(angularRadps, arm)), angularRadps };
}

function lerpNumber(from: number, to: number, fraction: number): number {
  return from + (to - from) * fraction;
}

/** A from C, of A from B and B from C. */
export function compose(aFromB: Pose, bFromC: Pose): Pose {
  return {
    positionM: add(aFromB.positionM, rotate(aFromB.orientation, bFromC.positionM)),
    orientation: multiply(aFromB.orientation, bFromC.orientation),
  };
}
