import { pow } from '../../core/math/exact.js';
import type { NoiseSource } from '../noise.js';

/** Electrons at full exposure; typical of an industrial CMOS camera (EMVA 1288 data sheets: 5,000 to 30,000). */
export const FULL_WELL_ELECTRONS = 10_000;
/** Temporal dark noise, electrons. */
export const READ_NOISE_ELECTRONS = 6;

const STEPS = 65_535;
const SRGB = tabulateSrgb();

/** IEC 61966-2-1, from linear light in [0, 1] to 8 bits. */
function tabulateSrgb(): Uint8Array {
  const table = new Uint8Array(STEPS + 1);
  for (let step = 0; step <= STEPS; step++) {
    const linear = step / STEPS;
    const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055;
    table[step] = Math.round(encoded * 255);
  }
  return table;
}

/**
 * Develops linear radiance into sRGB: exposure, photon shot noise and read noise, clipping, transfer curve, 8 bits.
 *
 * In electrons the noise's variance is signal + read^2 (EMVA 1288, linear model, without dark current and fixed patterns).
 * Photon counts are taken as normal, which at 10,000 electrons they are to within half a grey level.
 *
 * @param colour [pixels, 3], overwritten.
 * @param radiance [pixels, 3] linear, 0 or more.
 * @param noise null for a noiseless sensor.
 */
export function develop(
  colour: Uint8Array,
  radiance: Float32Array,
  exposure: number,
  noise: NoiseSource | null,
): void {
  const shot = noise === null ? 0 : 1 / FULL_WELL_ELECTRONS;
  const read = noise === null ? 0 : (READ_NOISE_ELECTRONS / FULL_WELL_ELECTRONS) ** 2;
  for (let index = 0; index < radiance.length; index++) {
    let signal = radiance[index]! * exposure;
    if (noise !== null) signal += Math.sqrt(signal * shot + read) * noise.next();
    colour[index] = SRGB[signal <= 0 ? 0 : signal >= 1 ? STEPS : (signal * STEPS + 0.5) | 0]!;
  }
}
