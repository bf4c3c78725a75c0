import { atan2, cos, log, sin } from '../../core/math/exact.js';
import { fourierTransform } from '../../core/math/fourier.js';
import type { Metric } from '../contract.js';
import { INVALID, metricOf, requirePositive } from './metric.js';
import { hann } from './short-time-spectrum.js';

/** One tone of a struck body: exp(-decay t) cos(2 pi f t). */
export interface RingingMode {
  readonly frequencyHz: number;
  /** Decay of the amplitude; T60 = 6.91 / decay. */
  readonly decayPerS: number;
  /** Power of its line in the spectrum of the whole ringing, dB below the loudest mode's. */
  readonly belowLoudestDb: number;
}

/** How the tones of a ringing are found. */
export interface RingingOptions {
  readonly most?: number;
  /** Peaks further below the loudest are left, dB. */
  readonly rangeDb?: number;
  readonly lowestHz?: number;
  readonly highestHz?: number;
}

/**
 * Measures the loudest tones of a sound that rings, and how fast each decays.
 *
 * Peaks of the spectrum under the falling half of a Hann window give the tones. A tone is then brought down to 0 Hz, low-passed by a moving
 * average as wide as its neighbours allow, and its decay is the slope of the logarithm of its envelope, fitted from its peak
 * until it has fallen by 30 dB or reached three times the envelope at the end; the turning of its phase corrects the
 * frequency. Good to about 0.1 % in frequency and 5 % in decay for tones further apart than 30 Hz that ring
 * for 20 ms or more; for nearer ones use a parametric fit.
 *
 * @param samples from the onset on; not changed.
 * @returns ascending in frequency. Empty for fewer than 256 samples or for silence.
 * @throws UmweltError `invalid-input` unless the rate is above 0.
 */
export function measureRinging(
  samples: ArrayLike<number>,
  rateHz: number,
  { most = 6, rangeDb = 40, lowestHz = 50, highestHz = 0.45 * rateHz }: RingingOptions = {},
): RingingMode[] {
  requirePositive('ringing', { rateHz });
  let size = 256;
  while (2 * size <= samples.length) size *= 2;
  if (samples.length < 256) return [];
  const power = spectrumOf(samples, size);
  const binHz = rateHz / (2 * size);
  const peaks = tallestPeaks(power, Math.ceil(lowestHz / binHz), Math.floor(highestHz / binHz), rangeDb);
  const loudest = power[peaks[0] ?? 0]!;
  const chosen = peaks.slice(0, most);
  return chosen
    .map((bin) => {
      const roughHz = bin * binHz;
      const nearestHz = peaks.reduce(
        (least, other) => (other === bin ? least : Math.min(least, Math.abs(other - bin) * binHz)),
        Math.min(200, roughHz),
      );
      const envelope = demodulate(samples, rateHz, roughHz, nearestHz);
      return {
        frequencyHz: roughHz + envelope.offsetHz,
        decayPerS: envelope.decayPerS,
        belowLoudestDb: (10 / Math.LN10) * log(loudest / power[bin]!),
      };
    })
    .filter(({ frequencyHz, decayPerS }) => Number.isFinite(frequencyHz) && decayPerS > 0)
    .sort((a, b) => a.frequencyHz - b.frequencyHz);
}

/** How the tones of two ringings agree. Invalid where none could be matched. */
export interface RingingAgreement {
  /** Mean of 100 |f - f'| / f' over the matched tones. */
  readonly frequencyErrorPct: Metric;
  /** Mean |ln(d / d')| over the matched tones: 0.69 is a factor of two. */
  readonly logDecayError: Metric;
  /** Share of the recording's tones that were matched. Invalid where it has none. */
  readonly found: Metric;
}

/**
 * Compares the tones of a predicted ringing with the recorded ones: each recorded tone, the loudest first, with the nearest
 * predicted one that is left and within `tolerancePct` of its frequency.
 */
export function compareRinging(
  predicted: readonly RingingMode[],
  actual: readonly RingingMode[],
  tolerancePct = 10,
): RingingAgreement {
  const left = [...predicted];
  let frequency = 0;
  let decay = 0;
  let matched = 0;
  for (const mode of actual.toSorted((a, b) => a.belowLoudestDb - b.belowLoudestDb)) {
    const apartPct = (other: RingingMode): number =>
      (100 * Math.abs(other.frequencyHz - mode.frequencyHz)) / mode.frequencyHz;
    const nearest = left.toSorted((a, b) => apartPct(a) - apartPct(b))[0];
    if (nearest === undefined || apartPct(nearest) > tolerancePct) continue;
    left.splice(left.indexOf(nearest), 1);
    frequency += apartPct(nearest);
    decay += Math.abs(log(nearest.decayPerS / mode.decayPerS));
    matched++;
  }
  return {
    frequencyErrorPct: metricOf(frequency / matched),
    logDecayError: metricOf(decay / matched),
    found: actual.length === 0 ? INVALID : metricOf(matched / actual.length),
  };
}

