import { draw, type Resolved } from '../core/distribution.js';
import { UmweltError } from '../core/errors.js';
import { type Material, materialByName } from '../core/materials.js';
import { cos, sin } from '../core/math/exact.js';
import {
  conjugate,
  multiply,
  normaliseQuaternion,
  type Pose,
  type Quaternion,
  rotate,
} from '../core/math/quaternion.js';
import { fromAxisAngle, uniformRotation } from '../core/math/rotation.js';
import { add, normalise, subtract, type Vec3 } from '../core/math/vector.js';
import { randomStream } from '../core/random.js';
import { volumeM3 } from '../core/shape.js';
import type { AcousticsSpec, BodySpec, JointSpec, LightingSpec, SimSpec } from './contract.js';
import { faultOfStart } from './joint-start.js';
import { cutIntoPieces } from './pieces.js';
import type { Scenario } from './schema.js';

type ResolvedScenario = Resolved<Scenario>;
type ResolvedBody = ResolvedScenario['bodies'][string];

/**
 * Resolves one episode of a scenario: draws every distribution and derives what follows from it.
 *
 * Pure: each value is drawn from the stream named (seed, scenario, 'episode', index, path), so a value that is added to a
 * scenario changes no other one. The result is deeply frozen.
 *
 * @throws UmweltError `invalid-input` when the seed or the index is not a whole number of at least 0, or when the values
 * that were drawn contradict each other.
 */
export function compileEpisode(scenario: Scenario, seed: number, episode: number): SimSpec {
  requireIndex('seed', seed);
  requireIndex('episode', episode);
  const streamFor = (path: string) => randomStream(seed, scenario.name, 'episode', episode, path);
  const { value: resolved, draws } = draw(scenario, streamFor, scenario.correlations);
  const allDraws: Record<string, unknown> = Object.fromEntries(
    Object.entries(draws).map(([path, value]) => [path, withoutContents(value)]),
  );
  const wholes = Object.entries(resolved.bodies).map(([name, body]) => {
    let orientation: Quaternion;
    if (body.orientation === 'uniform') {
      const path = `bodies.${name}.orientation`;
      const random = streamFor(`${path}.uniform`);
      orientation = uniformRotation(random.uniform(), random.uniform(), random.uniform());
      allDraws[path] = orientation;
    } else {
      orientation = toQuaternion(body.orientation);
    }
    return compileBody(name, body, orientation);
  });
  const pieces = Object.values(resolved.bodies).flatMap(({ fragile }, index) =>
    fragile === undefined ? [] : cutIntoPieces(wholes[index]!, index, fragile.pieces),
  );
  const spec: SimSpec = {
    scenario: scenario.name,
    seed,
    episode,
    durationS: resolved.durationS,
    physics: resolved.physics,
    lighting: compileLighting(resolved.lighting),
    acoustics: compileAcoustics(resolved.acoustics),
    bodies: [...wholes, ...pieces],
    joints: compileJoints(resolved),
    sounds: resolved.sounds,
    sensors: resolved.sensors,
    draws: allDraws,
  };
  checkResolved(spec);
  return deepFreeze(spec);
}

/** A drawn value without the vertices and pixels of its file: its name tells which it is. */
function withoutContents(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('file' in value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, item]) => !Array.isArray(item)));
}

/** Pose and velocity of a body, in the world's frame. */
export interface InitialState {
  readonly pose: Pose;
  readonly linearVelocityMps: Vec3;
  readonly angularVelocityRadps: Vec3;
}

/**
 * Returns the spec with one body started from another state; all else is shared.
 *
 * @throws UmweltError `invalid-input` when the spec has no such body or it is fixed.
 */
