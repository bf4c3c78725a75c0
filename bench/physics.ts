import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import loadMujoco, { type MainModule } from '@mujoco/mujoco';
import { MATERIALS } from '../core/materials.js';
import { IDENTITY } from '../core/math/quaternion.js';
import { uniformRotation } from '../core/math/rotation.js';
import { ZERO } from '../core/math/vector.js';
import { randomStream } from '../core/random.js';
import type { BodySpec, SimSpec } from '../scenarios/contract.js';
import { createWorld } from '../sim/world.js';
import type { BenchResult } from './contract.js';

const ROUNDS = 5;
const STEP_HZ = 240;
/** Two simulated seconds: the boxes fall for a quarter of it, then lie in a pile. */
const STEPS = 480;
const COLUMNS = 4;
const BOXES = 100;
const HALF_M = 0.05;
const MASS_KG = 1;
const FRICTION = 0.5;

/**
 * Measures steps a second of 100 boxes that fall into a pile and never sleep, beside MuJoCo's WebAssembly build on the
 * same boxes, poses, masses, friction and step, in turns in one process; the median round of each.
 *
 * Ours is the full step that users get, contacts with friction included. MuJoCo's is a bare `mj_step` with the default
 * solver: nothing is read back.
 */
export async function benchPhysicsPile(): Promise<BenchResult> {
  const spec = pile();
  const mujoco = await loadMujoco();
  const ours: number[] = [];
  const theirs: number[] = [];
  await measureOurs(spec);
  measureMujoco(mujoco, spec);
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await measureOurs(spec));
    theirs.push(measureMujoco(mujoco, spec));
  }
  const value = median(ours);
  const reference_value = median(theirs);
  return {
    name: 'physics.pile100.steps',
    value,
    unit: 'steps/s',
    reference: `mujoco-wasm ${await mujocoVersion()}`,
    reference_value,
    ratio: value / reference_value,
  };
}

/** A loose, turned stack of boxes over a table whose top is z = 0. */
export function pile(): SimSpec {
  const random = randomStream(1, 'pile');
  const boxes = Array.from({ length: BOXES }, (_, index): BodySpec => {
    const layer = Math.floor(index / (COLUMNS * COLUMNS));
    const place = index % (COLUMNS * COLUMNS);
    const pitch = 3.6 * HALF_M;
    return {
      ...body(`box${index}`, HALF_M, HALF_M),
      motion: 'dynamic',
      pose: {
        positionM: [
          ((place % COLUMNS) - 1.5) * pitch,
          (Math.floor(place / COLUMNS) - 1.5) * pitch,
          2 * HALF_M + layer * pitch,
        ],
        orientation: uniformRotation(random.uniform(), random.uniform(), random.uniform()),
      },
    };
  });
  return {
    scenario: 'pile',
    seed: 1,
    episode: 0,
    durationS: STEPS / STEP_HZ,
    physics: { stepHz: STEP_HZ, gravityMps2: [0, 0, -9.81], lengthUnitM: 2 * HALF_M, solverIterations: 4 },
    lighting: { sunDirection: [0, 0, 1], sunRadiance: [1, 1, 1], skyRadiance: [0, 0, 0] },
    bodies: [
      { ...body('table', 5, 0.5), pose: { positionM: [0, 0, -0.5], orientation: IDENTITY } },
      ...boxes,
    ],
    sensors: {},
    draws: {},
  };
}

function body(name: string, halfM: number, halfHeightM: number): BodySpec {
  return {
    name,
    semantic: 'box',
    motion: 'fixed',
    shape: { kind: 'box', halfExtentsM: [halfM, halfM, halfHeightM] },
    material: MATERIALS.wood,
    massKg: MASS_KG,
    friction: FRICTION,
    restitution: 0,
    albedo: [0.5, 0.5, 0.5],
    pose: { positionM: ZERO, orientation: IDENTITY },
    linearVelocityMps: ZERO,
    angularVelocityRadps: ZERO,
  };
}

async function measureOurs(spec: SimSpec): Promise<number> {
  const world = await createWorld(spec);
  try {
    return stepsPerSecond(() => world.step());
  } finally {
    world.free();
  }
}

function measureMujoco(mujoco: MainModule, spec: SimSpec): number {
  const model = mujoco.MjModel.from_xml_string(toMjcf(spec));
  const data = new mujoco.MjData(model);
  try {
    return stepsPerSecond(() => mujoco.mj_step(model, data));
  } finally {
    data.delete();
    model.delete();
  }
}

function stepsPerSecond(step: () => unknown): number {
  const startedAt = performance.now();
  for (let index = 0; index < STEPS; index++) step();
  return STEPS / ((performance.now() - startedAt) / 1000);
}

/** Writes a spec of boxes as a MuJoCo model. */
export function toMjcf({ bodies, physics }: SimSpec): string {
  const geoms = bodies.map(({ shape, pose, motion, massKg, friction }) => {
    if (shape.kind !== 'box') throw new Error(`expected a box, got a ${shape.kind}`);
    const geom = `<geom type="box" size="${shape.halfExtentsM.join(' ')}" mass="${massKg}" friction="${friction}"/>`;
    const joint = motion === 'dynamic' ? '<freejoint/>' : '';
    return `<body pos="${pose.positionM.join(' ')}" quat="${pose.orientation.join(' ')}">${joint}${geom}</body>`;
  });
  const option = `<option timestep="${1 / physics.stepHz}" gravity="${physics.gravityMps2.join(' ')}"/>`;
  return `<mujoco>${option}<worldbody>${geoms.join('')}</worldbody></mujoco>`;
}

async function mujocoVersion(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('@mujoco/mujoco');
  const description = await readFile(new URL('package.json', `file://${main}`), 'utf8');
  return (JSON.parse(description) as { version: string }).version;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
