import { setImmediate } from 'node:timers/promises';
import { invertPositive, solvePositive } from '../../cholesky.js';
import { requireRunning } from '../../interruption.js';
import { stateAtStart } from './initial-state.js';
import { type ModelParameter, modelOf, modelParameters, type PendulumModel, valuesOf } from './model.js';
import { differentiateWindow, dot, residualsOf, type Sampling, type SwingWindow } from './shooting.js';

/** What a fit found. */
export interface ChainFit {
  readonly model: PendulumModel;
  /** Places of the fitted parameters in the order of `modelParameters`. */
  readonly free: readonly number[];
  /**
   * [free, free] covariance of the fitted parameters by the sandwich estimator: from how differently the windows pull at them,
   * so that it also holds what the model leaves out (White, Econometrica 50, 1982).
   */
  readonly covariance: Float64Array;
  /** Root mean square of model minus recording over the windows of the last round, each from its own best start, rad. */
  readonly residualRad: number;
  readonly windows: number;
}

export interface FitOptions {
  /** Which parameters to fit; the others stay as the start has them. */
  readonly frees: (parameter: ModelParameter) => boolean;
  /** Lengths of windows, s, one round each: short ones first, since they converge from far away. */
  readonly windowsS: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

const SAMPLING: Sampling = { stride: 10, steps: 4 };
const MOST_ITERATIONS = 30;
/** A round ends when the sum of squares falls by less than this share: the last one, and those before it. */
const CONVERGED = 1e-4;
const NEAR = 0.05;

/**
 * Fits a model to recorded angles by multiple shooting: recordings are cut into windows, and parameters and the state that each
 * window begins in are found together (Levenberg-Marquardt; states are eliminated window by window, so that the cost grows with
 * the number of windows only linearly). Source: Bock, Recent advances in parameter identification techniques for ODE, 1983.
 *
 * @param recordings of one rig, at least one.
 * @throws UmweltError `interrupted`.
 */
export async function fitChain(
  recordings: readonly SwingWindow[],
  start: PendulumModel,
  { frees, windowsS, signal }: FitOptions,
): Promise<ChainFit> {
  const arms = start.biasRad.length;
  const parameters = modelParameters(arms);
  const free = parameters.flatMap((parameter, place) => (frees(parameter) ? [{ ...parameter, place }] : []));
  let values = valuesOf(start);
  let round: Round | undefined;
  for (const [at, lengthS] of windowsS.entries()) {
    const converged = at === windowsS.length - 1 ? CONVERGED : NEAR;
    const windows = recordings.flatMap((recording) => cut(recording, lengthS));
    round = begin(values, windows);
    let damping = 1e-3;
    for (let iteration = 0; iteration < MOST_ITERATIONS && damping < 1e6; iteration++) {
      await setImmediate();
      requireRunning(signal);
      const next = improve(round, free, damping);
      damping = next === null ? damping * 8 : Math.max(1e-9, damping / 5);
      if (next === null) continue;
      const gain = round.squares - next.squares;
      round = next;
      if (gain < converged * round.squares) break;
    }
    values = round.values;
  }
  return summarise(round!, free);
}

type Free = readonly (ModelParameter & { readonly place: number })[];

interface Round {
  readonly values: Float64Array;
  readonly windows: readonly SwingWindow[];
  /** By window: the state at its first frame. */
  readonly starts: readonly Float64Array[];
  /** Sum of squared residuals. */
  readonly squares: number;
}

/** Cuts a recording into windows of a length that follow each other; all of it is one where it is shorter. */
function cut({ arms, rateHz, frames, angleRad }: SwingWindow, lengthS: number): readonly SwingWindow[] {
  const length = Math.min(frames, Math.round(lengthS * rateHz));
  return Array.from({ length: Math.floor(frames / length) }, (_, i) => ({
    arms,
    rateHz,
    frames: length,
    angleRad: angleRad.subarray(i * length * arms, (i + 1) * length * arms),
  }));
}

function begin(values: Float64Array, windows: readonly SwingWindow[]): Round {
  const { biasRad } = modelOf(windows[0]!.arms, values);
  const starts = windows.map((window) => stateAtStart(window).map((value, i) => value - (biasRad[i] ?? 0)));
  return { values, windows, starts, squares: squaresOf(values, windows, starts) };
}

function squaresOf(
  values: Float64Array,
  windows: readonly SwingWindow[],
  starts: readonly Float64Array[],
): number {
  const model = modelOf(windows[0]!.arms, values);
  let sum = 0;
  for (const [i, window] of windows.entries()) {
    const residuals = residualsOf(model, starts[i]!, window, SAMPLING);
    sum += dot(residuals, residuals);
  }
  return sum;
}

/** One damped step; null where it does not make the sum smaller. */
function improve(round: Round, free: Free, damping: number): Round | null {
  const { values, windows, starts } = round;
  const { matrix, right, locals } = normalEquations(round, free, damping);
  const n = free.length;
  for (let i = 0; i < n; i++) matrix[i * n + i]! += damping * matrix[i * n + i]! + 1e-12;
  const taken = stepWithin(matrix, right, values, free);
  if (taken === null) return null;
  const moved = Float64Array.from(values);
  for (const [k, { place }] of free.entries()) moved[place]! += taken[k]!;
  const movedStarts = starts.map((start, w) => {
    const { alone, perParameter } = locals[w]!;
    return start.map((value, i) => {
      let change = alone[i]!;
      for (let k = 0; k < n; k++) change -= perParameter[i * n + k]! * taken[k]!;
      return value + change;
    });
  });
  const squares = squaresOf(moved, windows, movedStarts);
  return squares < round.squares ? { values: moved, windows, starts: movedStarts, squares } : null;
}

/** Solves for the step; a parameter that would leave its bounds is put on the bound, and the others are solved for again. */
function stepWithin(
  matrix: Float64Array,
  right: Float64Array,
  values: Float64Array,
  free: Free,
): Float64Array | null {
  const n = free.length;
  const fixed = new Map<number, number>();
  for (;;) {
    const reduced = Float64Array.from(matrix);
    const pull = Float64Array.from(right);
    for (const [k, step] of fixed) {
      for (let i = 0; i < n; i++) {
        if (!fixed.has(i)) pull[i]! -= matrix[i * n + k]! * step;
        reduced[i * n + k] = reduced[k * n + i] = i === k ? 1 : 0;
      }
      pull[k] = step;
    }
    const step = solvePositive(reduced, pull, n);
    if (step === null) return null;
    const before = fixed.size;
    for (const [k, { place, lo, hi }] of free.entries()) {
      const to = values[place]! + step[k]!;
      if (!fixed.has(k) && (to < lo || to > hi)) fixed.set(k, (to < lo ? lo : hi) - values[place]!);
    }
    if (fixed.size === before) return step;
  }
}

/** How a window's state answers: `alone` with the parameters held, less `perParameter` [state, free] times their step. */
interface Local {
  /** [free] how the window pulls at the parameters. */
  readonly pull: Float64Array;
  readonly alone: Float64Array;
  readonly perParameter: Float64Array;
}

/** The normal equations of the parameters with the states eliminated (Schur complement). */
function normalEquations(
  { values, windows, starts }: Round,
  free: Free,
  damping: number,
): { matrix: Float64Array; right: Float64Array; locals: readonly Local[] } {
  const n = free.length;
  const matrix = new Float64Array(n * n);
  const right = new Float64Array(n);
  const locals = windows.map((window, w): Local => {
    const { residuals, byParameter, byState } = differentiateWindow(
      values,
      starts[w]!,
      window,
      SAMPLING,
      free,
    );
    const size = byState.length;
    const own = new Float64Array(size * size);
    const cross = new Float64Array(size * n);
    const push = new Float64Array(size);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) own[i * size + j] = dot(byState[i]!, byState[j]!);
      own[i * size + i]! *= 1 + damping;
      for (let k = 0; k < n; k++) cross[i * n + k] = dot(byState[i]!, byParameter[k]!);
      push[i] = -dot(byState[i]!, residuals);
    }
    const perParameter = solvePositive(own, cross, size) ?? new Float64Array(size * n);
    const alone = solvePositive(own, push, size) ?? new Float64Array(size);
    const pull = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      pull[k] = -dot(byParameter[k]!, residuals);
      for (let i = 0; i < size; i++) pull[k]! -= cross[i * n + k]! * alone[i]!;
      right[k]! += pull[k]!;
      for (let l = 0; l < n; l++) {
        let value = dot(byParameter[k]!, byParameter[l]!);
        for (let i = 0; i < size; i++) value -= cross[i * n + k]! * perParameter[i * n + l]!;
        matrix[k * n + l]! += value;
      }
    }
    return { pull, alone, perParameter };
  });
  return { matrix, right, locals };
}

