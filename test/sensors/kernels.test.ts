import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createResponse, develop, SRGB } from '../../sensors/camera/response.js';
import { cameraSpecification } from '../../sensors/camera/specification.js';
import { developOn } from '../../sensors/kernels/develop.js';
import { type KernelRunner, openKernels } from '../../sensors/kernels/gpu.js';
import { ringOn, tabulateRinging } from '../../sensors/kernels/ring.js';
import { shadeGelOn } from '../../sensors/kernels/shade-gel.js';
import { createNoise } from '../../sensors/noise.js';
import { createShade } from '../../sensors/tactile-image/shade.js';

let kernels: KernelRunner;
beforeAll(async () => {
  kernels = await openKernels('cpu');
});
afterAll(() => kernels.free());

describe('kernels of gpu.js on a GPU', () => {
  it('develop an image to one grey level of the CPU, or say that there is no adapter', async (context) => {
    let gpu: KernelRunner;
    try {
      gpu = await openKernels('gpu');
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable' });
      context.skip(`no GPU: ${(error as Error).message}`);
      return;
    }
    const settings = {
      exposure: 1.1,
      fullWellElectrons: 10_000,
      readNoiseElectrons: 6,
      curve: Float32Array.from(SRGB),
    };
    const light = Float32Array.from({ length: 3072 }, (_, i) => (i % 97) / 80);
    const normals = Float32Array.from({ length: 3072 }, (_, i) => ((i * 37) % 41) / 20 - 1);
    const [there, here] = [
      await developOn(gpu, settings, 3072)(light, normals),
      await developOn(kernels, settings, 3072)(light, normals),
    ];
    await gpu.free();
    expect(Math.max(...there.map((value, i) => Math.abs(value - here[i]!)))).toBeLessThanOrEqual(1);
  });
});

describe('kernels of gpu.js on the CPU', () => {
  it('develop an image byte for byte as the camera does', async () => {
    const [width, height] = [24, 16];
    const noise = createNoise(3, 'kernel');
    const light = Float32Array.from({ length: width * height * 3 }, (_, i) => (i % 97) / 80);
    const normals = Float32Array.from(light, () => noise.next());
    const camera = cameraSpecification.parse({
      kind: 'camera',
      width,
      height,
      exposure: 1.1,
      positionM: [0, 0, 1],
      targetM: [0, 0, 0],
      response: { prnu: 0, dsnuElectrons: 0 },
    }) as Parameters<typeof createResponse>[1];
    const response = createResponse('eye', camera, null);
    const expected = new Uint8Array(light.length);
    let next = 0;
    develop(expected, light, response, { next: () => normals[next++]! });
    const curve = Float32Array.from(SRGB);
    const run = developOn(kernels, { ...response, curve }, light.length);
    expect(await run(light, normals)).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(50);
  });

  it('ring modes as the resonators do', async () => {
    const decay = [0.999, 0.98, 0.9];
    const turn = [0.05, 0.4, 1.3];
    const a1 = Float64Array.from(decay, (d, i) => 2 * d * Math.cos(turn[i]!));
    const a2 = Float64Array.from(decay, (d) => -d * d);
    const b1 = Float64Array.from(decay, (d, i) => -d * Math.cos(turn[i]!));
    const states = Float32Array.of(1, 0.5, -0.25, 0.125, 2, -1);
    const samples = 64;
    const heard = await ringOn(kernels, tabulateRinging(a1, a2, b1, samples), samples)(states);
    const expected = new Float64Array(samples);
    for (let mode = 0; mode < 3; mode++) {
      let [last, beforeLast] = [states[2 * mode]!, states[2 * mode + 1]!];
      for (let n = 0; n < samples; n++) {
        const now = a1[mode]! * last + a2[mode]! * beforeLast;
        expected[n]! += now + b1[mode]! * last;
        beforeLast = last;
        last = now;
      }
    }
    for (let n = 0; n < samples; n++) expect(heard[n]).toBeCloseTo(expected[n]!, 5);
  });

  it('shade a gel as the tactile camera does', async () => {
    const settings = {
      height: 12,
      width: 16,
      pitchM: [1e-3, 8e-4],
      elevationRad: 0.4,
      ambient: 0.2,
    } as const;
    const depthM = Float64Array.from({ length: 192 }, (_, i) => 1e-3 * Math.sin(i * 0.37) ** 2);
    const expected = new Float64Array(192 * 3);
    createShade(settings)(expected, depthM);
    const light = await shadeGelOn(kernels, settings)(Float32Array.from(depthM));
    for (let i = 0; i < expected.length; i++) expect(light[i]).toBeCloseTo(expected[i]!, 5);
    expect(new Set(light).size).toBeGreaterThan(100);
  });
});
