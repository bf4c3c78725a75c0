import { UmweltError } from '../../core/errors.js';
import type { Control } from '../../core/progress.js';
import { randomStream } from '../../core/random.js';
import { minimise } from './cma-es.js';
import type { CalibrationParameter, ParameterValues } from './contract.js';
import { startOf, valuesAt } from './parameter-space.js';

/** Mismatch of every case for each candidate: [candidates][cases]. */
export type CaseLosses = (candidates: readonly ParameterValues[]) => Promise<readonly Float64Array[]>;

export interface CalibrateOptions extends Control {
  readonly parameters: readonly CalibrationParameter[];
  /** Evaluates a generation; the caller may do so in parallel. */
  readonly losses: CaseLosses;
  readonly seed: number;
  /** Candidates that are tried at most, over all restarts; a generation and the start in any case. */
  readonly evaluations: number;
  /**
   * Searches from the start, each with its own random numbers: they show whether the bottom is the same. Fewer where the
   * evaluations do not give each a generation.
   */
  readonly restarts: number;
}

/** What a calibration found. */
export interface Calibrated {
  readonly best: ParameterValues;
  /** Equally likely members, the best first. */
  readonly posterior: readonly ParameterValues[];
  /** Mean losses; the greatest number there is where they are not finite, because a file cannot say so. */
  readonly startLoss: number;
  readonly bestLoss: number;
  /** Mean loss of the best candidate of each restart. */
  readonly restartLosses: readonly number[];
  readonly evaluations: number;
}

const POSTERIOR_MEMBERS = 32;
const POPULATION = 12;

/**
 * Identifies a system: searches the parameters that minimise the mean mismatch over cases by CMA-ES, and how far recordings
 * leave them open.
 *
 * The posterior is a bootstrap over cases: each member is the candidate, of all that were tried, that is best for one draw of
 * the cases with replacement. Parameters that the cases do not pin down come out wide.
 *
 * @throws UmweltError `interrupted`; `invalid-input` when no candidate gives finite losses.
 */
export async function calibrate(options: CalibrateOptions): Promise<Calibrated> {
  const { parameters, losses, seed, evaluations, restarts, onProgress, signal } = options;
  const tried: { values: ParameterValues; losses: Float64Array; mean: number }[] = [];
  const judge = async (candidates: readonly ParameterValues[]) => {
    const rows = await losses(candidates);
    return rows.map((row, i) => {
      const mean = row.reduce((sum, loss) => sum + loss, 0) / row.length;
      tried.push({ values: candidates[i]!, losses: row, mean });
      return mean;
    });
  };
  const start = startOf(parameters);
  // No search is smaller than a generation.
  const searches = Math.max(1, Math.min(restarts, Math.floor((evaluations - 1) / POPULATION)));
  const [startLoss] = await judge([valuesAt(parameters, start)]);
  const restartLosses: number[] = [];
  for (let restart = 0; restart < searches; restart++) {
    const before = tried.length;
    const { best } = await minimise((points) => judge(points.map((point) => valuesAt(parameters, point))), {
      start,
      evaluations: Math.floor((evaluations - before) / (searches - restart)),
      population: POPULATION,
      random: randomStream(seed, 'evaluation', 'calibrate', restart),
      onProgress: ({ done }) => onProgress?.({ done: before + done, total: evaluations }),
      ...(signal && { signal }),
    });
    restartLosses.push(best.value);
  }
  const finite = tried.filter(({ mean }) => Number.isFinite(mean));
  if (finite.length === 0) {
    throw new UmweltError(
      'invalid-input',
      { tried: tried.length },
      `calibration: none of ${tried.length} candidates gives finite losses: the recordings do not fit the simulator`,
    );
  }
  const best = finite.reduce((a, b) => (b.mean < a.mean ? b : a));
  const drawn = bootstrapMembers(
    finite.map((one) => one.losses),
    POSTERIOR_MEMBERS - 1,
    seed,
  );
  return {
    best: best.values,
    posterior: [best.values, ...drawn.map((index) => finite[index]!.values)],
    startLoss: Number.isFinite(startLoss) ? startLoss! : Number.MAX_VALUE,
    bestLoss: best.mean,
    restartLosses,
    evaluations: tried.length,
  };
}

/** Index of the candidate that is best for each of several draws of the cases with replacement. */
function bootstrapMembers(losses: readonly Float64Array[], members: number, seed: number): number[] {
  const cases = losses[0]!.length;
  const random = randomStream(seed, 'evaluation', 'calibrate', 'posterior');
  return Array.from({ length: members }, () => {
    const counts = new Float64Array(cases);
    for (let i = 0; i < cases; i++) counts[random.integer(cases)]!++;
    let chosen = 0;
    let lowest = Number.POSITIVE_INFINITY;
    for (const [index, row] of losses.entries()) {
      let sum = 0;
      for (let i = 0; i < cases; i++) sum += counts[i]! * row[i]!;
      if (sum < lowest) [lowest, chosen] = [sum, index];
    }
    return chosen;
  });
}
