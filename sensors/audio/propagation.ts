import { length, subtract, type Vec3 } from '../../core/math/vector.js';

/** Speed of sound in dry air at 20 degrees Celsius. */
export const SPEED_OF_SOUND_MPS = 343.2;

/** Nearer than this a source sounds no louder. */
const NEAREST_M = 0.05;
/** Farther sources than this are not heard: their sound would outlast the memory of the line. */
const FARTHEST_M = 100;

/** What a point source has sounded like, to be heard later and fainter elsewhere. */
export interface SourceLine {
  /** Takes in the next samples, Pa m. */
  write(samples: Float64Array): void;
  /**
   * Adds to `out` what a listener hears over the samples that were written last: retarded by distance / c with linear
   * interpolation between samples, divided by distance. The distance moves evenly from `fromM` to `toM`.
   */
  hear(out: Float64Array, fromM: number, toM: number): void;
}

/** Creates the delay line of one source. */
export function createSourceLine(rateHz: number): SourceLine {
  const farthest = Math.ceil((FARTHEST_M / SPEED_OF_SOUND_MPS) * rateHz) + 2;
  let size = 1;
  while (size < farthest + rateHz) size *= 2;
  const memory = new Float64Array(size);
  const mask = size - 1;
  let written = 0;
  let lastSound = Number.NEGATIVE_INFINITY;
  return {
    write(samples) {
      for (let index = 0; index < samples.length; index++) {
        const sample = samples[index]!;
        memory[(written + index) & mask] = sample;
        if (sample !== 0) lastSound = written + index;
      }
      written += samples.length;
    },
    hear(out, fromM, toM) {
      const first = written - out.length;
      const start = Math.max(NEAREST_M, fromM);
      const end = Math.max(NEAREST_M, toM);
      const samplesPerM = rateHz / SPEED_OF_SOUND_MPS;
      if (lastSound < first - Math.max(start, end) * samplesPerM - 1 || Math.max(start, end) > FARTHEST_M)
        return;
      for (let index = 0; index < out.length; index++) {
        const distance = start + ((end - start) * (index + 1)) / out.length;
        const position = first + index - distance * samplesPerM;
        const whole = Math.floor(position);
        if (whole < 0) continue;
        const early = memory[whole & mask]!;
        const late = memory[(whole + 1) & mask]!;
        out[index]! += (early + (late - early) * (position - whole)) / distance;
      }
    },
  };
}

/** Distance between two points, m. */
export function distanceM(a: Vec3, b: Vec3): number {
  return length(subtract(a, b));
}
