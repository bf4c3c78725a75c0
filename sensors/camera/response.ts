import { pow } from '../../core/math/exact.js';
import type { NoiseSource } from '../noise.js';

/** Electrons that saturate a pixel; typical of an industrial CMOS camera (EMVA 1288 data sheets: 5,000 to 30,000). */
const FULL_WELL_ELECTRONS = 10_000;
/** Temporal dark noise, electrons. */
const READ_NOISE_ELECTRONS = 6;

const LEVELS = 65_536;
const SRGB = tabulateSrgb();

/** IEC 61966-2-1, from linear light in [0, 1] to 8 bits. */
function tabulateSrgb(): Uint8Array {
  const table = new Uint8Array(LEVELS);
  for (let level = 0; level < LEVELS; level++) {
    const linear = level / (LEVELS - 1);
    const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055;
    table[level] = Math.round(encoded * 255);
  }
  return table;
}

/**
 * Develops linear radiance into sRGB: exposure, photon shot noise and read noise, clipping, transfer curve, 8 bits.
 *
 * In electrons the noise's variance is signal + read^2 (EMVA 1288, linear model, without dark current).
 *
 * @param colour [pixels x 3], overwritten.
 * @param radiance [pixels x 3] linear.
 * @param noise null for a noiseless sensor.
 */
export function develop(
  colour: Uint8Array,
  radiance: Float32Array,
  exposure: number,
  noise: NoiseSource | null,
): void {
  const read = READ_NOISE_ELECTRONS * READ_NOISE_ELECTRONS;
  for (let index = 0; index < radiance.length; index++) {
    let signal = radiance[index]! * exposure;
    if (noise !== null) {
      signal += (Math.sqrt(signal * FULL_WELL_ELECTRONS + read) / FULL_WELL_ELECTRONS) * noise.next();
    }
    const clipped = signal < 0 ? 0 : signal > 1 ? 1 : signal;
    colour[index] = SRGB[Math.round(clipped * (LEVELS - 1))]!;
  }
}
