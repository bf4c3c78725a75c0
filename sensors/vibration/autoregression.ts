import { cos } from '../../core/math/exact.js';

/** A stationary random signal as an all-pole filter: its variance, and reflection coefficients between -1 and 1. */
export interface AutoregressiveModel {
  readonly variance: number;
  readonly reflection: Float64Array;
}

const BINS = 256;

/**
 * Fits an autoregressive model to a spectrum by its autocorrelation (Levinson and Durbin): the one whose spectrum is the
 * flattest that has it. All reflection coefficients are below 1 in size, so it is stable.
 *
 * @param density one-sided power spectral density at a frequency, Hz.
 */
export function fitAutoregression(
  density: (frequencyHz: number) => number,
  rateHz: number,
  order: number,
): AutoregressiveModel {
  const width = rateHz / 2 / BINS;
  const power = Float64Array.from({ length: BINS }, (_, bin) => density((bin + 0.5) * width) * width);
  const correlation = Float64Array.from({ length: order + 1 }, (_, lag) =>
    power.reduce((sum, value, bin) => sum + value * cos((Math.PI * (bin + 0.5) * lag) / BINS), 0),
  );
  return { variance: correlation[0]!, reflection: reflectionOf(correlation) };
}

/** Levinson's recursion: reflection coefficients k_1 to k_p of an autocorrelation. */
function reflectionOf(correlation: Float64Array): Float64Array {
  const order = correlation.length - 1;
  const reflection = new Float64Array(order);
  let predictor = new Float64Array(0);
  // A ten-billionth of white noise keeps the recursion away from 0 / 0.
  let error = correlation[0]! * (1 + 1e-10);
  if (!(error > 0)) return reflection;
  for (let m = 0; m < order; m++) {
    let sum = correlation[m + 1]!;
    for (let i = 0; i < m; i++) sum += predictor[i]! * correlation[m - i]!;
    const k = -sum / error;
    const next = new Float64Array(m + 1);
    for (let i = 0; i < m; i++) next[i] = predictor[i]! + k * predictor[m - 1 - i]!;
    next[m] = k;
    reflection[m] = k;
    predictor = next;
    error *= 1 - k * k;
  }
  return reflection;
}

/** A filter that turns white noise of variance one into a signal of variance one. */
export interface Lattice {
  /** @param input the next value of white noise. @param reflection the filter's coefficients now. */
  next(input: number, reflection: Float64Array): number;
}

/**
 * Makes a normalised lattice filter (Gray and Markel 1975): each stage turns its two signals by an angle, so it keeps their
 * energy and stays stable however its coefficients change.
 */
export function createLattice(order: number): Lattice {
  const backward = new Float64Array(order + 1);
  return {
    next(input, reflection) {
      let forward = input;
      for (let stage = order; stage >= 1; stage--) {
        const k = reflection[stage - 1]!;
        const c = Math.sqrt(1 - k * k);
        const delayed = backward[stage - 1]!;
        backward[stage] = k * forward + c * delayed;
        forward = c * forward - k * delayed;
      }
      backward[0] = forward;
      return forward;
    },
  };
}
