import { cos, log2 } from '../../../core/math/exact.js';
import { fourierTransform } from '../../../core/math/fourier.js';

/** Middles of the octave bands in which walls absorb, Hz. */
export const BANDS_HZ = [125, 250, 500, 1000, 2000, 4000] as const;

/**
 * Filters one signal a band by that band's share of the spectrum and adds them up. The shares cross over by raised cosines, an
 * octave wide, and sum to one at every frequency; the lowest and the highest go on to the ends. Zero phase.
 *
 * @param signals [bands], each of the same length; not changed.
 */
export function joinBands(signals: readonly Float64Array[], rateHz: number): Float64Array {
  const length = signals[0]!.length;
  let size = 2;
  while (size < 2 * length) size *= 2;
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  for (const [band, signal] of signals.entries()) {
    const re = new Float64Array(size);
    const im = new Float64Array(size);
    re.set(signal);
    fourierTransform(re, im);
    for (let bin = 0; bin <= size / 2; bin++) {
      const share = bandShare(band, (bin * rateHz) / size);
      if (share === 0) continue;
      real[bin]! += share * re[bin]!;
      imaginary[bin]! += share * im[bin]!;
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

function bandShare(band: number, frequencyHz: number): number {
  if (frequencyHz === 0) return band === 0 ? 1 : 0;
  const place = log2(frequencyHz / BANDS_HZ[0]);
  const clamped = Math.min(BANDS_HZ.length - 1, Math.max(0, place));
  const away = Math.abs(clamped - band);
  return away >= 1 ? 0 : 0.5 + 0.5 * cos(Math.PI * away);
}
