import { createResponse, develop, SRGB } from '../sensors/camera/response.js';
import { cameraSpecification } from '../sensors/camera/specification.js';
import { developOn } from '../sensors/kernels/develop.js';
import { openKernels } from '../sensors/kernels/gpu.js';
import { ringOn, tabulateRinging } from '../sensors/kernels/ring.js';
import { shadeGelOn } from '../sensors/kernels/shade-gel.js';
import { createNoise } from '../sensors/noise.js';
import { createShade } from '../sensors/tactile-image/shade.js';
import type { BenchResult } from './contract.js';

const REPETITIONS = 300;

/** Frames of 64 x 64 developed a second by gpu.js on the CPU, beside the camera's own loop. */
export async function benchDevelop(): Promise<BenchResult> {
  const kernels = await openKernels('cpu');
  const [width, height] = [64, 64];
  const noise = createNoise(1, 'bench');
  const light = Float32Array.from({ length: width * height * 3 }, (_, i) => (i % 97) / 97);
  const normals = Float32Array.from(light, () => noise.next());
  const camera = cameraSpecification.parse({ kind: 'camera', positionM: [0, 0, 1], targetM: [0, 0, 0] });
  const response = createResponse('bench', camera as Parameters<typeof createResponse>[1], null);
  const run = developOn(kernels, { ...response, curve: Float32Array.from(SRGB) }, light.length);
  const colour = new Uint8Array(light.length);
  let next = 0;
  const replay = { next: () => normals[next++]! };
  const loop = (): void => {
    next = 0;
    develop(colour, light, response, replay);
  };
  const result = await compare('kernel.develop', 'frame/s', () => run(light, normals), loop);
  await kernels.free();
  return result;
}

/** Blocks of 48 samples of 40 ringing modes a second by gpu.js on the CPU, beside the resonators' recursion. */
export async function benchRing(): Promise<BenchResult> {
  const kernels = await openKernels('cpu');
  const [modes, samples] = [40, 48];
  const a1 = Float64Array.from({ length: modes }, (_, mode) => 1.99 - 0.04 * mode);
  const a2 = new Float64Array(modes).fill(-0.998);
  const b1 = a1.map((value) => -value / 2);
  const run = ringOn(kernels, tabulateRinging(a1, a2, b1, samples), samples);
  const states = new Float32Array(2 * modes).fill(0.5);
  const heard = new Float64Array(samples);
  const loop = (): void => {
    heard.fill(0);
    for (let mode = 0; mode < modes; mode++) {
      let [last, beforeLast] = [states[2 * mode]!, states[2 * mode + 1]!];
      for (let sample = 0; sample < samples; sample++) {
        const now = a1[mode]! * last + a2[mode]! * beforeLast;
        heard[sample]! += now + b1[mode]! * last;
        beforeLast = last;
        last = now;
      }
    }
  };
  const result = await compare('kernel.ring', 'block/s', () => run(states), loop);
  await kernels.free();
  return result;
}

/** Gel images of 64 x 64 shaded a second by gpu.js on the CPU, beside the tactile camera's own loop. */
export async function benchShadeGel(): Promise<BenchResult> {
  const kernels = await openKernels('cpu');
  const settings = { height: 64, width: 64, pitchM: [1e-3, 1e-3], elevationRad: 0.4, ambient: 0.2 } as const;
  const depth = Float64Array.from({ length: 4096 }, (_, i) => (i % 61) * 1e-5);
  const single = Float32Array.from(depth);
  const light = new Float64Array(4096 * 3);
  const run = shadeGelOn(kernels, settings);
  const shade = createShade(settings);
  const result = await compare(
    'kernel.gel',
    'image/s',
    () => run(single),
    () => shade(light, depth),
  );
  await kernels.free();
  return result;
}

async function compare(
  name: string,
  unit: string,
  kernel: () => Promise<unknown>,
  loop: () => void,
): Promise<BenchResult> {
  const value = await rate(kernel);
  const reference = await rate(async () => loop());
  return {
    name,
    value,
    unit,
    reference: 'a plain loop over typed arrays',
    reference_value: reference,
    ratio: value / reference,
  };
}

/** Calls a second: the best of seven rounds, both sides awaited alike. */
async function rate(call: () => Promise<unknown>): Promise<number> {
  let best = 0;
  for (let round = 0; round < 8; round++) {
    const startedAt = performance.now();
    for (let repetition = 0; repetition < REPETITIONS; repetition++) await call();
    const perSecond = (1000 * REPETITIONS) / (performance.now() - startedAt);
    if (round > 0) best = Math.max(best, perSecond);
  }
  return best;
}
