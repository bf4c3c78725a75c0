import { pow } from '../../core/math/exact.js';
import { randomStream } from '../../core/random.js';

/** How a contact reads a surface over some samples. */
export interface Reading {
  /** Length of path covered before the first sample, m. */
  readonly fromM: number;
  /** Speed along the path before the first and at the last sample; even in between. */
  readonly fromMps: number;
  readonly toMps: number;
  readonly rateHz: number;
  /** Share of a wave's power that the patch of contact lets through, by its wave number, rad/m. */
  patch(waveNumber: number): number;
}

/** Heights along a path over a rough surface, in units of their root mean square. */
export interface SurfaceProfile {
  /**
   * Adds heights to `out` [count]; waves that would be heard below 20 Hz or near the sampling limit are left out.
   *
   * @returns length of path covered after the last sample, m.
   */
  read(out: Float64Array, count: number, reading: Reading): number;
}

/** Roughness repeats itself up to this length, m; beyond it a surface is even. */
const LONGEST_WAVE_M = 4e-3;
/** Down to waves of 4 micrometres. */
const OCTAVES = 11;
/**
 * Hurst exponent of the heights, whose power falls as (wave number)^-(2 H + 1): most measured surfaces have 0.7 to 0.9
 * (Persson, Albohr, Tartaglino, Volokitin, Tosatti: On the nature of surface roughness, J. Phys. Condens. Matter 17, 2005).
 */
const HURST = 0.8;
const LOWEST_HZ = 20;
/** Shares of the sampling rate between which an octave fades out. */
const FADES_FROM = 0.15;
const FADES_TO = 0.4;

/** Octaves fall in power by 2^-2H each and have the power 1 together. */
const AMPLITUDES = Float64Array.from({ length: OCTAVES }, (_, octave) => {
  const share = (1 - pow(2, -2 * HURST)) * pow(2, -2 * HURST * octave);
  // Heights that are even between -1 and 1 have the power 1/3, straight lines between them 2/3 of that.
  return Math.sqrt(share * 3 * 1.5);
});

/**
 * Opens the profile of a pair of surfaces: a pure function of the path's length and of the name.
 *
 * Fractal value noise: eleven octaves of evenly spaced random heights, straight lines in between.
 */
export function createSurfaceProfile(seed: number, ...name: (string | number)[]): SurfaceProfile {
  const stream = randomStream(seed, ...name);
  const keys = Int32Array.from({ length: OCTAVES }, () => stream.integer(2 ** 32) | 0);
  return {
    read(out, count, reading) {
      const { fromM, fromMps, toMps, rateHz } = reading;
      for (let octave = 0, waveM = LONGEST_WAVE_M; octave < OCTAVES; octave++, waveM /= 2) {
        const amplitude = AMPLITUDES[octave]! * Math.sqrt(reading.patch((2 * Math.PI) / waveM));
        const first = amplitude * Math.sqrt(audible(fromMps / waveM, rateHz));
        const last = amplitude * Math.sqrt(audible(toMps / waveM, rateHz));
        if (first + last > 0) addOctave(out, count, reading, waveM / 2, keys[octave]!, [first, last]);
      }
      return fromM + ((fromMps + toMps) / 2 / rateHz) * count;
    },
  };
}

/** Share of an octave's power that is kept. */
function audible(hz: number, rateHz: number): number {
  return share(hz / LOWEST_HZ - 1) * share((FADES_TO - hz / rateHz) / (FADES_TO - FADES_FROM));
}

function share(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function addOctave(
  out: Float64Array,
  count: number,
  { fromM, fromMps, toMps, rateHz }: Reading,
  spacingM: number,
  key: number,
  [first, last]: readonly [number, number],
): void {
  const unit = 1 / spacingM;
  const gainMps = (toMps - fromMps) / count;
  let position = fromM * unit;
  let cell = Number.NaN;
  let [low, rise] = [0, 0];
  for (let sample = 0; sample < count; sample++) {
    // The middle of the speeds before and at the sample, so that the sum over samples is the length of path.
    position += ((fromMps + gainMps * (sample + 0.5)) / rateHz) * unit;
    const at = Math.floor(position);
    if (at !== cell) {
      cell = at;
      low = node(at, key);
      rise = node(at + 1, key) - low;
    }
    const amplitude = first + ((last - first) * (sample + 1)) / count;
    out[sample]! += amplitude * (low + rise * (position - at));
  }
}

/** Random height between -1 and 1 by index: Wellons' lowbias32 of the index and the key. */
function node(index: number, key: number): number {
  let bits = (index | 0) ^ key;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  bits ^= bits >>> 16;
  return bits / 2147483648;
}
