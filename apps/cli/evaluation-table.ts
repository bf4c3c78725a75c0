import type { Estimate } from '../../evaluation/contract.js';
import type { EvaluationResult } from '../../evaluation/result.js';
import { table } from './print.js';

/** Lays out the mean and the 95 % interval of every metric, a method a line. */
export function evaluationTable({ methods, metrics }: EvaluationResult): string {
  const header = ['method', ...metrics.map(({ title, unit }) => `${title} (${unit})`)];
  return table(
    header,
    methods.map(({ name, overall }) => [
      name,
      ...metrics.map((metric) => formatEstimate(overall[metric.name]!)),
    ]),
  );
}

function formatEstimate({ mean, lo, hi }: Estimate): string {
  if (!Number.isFinite(mean)) return 'diverged';
  return `${mean.toFixed(2)} [${lo.toFixed(2)}, ${hi.toFixed(2)}]`;
}
