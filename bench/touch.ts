import { MATERIALS } from '../core/materials.js';
import { tickTimeNs } from '../core/time.js';
import { type BodySpec, OUTDOORS, PLAIN, type SimSpec, SUN_ONLY } from '../scenarios/contract.js';
import { type TactileSpecification, tactileSpecification } from '../sensors/tactile/specification.js';
import { createTactile } from '../sensors/tactile/tactile.js';
import type { Contact, SimFrame } from '../sim/contract.js';
import type { BenchResult } from './contract.js';

const RATE_HZ = 1000;
const ROUNDS = 8;

/**
 * Measures simulated seconds a second of 16 x 16 taxels at 1 kHz on one core: pressed by a ball with friction in every reading,
 * with spread, hysteresis and noise. Prints the figures for an untouched skin and for a box that reaches beyond it.
 */
export async function benchTaxels(): Promise<BenchResult> {
  const ball: BodySpec = { ...other(), shape: { kind: 'sphere', radiusM: 0.02 } };
  const box: BodySpec = { ...other(), shape: { kind: 'box', halfExtentsM: [0.02, 0.02, 0.02] } };
  const corners = [-0.02, 0.02].flatMap((x) => [-0.02, 0.02].map((y) => touch(x, y, 0.25)));
  process.stderr.write(`  untouched: ${realtime(ball, []).toPrecision(3)} x real time\n`);
  process.stderr.write(`  a box beyond the edges: ${realtime(box, corners).toPrecision(3)} x real time\n`);
  const value = realtime(ball, [touch(0, 0, 1)]);
  return {
    name: 'touch.taxels.realtime',
    value,
    unit: 'simulated s / s',
    reference: 'real time',
    reference_value: 1,
    ratio: value,
  };
}

/** The best of some rounds, each of a new sensor and a second. */
function realtime(pressing: BodySpec, contacts: readonly Contact[]): number {
  const spec = sceneOf(pressing);
  const specification = tactileSpecification.parse({
    kind: 'tactile',
    body: 'plate',
    positionM: [0, 0, 0.02],
    patch: { kind: 'flat', sizeM: [0.02, 0.02] },
    gel: { spreadM: 0.001, hysteresis: 0.08, slowHysteresis: 0.04 },
  }) as TactileSpecification;
  const frames = Array.from({ length: RATE_HZ + 1 }, (_, step) => frameOf(spec, step, contacts));
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const sensor = createTactile('skin', specification, spec);
    const startedAt = performance.now();
    for (const frame of frames) sensor.sense(frame);
    best = Math.max(best, 1000 / (performance.now() - startedAt));
  }
  return best;
}

function touch(x: number, y: number, forceN: number): Contact {
  const impulse = forceN / RATE_HZ;
  return {
    bodyA: 0,
    bodyB: 1,
    pointM: [x, y, 0.02],
    normal: [0, 0, 1],
    normalImpulseNs: impulse,
    tangentImpulseNs: [0.2 * impulse, 0, 0],
    distanceM: 0,
  };
}

function other(): BodySpec {
  return {
    ...PLAIN,
    name: 'other',
    semantic: 'other',
    motion: 'dynamic',
    shape: { kind: 'sphere', radiusM: 0.02 },
    material: MATERIALS.steel,
    massKg: 0.1,
    friction: 0.5,
    restitution: 0,
    albedo: [0.5, 0.5, 0.5],
    pose: { positionM: [0, 0, 0.04], orientation: [1, 0, 0, 0] },
    linearVelocityMps: [0, 0, 0],
    angularVelocityRadps: [0, 0, 0],
  };
}

function sceneOf(pressing: BodySpec): SimSpec {
  const plate: BodySpec = {
    ...other(),
    name: 'plate',
    motion: 'fixed',
    shape: { kind: 'box', halfExtentsM: [0.1, 0.1, 0.02] },
    pose: { positionM: [0, 0, 0], orientation: [1, 0, 0, 0] },
  };
  return {
    scenario: 'bench',
    seed: 1,
    episode: 0,
    durationS: 1,
    physics: { stepHz: RATE_HZ, gravityMps2: [0, 0, -9.81], lengthUnitM: 0.1, solverIterations: 4 },
    lighting: { ...SUN_ONLY, sunDirection: [0, 0, 1], sunRadiance: [1, 1, 1], skyRadiance: [0, 0, 0] },
    acoustics: OUTDOORS,
    bodies: [plate, pressing],
    joints: [],
    sounds: {},
    sensors: {},
    draws: {},
  };
}

function frameOf(spec: SimSpec, step: number, contacts: readonly Contact[]): SimFrame {
  return {
    step,
    timeNs: tickTimeNs(step, RATE_HZ),
    poses: Float64Array.from(spec.bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation])),
    velocities: new Float64Array(spec.bodies.length * 6),
    present: new Uint8Array(spec.bodies.length).fill(1),
    contacts: step === 0 ? [] : contacts,
  };
}
