import { cos, log2 } from '../../../core/math/exact.js';
import { fourierTransform } from '../../../core/math/fourier.js';

/** Middles of the octave bands in which walls absorb, Hz. */
export const BANDS_HZ = [125, 250, 500, 1000, 2000, 4000] as const;

/** The filters' answers have died away after this long. */
const RINGING_S = 0.05;

/**
 * Filters one signal a band by that band's share of the spectrum and adds them up. The shares cross over by raised cosines, an
 * octave wide, and sum to one at every frequency; the lowest and the highest go on to the ends. Zero phase.
 *
 * @param signals [bands], an even number, each of the same length; not changed.
 */
export function joinBands(signals: readonly Float64Array[], rateHz: number): Float64Array {
  const length = signals[0]!.length;
  let size = 2;
  while (size < length + RINGING_S * rateHz) size *= 2;
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  // Two real signals at a time, as the parts of a complex one.
  for (let band = 0; band < signals.length; band += 2) {
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    re.set(signals[band]!);
    im.set(signals[band + 1]!);
    fourierTransform(re, im);
    for (let bin = 0; bin <= size / 2; bin++) {
      const first = bandShare(band, (bin * rateHz) / size);
      const second = bandShare(band + 1, (bin * rateHz) / size);
      if (first === 0 && second === 0) continue;
      const mirror = (size - bin) % size;
      const even = (re[bin]! + re[mirror]!) / 2;
      const odd = (im[bin]! - im[mirror]!) / 2;
      const evenSecond = (im[bin]! + im[mirror]!) / 2;
      const oddSecond = (re[mirror]! - re[bin]!) / 2;
      real[bin]! += first * even + second * evenSecond;
      imaginary[bin]! += first * odd + second * oddSecond;
    }
  }
  // The inverse transform of a real signal: conjugate, transform, scale.
  for (let bin = 0; bin <= size / 2; bin++) {
    imaginary[bin] = -imaginary[bin]!;
    if (bin === 0 || bin === size / 2) continue;
    real[size - bin] = real[bin]!;
    imaginary[size - bin] = -imaginary[bin]!;
  }
  fourierTransform(real, imaginary);
  return real.subarray(0, length).map((value) => value / size);
}

/** Returns a band's share of the spectrum at a frequency; the shares of all bands sum to one. */
export function bandShare(band: number, frequencyHz: number): number {
  if (frequencyHz === 0) return band === 0 ? 1 : 0;
  const place = log2(frequencyHz / BANDS_HZ[0]);
  const clamped = Math.min(BANDS_HZ.length - 1, Math.max(0, place));
  const away = Math.abs(clamped - band);
  return away >= 1 ? 0 : 0.5 + 0.5 * cos(Math.PI * away);
}
