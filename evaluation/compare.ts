import type { Estimate, Metric } from './contract.js';
import type { PartialScores } from './partial-scores.js';
import type { Gap, MethodResult, PairedDifference, Skill } from './result.js';
import { estimateSkill } from './skill.js';
import { estimateImprovement } from './statistics/robust.js';
import { estimateDifference, estimateMean, estimateShare, type Resamples } from './statistics.js';
import { byMetric, mapMetrics } from './summary.js';
import type { Method, MetricDescription, Task } from './task.js';

/** A method with its scores. */
export interface Scored {
  readonly method: Method;
  readonly partial: PartialScores;
}

const NONE: Estimate = { mean: Number.NaN, lo: Number.NaN, hi: Number.NaN, n: 0 };

/** Estimates every method's means over cases, and its skill between the task's baseline and ceiling. */
export function resultsOf(
  scored: readonly Scored[],
  task: Task,
  horizons: number,
  resamples: Resamples,
): readonly MethodResult[] {
  const named = (name: string | undefined) => scored.find(({ method }) => method.name === name)?.partial;
  const baseline = named(task.baseline);
  const ceiling = named(task.ceiling);
  const shares = new Set(task.metrics.filter(({ unit }) => unit.startsWith('share')).map(({ name }) => name));
  const isShare = (metric: string) => shares.has(metric);
  return scored.map(({ method, partial }): MethodResult => {
    const { name, kind, description } = method;
    const { parameters, diverged, scores } = partial;
    const skillOf = (metric: string): Skill =>
      estimateSkill(
        scores.byHorizon[metric]!,
        baseline!.scores.byHorizon[metric]!,
        ceiling?.scores.byHorizon[metric] ?? null,
        horizons,
        resamples,
      );
    const withSkill = diverged > 0 || baseline === undefined ? [] : task.metrics.filter(lowerIsBetter);
    return {
      name,
      kind,
      description,
      parameters,
      diverged,
      scores,
      overall: mapMetrics(scores.overall, (values, metric) =>
        estimateOf(values, isShare(metric), diverged, resamples),
      ),
      byHorizon: mapMetrics(scores.byHorizon, (rows, metric) =>
        Array.from({ length: horizons }, (_, h) =>
          estimateOf(
            rows.map((row) => row[h]!),
            isShare(metric),
            diverged,
            resamples,
          ),
        ),
      ),
      skill: byMetric(withSkill, skillOf),
    };
  });
}

/** A method that diverges anywhere gets no estimate: leaving its worst forecasts out would flatter it. */
function estimateOf(
  values: readonly Metric[],
  isShare: boolean,
  diverged: number,
  resamples: Resamples,
): Estimate {
  const estimated = (isShare ? estimateShare : estimateMean)(values, resamples);
  return diverged === 0 ? estimated : { ...NONE, n: estimated.n };
}

function lowerIsBetter({ better }: MetricDescription): boolean {
  return better === 'lower';
}

/** Compares every method that is more than a baseline with all those before it. */
export function differencesOf(
  results: readonly MethodResult[],
  metrics: readonly MetricDescription[],
  resamples: Resamples,
): readonly PairedDifference[] {
  const compared = results.filter(({ diverged, kind }) => diverged === 0 && kind !== 'ceiling');
  return compared.flatMap((a, at) =>
    a.kind === 'baseline'
      ? []
      : compared.slice(0, at).map((b) => ({
          a: a.name,
          b: b.name,
          difference: byMetric(metrics, (name) =>
            estimateDifference(a.scores.overall[name]!, b.scores.overall[name]!, resamples),
          ),
          improvement: byMetric(metrics, (name) => {
            const { better } = metrics.find((metric) => metric.name === name)!;
            return estimateImprovement(...lossesOf(a, b, name, better), resamples);
          }),
        })),
  );
}

/** Both methods' scores of whole forecasts by how far they are from the best there is: less is better. */
function lossesOf(
  a: MethodResult,
  b: MethodResult,
  metric: string,
  better: MetricDescription['better'],
): [Metric[], Metric[]] {
  const loss = (value: number) =>
    better === 'lower' ? value : better === 'higher' ? -value : Math.abs(value - better.target);
  const losses = ({ scores }: MethodResult) =>
    scores.overall[metric]!.map(({ value, valid }) => ({ value: loss(value), valid }));
  return [losses(a), losses(b)];
}

/** Splits each model's distance from reality into the simulator's and the model's own from the simulator. */
export function gapsOf(
  scored: readonly Scored[],
  results: readonly MethodResult[],
  simulator: string | undefined,
  resamples: Resamples,
): readonly Gap[] {
  const reference = results.find(({ name }) => name === simulator);
  if (reference === undefined) return [];
  return scored.flatMap(({ method, partial: { toSimulator, diverged } }, i) =>
    toSimulator === null || diverged > 0
      ? []
      : [
          {
            method: method.name,
            simulator: reference.name,
            total: results[i]!.overall,
            simulatorToReality: reference.overall,
            modelToSimulator: mapMetrics(toSimulator, (values) => estimateMean(values, resamples)),
          },
        ],
  );
}
