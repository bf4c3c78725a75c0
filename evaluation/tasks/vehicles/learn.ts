import type { Control } from '../../../core/progress.js';
import { calibrate } from '../../calibrate/calibrate.js';
import type { Case, ParameterValues } from '../../task.js';
import { type FitProblem, fitProblems } from './fit.js';
import type { Window } from './windows.js';

/** Windows that a fit looks at: more tell little that is new, as neighbours overlap. */
const MOST_WINDOWS = 120;
/** A fold is searched with this share of the candidates: it only has to show how a fit fares on what it has not seen. */
const FOLD_SHARE = 0.5;

/** What was fitted to the train side. */
export interface FittedVehicle {
  /** Equally likely values by name, the best first. */
  readonly posterior: readonly ParameterValues[];
  readonly windows: number;
  /** By problem, in % of the distance: before and after. */
  readonly losses: Readonly<Record<string, readonly number[]>>;
  /** Fitted to the first half of the windows alone, and to the second: each shows on the other what a fit misses. */
  readonly folds: readonly [ParameterValues, ParameterValues] | null;
}

/** A window with the block that it is resampled with. */
export type FitWindow = Window & { readonly unit: string };

/** Candidates that a fit tries, those of its folds included. */
export function fitEvaluations(hasLog: boolean): number {
  const whole = fitProblems(hasLog).reduce((sum, problem) => sum + problem.evaluations, 0);
  return whole * (1 + 2 * FOLD_SHARE);
}

/** Chooses evenly spaced windows. */
export function chooseWindows(train: readonly Case[], most = MOST_WINDOWS): readonly Case[] {
  const count = Math.min(most, train.length);
  return Array.from({ length: count }, (_, i) => train[Math.floor(((i + 0.5) * train.length) / count)]!);
}

/**
 * Fits a car and its driver to windows by CMA-ES. Windows of one block count as one observation, so that the posterior does not take
 * neighbours that overlap for independent.
 *
 * @param windows in the order of the drives.
 */
export async function fitVehicle(
  windows: readonly FitWindow[],
  seed: number,
  control: Control,
): Promise<FittedVehicle> {
  const hasLog = windows.some(({ context }) => context.commanded !== null);
  const total = fitEvaluations(hasLog);
  let done = 0;
  const search = async (some: readonly FitWindow[], share: number) => {
    const found = await searchAll(fitProblems(hasLog), some, seed, share, {
      ...control,
      onProgress: ({ done: now }) => control.onProgress?.({ done: done + now, total }),
    });
    done += total * (share / (1 + 2 * FOLD_SHARE));
    return found;
  };
  const middle = Math.ceil(windows.length / 2);
  const { posterior, losses } = await search(windows, 1);
  if (windows.length < 2) return { posterior, losses, windows: windows.length, folds: null };
  const first = await search(windows.slice(0, middle), FOLD_SHARE);
  const second = await search(windows.slice(middle), FOLD_SHARE);
  return {
    posterior,
    losses,
    windows: windows.length,
    folds: [first.posterior[0]!, second.posterior[0]!],
  };
}

async function searchAll(
  problems: readonly FitProblem[],
  windows: readonly FitWindow[],
  seed: number,
  share: number,
  { onProgress, signal }: Control,
): Promise<Pick<FittedVehicle, 'posterior' | 'losses'>> {
  const units = [...new Set(windows.map(({ unit }) => unit))];
  const total = problems.reduce((sum, problem) => sum + share * problem.evaluations, 0);
  const losses: Record<string, readonly number[]> = {};
  let posterior: readonly ParameterValues[] = [];
  let before = 0;
  for (const problem of problems) {
    const evaluations = share * problem.evaluations;
    const found = await calibrate({
      parameters: problem.parameters,
      seed,
      evaluations,
      restarts: 1,
      losses: async (candidates) => candidates.map((values) => blockLosses(problem, windows, units, values)),
      onProgress: ({ done }) => onProgress?.({ done: before + done, total }),
      ...(signal && { signal }),
    });
    before += evaluations;
    losses[problem.name] = [found.startLoss, found.bestLoss];
    posterior = found.posterior.map((values, member) => ({ ...posterior[member], ...values }));
  }
  return { posterior, losses };
}

/** Mean loss of each block's windows. */
function blockLosses(
  { loss }: FitProblem,
  windows: readonly FitWindow[],
  units: readonly string[],
  values: ParameterValues,
): Float64Array {
  const sums = new Float64Array(units.length);
  const counts = new Float64Array(units.length);
  for (const window of windows) {
    const at = units.indexOf(window.unit);
    sums[at]! += loss(window, values);
    counts[at]!++;
  }
  return sums.map((sum, at) => sum / counts[at]!);
}
