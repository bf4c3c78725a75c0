import { cos, pow, sin } from '../../core/math/exact.js';

/** Directions of the red, green and blue light around the patch's normal, from its x towards its y, rad. */
export const LIGHT_AZIMUTHS_RAD = [Math.PI / 6, (5 * Math.PI) / 6, (3 * Math.PI) / 2] as const;

/** Linear light of a flat layer; slopes reach up to full exposure. */
export const FLAT_LIGHT = 0.25;

export interface ShadeSettings {
  readonly height: number;
  readonly width: number;
  /** Distance of neighbouring pixels along rows and columns, m. */
  readonly pitchM: readonly [number, number];
  readonly elevationRad: number;
  readonly ambient: number;
}

/**
 * Makes the shading of a layer's surface: Lambert's law for one light a colour channel.
 *
 * The camera looks from behind, where what is pressed in bulges towards it: the normal is (-dd/dx, -dd/dy, 1) for the depth
 * d. Channel c has `I0 (ambient + (1 - ambient) n . l_c / sin(elevation))`: a flat layer is evenly grey.
 *
 * @returns a function that writes linear light [height, width, 3] of a depth field [height, width].
 */
export function createShade({ height, width, pitchM, elevationRad, ambient }: ShadeSettings) {
  const slant = cos(elevationRad) / sin(elevationRad);
  const lights = LIGHT_AZIMUTHS_RAD.map((azimuth) => [slant * cos(azimuth), slant * sin(azimuth)] as const);
  const [base, gain] = [FLAT_LIGHT * ambient, FLAT_LIGHT * (1 - ambient)];
  return (light: Float64Array, depthM: Float64Array): void => {
    for (let row = 0; row < height; row++) {
      const above = Math.max(0, row - 1);
      const below = Math.min(height - 1, row + 1);
      const perX = 1 / ((below - above) * pitchM[0]);
      for (let column = 0; column < width; column++) {
        const left = Math.max(0, column - 1);
        const right = Math.min(width - 1, column + 1);
        const x = (depthM[below * width + column]! - depthM[above * width + column]!) * perX;
        const y = (depthM[row * width + right]! - depthM[row * width + left]!) / ((right - left) * pitchM[1]);
        const perLength = 1 / Math.sqrt(1 + x * x + y * y);
        const at = (row * width + column) * 3;
        for (let channel = 0; channel < 3; channel++) {
          const facing = (1 - x * lights[channel]![0] - y * lights[channel]![1]) * perLength;
          light[at + channel] = base + (facing > 0 ? gain * facing : 0);
        }
      }
    }
  };
}

const STEPS = 4096;

/** 8-bit sRGB level, not rounded, of each step of linear light (IEC 61966-2-1). */
export const SRGB_LEVELS = Float64Array.from({ length: STEPS + 1 }, (_, step) => {
  const linear = step / STEPS;
  return 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055);
});

/** Returns the 8-bit sRGB level, not rounded, of linear light; clipped to 0 to 255. */
export function toLevel(linear: number): number {
  const at = Math.min(1, Math.max(0, linear)) * STEPS;
  const step = Math.min(STEPS - 1, Math.floor(at));
  return SRGB_LEVELS[step]! + (SRGB_LEVELS[step + 1]! - SRGB_LEVELS[step]!) * (at - step);
}
