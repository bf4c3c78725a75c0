import type { Estimate } from './contract.js';
import { METRICS } from './metrics/list.js';
import type { ByMetric, EstimateJson, EvaluationResult, EvaluationSummary } from './result.js';

/** Makes a record with one entry a metric. */
export function byMetric<T>(make: (metric: (typeof METRICS)[number]) => T): ByMetric<T> {
  return Object.fromEntries(METRICS.map((metric) => [metric.name, make(metric)])) as ByMetric<T>;
}

/** Reduces a result to what machines ask for first. */
export function summarise(result: EvaluationResult): EvaluationSummary {
  const { name, total, train, heldout } = result.recordings;
  return {
    recordings: { name, total, train, heldout },
    seed: result.seed,
    context_frames: result.contextFrames,
    methods: Object.fromEntries(
      result.methods.map((method) => [
        method.name,
        byMetric((metric) => estimateJson(method.overall[metric.name])),
      ]),
    ),
  };
}

/** Turns an estimate into JSON, where a number that does not exist is null. */
export function estimateJson({ mean, lo, hi, n }: Estimate): EstimateJson {
  const orNull = (value: number) => (Number.isFinite(value) ? value : null);
  return { mean: orNull(mean), lo: orNull(lo), hi: orNull(hi), n };
}

/** Returns everything but the scores of single recordings (which drift.arrow holds) as plain JSON. */
export function describeResult(result: EvaluationResult): Readonly<Record<string, unknown>> {
  const { methods, differences, recordedPenetration, ...rest } = result;
  return {
    ...rest,
    recordedPenetration: estimateJson(recordedPenetration),
    methods: methods.map(({ scores, overall, byHorizon, ...method }) => ({
      ...method,
      overall: byMetric(({ name }) => estimateJson(overall[name])),
      byHorizon: byMetric(({ name }) => byHorizon[name].map(estimateJson)),
    })),
    differences: differences.map(({ a, b, difference }) => ({
      a,
      b,
      difference: byMetric(({ name }) => estimateJson(difference[name])),
    })),
  };
}
