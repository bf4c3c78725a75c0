import { exp, log, log10 } from './math/exact.js';
import { fourierTransform } from './math/fourier.js';

/** Bands of the spectrum that the world model hears, and that heard sound is judged in. */
export const MEL_BANDS = 24;

/** Power below which a band is silent, Pa2. */
const FLOOR = 1e-10;

/** A filter bank for windows of a given length. */
export interface MelFilters {
  /** Samples of one window, a power of two. */
  readonly size: number;
  /** Writes log10 of the power in each of MEL_BANDS bands of a window of samples. */
  apply(window: Float64Array, out: Float32Array, at: number): void;
}

/** Builds triangular filters, evenly spaced on the mel scale (O'Shaughnessy 1987) up to half the rate. */
export function melFilters(rateHz: number, size: number): MelFilters {
  const mel = (hz: number): number => 2595 * log10(1 + hz / 700);
  const hz = (value: number): number => 700 * (exp((value / 2595) * log(10)) - 1);
  const highest = mel(rateHz / 2);
  const edges = Array.from({ length: MEL_BANDS + 2 }, (_, index) => hz((index * highest) / (MEL_BANDS + 1)));
  const bins = size / 2 + 1;
  const weights = Array.from({ length: MEL_BANDS }, (_, band) =>
    Float64Array.from({ length: bins }, (_, bin) =>
      triangle((bin * rateHz) / size, edges[band]!, edges[band + 1]!, edges[band + 2]!),
    ),
  );
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  return {
    size,
    apply(window, out, at) {
      // A parabolic (Welch) window keeps the leakage of a loud band out of the others.
      for (let index = 0; index < size; index++) {
        const u = (2 * index + 1) / size - 1;
        real[index] = window[index]! * (1 - u * u);
      }
      imaginary.fill(0);
      fourierTransform(real, imaginary);
      for (const [band, filter] of weights.entries()) {
        let power = 0;
        for (let bin = 0; bin < bins; bin++) {
          const weight = filter[bin]!;
          if (weight > 0) power += weight * (real[bin]! * real[bin]! + imaginary[bin]! * imaginary[bin]!);
        }
        out[at + band] = log10(power / (size * size) + FLOOR);
      }
    },
  };
}

function triangle(x: number, left: number, centre: number, right: number): number {
  if (x <= left || x >= right) return 0;
  return x < centre ? (x - left) / (centre - left) : (right - x) / (right - centre);
}
