import { tan } from '../../core/math/exact.js';

/** Takes slow pressure out of samples, in place. */
export type HighPass = (samples: Float64Array, count: number) => void;

/**
 * Makes a high-pass of the first order, `s / (s + w)` by the bilinear transform with the corner kept in place: 3 dB down at the corner, 6 dB
 * an octave below, nothing at 0 Hz.
 *
 * @param cornerHz below half the rate.
 */
export function createHighPass(cornerHz: number, rateHz: number): HighPass {
  const w = tan((Math.PI * cornerHz) / rateHz);
  const [gain, keep] = [1 / (1 + w), (1 - w) / (1 + w)];
  let [x, y] = [0, 0];
  return (samples, count) => {
    for (let n = 0; n < count; n++) {
      const next = samples[n]!;
      y = gain * (next - x) + keep * y;
      x = next;
      samples[n] = y;
    }
  };
}
