import { MATERIALS } from '../core/materials.js';
import { uniformRotation } from '../core/math/rotation.js';
import { randomStream } from '../core/random.js';
import { tickTimeNs } from '../core/time.js';
import {
  type BodySpec,
  type LightingSpec,
  OUTDOORS,
  PLAIN,
  type SimSpec,
  SUN_ONLY,
} from '../scenarios/contract.js';
import { createCamera } from '../sensors/camera/camera.js';
import {
  CAMERA_CHANNELS,
  type CameraSpecification,
  cameraSpecification,
} from '../sensors/camera/specification.js';
import type { SimFrame } from '../sim/contract.js';
import type { BenchResult } from './contract.js';

const OBJECTS = 20;
const RATE_HZ = 30;
const ROUNDS = 6;
const ROUND_S = 0.4;

const lighting: LightingSpec = {
  ...SUN_ONLY,
  sunDirection: [0.48, 0.36, 0.8],
  sunRadiance: [0.7, 0.7, 0.65],
  skyRadiance: [0.2, 0.22, 0.28],
};

/** Frames a second of one core at 64 x 64: 20 moving primitives on a table, hard shadows, noise, every channel. */
export function benchCamera64(): Promise<BenchResult> {
  return againstFloor('camera.64.fps', 64);
}

/** The same at 256 x 256. */
export function benchCamera256(): Promise<BenchResult> {
  return againstFloor('camera.256.fps', 256);
}

/**
 * Cost of 1,000 primitives over that of 100, over ten: 1 is linear. Prints both curves: in objects, and a pixel in resolution.
 */
export async function benchCameraObjects(): Promise<BenchResult> {
  const costs = [1, 10, 100, 1000].map((objects) => ({ objects, ms: 1000 / framesPerSecond(64, objects) }));
  for (const { objects, ms } of costs)
    process.stderr.write(`  ${objects} objects: ${ms.toFixed(3)} ms a frame\n`);
  for (const width of [32, 64, 128, 256, 512]) {
    const ns = 1e9 / framesPerSecond(width, OBJECTS) / width / width;
    process.stderr.write(`  ${width} x ${width}: ${ns.toFixed(0)} ns a pixel\n`);
  }
  const value = costs[3]!.ms / costs[2]!.ms;
  return {
    name: 'camera.objects',
    value,
    unit: 'cost of 1,000 objects / cost of 100',
    reference: 'linear growth',
    reference_value: 10,
    ratio: value / 10,
  };
}

/** The floor that the figure stands on: how often the bare scene of one table is rendered, in the same run. */
async function againstFloor(name: string, width: number): Promise<BenchResult> {
  const value = framesPerSecond(width, OBJECTS);
  const reference = framesPerSecond(width, 0);
  return {
    name,
    value,
    unit: 'frames/s',
    reference: 'frames/s of the table alone',
    reference_value: reference,
    ratio: value / reference,
  };
}

/** Frames that the whole sensor yields a second; the best of some rounds. */
function framesPerSecond(width: number, objects: number): number {
  const bodies = [floor(), ...scatter(objects)];
  const specification = cameraSpecification.parse({
    kind: 'camera',
    rateHz: RATE_HZ,
    width,
    height: width,
    positionM: [-1.4, -0.5, 1],
    targetM: [0, 0, 0],
    channels: [...CAMERA_CHANNELS],
  }) as CameraSpecification;
  const camera = createCamera('bench', specification, sceneOf(bodies));
  let step = 0;
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    let frames = 0;
    do {
      camera.sense(frameOf(bodies, step));
      step += 1;
      frames += 1;
    } while (performance.now() - startedAt < 1000 * ROUND_S);
    best = Math.max(best, (1000 * frames) / (performance.now() - startedAt));
  }
  return best;
}

function sceneOf(bodies: readonly BodySpec[]): SimSpec {
  return {
    scenario: 'bench',
    seed: 1,
    episode: 0,
    durationS: 1,
    physics: { stepHz: RATE_HZ, gravityMps2: [0, 0, -9.81], lengthUnitM: 0.1, solverIterations: 4 },
    lighting,
    acoustics: OUTDOORS,
    bodies,
    joints: [],
    sounds: {},
    sensors: {},
    draws: {},
  };
}

/** Everything moves a little, so that nothing could be kept from frame to frame. */
function frameOf(bodies: readonly BodySpec[], step: number): SimFrame {
  const poses = Float64Array.from(bodies.flatMap(({ pose }) => [...pose.positionM, ...pose.orientation]));
  for (let body = 1; body < bodies.length; body++) poses[body * 7]! += 1e-3 * (step % 7);
  return {
    step,
    timeNs: tickTimeNs(step, RATE_HZ),
    poses,
    velocities: new Float64Array(bodies.length * 6),
    present: new Uint8Array(bodies.length).fill(1),
    contacts: [],
  };
}

function floor(): BodySpec {
  return {
    ...PLAIN,
    name: 'floor',
    semantic: 'floor',
    motion: 'fixed',
    shape: { kind: 'box', halfExtentsM: [1.5, 1.5, 0.05] },
    material: MATERIALS.wood,
    massKg: 1,
    friction: 0.5,
    restitution: 0,
    albedo: [0.5, 0.5, 0.5],
    pose: { positionM: [0, 0, -0.05], orientation: [1, 0, 0, 0] },
    linearVelocityMps: [0, 0, 0],
    angularVelocityRadps: [0, 0, 0],
  };
}

/** Boxes, balls and cylinders, turned anyhow, smaller the more there are. */
function scatter(count: number): BodySpec[] {
  const random = randomStream(1, 'bench', 'camera');
  const size = 0.12 * Math.min(1, Math.sqrt(20 / Math.max(1, count)));
  return Array.from({ length: count }, (_, index): BodySpec => {
    const radiusM = size * (0.5 + 0.5 * random.uniform());
    const shape =
      index % 3 === 0
        ? ({ kind: 'box', halfExtentsM: [radiusM, radiusM * 0.7, radiusM * 0.5] } as const)
        : index % 3 === 1
          ? ({ kind: 'sphere', radiusM } as const)
          : ({ kind: 'cylinder', radiusM: radiusM * 0.6, halfHeightM: radiusM } as const);
    return {
      ...floor(),
      name: `body-${index}`,
      semantic: shape.kind,
      motion: 'dynamic',
      shape,
      albedo: [random.uniform(), random.uniform(), random.uniform()],
      pose: {
        positionM: [2 * random.uniform() - 1, 2 * random.uniform() - 1, size + 0.3 * random.uniform()],
        orientation: uniformRotation(random.uniform(), random.uniform(), random.uniform()),
      },
    };
  });
}
