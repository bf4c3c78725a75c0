import { log } from '../../core/math/exact.js';
import { requirePositive } from './metric.js';
import { powerFrames } from './short-time-spectrum.js';

/** How onsets of sounds are found. */
export interface OnsetOptions {
  /** Onsets nearer to the last than this are not counted. */
  readonly apartS?: number;
  /** Length of a frame: 20 ms for what people hear; shorter for recordings of milliseconds (impact echo). */
  readonly windowS?: number;
  /** How far a peak must stand out of the flux around it, in deviations of the whole sound's flux. */
  readonly threshold?: number;
  /** Sounds whose frame is further below the loudest than this are noise, dB. */
  readonly rangeDb?: number;
}

/** Frames begin this part of a window apart; the refinement is finer. */
const HOPS = 4;
/** What a recording begins with is an onset when it is within 20 dB of the loudest, and background otherwise. */
const LOUD_AT_ONCE = 100;
/** Hops to each side of a peak whose flux it is compared with. */
const AROUND = 20;

/**
 * Finds when sounds begin, seconds from the first sample.
 *
 * Peaks of the half-wave rectified spectral flux of log(1 + |X|^2 / floor) that stand out of their surroundings (Bello et al.,
 * A tutorial on onset detection in music signals, IEEE TSAP 13, 2005), each moved to where the short-time energy first
 * reaches a quarter of what it rises to. Good to a tenth of a window for blows; a slow attack is found late.
 *
 * @param samples sound pressure, consecutive; not changed.
 * @returns ascending.
 * @throws UmweltError `invalid-input` unless the rate is above 0.
 */
export function findOnsetsS(
  samples: ArrayLike<number>,
  rateHz: number,
  { windowS = 0.02, apartS = 2.5 * windowS, threshold = 1.5, rangeDb = 50 }: OnsetOptions = {},
): number[] {
  requirePositive('onsets', { rateHz, windowS });
  const hop = Math.max(1, Math.round((windowS / HOPS) * rateHz));
  let fft = 16;
  while (fft < windowS * rateHz) fft *= 2;
  const { frames, bins, power } = powerFrames(samples, { fft, hop, window: fft });
  const loudness = Float64Array.from({ length: frames }, (_, frame) =>
    power.subarray(frame * bins, (frame + 1) * bins).reduce((sum, value) => sum + value, 0),
  );
  const loudest = loudness.reduce((most, value) => Math.max(most, value), 0);
  if (!(loudest > 0)) return [];
  const floor = (loudest / bins) * 10 ** (-rangeDb / 10);
  const flux = Float64Array.from({ length: frames }, (_, frame) => {
    if (frame === 0)
      return loudness[0]! * LOUD_AT_ONCE > loudest ? log(1 + loudness[0]! / (floor * bins)) : 0;
    let rise = 0;
    for (let bin = 0; bin < bins; bin++) {
      const now = log(1 + power[frame * bins + bin]! / floor);
      rise += Math.max(0, now - log(1 + power[(frame - 1) * bins + bin]! / floor));
    }
    return rise / bins;
  });
  const onsets: number[] = [];
  for (const frame of peaksOf(flux, AROUND, threshold)) {
    const onsetS = attackS(samples, rateHz, frame * hop, fft, windowS / 20);
    if (loudness[Math.min(frames - 1, frame + 1)]! < floor * bins) continue;
    if (onsets.length === 0 || onsetS - onsets.at(-1)! >= apartS) onsets.push(onsetS);
  }
  return onsets;
}

/** Frames that are the highest of their surroundings and stand out of them. */
function peaksOf(flux: Float64Array, around: number, threshold: number): number[] {
  const mean = flux.reduce((sum, value) => sum + value, 0) / flux.length;
  const deviation = Math.sqrt(flux.reduce((sum, value) => sum + (value - mean) ** 2, 0) / flux.length);
  const peaks: number[] = [];
  for (let frame = 0; frame < flux.length; frame++) {
    let sum = 0;
    let count = 0;
    let highest = true;
    for (let near = Math.max(0, frame - around); near <= frame + around && near < flux.length; near++) {
      if (
        Math.abs(near - frame) <= 5 &&
        (flux[near]! > flux[frame]! || (near < frame && flux[near] === flux[frame]))
      )
        highest = false;
      sum += flux[near]!;
      count++;
    }
    // Steady sound has no deviation to stand out of.
    if (highest && deviation > 1e-9 && flux[frame]! > sum / count + threshold * deviation) peaks.push(frame);
  }
  return peaks;
}

/** Where, around a frame's middle, the energy of a short while first reaches a quarter of its rise. */
function attackS(
  samples: ArrayLike<number>,
  rateHz: number,
  centre: number,
  reach: number,
  whileS: number,
): number {
  const width = Math.max(1, Math.round(whileS * rateHz));
  const from = Math.max(0, centre - reach);
  const to = Math.min(samples.length - width, centre + reach);
  const energies: number[] = [];
  for (let start = from; start <= to; start++) {
    let energy = 0;
    for (let i = 0; i < width; i++) energy += samples[start + i]! ** 2;
    energies.push(energy);
  }
  if (energies.length === 0) return centre / rateHz;
  const most = energies.reduce((a, b) => Math.max(a, b), 0);
  const top = energies.indexOf(most);
  const least = energies.slice(0, top + 1).reduce((a, b) => Math.min(a, b), most);
  const level = least + (most - least) / 4;
  let at = top;
  while (at > 0 && energies[at - 1]! >= level) at--;
  // The energy of a while rises when its last sample does.
  const rising = at > 0 || energies[0]! < level;
  return (from + at + (rising ? width - 1 : 0)) / rateHz;
}
