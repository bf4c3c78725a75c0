import loadMujoco from '@mujoco/mujoco';
import { MATERIALS } from '../core/materials.js';
import { fromAxisAngle } from '../core/math/rotation.js';
import { ZERO } from '../core/math/vector.js';
import { randomStream } from '../core/random.js';
import { type BodySpec, OUTDOORS, PLAIN, type SimSpec, SUN_ONLY } from '../scenarios/contract.js';
import { createWorld } from '../sim/world.js';
import type { BenchResult } from './contract.js';

const HALF_M = 0.05;
const STEP_HZ = 500;
/** Two seconds: the boxes fall, pile up and come to rest, and must not sleep. */
const STEPS = 1000;
const ROUNDS = 7;
/** V8 compiles the engines' hot functions during these. */
const WARM_UPS = 2;

/**
 * Measures steps a second of 100 boxes that fall into a pile and do not sleep, in a world of ours, beside MuJoCo's official
 * WebAssembly build: the same boxes, friction and time step, in turns, the median of each.
 *
 * Ours is the step that users get: every frame read out, with its contacts and their friction. MuJoCo's is a bare
 * `mj_step` with the default solver, of which nothing is read. docs/decisions/2026-11-21-physics.md has ours without.
 */
export async function benchPhysicsPile(): Promise<BenchResult> {
  const spec = pile();
  const mujoco = await loadMujoco();
  const model = mujoco.MjModel.from_xml_string(toMjcf(spec));
  const own: number[] = [];
  const reference: number[] = [];
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const world = await createWorld(spec);
    const reached = rate(() => {
      for (let i = 0; i < STEPS; i++) world.step();
    });
    requirePile(Array.from({ length: 100 }, (_, i) => world.frame().poses[(i + 1) * 7 + 2]!));
    world.free();
    const data = new mujoco.MjData(model);
    const theirs = rate(() => {
      for (let i = 0; i < STEPS; i++) mujoco.mj_step(model, data);
    });
    requirePile(Array.from({ length: 100 }, (_, i) => Number(data.qpos[i * 7 + 2])));
    data.delete();
    if (round < 0) continue;
    own.push(reached);
    reference.push(theirs);
  }
  model.delete();
  const value = median(own);
  const reference_value = median(reference);
  return {
    name: 'physics.pile100.steps',
    value,
    unit: 'steps/s',
    reference: `mujoco-wasm ${mujoco.mj_versionString()}`,
    reference_value,
    ratio: value / reference_value,
  };
}

function rate(runSteps: () => void): number {
  const startedAt = performance.now();
  runSteps();
  return (1000 * STEPS) / (performance.now() - startedAt);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** A fast engine that lets boxes fall through the floor, or blows them apart, proves nothing. */
function requirePile(heights: readonly number[]): void {
  const [lowest, highest] = [Math.min(...heights), Math.max(...heights)];
  if (lowest > 0.8 * HALF_M && highest < 16 * HALF_M) return;
  throw new Error(`expected a pile, got boxes from ${lowest} m to ${highest} m above the floor`);
}

function pile(): SimSpec {
  const random = randomStream(1, 'bench', 'pile');
  const body: BodySpec = {
    ...PLAIN,
    name: 'floor',
    semantic: 'floor',
    motion: 'fixed',
    shape: { kind: 'box', halfExtentsM: [5, 5, 0.5] },
    material: MATERIALS.wood,
    massKg: 1,
    friction: 0.5,
    restitution: 0,
    albedo: [0.5, 0.5, 0.5],
    pose: { positionM: [0, 0, -0.5], orientation: [1, 0, 0, 0] },
    linearVelocityMps: ZERO,
    angularVelocityRadps: ZERO,
  };
  const boxes = Array.from({ length: 100 }, (_, i): BodySpec => {
    const jitter = (): number => 0.04 * (random.uniform() - 0.5);
    const layer = Math.floor(i / 25);
    const positionM = [
      0.13 * ((i % 5) - 2) + jitter(),
      0.13 * ((Math.floor(i / 5) % 5) - 2) + jitter(),
      0.1 + 0.15 * layer,
    ] as const;
    return {
      ...body,
      name: `box${i}`,
      motion: 'dynamic',
      shape: { kind: 'box', halfExtentsM: [HALF_M, HALF_M, HALF_M] },
      pose: { positionM, orientation: fromAxisAngle([1, 2, 3], 0.5 * random.uniform()) },
    };
  });
  return {
    scenario: 'pile',
    seed: 1,
    episode: 0,
    durationS: STEPS / STEP_HZ,
    physics: { stepHz: STEP_HZ, gravityMps2: [0, 0, -9.81], lengthUnitM: 0.1, solverIterations: 4 },
    lighting: { ...SUN_ONLY, sunDirection: [0, 0, 1], sunRadiance: [1, 1, 1], skyRadiance: [0, 0, 0] },
    acoustics: OUTDOORS,
    bodies: [body, ...boxes],
    joints: [],
    sounds: {},
    sensors: {},
    draws: {},
  };
}

function toMjcf({ physics, bodies }: SimSpec): string {
  const text = (values: readonly number[]): string => values.join(' ');
  const parts = bodies.map(({ motion, shape, massKg, friction, pose }) => {
    if (shape.kind !== 'box') throw new Error('the pile is made of boxes');
    const geom = `<geom type="box" size="${text(shape.halfExtentsM)}" mass="${massKg}" friction="${friction} 0.005 0.0001"/>`;
    const place = `pos="${text(pose.positionM)}" quat="${text(pose.orientation)}"`;
    return `<body ${place}>${motion === 'dynamic' ? '<freejoint/>' : ''}${geom}</body>`;
  });
  return `<mujoco><option timestep="${1 / physics.stepHz}" gravity="${text(physics.gravityMps2)}"/>
    <worldbody>${parts.join('')}</worldbody></mujoco>`;
}
