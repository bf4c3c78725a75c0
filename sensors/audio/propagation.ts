import { sin } from '../../core/math/exact.js';
import { SPEED_OF_SOUND_MPS } from './air.js';

/** Nearer than this a source sounds no louder. */
export const NEAREST_M = 0.05;
/** Farther sources than this are not heard: their sound would outlast the memory of the line. */
export const FARTHEST_M = 100;

/** What a point source has sounded like, to be heard later and fainter elsewhere. */
export interface SourceLine {
  /** Takes in the next `count` samples, Pa m; `sounds` is false where all of them are zero. */
  write(samples: Float64Array, count: number, sounds: boolean): void;
  /**
   * Adds to `out` what a listener hears over the last `count` samples: retarded by distance / c, divided by distance.
   * The distance moves evenly from `fromM` to `toM`, which gives the Doppler shift to first order in speed / c.
   *
   * @param earlySamples how far the written samples lag behind their true time.
   */
  hear(out: Float64Array, count: number, fromM: number, toM: number, earlySamples: number): void;
}

const TAPS = 8;
const PHASES = 256;
/** Kaiser window's shape: flat within 0.1 dB up to 0.3 of the sampling rate. */
const KAISER_BETA = 4;

/** [PHASES + 1, TAPS]: weights of eight neighbouring samples for a place between the fourth and the fifth. */
const KERNEL = tabulateKernel();

/** Creates the delay line of one moving source; reads between samples with an 8-point Kaiser-windowed sinc. */
export function createSourceLine(rateHz: number): SourceLine {
  const samplesPerM = rateHz / SPEED_OF_SOUND_MPS;
  const reach = Math.ceil(FARTHEST_M * samplesPerM) + TAPS;
  let size = 1;
  while (size < reach + rateHz) size *= 2;
  const memory = new Float64Array(size);
  const mask = size - 1;
  let written = 0;
  let lastSound = Number.NEGATIVE_INFINITY;
  return {
    write(samples, count, sounds) {
      for (let index = 0; index < count; index++) memory[(written + index) & mask] = samples[index]!;
      written += count;
      if (sounds) lastSound = written;
    },
    hear(out, count, fromM, toM, earlySamples) {
      const first = written - count;
      if (first - reach > lastSound || Math.max(fromM, toM) > FARTHEST_M) return;
      const nearest = Math.max(NEAREST_M, (TAPS / 2 + earlySamples) / samplesPerM);
      for (let index = 0; index < count; index++) {
        const distance = Math.max(nearest, fromM + ((toM - fromM) * (index + 1)) / count);
        const position = first + index + earlySamples - distance * samplesPerM;
        const whole = Math.floor(position);
        const phase = (position - whole) * PHASES;
        const row = Math.floor(phase);
        const between = phase - row;
        const at = row * TAPS;
        let sum = 0;
        for (let tap = 0; tap < TAPS; tap++) {
          const low = KERNEL[at + tap]!;
          const weight = low + (KERNEL[at + TAPS + tap]! - low) * between;
          sum += weight * memory[(whole + tap - TAPS / 2 + 1) & mask]!;
        }
        out[index]! += sum / distance;
      }
    },
  };
}

function tabulateKernel(): Float64Array {
  const kernel = new Float64Array((PHASES + 1) * TAPS);
  for (let row = 0; row <= PHASES; row++) {
    let total = 0;
    for (let tap = 0; tap < TAPS; tap++) {
      const offset = tap - TAPS / 2 + 1 - row / PHASES;
      const inside = 1 - (offset / (TAPS / 2)) * (offset / (TAPS / 2));
      const window = inside <= 0 ? 0 : bessel0(KAISER_BETA * Math.sqrt(inside));
      const sinc = offset === 0 ? 1 : sin(Math.PI * offset) / (Math.PI * offset);
      kernel[row * TAPS + tap] = sinc * window;
      total += sinc * window;
    }
    for (let tap = 0; tap < TAPS; tap++) kernel[row * TAPS + tap]! /= total;
  }
  return kernel;
}

/** Modified Bessel function of the first kind and order 0, by its power series; for small arguments. */
function bessel0(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}
