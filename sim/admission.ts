import { UmweltError } from '../core/errors.js';
import { length } from '../core/math/vector.js';
import type { BodySpec, PhysicsSpec, Shape, SimSpec } from '../scenarios/contract.js';

/** Rapier caps speed at this many length units a second. */
const MAX_LENGTH_UNITS_PER_S = 400;
/** Rapier caps rotation at this angle a step. */
const MAX_ROTATION_RAD = Math.PI / 4;

/**
 * Checks that the engine will compute what a spec says: it takes a value that is not finite
 * without a word and passes it on, and cuts a speed beyond its caps.
 *
 * @throws UmweltError `invalid-input` with the path of the value.
 */
export function requirePossible(spec: SimSpec): void {
  const { stepHz, gravityMps2, lengthUnitM, solverIterations } = spec.physics;
  requirePositive(stepHz, 'physics.stepHz');
  requirePositive(lengthUnitM, 'physics.lengthUnitM');
  if (!Number.isInteger(solverIterations) || solverIterations < 1)
    throw refusal('physics.solverIterations', 'a whole number of at least 1', solverIterations);
  requireFinite(gravityMps2, 'physics.gravityMps2');
  for (const body of spec.bodies) requireBody(body, spec.physics);
}

function requireBody(body: BodySpec, physics: PhysicsSpec): void {
  const at = `bodies.${body.name}`;
  for (const [key, value] of Object.entries(sizes(body.shape))) requirePositive(value, `${at}.shape.${key}`);
  requirePositive(body.massKg, `${at}.massKg`);
  for (const value of body.inertiaKgm2 ?? []) requirePositive(value, `${at}.inertiaKgm2`);
  for (const key of ['friction', 'restitution'] as const) {
    if (!(body[key] >= 0 && body[key] < Number.POSITIVE_INFINITY))
      throw refusal(`${at}.${key}`, 'a number of at least 0', body[key]);
  }
  requireFinite([...body.pose.positionM, ...body.pose.orientation], `${at}.pose`);
  if (body.pose.orientation.every((value) => value === 0))
    throw refusal(`${at}.pose.orientation`, 'a unit quaternion', body.pose.orientation);
  const most = MAX_LENGTH_UNITS_PER_S * physics.lengthUnitM;
  const mostSpin = MAX_ROTATION_RAD * physics.stepHz;
  if (!(length(body.linearVelocityMps) <= most))
    throw refusal(
      `${at}.linearVelocityMps`,
      `at most ${most} m/s (raise physics.lengthUnitM)`,
      body.linearVelocityMps,
    );
  if (!(length(body.angularVelocityRadps) <= mostSpin))
    throw refusal(
      `${at}.angularVelocityRadps`,
      `at most ${mostSpin} rad/s (raise physics.stepHz)`,
      body.angularVelocityRadps,
    );
}

function sizes(shape: Shape): Readonly<Record<string, number>> {
  switch (shape.kind) {
    case 'box': {
      const [x, y, z] = shape.halfExtentsM;
      return { 'halfExtentsM.0': x, 'halfExtentsM.1': y, 'halfExtentsM.2': z };
    }
    case 'sphere':
      return { radiusM: shape.radiusM };
    case 'cylinder':
      return { radiusM: shape.radiusM, halfHeightM: shape.halfHeightM };
  }
}

function requirePositive(value: number, path: string): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw refusal(path, 'a number above 0', value);
}

function requireFinite(values: readonly number[], path: string): void {
  if (!values.every(Number.isFinite)) throw refusal(path, 'finite numbers', values);
}

function refusal(path: string, expected: string, got: unknown): UmweltError {
  return new UmweltError(
    'invalid-input',
    { path, expected, got },
    `${path}: expected ${expected}, got ${Array.isArray(got) ? `[${got.join(', ')}]` : got}`,
  );
}
