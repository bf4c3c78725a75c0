import { sin } from '../../core/math/exact.js';

/** Neighbouring samples that a place between samples is made of. */
export const TAPS = 8;
const PHASES = 256;
/** Kaiser window's shape: flat within 0.05 dB up to 0.3 of the sampling rate. */
const KAISER_BETA = 5;

/** [PHASES + 1, TAPS]: weights of eight neighbouring samples for a place between the fourth and the fifth. */
const KERNEL = tabulateKernel();

/** Adds a click at a place between samples, spread over its neighbours by a Kaiser-windowed sinc. */
export function depositSample(out: Float64Array, position: number, amplitude: number): void {
  const whole = Math.floor(position);
  const phase = (position - whole) * PHASES;
  const row = Math.floor(phase);
  const between = phase - row;
  for (let tap = 0; tap < TAPS; tap++) {
    const index = whole + tap - TAPS / 2 + 1;
    if (index < 0 || index >= out.length) continue;
    const low = KERNEL[row * TAPS + tap]!;
    out[index]! += amplitude * (low + (KERNEL[(row + 1) * TAPS + tap]! - low) * between);
  }
}

/** Reads a ring of samples (its length a power of two) at a place between samples, by the same sinc. */
export function readBetween(ring: Float64Array, position: number): number {
  const mask = ring.length - 1;
  const whole = Math.floor(position);
  const phase = (position - whole) * PHASES;
  const row = Math.floor(phase);
  const between = phase - row;
  const at = row * TAPS;
  let sum = 0;
  for (let tap = 0; tap < TAPS; tap++) {
    const low = KERNEL[at + tap]!;
    const weight = low + (KERNEL[at + TAPS + tap]! - low) * between;
    sum += weight * ring[(whole + tap - TAPS / 2 + 1) & mask]!;
  }
  return sum;
}

/** Each row sums to one and has its centre of mass at the place: steady pressure and slow change come through without ripple. */
function tabulateKernel(): Float64Array {
  const kernel = new Float64Array((PHASES + 1) * TAPS);
  for (let row = 0; row <= PHASES; row++) {
    const offsets = Array.from({ length: TAPS }, (_, tap) => tap - TAPS / 2 + 1 - row / PHASES);
    const windows = offsets.map((offset) => {
      const inside = 1 - (offset / (TAPS / 2)) * (offset / (TAPS / 2));
      return inside <= 0 ? 0 : bessel0(KAISER_BETA * Math.sqrt(inside));
    });
    const sinc = (offset: number) => (offset === 0 ? 1 : sin(Math.PI * offset) / (Math.PI * offset));
    const weights = offsets.map((offset, tap) => sinc(offset) * windows[tap]!);
    const moment = (values: readonly number[], order: number): number =>
      values.reduce((sum, value, tap) => sum + value * power(offsets[tap]!, order), 0);
    // Adds window (a + b offset) to weights scaled to a sum of one, so that their moments are 1 and 0.
    const [w0, w1, w2] = [0, 1, 2].map((order) => moment(windows, order)) as [number, number, number];
    const total = moment(weights, 0);
    const lever = moment(weights, 1) / total;
    const determinant = w0 * w2 - w1 * w1;
    const [a, b] = [(w1 * lever) / determinant, (-w0 * lever) / determinant];
    for (let tap = 0; tap < TAPS; tap++)
      kernel[row * TAPS + tap] = weights[tap]! / total + windows[tap]! * (a + b * offsets[tap]!);
  }
  return kernel;
}

/** Modified Bessel function of the first kind and order 0, by its power series; for small arguments. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

function power(base: number, exponent: number): number {
  let product = 1;
  for (let k = 0; k < exponent; k++) product *= base;
  return product;
}
