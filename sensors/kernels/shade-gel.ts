import type { IKernelFunctionThis } from 'gpu.js';
import { cos, sin } from '../../core/math/exact.js';
import { FLAT_LIGHT, LIGHT_AZIMUTHS_RAD, type ShadeSettings } from '../tactile-image/shade.js';
import type { KernelRunner } from './gpu.js';

/** Lights a gel's surface: [height, width] depth in m to [height, width, 3] linear light. */
export type ShadeGel = (depthM: Float32Array) => Promise<Float32Array>;

type Constants = Readonly<Record<'height' | 'width' | 'perX' | 'perY' | 'slant' | 'base' | 'gain', number>>;

/** Makes the shading of an optical tactile sensor (`createShade` in sensors/tactile-image/shade.ts) as a kernel, to float32 rounding. */
export function shadeGelOn(
  { gpu }: KernelRunner,
  { height, width, pitchM, elevationRad, ambient }: ShadeSettings,
): ShadeGel {
  const constants: Constants = {
    height,
    width,
    perX: 1 / pitchM[0],
    perY: 1 / pitchM[1],
    slant: cos(elevationRad) / sin(elevationRad),
    base: FLAT_LIGHT * ambient,
    gain: FLAT_LIGHT * (1 - ambient),
  };
  const lights = Float32Array.from(LIGHT_AZIMUTHS_RAD.flatMap((azimuth) => [cos(azimuth), sin(azimuth)]));
  const kernel = gpu.createKernel(
    function (this: IKernelFunctionThis<Constants>, depth: number[], light: number[]): number {
      const pixel = Math.floor(this.thread.x / 3);
      const channel = this.thread.x - pixel * 3;
      const row = Math.floor(pixel / this.constants.width);
      const column = pixel - row * this.constants.width;
      const above = Math.max(0, row - 1);
      const below = Math.min(this.constants.height - 1, row + 1);
      const left = Math.max(0, column - 1);
      const right = Math.min(this.constants.width - 1, column + 1);
      const fall =
        depth[below * this.constants.width + column]! - depth[above * this.constants.width + column]!;
      const lean = depth[row * this.constants.width + right]! - depth[row * this.constants.width + left]!;
      const x = (fall * this.constants.perX) / (below - above);
      const y = (lean * this.constants.perY) / (right - left);
      const towards = x * light[channel * 2]! + y * light[channel * 2 + 1]!;
      const facing = (1 - this.constants.slant * towards) / Math.sqrt(1 + x * x + y * y);
      return this.constants.base + this.constants.gain * Math.max(0, facing);
    },
    { output: [height * width * 3], constants: { ...constants }, precision: 'single' },
  );
  return async (depthM) => (await kernel(depthM as never, lights as never)) as Float32Array;
}
