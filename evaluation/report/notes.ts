import type { Estimate } from '../contract.js';
import type { EvaluationResult, PairedDifference } from '../result.js';
import { formatNumber } from './format.js';

/** Fewer recordings than this make an interval that its own width cannot be trusted. */
const FEW = 30;

/** Says in sentences what a reader must know before believing the numbers. */
export function notesOn(result: EvaluationResult): readonly string[] {
  const { recordings } = result;
  return [
    ...standings(result),
    `n = ${recordings.heldout} held-out recordings.`,
    ...result.notes,
    ...(recordings.heldout < FEW
      ? [`n is below ${FEW}: read the intervals as rough, and differences between methods as hints.`]
      : []),
    ...(result.methods.some(({ kind }) => kind === 'world-model')
      ? [
          'Each world model is one training run: the intervals do not cover what another training seed would give.',
        ]
      : []),
    result.protocol.sentence,
    ...(recordings.tooShort > 0
      ? [`${recordings.tooShort} recordings have no frame beyond the context and were left out.`]
      : []),
    ...result.methods
      .filter(({ diverged }) => diverged > 0)
      .map(
        ({ name, diverged }) =>
          `${name} diverged: ${diverged} of ${recordings.heldout} forecasts hold a number that is not finite, so it has no estimate.`,
      ),
  ];
}

/** Where each world model stands against the fitted engine, else against the first baseline there is. */
function standings({ differences, methods, metrics }: EvaluationResult): string[] {
  const models = methods.filter(({ kind }) => kind === 'world-model').map(({ name }) => name);
  return models.flatMap((model) => {
    const against = differences.filter(({ a }) => a === model);
    const reference = against.find(({ b }) => b === 'physics-fitted') ?? against[0];
    return reference === undefined ? [] : [standing(reference, metrics)];
  });
}

function standing({ a, b, difference }: PairedDifference, metrics: EvaluationResult['metrics']): string {
  const parts = metrics.slice(0, 2).map(({ name, title, unit }) => {
    const { mean, lo, hi } = difference[name]!;
    const range = Number.isFinite(lo) ? ` (95 % interval ${formatNumber(lo)} to ${formatNumber(hi)})` : '';
    return `${title.toLowerCase()} ${verdict(difference[name]!)}: ${mean < 0 ? '' : '+'}${formatNumber(mean)} ${unit}${range}`;
  });
  return `${a} against ${b}, paired by recording: ${parts.join('; ')}.`;
}

function verdict({ mean, lo, hi }: Estimate): string {
  if (lo > 0) return 'worse';
  if (hi < 0) return 'better';
  return mean === 0 ? 'equal' : 'not told apart';
}
