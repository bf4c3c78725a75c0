import { cos, sin } from '../../core/math/exact.js';

/** Shadow rays a pixel towards a lamp or a sun of some size. */
export const LIGHT_SAMPLES = 8;

const GOLDEN_ANGLE_RAD = 2.399963229728653;
const TURNS = 256;

/**
 * [LIGHT_SAMPLES, 2] points of the unit disc, each standing for the same area: a sunflower spiral (Vogel 1979), whose k-th point
 * has the radius sqrt((k + 1/2) / n).
 */
export const DISC = Float64Array.from({ length: LIGHT_SAMPLES * 2 }, (_, index) => {
  const k = index >> 1;
  const radius = Math.sqrt((k + 0.5) / LIGHT_SAMPLES);
  return radius * (index & 1 ? sin(k * GOLDEN_ANGLE_RAD) : cos(k * GOLDEN_ANGLE_RAD));
});

/** [TURNS, 2] cosine and sine of whole turns in equal parts. */
export const ROTATIONS = Float64Array.from({ length: TURNS * 2 }, (_, index) => {
  const angle = (2 * Math.PI * (index >> 1)) / TURNS;
  return index & 1 ? sin(angle) : cos(angle);
});

/**
 * Picks one of the `ROTATIONS` for a pixel, so that neighbours look at different points of the light: penumbras get fine grain instead
 * of bands. Interleaved gradient noise (Jimenez 2014), which spreads a neighbourhood's turns evenly; the same in all frames.
 */
export function rotationOf(row: number, column: number): number {
  const a = 0.06711056 * column + 0.00583715 * row;
  const b = 52.9829189 * (a - Math.floor(a));
  return Math.floor((b - Math.floor(b)) * TURNS);
}
