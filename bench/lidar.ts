import RAPIER from '@dimforge/rapier3d-deterministic-compat';
import { MATERIALS } from '../core/materials.js';
import { uniformRotation } from '../core/math/rotation.js';
import { randomStream } from '../core/random.js';
import { tickTimeNs } from '../core/time.js';
import { type BodySpec, OUTDOORS, PLAIN, type SimSpec, SUN_ONLY } from '../scenarios/contract.js';
import { createLidar } from '../sensors/lidar/lidar.js';
import { layOut } from '../sensors/lidar/pattern.js';
import { type LidarSpecification, lidarSpecification } from '../sensors/lidar/specification.js';
import type { SimFrame } from '../sim/contract.js';
import type { BenchResult } from './contract.js';

const OBJECTS = 100;
const STEP_HZ = 1000;
const ROUNDS = 6;
const MAX_RANGE_M = 120;

/**
 * Measures rays a second of one core: a spinning lidar of 16 channels and 1,800 columns among 100 moving primitives on the
 * ground, every field and all noise, beside Rapier's bare `castRay` of the same rays into the same bodies at rest. Prints the
 * figures for 10 and 1,000 bodies and for beams of 7 rays.
 */
export async function benchLidar(): Promise<BenchResult> {
  await RAPIER.init();
  for (const objects of [10, 1000])
    process.stderr.write(`  ${objects} bodies: ${raysPerSecond(objects, 1).toPrecision(3)} rays/s\n`);
  const pulses = raysPerSecond(OBJECTS, 7);
  process.stderr.write(`  ${OBJECTS} bodies, 7 rays a beam: ${pulses.toPrecision(3)} beams/s\n`);
  const value = raysPerSecond(OBJECTS, 1);
  const reference_value = castsPerSecond(OBJECTS);
  return {
    name: 'lidar.rays',
    value,
    unit: 'rays/s',
    reference: 'Rapier castRay, rays/s',
    reference_value,
    ratio: value / reference_value,
  };
}

function specificationOf(subRays: number): LidarSpecification {
  return lidarSpecification.parse({
    kind: 'lidar',
    positionM: [0, 0, 2],
    maxRangeM: MAX_RANGE_M,
    subRays,
    returns: subRays === 1 ? 1 : 2,
  }) as LidarSpecification;
}

/** Rays of the whole sensor, fed frame by frame at 1 kHz while everything moves; the best turn of some. */
function raysPerSecond(objects: number, subRays: number): number {
  const bodies = [ground(), ...scatter(objects)];
  const specification = specificationOf(subRays);
  const lidar = createLidar('bench', specification, sceneOf(bodies));
  const framesPerTurn = STEP_HZ / specification.rateHz;
  const frames = Array.from({ length: framesPerTurn }, (_, i) => frameOf(bodies, i));
  let best = 0;
  let step = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    for (const frame of frames) {
      lidar.sense({ ...frame, timeNs: tickTimeNs(step, STEP_HZ) });
      step += 1;
    }
    const raysPerTurn = 16 * 1800;
    best = Math.max(best, (1000 * raysPerTurn) / (performance.now() - startedAt));
  }
  return best;
}

function castsPerSecond(objects: number): number {
  const world = new RAPIER.World({ x: 0, y: 0, z: 0 });
  for (const { shape, pose } of [ground(), ...scatter(objects)]) {
    const [x, y, z] = pose.positionM;
    const [w, i, j, k] = pose.orientation;
    const body = world.createRigidBody(
      RAPIER.RigidBodyDesc.fixed().setTranslation(x, y, z).setRotation({ w, x: i, y: j, z: k }),
    );
    world.createCollider(colliderOf(shape), body);
  }
  world.step();
  const { directions, places } = layOut(specificationOf(1).pattern, 0);
  let best = 0;
  let met = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    for (let ray = 0; ray < places.length; ray++) {
      const direction = { x: directions[ray * 3]!, y: directions[ray * 3 + 1]!, z: directions[ray * 3 + 2]! };
      if (world.castRay(new RAPIER.Ray({ x: 0, y: 0, z: 2 }, direction), MAX_RANGE_M, false) !== null)
        met += 1;
    }
    best = Math.max(best, (1000 * places.length) / (performance.now() - startedAt));
  }
  world.free();
  if (met === 0) throw new Error('expected rays that meet something');
  return best;
}

