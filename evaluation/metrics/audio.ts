import { log10 } from '../../core/math/exact.js';
import type { Metric } from '../contract.js';
import { INVALID, metricOf, requireSameLength } from './metric.js';
import { type FrameSizes, powerFrames } from './short-time-spectrum.js';

/** Three views of a sound, from Yamamoto, Song, Kim, Parallel WaveGAN, ICASSP 2020. */
export const RESOLUTIONS: readonly FrameSizes[] = [
  { fft: 1024, hop: 120, window: 600 },
  { fft: 2048, hop: 240, window: 1200 },
  { fft: 512, hop: 50, window: 240 },
];

/** Powers below this are taken for it, as in Parallel WaveGAN, for sounds whose peak is 1. */
const LEAST_POWER = 1e-7;

/**
 * Computes the log-spectral distance of two sounds, dB; lower is better.
 *
 * Mean over frames of sqrt(mean over bins of (10 log10(P / P'))^2) (Gray, Markel 1976). Powers more than `rangeDb` below the
 * recording's loudest bin are raised to that floor, so that neither digital silence nor the noise of a microphone decides.
 * Invalid where the recording is silent, or either sound is empty or not finite.
 *
 * @param predicted sound pressure, consecutive samples at the same rate as `actual`.
 * @throws UmweltError `shape-mismatch` when the two are not equally long.
 */
export function logSpectralDistanceDb(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  { sizes = { fft: 1024, hop: 256, window: 1024 }, rangeDb = 80 }: LogSpectralOptions = {},
): Metric {
  requireSameLength('log-spectral distance', predicted, actual);
  const a = powerFrames(predicted, sizes);
  const b = powerFrames(actual, sizes);
  const floor = largest(b.power) * 10 ** (-rangeDb / 10);
  if (!(floor > 0)) return INVALID;
  let sum = 0;
  for (let frame = 0; frame < b.frames; frame++) {
    let squares = 0;
    for (let at = frame * b.bins; at < (frame + 1) * b.bins; at++) {
      squares += (10 * log10(Math.max(floor, a.power[at]!) / Math.max(floor, b.power[at]!))) ** 2;
    }
    sum += Math.sqrt(squares / b.bins);
  }
  return metricOf(sum / b.frames);
}

/** How a log-spectral distance is measured. */
export interface LogSpectralOptions {
  readonly sizes?: FrameSizes;
  /** What counts as silence, dB below the recording's loudest bin. */
  readonly rangeDb?: number;
}

/** The parts of a multi-resolution spectral distance. */
export interface SpectralDistance {
  /** ||S - S'|| / ||S'||, Frobenius norms of the magnitudes. */
  readonly convergence: Metric;
  /** Mean |ln S - ln S'|. */
  readonly logMagnitude: Metric;
  /** Their sum. */
  readonly total: Metric;
}

/**
 * Computes the multi-resolution STFT distance of two sounds, 1; lower is better.
 *
 * For each of three resolutions the spectral convergence ||S - S'||_F / ||S'||_F and the mean |ln S - ln S'| of the
 * magnitudes, averaged over the resolutions (Yamamoto, Song, Kim, Parallel WaveGAN, ICASSP 2020). Both sounds are first
 * divided by the recording's peak, as the paper's sounds are. Invalid where the recording is silent.
 *
 * @throws UmweltError `shape-mismatch` when the two are not equally long.
 */
export function multiResolutionDistance(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  resolutions: readonly FrameSizes[] = RESOLUTIONS,
): SpectralDistance {
  requireSameLength('multi-resolution STFT', predicted, actual);
  let peak = 0;
  for (let i = 0; i < actual.length; i++) peak = Math.max(peak, Math.abs(actual[i]!));
  if (!(peak > 0)) return { convergence: INVALID, logMagnitude: INVALID, total: INVALID };
  const scaled = (samples: ArrayLike<number>): Float64Array =>
    Float64Array.from(samples, (sample) => sample / peak);
  const [a, b] = [scaled(predicted), scaled(actual)];
  let convergence = 0;
  let logMagnitude = 0;
  for (const sizes of resolutions) {
    const distance = distanceAt(powerFrames(a, sizes).power, powerFrames(b, sizes).power);
    convergence += distance.convergence / resolutions.length;
    logMagnitude += distance.logMagnitude / resolutions.length;
  }
  return {
    convergence: metricOf(convergence),
    logMagnitude: metricOf(logMagnitude),
    total: metricOf(convergence + logMagnitude),
  };
}

function distanceAt(
  predicted: Float64Array,
  actual: Float64Array,
): { readonly convergence: number; readonly logMagnitude: number } {
  let apart = 0;
  let together = 0;
  let logs = 0;
  for (let at = 0; at < actual.length; at++) {
    const a = Math.max(LEAST_POWER, predicted[at]!);
    const b = Math.max(LEAST_POWER, actual[at]!);
    apart += (Math.sqrt(a) - Math.sqrt(b)) ** 2;
    together += b;
    logs += Math.abs(log10(a / b)) * (Math.LN10 / 2);
  }
  return { convergence: Math.sqrt(apart / together), logMagnitude: logs / actual.length };
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, value);
  return most;
}
