import { encodeTable } from '../datasets/arrow/table.js';
import type { EvaluationResult } from './result.js';
import { tableMetadata } from './scores-table.js';

/**
 * Encodes the skill of every method as an Arrow table, one row a method, metric and horizon: `method`, `metric`, `horizon_s`,
 * `skill` with its 95 % interval `lo` to `hi` (NaN where there is none), `n` cases. Skills that do not exist have no row.
 */
export function encodeSkillTable(result: EvaluationResult): Uint8Array {
  const rows = result.methods.flatMap(({ name, skill }) =>
    Object.entries(skill).flatMap(([metric, { byHorizon }]) =>
      byHorizon.flatMap((estimate, h) =>
        Number.isFinite(estimate.mean) ? [{ name, metric, horizonS: result.horizonsS[h]!, ...estimate }] : [],
      ),
    ),
  );
  const numbers = (pick: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, pick);
  return encodeTable(
    [
      { name: 'method', values: rows.map(({ name }) => name) },
      { name: 'metric', values: rows.map(({ metric }) => metric) },
      { name: 'horizon_s', unit: 's', values: numbers(({ horizonS }) => horizonS) },
      { name: 'skill', unit: '1', values: numbers(({ mean }) => mean) },
      { name: 'lo', unit: '1', values: numbers(({ lo }) => lo) },
      { name: 'hi', unit: '1', values: numbers(({ hi }) => hi) },
      { name: 'n', unit: '1', values: Uint32Array.from(rows, ({ n }) => n) },
    ],
    tableMetadata(result),
  );
}

/**
 * Encodes where observations fell within what was predicted as an Arrow table, one row a method, quantity and bin of the
 * probability integral transform: `method`, `quantity`, `from` and `to` (probabilities), `count`.
 */
export function encodeReliabilityTable(result: EvaluationResult): Uint8Array {
  const rows = result.methods.flatMap(({ name, scores }) =>
    Object.entries(scores.pit).flatMap(([quantity, counts]) =>
      counts.map((count, bin) => ({
        name,
        quantity,
        from: bin / counts.length,
        to: (bin + 1) / counts.length,
        count,
      })),
    ),
  );
  return encodeTable(
    [
      { name: 'method', values: rows.map(({ name }) => name) },
      { name: 'quantity', values: rows.map(({ quantity }) => quantity) },
      { name: 'from', unit: '1', values: Float64Array.from(rows, ({ from }) => from) },
      { name: 'to', unit: '1', values: Float64Array.from(rows, ({ to }) => to) },
      { name: 'count', unit: '1', values: Uint32Array.from(rows, ({ count }) => count) },
    ],
    tableMetadata(result),
  );
}
