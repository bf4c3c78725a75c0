import { UmweltError } from '../core/errors.js';
import { MATERIALS } from '../core/materials.js';
import { IDENTITY, type Pose } from '../core/math/quaternion.js';
import { uniformRotation } from '../core/math/rotation.js';
import { randomStream } from '../core/random.js';
import { type BodySpec, type LightingSpec, PLAIN, SUN_ONLY } from '../scenarios/contract.js';
import type { Moment } from '../sensors/camera/exposure.js';
import { createGpuRenderer } from '../sensors/camera/gpu/renderer.js';
import { type CameraFrame, createRenderer } from '../sensors/camera/render-frame.js';
import { type CameraSpecification, cameraSpecification } from '../sensors/camera/specification.js';
import type { BenchResult } from './contract.js';

const OBJECTS = 20;
const SCENES = 20;
const WIDTH = 256;
const MOST_FRAMES = 30;
const LEAST_S = 1.5;

const lighting: LightingSpec = {
  ...SUN_ONLY,
  sunDirection: [0.48, 0.36, 0.8],
  sunRadiance: [0.7, 0.7, 0.65],
  skyRadiance: [0.2, 0.22, 0.28],
};

/**
 * Frames a second of the GPU renderer at 256 x 256 over the CPU's: 20 primitives on a table, hard shadows, no noise. Prints the adapter,
 * both renderers' times by resolution, and how far they agree over 20 random scenes. NaN where no adapter is found.
 */
export async function benchCameraGpu(): Promise<BenchResult> {
  const result = { name: 'camera.gpu.fps', reference: 'frames/s of the CPU renderer, one core' };
  try {
    const times = [await measure(64), await measure(WIDTH), await measure(1024)];
    const [, { gpuMs, cpuMs }] = times as [Times, Times, Times];
    return {
      ...result,
      value: 1000 / gpuMs,
      unit: 'frames/s',
      reference_value: 1000 / cpuMs,
      ratio: cpuMs / gpuMs,
    };
  } catch (error) {
    if (!(error instanceof UmweltError && error.code === 'unavailable')) throw error;
    process.stderr.write(`  ${error.message}\n`);
    const none = Number.NaN;
    return { ...result, value: none, unit: 'frames/s, no adapter', reference_value: none, ratio: none };
  }
}

interface Times {
  readonly gpuMs: number;
  readonly cpuMs: number;
}

async function measure(width: number): Promise<Times> {
  const bodies = [floor(), ...scatter()];
  const camera = cameraSpecification.parse({
    kind: 'camera',
    width,
    height: width,
    positionM: [-1.4, -0.5, 1],
    targetM: [0, 0, 0],
    noise: false,
  }) as CameraSpecification;
  const onCpu = createRenderer('bench', { bodies, lighting }, camera);
  const onGpu = await createGpuRenderer('bench', { bodies, lighting }, camera);
  try {
    const gpuMs = await best(async (index) => void (await onGpu.render(() => randomMoment(index))));
    const cpuMs = await best(async (index) => void onCpu(() => randomMoment(index), null));
    process.stderr.write(
      `  ${onGpu.adapter}, ${width} x ${width}: ${gpuMs.toFixed(2)} ms on it, ${cpuMs.toFixed(2)} ms on the CPU\n`,
    );
    if (width !== WIDTH) return { gpuMs, cpuMs };
    const pairs: [CameraFrame, CameraFrame][] = [];
    for (let index = 0; index < SCENES; index++) {
      const moment = randomMoment(index);
      pairs.push([onCpu(() => moment, null), await onGpu.render(() => moment)]);
    }
    printAgreement(pairs);
    return { gpuMs, cpuMs };
  } finally {
    await onGpu.free();
  }
}

async function best(work: (index: number) => Promise<void>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  const begun = performance.now();
  for (let index = 0; index < MOST_FRAMES; index++) {
    const startedAt = performance.now();
    await work(index);
    least = Math.min(least, performance.now() - startedAt);
    if (index >= 2 && performance.now() - begun > 1000 * LEAST_S) break;
  }
  return least;
}

function printAgreement(pairs: readonly [CameraFrame, CameraFrame][]): void {
  let pixels = 0;
  let near = 0;
  let same = 0;
  let colour = 0;
  let worst = 0;
  for (const [cpu, gpu] of pairs) {
    for (let pixel = 0; pixel < cpu.instance.length; pixel++) {
      const [a, b] = [cpu.depthM[pixel]!, gpu.depthM[pixel]!];
      const gap = a === b ? 0 : Math.abs(a - b);
      if (gap <= 1e-3) near += 1;
      if (cpu.instance[pixel] === gpu.instance[pixel]) {
        same += 1;
        worst = Math.max(worst, gap);
      }
      for (let at = pixel * 3; at < pixel * 3 + 3; at++)
        colour += Math.abs(cpu.colour[at]! - gpu.colour[at]!) / 3;
    }
    pixels += cpu.instance.length;
  }
  const share = (count: number) => `${((100 * count) / pixels).toFixed(4)} %`;
  process.stderr.write(
    `  ${pairs.length} random scenes: depth within 1 mm on ${share(near)}, the same instance on ${share(same)} of the pixels; ` +
      `depth of the same instance apart by ${(1000 * worst).toFixed(4)} mm at most; colours by ${(colour / pixels).toFixed(4)} grey levels in the mean\n`,
  );
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
    pose: { positionM: [0, 0, -0.05], orientation: IDENTITY },
    linearVelocityMps: [0, 0, 0],
    angularVelocityRadps: [0, 0, 0],
  };
}

/** Boxes, balls, cylinders, capsules and cones. */
function scatter(): BodySpec[] {
  const random = randomStream(1, 'bench', 'camera', 'gpu');
  return Array.from({ length: OBJECTS }, (_, index): BodySpec => {
    const radiusM = 0.06 + 0.06 * random.uniform();
    const halfHeightM = radiusM * (0.5 + random.uniform());
    const round = (['sphere', 'cylinder', 'capsule', 'cone'] as const)[index % 5];
    const shape: BodySpec['shape'] =
      round === undefined
        ? { kind: 'box', halfExtentsM: [radiusM, halfHeightM, radiusM * 0.5] }
        : round === 'sphere'
          ? { kind: round, radiusM }
          : { kind: round, radiusM, halfHeightM };
    const albedo = [random.uniform(), random.uniform(), random.uniform()] as const;
    return { ...floor(), name: `body-${index}`, semantic: shape.kind, motion: 'dynamic', shape, albedo };
  });
}

function randomMoment(index: number): Moment {
  const random = randomStream(1, 'bench', 'camera', 'gpu', 'scene', index);
  const still: Pose = { positionM: [0, 0, 0], orientation: IDENTITY };
  const poses = new Float64Array((1 + OBJECTS) * 7);
  poses.set([0, 0, -0.05, ...IDENTITY]);
  for (let body = 1; body <= OBJECTS; body++) {
    const place = [2 * random.uniform() - 1, 2 * random.uniform() - 1, 0.1 + 0.4 * random.uniform()];
    const turn = uniformRotation(random.uniform(), random.uniform(), random.uniform());
    poses.set([...place, ...turn], body * 7);
  }
  return { poses, worldFromCarrier: still };
}
