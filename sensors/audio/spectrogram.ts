import { UmweltError } from '../../core/errors.js';
import { cos, log10, sin } from '../../core/math/exact.js';

export interface Spectrogram {
  /** [frames, bins] row-major: level of each band as sound pressure, dB re 20 micropascal. */
  readonly levelsDb: Float32Array;
  readonly frames: number;
  readonly bins: number;
  /** Distance between frames, s; frame i is centred at `firstS + i hopS`. */
  readonly hopS: number;
  readonly firstS: number;
  /** Distance between bins, Hz; bin 0 is at 0. */
  readonly binHz: number;
}

export interface SpectrogramOptions {
  /** Length of a frame in samples, a power of two. */
  readonly windowSamples?: number;
  readonly hopSamples?: number;
}

const REFERENCE_PA = 20e-6;
/** What silence reads as, far below any microphone. */
const FLOOR_DB = -120;

/**
 * Computes the short-time spectrum of one microphone's sound: Hann window, scaled so that a sine of amplitude A at a bin's
 * centre reads `20 log10(A / sqrt 2 / 20e-6)` dB there. Only whole frames are analysed.
 *
 * @param pressurePa consecutive samples; not changed.
 * @throws UmweltError `invalid-input` when the window is no power of two from 2 to 65536, or longer than the sound, or the
 *   hop no whole number above 0.
 */
export function spectrogram(
  pressurePa: ArrayLike<number>,
  rateHz: number,
  { windowSamples = 512, hopSamples = 128 }: SpectrogramOptions = {},
): Spectrogram {
  requireOptions(pressurePa.length, windowSamples, hopSamples);
  const frames = Math.floor((pressurePa.length - windowSamples) / hopSamples) + 1;
  const bins = windowSamples / 2 + 1;
  const levelsDb = new Float32Array(frames * bins);
  const transform = createTransform(windowSamples);
  const real = new Float64Array(windowSamples);
  const imaginary = new Float64Array(windowSamples);
  const hann = Float64Array.from(
    { length: windowSamples },
    (_, index) => 0.5 - 0.5 * cos((2 * Math.PI * index) / windowSamples),
  );
  for (let frame = 0; frame < frames; frame++) {
    for (let index = 0; index < windowSamples; index++) {
      real[index] = hann[index]! * pressurePa[frame * hopSamples + index]!;
      imaginary[index] = 0;
    }
    transform(real, imaginary);
    for (let bin = 0; bin < bins; bin++) {
      // The window's mean is a half; bins between the ends hold half of a sine.
      const sides = bin === 0 || bin === bins - 1 ? 1 : 2;
      const amplitude =
        (2 * sides * Math.sqrt(real[bin]! * real[bin]! + imaginary[bin]! * imaginary[bin]!)) / windowSamples;
      const effective = sides === 2 ? amplitude / Math.SQRT2 : amplitude;
      const levelDb = effective === 0 ? FLOOR_DB : 20 * log10(effective / REFERENCE_PA);
      levelsDb[frame * bins + bin] = Math.max(FLOOR_DB, levelDb);
    }
  }
  const hopS = hopSamples / rateHz;
  return { levelsDb, frames, bins, hopS, firstS: windowSamples / 2 / rateHz, binHz: rateHz / windowSamples };
}

function requireOptions(length: number, windowSamples: number, hopSamples: number): void {
  const isPowerOfTwo = Number.isInteger(windowSamples) && (windowSamples & (windowSamples - 1)) === 0;
  if (isPowerOfTwo && windowSamples >= 2 && windowSamples <= 65536 && windowSamples <= length) {
    if (Number.isInteger(hopSamples) && hopSamples > 0) return;
  }
  throw new UmweltError(
    'invalid-input',
    { length, windowSamples, hopSamples },
    `spectrogram: expected a window of a power of two from 2 to 65536 samples, no longer than the sound (${length}), ` +
      `and a whole hop above 0; got a window of ${windowSamples} and a hop of ${hopSamples}`,
  );
}

/** Makes an in-place forward Fourier transform of a power-of-two size (radix 2, decimation in time). */
function createTransform(size: number): (real: Float64Array, imaginary: Float64Array) => void {
  const cosines = new Float64Array(size / 2);
  const sines = new Float64Array(size / 2);
  for (let index = 0; index < size / 2; index++) {
    cosines[index] = cos((2 * Math.PI * index) / size);
    sines[index] = -sin((2 * Math.PI * index) / size);
  }
  const swap = (array: Float64Array, i: number, j: number): void => {
    const value = array[i]!;
    array[i] = array[j]!;
    array[j] = value;
  };
  return (real, imaginary) => {
    for (let i = 1, j = 0; i < size; i++) {
      let bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        swap(real, i, j);
        swap(imaginary, i, j);
      }
    }
    for (let half = 1; half < size; half *= 2) {
      const stride = size / (2 * half);
      for (let start = 0; start < size; start += 2 * half) {
        for (let k = 0; k < half; k++) {
          const c = cosines[k * stride]!;
          const s = sines[k * stride]!;
          const even = start + k;
          const odd = even + half;
          const x = real[odd]! * c - imaginary[odd]! * s;
          const y = real[odd]! * s + imaginary[odd]! * c;
          real[odd] = real[even]! - x;
          imaginary[odd] = imaginary[even]! - y;
          real[even]! += x;
          imaginary[even]! += y;
        }
      }
    }
  };
}
