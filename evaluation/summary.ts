import type { Estimate } from './contract.js';
import type { ByMetric, EstimateJson, EvaluationResult, EvaluationSummary } from './result.js';

/** Makes a record with one entry a metric. */
export function byMetric<T>(
  metrics: readonly { readonly name: string }[],
  make: (name: string) => T,
): ByMetric<T> {
  return Object.fromEntries(metrics.map(({ name }) => [name, make(name)]));
}

/** Changes every entry of a record by metric. */
export function mapMetrics<A, B>(values: ByMetric<A>, change: (value: A, name: string) => B): ByMetric<B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}

/** Reduces a result to what machines ask for first. */
export function summarise(result: EvaluationResult): EvaluationSummary {
  const { name, total, train, heldout } = result.recordings;
  return {
    recordings: { name, total, train, heldout },
    seed: result.seed,
    context_frames: result.protocol.contextFrames,
    methods: Object.fromEntries(
      result.methods.map((method) => [method.name, mapMetrics(method.overall, estimateJson)]),
    ),
  };
}

/** Turns an estimate into JSON, where a number that does not exist is null and -0, which JSON loses, is 0. */
export function estimateJson({ mean, lo, hi, n }: Estimate): EstimateJson {
  const orNull = (value: number) => (Number.isFinite(value) ? value + 0 : null);
  return { mean: orNull(mean), lo: orNull(lo), hi: orNull(hi), n };
}

/** Returns everything but the scores of single cases (which drift.arrow holds) and pictures as plain JSON. */
export function describeResult(result: EvaluationResult): Readonly<Record<string, unknown>> {
  const { methods, differences, gaps, gallery, ...rest } = result;
  const estimates = (values: ByMetric<Estimate>) => mapMetrics(values, estimateJson);
  return {
    ...rest,
    methods: methods.map(({ scores, overall, byHorizon, skill, ...method }) => ({
      ...method,
      overall: estimates(overall),
      byHorizon: mapMetrics(byHorizon, (row) => row.map(estimateJson)),
      skill: mapMetrics(skill, ({ byHorizon: row, area }) => ({
        byHorizon: row.map(estimateJson),
        area: estimateJson(area),
      })),
      pit: scores.pit,
    })),
    differences: differences.map(({ a, b, difference, improvement }) => ({
      a,
      b,
      difference: estimates(difference),
      improvement: estimates(improvement),
    })),
    gaps: gaps.map(({ method, simulator, total, simulatorToReality, modelToSimulator }) => ({
      method,
      simulator,
      total: estimates(total),
      simulatorToReality: estimates(simulatorToReality),
      modelToSimulator: estimates(modelToSimulator),
    })),
    gallery: gallery.map(({ rank, case: chosen, method }) => ({ rank, case: chosen, method })),
  };
}
