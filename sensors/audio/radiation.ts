import { cos, sin } from '../../core/math/exact.js';
import { AIR_DENSITY_KGPM3, SPEED_OF_SOUND_MPS } from './air.js';

/**
 * Returns the radiation efficiency of a ball whose surface moves as a spherical harmonic of order n: the share that it
 * sends off of what a large flat surface would, `1 / (ka |h_n'(ka)|)^2` with the spherical Hankel function (Morse, Ingard:
 * Theoretical Acoustics, 1968, 7.2). Order 0 breathes: `x^2 / (1 + x^2)`; order n begins as `x^(2n+2)`.
 *
 * @param ka wave number in air times the ball's radius, above 0.
 */
export function ballEfficiency(order: number, ka: number): number {
  // h_n = j_n - i y_n by upward recurrence; where j_n loses its digits, y_n outweighs it.
  let [j, y] = [sin(ka) / ka, -cos(ka) / ka];
  let [jBefore, yBefore] = [cos(ka) / ka, sin(ka) / ka];
  for (let n = 0; n < order; n++) {
    const step = (2 * n + 1) / ka;
    [jBefore, j] = [j, step * j - jBefore];
    [yBefore, y] = [y, step * y - yBefore];
  }
  const over = (order + 1) / ka;
  const slopeJ = jBefore - over * j;
  const slopeY = yBefore - over * y;
  const square = ka * ka * (slopeJ * slopeJ + slopeY * slopeY);
  return Number.isFinite(square) ? 1 / square : 0;
}

/**
 * Returns the radiation efficiency of a bar that bends: a cylinder that moves to and fro across its axis, `pi x^3 / 2` for a
 * thin one and 1 for a thick one (Morse, Ingard 7.3), times what neighbouring half waves leave of each other (`coincidence`).
 *
 * @param radiusM half the width of the face that moves the air.
 */
export function barEfficiency(hz: number, waveNumber: number, radiusM: number): number {
  const x = (2 * Math.PI * hz * radiusM) / SPEED_OF_SOUND_MPS;
  const dipole = (Math.PI / 2) * x * x * x;
  return (dipole / (1 + dipole)) * coincidence(hz, waveNumber);
}

/**
 * Returns the radiation efficiency of a free plate that bends in open air: that of a plate in a wall (`coincidence`) times
 * `53 (f^2 S / c^2)^2 / (1 + 53 (f^2 S / c^2)^2)`, since the air flows around its edges (Oppenheimer, Dubowsky: A radiation
 * efficiency for unbaffled plates with experimental validation, J. Sound Vib. 199, 1997).
 */
export function freePlateEfficiency(hz: number, waveNumber: number, areaM2: number): number {
  const size = (hz * hz * areaM2) / (SPEED_OF_SOUND_MPS * SPEED_OF_SOUND_MPS);
  const open = 53 * size * size;
  return (open / (1 + open)) * coincidence(hz, waveNumber);
}

/** Joins the two sides of coincidence, where sound in air (wave number k) is slower or faster than bending: `k^4 / (k^4 + kb^4)`. */
export function coincidence(hz: number, waveNumber: number): number {
  const ratio = (2 * Math.PI * hz) / (SPEED_OF_SOUND_MPS * waveNumber);
  const fourth = ratio * ratio * ratio * ratio;
  return fourth / (1 + fourth);
}

/**
 * Returns the sound pressure at 1 m, Pa m, of a surface S whose mean square normal velocity is `meanSquare` and that
 * radiates evenly all around: `p r = rho c sqrt(S sigma <v^2> / 4 pi)`. Directivity is left out.
 *
 * @param efficientSquare the sum of `sigma <v^2>` over the parts of the motion, (m/s)^2.
 */
export function pressureAt1m(areaM2: number, efficientSquare: number): number {
  return AIR_DENSITY_KGPM3 * SPEED_OF_SOUND_MPS * Math.sqrt((areaM2 * efficientSquare) / (4 * Math.PI));
}