export function withInitialState(spec: SimSpec, bodyName: string, state: InitialState): SimSpec {
  const body = spec.bodies.find((candidate) => candidate.name === bodyName);
  if (body?.motion !== 'dynamic') {
    const dynamic = spec.bodies.filter(({ motion }) => motion === 'dynamic').map(({ name }) => name);
    throw new UmweltError(
      'invalid-input',
      { bodyName, dynamic },
      `initial state: expected the name of a dynamic body (${dynamic.join(', ')}), got "${bodyName}"`,
    );
  }
  const { pose, linearVelocityMps, angularVelocityRadps } = structuredClone(state);
  const started: BodySpec = { ...body, pose, linearVelocityMps, angularVelocityRadps };
  const index = spec.bodies.indexOf(body);
  const bodies = spec.bodies.map((other) => {
    if (other === body) return started;
    return other.pieceOf === index ? { ...other, pose: carried(body.pose, pose, other.pose) } : other;
  });
  return deepFreeze({ ...spec, bodies });
}

/** Where a piece is once its whole was moved. */
function carried(from: Pose, to: Pose, piece: Pose): Pose {
  const turn = multiply(to.orientation, conjugate(from.orientation));
  const arm = rotate(turn, subtract(piece.positionM, from.positionM));
  return { positionM: add(to.positionM, arm), orientation: multiply(turn, piece.orientation) };
}

function compileBody(name: string, body: ResolvedBody, orientation: Quaternion): BodySpec {
  const material = materialByName(body.material);
  const path = body.path?.map(compileWaypoint);
  return {
    name,
    semantic: body.semantic,
    motion: body.motion,
    shape: body.shape,
    material,
    massKg: body.massKg ?? massOf(body, material),
    ...(body.inertiaKgm2 === undefined ? {} : { inertiaKgm2: body.inertiaKgm2 }),
    ...(body.centreOfMassM === undefined ? {} : { centreOfMassM: body.centreOfMassM }),
    friction: body.friction,
    restitution: body.restitution,
    albedo: body.albedo,
    ...(body.texture === undefined ? {} : { texture: body.texture }),
    specular: body.specular,
    roughness: body.roughness,
    temperatureC: body.temperatureC,
    pose: path === undefined ? { positionM: body.positionM!, orientation } : path[0]!.pose,
    linearVelocityMps: body.linearVelocityMps,
    angularVelocityRadps: body.angularVelocityRadps,
    ...(path === undefined ? {} : { path }),
    forces: body.forces,
    ...(body.fragile === undefined ? {} : { breakForceN: body.fragile.forceN }),
  };
}

function massOf({ shape, motion }: ResolvedBody, { densityKgpm3 }: Material): number {
  const massKg = densityKgpm3 * volumeM3(shape);
  // The surface of a ground has no volume; no mass of a body that nothing pushes is ever used.
  return massKg > 0 || motion === 'dynamic' ? massKg : 1;
}

function compileWaypoint(waypoint: NonNullable<ResolvedBody['path']>[number]) {
  const { timeS, positionM, orientation } = waypoint;
  return { timeS, pose: { positionM, orientation: toQuaternion(orientation) } };
}

function compileJoints({ joints, bodies }: ResolvedScenario): JointSpec[] {
  const names = Object.keys(bodies);
  return Object.entries(joints).map(([name, { parent, child, axis, ...joint }]) => ({
    name,
    ...joint,
    parent: names.indexOf(parent),
    child: names.indexOf(child),
    axis: normalise(axis),
  }));
}

function compileAcoustics({ room, ...air }: ResolvedScenario['acoustics']): AcousticsSpec {
  if (room === undefined) return air;
  const { absorption } = room;
  const walls = typeof absorption[0] === 'number' ? Array<typeof absorption>(6).fill(absorption) : absorption;
  return { ...air, room: { ...room, absorption: walls as readonly (readonly number[])[] } };
}

function toQuaternion(orientation: Exclude<ResolvedBody['orientation'], 'uniform'>): Quaternion {
  if ('axis' in orientation) return fromAxisAngle(orientation.axis, orientation.angleRad);
  return normaliseQuaternion(orientation);
}

