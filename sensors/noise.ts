import { log } from '../core/math/exact.js';
import { randomStream } from '../core/random.js';

/** Size of the table of the inverse normal distribution: 2^12 cells between 2^-13 and 1 - 2^-13, linear in between. */
const CELLS = 4096;

/**
 * A fast source of white noise for whole images and buffers: a PCG-style counter hash, through a table of the inverse
 * normal distribution. Values stay within 3.9 standard deviations and the variance is one to 0.1 % (tested).
 */
export interface NoiseSource {
  /** Next value of the standard normal distribution. */
  next(): number;
}

/**
 * Opens a noise source that depends on its name alone, as `randomStream` does, at about a quarter of the cost a value.
 *
 * For sensors' pixel and reading noise. Draws that decide what happens use `randomStream`.
 */
export function createNoise(seed: number, ...name: (string | number)[]): NoiseSource {
  const stream = randomStream(seed, ...name);
  const key = stream.integer(2 ** 32) | 0;
  let counter = stream.integer(2 ** 32) | 0;
  return {
    next() {
      counter = (counter + 0x9e3779b9) | 0;
      // Wellons' lowbias32 finaliser over a Weyl sequence.
      let bits = counter ^ key;
      bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
      bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
      bits ^= bits >>> 16;
      const cell = bits >>> 20;
      const fraction = (bits & 0xfffff) * 2 ** -20;
      const low = QUANTILES[cell]!;
      return low + (QUANTILES[cell + 1]! - low) * fraction;
    },
  };
}

/** Adds white noise of a standard deviation to a buffer, in place. */
export function addNoise(
  values: Float32Array | Float64Array,
  standardDeviation: number,
  noise: NoiseSource,
): void {
  for (let index = 0; index < values.length; index++) values[index]! += standardDeviation * noise.next();
}

const QUANTILES = tabulateQuantiles();

function tabulateQuantiles(): Float64Array {
  const table = new Float64Array(CELLS + 1);
  let variance = 0;
  for (let cell = 0; cell <= CELLS; cell++) {
    const probability = Math.min(Math.max(cell / CELLS, 0.5 ** 14), 1 - 0.5 ** 14);
    table[cell] = normalQuantile(probability);
  }
  // A chord's variance: (a^2 + a b + b^2) / 3 a cell; scaled so that the whole is one.
  for (let cell = 0; cell < CELLS; cell++) {
    const a = table[cell]!;
    const b = table[cell + 1]!;
    variance += (a * a + a * b + b * b) / 3 / CELLS;
  }
  return table.map((value) => value / Math.sqrt(variance));
}

/** Inverse of the normal distribution function, absolute error below 4.5e-4 (Abramowitz and Stegun 26.2.23). */
function normalQuantile(probability: number): number {
  if (probability > 0.5) return -normalQuantile(1 - probability);
  const t = Math.sqrt(-2 * log(probability));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return probability === 0.5 ? 0 : numerator / denominator - t;
}
