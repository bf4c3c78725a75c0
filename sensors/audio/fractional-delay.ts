import { sin } from '../../core/math/exact.js';

/** Neighbouring samples that a place between samples is made of. */
export const TAPS = 8;
const PHASES = 256;
/** Kaiser window's shape: flat within 0.1 dB up to 0.3 of the sampling rate. */
const KAISER_BETA = 4;

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

function tabulateKernel(): Float64Array {
  const kernel = new Float64Array((PHASES + 1) * TAPS);
  for (let row = 0; row <= PHASES; row++) {
    let total = 0;
    for (let tap = 0; tap < TAPS; tap++) {
      const offset = tap - TAPS / 2 + 1 - row / PHASES;
      const inside = 1 - (offset / (TAPS / 2)) * (offset / (TAPS / 2));
      const window = inside <= 0 ? 0 : bessel0(KAISER_BETA * Math.sqrt(inside));
      const sinc = offset === 0 ? 1 : sin(Math.PI * offset) / (Math.PI * offset);
      kernel[row * TAPS + tap] = sinc * window;
      total += sinc * window;
    }
    for (let tap = 0; tap < TAPS; tap++) kernel[row * TAPS + tap]! /= total;
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
