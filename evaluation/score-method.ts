import type { Metric } from './contract.js';
import { requireRunning } from './interruption.js';
import type { PartialScores } from './partial-scores.js';
import type { Case, CaseScores, MetricDescription, OpenTask, Prepared } from './task.js';

const INVALID: Metric = { value: Number.NaN, valid: false };

/** What a method is judged by. */
export interface Judging {
  readonly task: OpenTask;
  readonly metrics: readonly MetricDescription[];
  readonly heldout: readonly Case[];
  readonly horizonsS: readonly number[];
}

/**
 * Runs a method on every held-out case and scores it.
 *
 * @param simulator forecasts of the simulator by case, to judge the method by as well; null for none.
 * @throws UmweltError `interrupted`.
 */
export async function scoreMethod(
  prepared: Prepared,
  judging: Judging,
  simulator: SimulatorForecasts | null,
  report: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<PartialScores> {
  const { task, metrics, heldout, horizonsS } = judging;
  const scored: CaseScores[] = [];
  const toSimulator: CaseScores[] = [];
  for (const [index, chosen] of heldout.entries()) {
    requireRunning(signal);
    const { context, truth } = await task.load(chosen);
    const forecast = await prepared.forecast(context, chosen);
    const against = (await prepared.against?.(context, chosen)) ?? truth;
    scored.push(task.score(forecast, against, horizonsS));
    if (simulator !== null) {
      toSimulator.push(task.score(forecast, await simulator.of(chosen, context), horizonsS));
    }
    report(index + 1);
  }
  const overall = (scores: readonly CaseScores[]) =>
    collect(metrics, (name) => scores.map((one) => one.overall[name] ?? INVALID));
  return {
    parameters: prepared.parameters,
    diverged: scored.filter(({ finite }) => !finite).length,
    scores: {
      overall: overall(scored),
      byHorizon: collect(metrics, (name) =>
        scored.map((one) => horizonsS.map((_, h) => one.byHorizon[name]?.[h] ?? INVALID)),
      ),
      pit: sumOfCounts(scored),
    },
    toSimulator: simulator === null ? null : overall(toSimulator),
  };
}

/** The simulator's forecasts as truths, each made once. */
export interface SimulatorForecasts {
  of(chosen: Case, context: unknown): Promise<unknown>;
}

/** Keeps the forecasts of a simulator for the models that are judged by it. */
export function simulatorForecasts(
  simulator: () => Promise<Prepared>,
  asTruth: NonNullable<OpenTask['asTruth']>,
): SimulatorForecasts {
  const kept = new Map<string, unknown>();
  return {
    async of(chosen, context) {
      const known = kept.get(chosen.name);
      if (known !== undefined) return known;
      const truth = asTruth(await (await simulator()).forecast(context, chosen));
      kept.set(chosen.name, truth);
      return truth;
    },
  };
}

function collect<T>(
  metrics: readonly MetricDescription[],
  make: (name: string) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(metrics.map(({ name }) => [name, make(name)]));
}

function sumOfCounts(scored: readonly CaseScores[]): Readonly<Record<string, readonly number[]>> {
  const sums: Record<string, number[]> = {};
  for (const { pit = {} } of scored) {
    for (const [quantity, counts] of Object.entries(pit)) {
      const sum = sums[quantity];
      sums[quantity] = counts.map((count, bin) => count + (sum?.[bin] ?? 0));
    }
  }
  return sums;
}
