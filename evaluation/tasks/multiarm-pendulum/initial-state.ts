import { decompose, invertPositive, solvePositive } from '../../cholesky.js';
import { advance } from './chain.js';
import type { PendulumModel } from './model.js';
import { valuesOf } from './model.js';
import { differentiateWindow, dot, residualsOf, type Sampling, type SwingWindow } from './shooting.js';

/** What the context says about where a pendulum is and how fast it turns. */
export interface StateEstimate {
  /** [2 arms] at the context's last frame: true angles (rad), then rates (rad/s). */
  readonly state: Float64Array;
  /** [2 arms, 2 arms] Cholesky factor of the covariance of the state at the context's first frame. */
  readonly factor: Float64Array;
  /** [2 arms] the state at the context's first frame. */
  readonly first: Float64Array;
}

/** Error of one reading, rad: the root mean square of what the fitted models leave of the readings, of 0.006 to 0.02 degrees. */
const READING_ERROR_RAD = 2e-4;
const ITERATIONS = 4;
const EVERY_FRAME: Sampling = { stride: 1, steps: 1 };

/**
 * Estimates angles and rates at the last frame from the readings alone by a parabola through each arm's: knows no model. The
 * published rates are not used, since they are filtered with what comes later.
 *
 * @param window the context, at least one frame; the rates are 0 from one frame, a difference from two.
 */
export function stateByParabola(window: SwingWindow): Float64Array {
  const { arms, frames, rateHz, angleRad } = window;
  const state = new Float64Array(2 * arms);
  const degree = Math.min(2, frames - 1);
  const size = degree + 1;
  for (let arm = 0; arm < arms; arm++) {
    const normal = new Float64Array(size * size);
    const right = new Float64Array(size);
    const origin = angleRad[(frames - 1) * arms + arm]!;
    for (let frame = 0; frame < frames; frame++) {
      // In units of the context's length, so that the normal equations are well conditioned.
      const t = frames > 1 ? (frame - frames + 1) / (frames - 1) : 0;
      for (let i = 0; i < size; i++) {
        for (let j = 0; j < size; j++) normal[i * size + j]! += t ** (i + j);
        right[i]! += t ** i * (angleRad[frame * arms + arm]! - origin);
      }
    }
    const fitted = solvePositive(normal, right, size)!;
    state[arm] = origin + fitted[0]!;
    state[arms + arm] = degree > 0 ? (fitted[1]! * rateHz) / (frames - 1) : 0;
  }
  return state;
}

/**
 * Estimates the state by least squares: of all motions of the model, the one that passes closest to the readings of the
 * context (Gauss-Newton over the state at its first frame). Falls back on the parabola where the context is too short to tell.
 */
export function stateByModel(model: PendulumModel, window: SwingWindow): StateEstimate {
  const { frames, rateHz } = window;
  const last = truthOf(model, stateByParabola(window));
  const guess = Float64Array.from(last);
  advance(model.chain, guess, -1 / rateHz, frames - 1);
  const { first, information } = nearestMotion(model, window, guess, EVERY_FRAME);
  const state = Float64Array.from(first);
  advance(model.chain, state, 1 / rateHz, frames - 1);
  return { state, first, factor: spreadOf(information, state.length) };
}

/** Frames at a window's start that the first guess of its nearest motion is made from. */
const GUESS_FRAMES = 30;
const SPARSE: Sampling = { stride: 10, steps: 4 };

/** Returns by how much the motion of a model that is nearest to a window misses it, rad, root mean square over 100 readings a second. */
export function residualOfBestMotion(model: PendulumModel, window: SwingWindow): number {
  const { first } = nearestMotion(model, window, truthOf(model, stateAtStart(window)), SPARSE);
  const residuals = residualsOf(model, first, window, SPARSE);
  return Math.sqrt(dot(residuals, residuals) / residuals.length);
}

/** Estimates the state at a window's first frame from the frames after it, by a parabola; angles as the encoders read. */
export function stateAtStart(window: SwingWindow): Float64Array {
  const { arms, rateHz, angleRad } = window;
  // The parabola ends where the window begins: readings in reverse, and the rate with them.
  const frames = Math.min(GUESS_FRAMES, window.frames);
  const reversed = new Float64Array(frames * arms);
  for (let frame = 0; frame < frames; frame++) {
    reversed.set(angleRad.subarray(frame * arms, (frame + 1) * arms), (frames - 1 - frame) * arms);
  }
  const state = stateByParabola({ arms, rateHz, frames, angleRad: reversed });
  return state.map((value, i) => (i < arms ? value : -value));
}

/** Takes the encoders' biases out of a state. */
function truthOf({ biasRad }: PendulumModel, state: Float64Array): Float64Array {
  return state.map((value, i) => value - (biasRad[i] ?? 0));
}

function nearestMotion(
  model: PendulumModel,
  window: SwingWindow,
  guess: Float64Array,
  sampling: Sampling,
): { first: Float64Array; information: Float64Array } {
  const size = guess.length;
  const values = valuesOf(model);
  const first = Float64Array.from(guess);
  let information = new Float64Array(size * size);
  for (let iteration = 0; iteration < ITERATIONS && window.frames > 2; iteration++) {
    const { residuals, byState } = differentiateWindow(values, first, window, sampling, []);
    information = new Float64Array(size * size);
    const right = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) information[i * size + j] = dot(byState[i]!, byState[j]!);
      right[i] = -dot(byState[i]!, residuals);
    }
    const step = solvePositive(information, right, size);
    if (step === null) break;
    for (let i = 0; i < size; i++) first[i]! += step[i]!;
  }
  return { first, information };
}

function spreadOf(information: Float64Array, size: number): Float64Array {
  const covariance = invertPositive(information, size)?.map((value) => value * READING_ERROR_RAD ** 2);
  return (covariance && decompose(covariance, size)) ?? new Float64Array(size * size);
}
