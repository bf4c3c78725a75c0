import { advance } from './chain.js';
import { modelOf, type PendulumModel } from './model.js';

/** A piece of a recording that a model is held against. */
export interface SwingWindow {
  readonly arms: number;
  readonly rateHz: number;
  readonly frames: number;
  /** [frames, arms] as the encoders read, rad. */
  readonly angleRad: Float64Array;
}

/** How a window is gone through: `stride` frames between two comparisons, `steps` Runge-Kutta steps for them. */
export interface Sampling {
  readonly stride: number;
  readonly steps: number;
}

/** How residuals of one window change with the model and with the state that it begins in. */
export interface WindowDerivatives {
  /** [comparisons * arms] model minus recording, rad. */
  readonly residuals: Float64Array;
  /** By parameter: the change of the residuals with it. */
  readonly byParameter: readonly Float64Array[];
  /** By entry of the state (angles, then rates). */
  readonly byState: readonly Float64Array[];
}

const STATE_STEP = 1e-6;
/** Part of a parameter's scale. */
const PARAMETER_STEP = 1e-4;

/**
 * Simulates a window from a state at its frame 0 and compares angles.
 *
 * @param start [2 arms] true angles (without the encoders' bias) and rates.
 * @returns [comparisons * arms] model minus recording, rad; the first comparison is frame 0 itself.
 */
export function residualsOf(
  model: PendulumModel,
  start: Float64Array,
  window: SwingWindow,
  sampling: Sampling,
): Float64Array {
  const { arms, frames, rateHz, angleRad } = window;
  const { stride, steps } = sampling;
  const comparisons = Math.floor((frames - 1) / stride) + 1;
  const residuals = new Float64Array(comparisons * arms);
  const state = Float64Array.from(start);
  for (let k = 0; k < comparisons; k++) {
    if (k > 0) advance(model.chain, state, stride / (rateHz * steps), steps);
    for (let arm = 0; arm < arms; arm++) {
      const read = angleRad[k * stride * arms + arm]!;
      residuals[k * arms + arm] = state[arm]! + model.biasRad[arm]! - read;
    }
  }
  return residuals;
}

/**
 * Computes residuals and their derivatives by finite differences.
 *
 * @param free places of the parameters to vary, in the order of `modelParameters`, with the scale of each.
 */
export function differentiateWindow(
  values: Float64Array,
  start: Float64Array,
  window: SwingWindow,
  sampling: Sampling,
  free: readonly { readonly place: number; readonly scale: number }[],
): WindowDerivatives {
  const { arms } = window;
  const model = modelOf(arms, values);
  const residuals = residualsOf(model, start, window, sampling);
  const slope = (changed: Float64Array, step: number): Float64Array =>
    changed.map((value, i) => (value - residuals[i]!) / step);
  const byParameter = free.map(({ place, scale }) => {
    const moved = Float64Array.from(values);
    moved[place]! += PARAMETER_STEP * scale;
    return slope(residualsOf(modelOf(arms, moved), start, window, sampling), PARAMETER_STEP * scale);
  });
  const byState = Array.from(start, (_, entry) => {
    const moved = Float64Array.from(start);
    moved[entry]! += STATE_STEP;
    return slope(residualsOf(model, moved, window, sampling), STATE_STEP);
  });
  return { residuals, byParameter, byState };
}

/** Sum of products. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
