import type { z } from 'zod';
import { faultOfCorrelations } from '../core/correlation.js';
import { findDistributions } from '../core/distribution.js';
import { didYouMean, show } from '../core/validation.js';
import type { Conflict } from './conflict.js';
import type { scenarioStructure } from './structure.js';

/** Finds groups of random values that name no distribution, share one, or cannot hold together. */
export function checkCorrelations(scenario: z.output<typeof scenarioStructure>): Conflict[] {
  const { correlations, ...rest } = scenario;
  if (correlations.length === 0) return [];
  const conflicts: Conflict[] = [];
  const known = findDistributions(rest);
  const seen = new Map<string, number>();
  for (const [group, { paths, matrix }] of correlations.entries()) {
    const at = (...path: PropertyKey[]): PropertyKey[] => ['correlations', group, ...path];
    for (const [index, path] of paths.entries()) {
      if (!known.includes(path)) {
        const hint =
          didYouMean(path, known) || '; a value inside a choice or without a distribution has none';
        const message = `expected the path of a distribution, got ${JSON.stringify(path)}${hint}`;
        conflicts.push({ path: at('paths', index), message });
      }
      const other = seen.get(path);
      if (other !== undefined) {
        const where = other === group ? 'twice in it' : `in group ${other} too`;
        const message = `expected each path in one group once, got ${JSON.stringify(path)} ${where}`;
        conflicts.push({ path: at('paths', index), message });
      }
      seen.set(path, group);
    }
    const fault = faultOfCorrelations(matrix, paths.length);
    if (fault)
      conflicts.push({
        path: at('matrix', ...fault.at),
        message: `expected ${fault.expected}, got ${typeof fault.got === 'string' ? fault.got : show(fault.got)}`,
      });
  }
  return conflicts;
}
