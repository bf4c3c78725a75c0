import type { Estimate } from '../contract.js';
import { bestMethod } from '../gallery.js';
import type { EvaluationResult, PairedDifference } from '../result.js';
import { mapMetrics } from '../summary.js';

/** A comparison with another is worth a row only up to here; all are in evaluation.json. */
const MOST_PAIRS = 16;

/** Finds how `a` compares with `b`, whichever of the two was listed first. */
export function differenceBetween(
  { differences }: EvaluationResult,
  a: string,
  b: string,
): PairedDifference | undefined {
  const found = differences.find((pair) => pair.a === a && pair.b === b);
  if (found !== undefined) return found;
  const reversed = differences.find((pair) => pair.a === b && pair.b === a);
  return (
    reversed && {
      a,
      b,
      difference: mapMetrics(reversed.difference, (estimate) => mirrored(estimate, 0)),
      improvement: mapMetrics(reversed.improvement, (estimate) => mirrored(estimate, 1)),
    }
  );
}

/**
 * Chooses the comparisons that a reader asks for first: the best method by the first metric against all others, then each
 * learned one against the simulator and the baseline.
 */
export function pairsToShow(result: EvaluationResult): readonly PairedDifference[] {
  const { methods, metrics, protocol } = result;
  const best = bestMethod(methods, metrics[0]!)?.name;
  const wanted: [string, string][] = [];
  if (best !== undefined) wanted.push(...methods.map(({ name }): [string, string] => [best, name]));
  for (const { name, kind } of methods) {
    if (kind !== 'learned' && kind !== 'world-model') continue;
    for (const other of [protocol.simulator, protocol.baseline])
      if (other !== null) wanted.push([name, other]);
  }
  const seen = new Set<string>();
  return wanted
    .flatMap(([a, b]) => {
      const key = [a, b].sort().join('\n');
      if (a === b || seen.has(key)) return [];
      seen.add(key);
      return differenceBetween(result, a, b) ?? [];
    })
    .slice(0, MOST_PAIRS);
}

/** The estimate of `sum - x`. */
function mirrored({ mean, lo, hi, n }: Estimate, sum: 0 | 1): Estimate {
  return { mean: sum - mean, lo: sum - hi, hi: sum - lo, n };
}