/** Rapier's cylinders stand along y: they are laid along z by the shape's own rotation. */
function colliderOf(shape: BodySpec['shape']): RAPIER.ColliderDesc {
  switch (shape.kind) {
    case 'box':
      return RAPIER.ColliderDesc.cuboid(...shape.halfExtentsM);
    case 'sphere':
      return RAPIER.ColliderDesc.ball(shape.radiusM);
    case 'cylinder': {
      const half = Math.SQRT1_2;
      return RAPIER.ColliderDesc.cylinder(shape.halfHeightM, shape.radiusM).setRotation({
        w: half,
        x: half,
        y: 0,
        z: 0,
      });
    }
    default:
      throw new Error(`the bench has no ${shape.kind}`);
  }
}

function ground(): BodySpec {
  return {
    ...PLAIN,
    name: 'ground',
    semantic: 'ground',
    motion: 'fixed',
    shape: { kind: 'box', halfExtentsM: [100, 100, 0.5] },
    material: MATERIALS.wood,
    massKg: 1,
    friction: 0.5,
    restitution: 0,
    albedo: [0.5, 0.5, 0.5],
    pose: { positionM: [0, 0, -0.5], orientation: [1, 0, 0, 0] },
    linearVelocityMps: [0, 0, 0],
    angularVelocityRadps: [0, 0, 0],
  };
}

/** Boxes, balls and cylinders of the size of cars and people, 5 to 60 m away, turned anyhow. */
function scatter(count: number): BodySpec[] {
  const random = randomStream(1, 'bench', 'lidar');
  return Array.from({ length: count }, (_, index): BodySpec => {
    const radiusM = 0.3 + 0.7 * random.uniform();
    const shape =
      index % 3 === 0
        ? ({ kind: 'box', halfExtentsM: [2 * radiusM, radiusM, radiusM] } as const)
        : index % 3 === 1
          ? ({ kind: 'sphere', radiusM } as const)
          : ({ kind: 'cylinder', radiusM: radiusM * 0.5, halfHeightM: 1.5 * radiusM } as const);
    const side = (): number => (5 + 40 * random.uniform()) * (random.uniform() < 0.5 ? -1 : 1);
    return {
      ...ground(),
      name: `body-${index}`,
      motion: 'dynamic',
      shape,
      pose: {
        positionM: [side(), side(), 1 + random.uniform()],
        orientation: uniformRotation(random.uniform(), random.uniform(), random.uniform()),
      },
    };
  });
}

/** Everything drives and turns a little in each step. */
function frameOf(bodies: readonly BodySpec[], step: number): SimFrame {
  const poses = Float64Array.from(bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]));
  for (let body = 1; body < bodies.length; body++) {
    poses[body * 7]! += 0.01 * step;
    const q = poses.subarray(body * 7 + 3, body * 7 + 7);
    q[1]! += 1e-3 * step;
    const norm = Math.sqrt(q.reduce((sum, value) => sum + value * value, 0));
    for (let k = 0; k < 4; k++) q[k]! /= norm;
  }
  return {
    step,
    timeNs: 0n,
    poses,
    velocities: new Float64Array(bodies.length * 6),
    present: new Uint8Array(bodies.length).fill(1),
    contacts: [],
  };
}

function sceneOf(bodies: readonly BodySpec[]): SimSpec {
  return {
    scenario: 'bench',
    seed: 1,
    episode: 0,
    durationS: 1,
    physics: { stepHz: STEP_HZ, gravityMps2: [0, 0, -9.81], lengthUnitM: 1, solverIterations: 4 },
    lighting: { ...SUN_ONLY, sunDirection: [0, 0, 1], sunRadiance: [1, 1, 1], skyRadiance: [0, 0, 0] },
    acoustics: OUTDOORS,
    bodies,
    joints: [],
    sounds: {},
    sensors: {},
    draws: {},
  };
}