/** Power of the sound under the falling half of a Hann window, which keeps tones that die at once; padded to twice its length: [size + 1]. */
function spectrumOf(samples: ArrayLike<number>, size: number): Float64Array {
  const window = hann(2 * size).subarray(size);
  const real = new Float64Array(2 * size);
  const imaginary = new Float64Array(2 * size);
  for (let i = 0; i < size; i++) real[i] = samples[i]! * window[i]!;
  fourierTransform(real, imaginary);
  return Float64Array.from({ length: size + 1 }, (_, bin) => real[bin]! ** 2 + imaginary[bin]! ** 2);
}

/** Bins higher than all within the window's own width, the highest first. */
function tallestPeaks(power: Float64Array, from: number, to: number, rangeDb: number): number[] {
  const peaks: number[] = [];
  for (let bin = Math.max(6, from); bin <= Math.min(power.length - 7, to); bin++) {
    let highest = power[bin]! > 0;
    for (let near = bin - 6; near <= bin + 6 && highest; near++) highest = power[near]! <= power[bin]!;
    if (highest) peaks.push(bin);
  }
  peaks.sort((a, b) => power[b]! - power[a]!);
  const least = power[peaks[0] ?? 0]! * 10 ** (-rangeDb / 10);
  return peaks.filter((bin) => power[bin]! >= least);
}

/** Fits a straight line to the logarithm of a tone's envelope and one to its phase. */
function demodulate(
  samples: ArrayLike<number>,
  rateHz: number,
  frequencyHz: number,
  nearestHz: number,
): { readonly decayPerS: number; readonly offsetHz: number } {
  // A moving average over whole periods of the nearest tone's beat has a zero there.
  const width = Math.max(8, Math.min(Math.floor(samples.length / 4), Math.round((2 * rateHz) / nearestHz)));
  const step = Math.max(1, Math.floor(width / 4));
  const sums = movingSums(samples, (2 * Math.PI * frequencyHz) / rateHz, width);
  const count = Math.floor((sums.real.length - 1) / step) + 1;
  const level = Float64Array.from({ length: count }, (_, i) =>
    Math.sqrt(sums.real[i * step]! ** 2 + sums.imaginary[i * step]! ** 2),
  );
  const top = level.indexOf(level.reduce((most, value) => Math.max(most, value), 0));
  const tail = level.subarray(Math.floor(count * 0.9)).reduce((most, value) => Math.max(most, value), 0);
  const least = Math.max(level[top]! / 31.6, Math.min(3 * tail, level[top]! / 3));
  let last = top;
  while (last + 1 < count && level[last + 1]! > least) last++;
  const times: number[] = [];
  const logs: number[] = [];
  const phases: number[] = [];
  for (let i = top; i <= last; i++) {
    const phase = atan2(sums.imaginary[i * step]!, sums.real[i * step]!);
    const before = phases.at(-1) ?? phase;
    times.push((i * step) / rateHz);
    logs.push(log(level[i]!));
    phases.push(phase - 2 * Math.PI * Math.round((phase - before) / (2 * Math.PI)));
  }
  return { decayPerS: -slope(times, logs), offsetHz: slope(times, phases) / (2 * Math.PI) };
}

/** Sums of the sound times exp(-i w n) over each window of `width` samples. */
function movingSums(
  samples: ArrayLike<number>,
  radPerSample: number,
  width: number,
): { readonly real: Float64Array; readonly imaginary: Float64Array } {
  const length = samples.length - width + 1;
  const real = new Float64Array(length);
  const imaginary = new Float64Array(length);
  // Weighted by a triangle (two running means in a row), whose side lobes are 26 dB down rather than 13.
  const half = Math.max(1, Math.floor(width / 2));
  const turned = (part: (angle: number) => number, sign: number): Float64Array =>
    Float64Array.from({ length: samples.length }, (_, n) => sign * samples[n]! * part(radPerSample * n));
  const average = (values: Float64Array): Float64Array => {
    const out = new Float64Array(Math.max(0, values.length - half + 1));
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      sum += values[i]! - (i >= half ? values[i - half]! : 0);
      if (i >= half - 1) out[i - half + 1] = sum;
    }
    return out;
  };
  real.set(average(average(turned(cos, 1))).subarray(0, length));
  imaginary.set(average(average(turned(sin, -1))).subarray(0, length));
  return { real, imaginary };
}

function slope(x: readonly number[], y: readonly number[]): number {
  const meanX = x.reduce((sum, value) => sum + value, 0) / x.length;
  const meanY = y.reduce((sum, value) => sum + value, 0) / y.length;
  let together = 0;
  let alone = 0;
  for (const [i, value] of x.entries()) {
    together += (value - meanX) * (y[i]! - meanY);
    alone += (value - meanX) ** 2;
  }
  return together / alone;
}