function compileLighting(lighting: ResolvedScenario['lighting']): LightingSpec {
  const { sunAzimuthRad, sunElevationRad, lamps, ...rest } = lighting;
  const level = cos(sunElevationRad);
  return {
    sunDirection: [level * cos(sunAzimuthRad), level * sin(sunAzimuthRad), sin(sunElevationRad)],
    ...rest,
    lamps: Object.entries(lamps).map(([name, lamp]) => ({ name, ...lamp })),
  };
}

/** Catches what only the drawn values can show. */
function checkResolved(spec: SimSpec): void {
  for (const body of spec.bodies) {
    const problem = faultOfBody(body);
    if (problem) throw refusal(spec, `bodies.${body.name}.${problem.key}`, problem.value, problem.expected);
  }
  for (const joint of spec.joints) {
    const { name, limits } = joint;
    if (limits !== undefined && limits[0] > limits[1])
      throw refusal(spec, `joints.${name}.limits`, limits, 'the least before the greatest');
    const apart = faultOfStart(joint, spec.bodies);
    if (apart !== undefined)
      throw refusal(spec, `joints.${name}`, apart, 'bodies that start as the joint holds them');
  }
  for (const [name, sensor] of Object.entries(spec.sensors)) {
    if (sensor.kind !== 'camera') continue;
    if (sensor.targetM.some((value, i) => value !== sensor.positionM[i])) continue;
    throw refusal(spec, `sensors.${name}.targetM`, sensor.targetM, 'a point apart from positionM');
  }
}

interface Fault {
  readonly key: string;
  readonly value: unknown;
  readonly expected: string;
}

function faultOfBody({ massKg, inertiaKgm2, shape, path, forces }: BodySpec): Fault | undefined {
  if (!(massKg > 0))
    return { key: 'massKg', value: massKg, expected: 'a mass above 0 (a mesh without volume needs its own)' };
  if (inertiaKgm2 !== undefined) {
    const [x, y, z] = inertiaKgm2;
    if (x > y + z || y > x + z || z > x + y)
      return {
        key: 'inertiaKgm2',
        value: inertiaKgm2,
        expected: 'no component above the sum of the other two',
      };
  }
  if (shape.kind === 'box' && shape.edgeRadiusM !== undefined) {
    const below = Math.min(...shape.halfExtentsM);
    if (shape.edgeRadiusM >= below)
      return { key: 'shape.edgeRadiusM', value: shape.edgeRadiusM, expected: `less than ${below} m` };
  }
  if ((shape.kind === 'sphere' || shape.kind === 'cylinder') && shape.wallM !== undefined) {
    const most = shape.kind === 'sphere' ? shape.radiusM : Math.min(shape.radiusM, shape.halfHeightM);
    if (shape.wallM > most) return { key: 'shape.wallM', value: shape.wallM, expected: `at most ${most} m` };
  }
  for (const [i, { timeS }] of (path ?? []).entries()) {
    const lastS = path![i - 1]?.timeS ?? -1;
    if (timeS <= lastS) return { key: `path.${i}.timeS`, value: timeS, expected: `a time after ${lastS}` };
  }
  for (const [i, { fromS, toS }] of forces.entries()) {
    if (toS < fromS) return { key: `forces.${i}.toS`, value: toS, expected: `at least fromS (${fromS})` };
  }
  return undefined;
}

function refusal(spec: SimSpec, path: string, value: unknown, expected: string): UmweltError {
  const where = `scenario "${spec.scenario}", seed ${spec.seed}, episode ${spec.episode}: ${path}`;
  return new UmweltError(
    'invalid-input',
    { path, value, expected },
    `${where}: expected ${expected}, drew ${JSON.stringify(value)}; narrow the distributions`,
  );
}

function requireIndex(what: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new UmweltError(
    'invalid-input',
    { [what]: value },
    `${what}: expected a whole number of at least 0, got ${value}`,
  );
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    // Pixels and vertices come by the million.
    if (Array.isArray(value) && typeof value[0] === 'number') return value;
    for (const item of Object.values(value)) deepFreeze(item);
  }
  return value;
}
