import { UmweltError } from '../core/errors.js';
import { length } from '../core/math/vector.js';
import { faultOfMesh } from '../core/mesh-moments.js';
import type { BodySpec, JointSpec, PhysicsSpec, Shape, SimSpec } from '../scenarios/contract.js';

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
  for (const body of spec.bodies) {
    requireBody(body, spec.physics);
    requireDrives(body);
    requirePiece(body, spec.bodies);
  }
  for (const joint of spec.joints) requireJoint(joint, spec.bodies);
}

function requireBody(body: BodySpec, physics: PhysicsSpec): void {
  const at = `bodies.${body.name}`;
  for (const [key, value] of Object.entries(sizes(body.shape))) requirePositive(value, `${at}.shape.${key}`);
  requireWall(body.shape, `${at}.shape.wallM`);
  requireEdge(body.shape, `${at}.shape.edgeRadiusM`);
  if (body.shape.kind === 'mesh') requireMesh(body.shape, `${at}.shape`);
  requirePositive(body.massKg, `${at}.massKg`);
  for (const value of body.inertiaKgm2 ?? []) requirePositive(value, `${at}.inertiaKgm2`);
  requireFinite(body.centreOfMassM ?? [], `${at}.centreOfMassM`);
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

function requireEdge(shape: Shape, path: string): void {
  if (shape.kind !== 'box' || shape.edgeRadiusM === undefined) return;
  const below = Math.min(...shape.halfExtentsM);
  if (!(shape.edgeRadiusM > 0 && shape.edgeRadiusM < below))
    throw refusal(path, `a radius of more than 0 and less than ${below} m`, shape.edgeRadiusM);
}

function requireWall(shape: Shape, path: string): void {
  if ((shape.kind !== 'sphere' && shape.kind !== 'cylinder') || shape.wallM === undefined) return;
  const most = shape.kind === 'sphere' ? shape.radiusM : Math.min(shape.radiusM, shape.halfHeightM);
  if (!(shape.wallM > 0 && shape.wallM <= most))
    throw refusal(path, `a wall of more than 0 and at most ${most} m`, shape.wallM);
}

function requireMesh({ file, verticesM, triangles }: Extract<Shape, { kind: 'mesh' }>, at: string): void {
  const problem = faultOfMesh(verticesM, triangles);
  if (problem === undefined) return;
  throw refusal(`${at}.${problem.key}`, `${problem.expected} (${file})`, problem.got);
}

function requireDrives({ name, motion, path, forces, temperatureC, breakForceN }: BodySpec): void {
  const at = `bodies.${name}`;
  requireFinite([temperatureC], `${at}.temperatureC`);
  if (breakForceN !== undefined) requirePositive(breakForceN, `${at}.breakForceN`);
  if (forces.length > 0 && motion !== 'dynamic')
    throw refusal(`${at}.forces`, 'forces on a dynamic body only', `a ${motion} one`);
  for (const [index, { fromS, toS, forceN, torqueNm }] of forces.entries()) {
    requireFinite([fromS, toS, ...forceN, ...torqueNm], `${at}.forces.${index}`);
    if (toS < fromS) throw refusal(`${at}.forces.${index}.toS`, `at least fromS (${fromS})`, toS);
  }
  if (path === undefined) return;
  if (motion !== 'kinematic')
    throw refusal(`${at}.path`, 'a path on a kinematic body only', `a ${motion} one`);
  if (path.length === 0) throw refusal(`${at}.path`, 'at least one waypoint', 'none');
  let lastS = Number.NEGATIVE_INFINITY;
  for (const [index, { timeS, pose }] of path.entries()) {
    requireFinite([timeS, ...pose.positionM, ...pose.orientation], `${at}.path.${index}`);
    if (timeS <= lastS) throw refusal(`${at}.path.${index}.timeS`, `a time after ${lastS}`, timeS);
    lastS = timeS;
  }
}

function requirePiece({ name, motion, pieceOf }: BodySpec, bodies: readonly BodySpec[]): void {
  if (pieceOf === undefined) return;
  if (motion === 'dynamic' && bodies[pieceOf]?.breakForceN !== undefined) return;
  throw refusal(`bodies.${name}.pieceOf`, 'a dynamic piece of a body with breakForceN', pieceOf);
}

function requireJoint(
  { name, kind, parent, child, axis, anchorInParentM, anchorInChildM, limits, motor }: JointSpec,
  bodies: readonly BodySpec[],
): void {
  const at = `joints.${name}`;
  for (const [key, index] of [
    ['parent', parent],
    ['child', child],
  ] as const)
    if (bodies[index] === undefined) throw refusal(`${at}.${key}`, 'the index of a body', index);
  if (parent === child) throw refusal(`${at}.child`, 'another body than the parent', child);
  if (bodies[parent]!.motion !== 'dynamic' && bodies[child]!.motion !== 'dynamic')
    throw refusal(`${at}`, 'at least one dynamic body', 'none');
  requireFinite([...axis, ...anchorInParentM, ...anchorInChildM], at);
  if (!(Math.abs(length(axis) - 1) < 1e-6)) throw refusal(`${at}.axis`, 'a unit vector', axis);
  const hasFreedom = kind === 'revolute' || kind === 'prismatic';
  if (limits) {
    if (!hasFreedom) throw refusal(`${at}.limits`, 'limits on a revolute or prismatic joint only', kind);
    requireFinite(limits, `${at}.limits`);
    if (limits[1] < limits[0]) throw refusal(`${at}.limits`, 'the least before the greatest', limits);
  }
  if (motor) {
    if (!hasFreedom) throw refusal(`${at}.motor`, 'a motor on a revolute or prismatic joint only', kind);
    requireFinite(Object.values(motor), `${at}.motor`);
  }
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
    case 'capsule':
    case 'cone':
      return { radiusM: shape.radiusM, halfHeightM: shape.halfHeightM };
    case 'mesh':
      return {};
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
