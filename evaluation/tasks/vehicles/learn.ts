import type { Control } from '../../../core/progress.js';
import { calibrate } from '../../calibrate/calibrate.js';
import type { Case, ParameterValues } from '../../task.js';
import { type FitProblem, fitProblems } from './fit.js';
import type { Window } from './windows.js';

/** Windows that a fit looks at: more tell little that is new, as neighbours overlap. */
const MOST_WINDOWS = 120;
const RESTARTS = 2;
/** Candidates for each parameter, over both restarts. */
const EVALUATIONS_A_PARAMETER = 48;

/** What was fitted to the train side. */
export interface FittedVehicle {
  /** Equally likely values by name, the best first. */
  readonly posterior: readonly ParameterValues[];
  readonly windows: number;
  /** By problem, in % of the distance: before, after, and where each restart ended. */
  readonly losses: Readonly<Record<string, readonly number[]>>;
}

/** Candidates that a search of a problem tries. */
export function evaluationsOf({ parameters }: FitProblem): number {
  return EVALUATIONS_A_PARAMETER * parameters.length;
}

/** Candidates that a fit tries. */
export function fitEvaluations(hasLog: boolean): number {
  return fitProblems(hasLog).reduce((sum, problem) => sum + evaluationsOf(problem), 0);
}

/** Chooses evenly spaced windows. */
export function chooseWindows(train: readonly Case[], most = MOST_WINDOWS): readonly Case[] {
  const count = Math.min(most, train.length);
  return Array.from({ length: count }, (_, i) => train[Math.floor(((i + 0.5) * train.length) / count)]!);
}

/**
 * Fits a car and its driver to windows by CMA-ES. Windows of one block count as one observation, so that the posterior does not take
 * neighbours that overlap for independent.
 */
export async function fitVehicle(
  windows: readonly (Window & { readonly unit: string })[],
  seed: number,
  { onProgress, signal }: Control,
): Promise<FittedVehicle> {
  const problems = fitProblems(windows.some(({ context }) => context.commanded !== null));
  const units = [...new Set(windows.map(({ unit }) => unit))];
  const total = problems.reduce((sum, problem) => sum + evaluationsOf(problem), 0);
  const losses: Record<string, readonly number[]> = {};
  let posterior: readonly ParameterValues[] | undefined;
  let before = 0;
  for (const problem of problems) {
    const evaluations = evaluationsOf(problem);
    const found = await calibrate({
      parameters: problem.parameters,
      seed,
      evaluations,
      restarts: RESTARTS,
      losses: async (candidates) => candidates.map((values) => blockLosses(problem, windows, units, values)),
      onProgress: ({ done }) => onProgress?.({ done: before + done, total }),
      ...(signal && { signal }),
    });
    before += evaluations;
    losses[problem.name] = [found.startLoss, found.bestLoss, ...found.restartLosses];
    posterior = found.posterior.map((values, member) => ({ ...posterior?.[member], ...values }));
  }
  return { posterior: posterior!, windows: windows.length, losses };
}

/** Mean loss of each block's windows. */
function blockLosses(
  { loss }: FitProblem,
  windows: readonly (Window & { readonly unit: string })[],
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
