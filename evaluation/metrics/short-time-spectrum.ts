import { UmweltError } from '../../core/errors.js';
import { cos } from '../../core/math/exact.js';
import { fourierTransform } from '../../core/math/fourier.js';

/** How a sound is cut into frames. */
export interface FrameSizes {
  /** Length of the transform, samples, a power of two. */
  readonly fft: number;
  readonly hop: number;
  /** Length of the Hann window, at most `fft`, in whose middle it lies. */
  readonly window: number;
}

/** Power of each frame's spectral lines. */
export interface PowerFrames {
  readonly frames: number;
  /** fft / 2 + 1. */
  readonly bins: number;
  /** [frames, bins], |X|^2, unnormalised. */
  readonly power: Float64Array;
}

/**
 * Computes the power spectrum of every frame: |DFT(w x)|^2 with a periodic Hann window w.
 *
 * Frame i is centred on sample i hop, and the sound is continued at its ends by reflection (torch.stft with `center`);
 * a sound shorter than half a transform is continued by zeros.
 *
 * @param samples consecutive, not changed.
 * @throws UmweltError `invalid-input` when the transform is no power of two, or the hop or window do not fit it.
 */
export function powerFrames(samples: ArrayLike<number>, { fft, hop, window }: FrameSizes): PowerFrames {
  requireSizes({ fft, hop, window });
  const weights = hann(window);
  const from = Math.floor((fft - window) / 2);
  const bins = fft / 2 + 1;
  const frames = samples.length === 0 ? 0 : Math.floor(samples.length / hop) + 1;
  const power = new Float64Array(frames * bins);
  const real = new Float64Array(fft);
  const imaginary = new Float64Array(fft);
  for (let frame = 0; frame < frames; frame++) {
    real.fill(0);
    imaginary.fill(0);
    const start = frame * hop - fft / 2 + from;
    for (let i = 0; i < window; i++) real[from + i] = weights[i]! * reflected(samples, start + i);
    fourierTransform(real, imaginary);
    for (let bin = 0; bin < bins; bin++) power[frame * bins + bin] = real[bin]! ** 2 + imaginary[bin]! ** 2;
  }
  return { frames, bins, power };
}

/** Returns a periodic Hann window, 0.5 - 0.5 cos(2 pi i / length): float64 [length]. */
export function hann(length: number): Float64Array {
  return Float64Array.from({ length }, (_, i) => 0.5 - 0.5 * cos((2 * Math.PI * i) / length));
}

/**
 * Estimates the power spectral density by Welch's method: Hann windows of `window` samples that overlap by half, each with
 * its mean taken off, averaged. One-sided, unit^2/Hz: its sum times rate / window is the variance (Welch 1967; as
 * scipy.signal.welch).
 *
 * @param window a power of two; a shorter signal is one window of the power of two below it.
 * @returns float64 [window / 2 + 1]; empty for fewer than 4 samples.
 */
export function welchDensity(samples: ArrayLike<number>, rateHz: number, window = 256): Float64Array {
  let size = window;
  while (size > samples.length) size /= 2;
  if (size < 4) return new Float64Array(0);
  const weights = hann(size);
  const energy = weights.reduce((sum, weight) => sum + weight * weight, 0);
  const density = new Float64Array(size / 2 + 1);
  const real = new Float64Array(size);
  const imaginary = new Float64Array(size);
  let frames = 0;
  for (let start = 0; start + size <= samples.length; start += size / 2, frames++) {
    let mean = 0;
    for (let i = 0; i < size; i++) mean += samples[start + i]! / size;
    for (let i = 0; i < size; i++) real[i] = weights[i]! * (samples[start + i]! - mean);
    imaginary.fill(0);
    fourierTransform(real, imaginary);
    for (let bin = 0; bin < density.length; bin++) {
      const sides = bin === 0 || bin === size / 2 ? 1 : 2;
      density[bin]! += (sides * (real[bin]! ** 2 + imaginary[bin]! ** 2)) / (rateHz * energy);
    }
  }
  return density.map((value) => value / frames);
}

/** The sample at a place beyond the ends, as in a mirror at the first and the last sample. */
function reflected(samples: ArrayLike<number>, at: number): number {
  const last = samples.length - 1;
  const inside = at < 0 ? -at : at > last ? 2 * last - at : at;
  return inside < 0 || inside > last ? 0 : samples[inside]!;
}

function requireSizes({ fft, hop, window }: FrameSizes): void {
  const whole = [fft, hop, window].every((size) => Number.isSafeInteger(size) && size >= 1);
  if (whole && fft >= 2 && fft <= 1 << 20 && (fft & (fft - 1)) === 0 && window <= fft) return;
  throw new UmweltError(
    'invalid-input',
    { fft, hop, window },
    `spectrum: expected a transform of a power of two samples, a whole hop above 0 and a window no longer than the transform; got ${fft}, ${hop} and ${window}`,
  );
}
