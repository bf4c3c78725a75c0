import type { Control } from '../../../core/progress.js';
import { calibrate } from '../../calibrate/calibrate.js';
import type { Case, ParameterValues } from '../../task.js';
import type { Window } from './belief.js';
import { calibrationParameters, windowLoss } from './fit.js';

/** Windows that a fit looks at: more tell little that is new, as neighbours overlap. */
const MOST_WINDOWS = 60;
const RESTARTS = 2;

/** What was fitted to the train side. */
export interface FittedVehicle {
  /** Equally likely values by name, the best first. */
  readonly posterior: readonly ParameterValues[];
  readonly windows: number;
  /** In % of the distance, before and after. */
  readonly startLoss: number;
  readonly bestLoss: number;
}

/** Candidates that a fit tries. */
export function fitEvaluations(hasLog: boolean): number {
  return hasLog ? 400 : 240;
}

/** Chooses evenly spaced windows. */
export function chooseWindows(train: readonly Case[], most = MOST_WINDOWS): readonly Case[] {
  const count = Math.min(most, train.length);
  return Array.from({ length: count }, (_, i) => train[Math.floor(((i + 0.5) * train.length) / count)]!);
}

/**
 * Fits a car and its driver's habits to windows by CMA-ES. Windows of one block count as one observation, so that the posterior
 * does not take neighbours that overlap for independent.
 */
export async function fitVehicle(
  windows: readonly (Window & { readonly unit: string })[],
  seed: number,
  control: Control,
): Promise<FittedVehicle> {
  const hasLog = windows.some(({ context }) => context.commanded !== null);
  const units = [...new Set(windows.map(({ unit }) => unit))];
  const { posterior, startLoss, bestLoss } = await calibrate({
    parameters: calibrationParameters(hasLog),
    seed,
    evaluations: fitEvaluations(hasLog),
    restarts: RESTARTS,
    losses: async (candidates) =>
      candidates.map((values) => {
        const sums = new Float64Array(units.length);
        const counts = new Float64Array(units.length);
        for (const { context, truth, unit } of windows) {
          const at = units.indexOf(unit);
          sums[at]! += windowLoss(context, truth, values);
          counts[at]!++;
        }
        return sums.map((sum, at) => sum / counts[at]!);
      }),
    ...control,
  });
  return { posterior, windows: windows.length, startLoss, bestLoss };
}