function summarise(round: Round, free: Free): ChainFit {
  const { values, windows, squares } = round;
  const n = free.length;
  const count = windows.reduce(
    (sum, { arms, frames }) => sum + arms * (Math.floor((frames - 1) / SAMPLING.stride) + 1),
    0,
  );
  const meanSquare = squares / count;
  const { matrix, locals } = normalEquations(round, free, 0);
  return {
    model: modelOf(windows[0]!.arms, values),
    free: free.map(({ place }) => place),
    covariance: sandwich(matrix, locals, n),
    residualRad: Math.sqrt(meanSquare),
    windows: windows.length,
  };
}

/** W / (W - n) H^-1 (sum_w g_w g_w^T) H^-1 with g_w the pull of window w of W; too few windows count as n + 1. */
function sandwich(matrix: Float64Array, locals: readonly Local[], n: number): Float64Array {
  // A parameter on its bound may not matter at all; a part in a million keeps the matrix regular.
  for (let i = 0; i < n; i++) matrix[i * n + i]! += 1e-6 * matrix[i * n + i]! + 1e-12;
  const inverse = invertPositive(matrix, n);
  const covariance = new Float64Array(n * n);
  if (inverse === null) return covariance;
  const few = locals.length / Math.max(1, locals.length - n);
  for (const { pull } of locals) {
    const moved = Float64Array.from({ length: n }, (_, i) => dot(inverse.subarray(i * n, (i + 1) * n), pull));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) covariance[i * n + j]! += few * moved[i]! * moved[j]!;
    }
  }
  return covariance;
}
