import type { IKernelFunctionThis } from 'gpu.js';
import type { KernelRunner } from './gpu.js';

/** What `developOn` needs to know of an image sensor; as in sensors/camera/response.ts. */
export interface DevelopSettings {
  readonly exposure: number;
  readonly fullWellElectrons: number;
  readonly readNoiseElectrons: number;
  /** [65536] 8-bit value of each step of linear light. */
  readonly curve: Float32Array;
}

/** Develops frames of one size; `normals` are standard normal values, one a light. */
export type DevelopFrame = (light: Float32Array, normals: Float32Array) => Promise<Uint8Array>;

type Constants = Readonly<Record<'exposure' | 'shot' | 'dark' | 'steps', number>>;

/**
 * Makes the image sensor's tone and noise as a kernel: exposure, photon shot and read noise, clipping, transfer curve.
 *
 * On the CPU it gives what `develop` (sensors/camera/response.ts) gives for a sensor without fixed pattern and white
 * balance, byte for byte; on a GPU up to one grey level beside it, since shaders compute in float32.
 *
 * @param lights how many values a frame has.
 */
export function developOn({ gpu }: KernelRunner, settings: DevelopSettings, lights: number): DevelopFrame {
  const { exposure, fullWellElectrons, readNoiseElectrons, curve } = settings;
  // Not `**`: V8's interpreter and its compiler round squares differently.
  const dark = readNoiseElectrons / fullWellElectrons;
  const constants: Constants = {
    exposure,
    shot: 1 / fullWellElectrons,
    dark: dark * dark,
    steps: curve.length - 1,
  };
  const kernel = gpu.createKernel(
    function (
      this: IKernelFunctionThis<Constants>,
      light: number[],
      normals: number[],
      table: number[],
    ): number {
      const signal = light[this.thread.x]! * this.constants.exposure;
      const deviation = Math.sqrt(signal * this.constants.shot + this.constants.dark);
      const noisy = signal + deviation * normals[this.thread.x]!;
      const clipped = Math.min(1, Math.max(0, noisy));
      return table[Math.floor(clipped * this.constants.steps + 0.5)]!;
    },
    { output: [lights], constants: { ...constants }, precision: 'single' },
  );
  return async (light, normals) =>
    Uint8Array.from((await kernel(light as never, normals as never, curve as never)) as Float32Array);
}
