import type { EvaluationResult } from '../result.js';
import type { MetricDescription } from '../task.js';

/** Counts of one method's probability integral transform of one quantity. */
export interface PitCounts {
  readonly method: string;
  readonly quantity: string;
  readonly counts: readonly number[];
  readonly total: number;
}

/** Lists what is known of calibration: methods that forecast distributions and have observed anything. */
export function pitCounts({ methods }: EvaluationResult): readonly PitCounts[] {
  return methods.flatMap(({ name, kind, diverged, scores }) =>
    kind === 'ceiling' || diverged > 0
      ? []
      : Object.entries(scores.pit).flatMap(([quantity, counts]) => {
          const total = counts.reduce((sum, count) => sum + count, 0);
          return total > 0 ? [{ method: name, quantity, counts, total }] : [];
        }),
  );
}

/** Whether any method but a ceiling predicts a distribution: where none does, its scores repeat the errors. */
export function hasDistributions(result: EvaluationResult): boolean {
  const shares = result.metrics.filter(({ better }) => typeof better === 'object');
  return (
    pitCounts(result).length > 0 ||
    result.methods.some(
      ({ kind, overall }) =>
        kind !== 'ceiling' && shares.some(({ name }) => Number.isFinite(overall[name]?.mean ?? Number.NaN)),
    )
  );
}

/** Scores of distributions only where any method predicts one. */
export function metricsWorthShowing(result: EvaluationResult): readonly MetricDescription[] {
  const all = hasDistributions(result);
  return result.metrics.filter(({ sense }) => all || sense !== 'uncertainty');
}
