import { encodeTable } from '../datasets/arrow/table.js';
import type { EvaluationResult } from './result.js';
import { tableMetadata } from './scores-table.js';

/**
 * Encodes an evaluation as an Arrow table, one row a case, method, horizon and metric: `recording` (name of the case),
 * `method`, `horizon_s`, `metric`, `value`. Horizons beyond a recording's end, and values that are not finite, have no row.
 * Units of the metrics are in the schema's metadata, as JSON under `units`.
 */
export function encodeDriftTable(result: EvaluationResult): Uint8Array {
  const recording: string[] = [];
  const method: string[] = [];
  const horizon: number[] = [];
  const metric: string[] = [];
  const value: number[] = [];
  for (const { name, scores } of result.methods) {
    for (const [index, heldout] of result.heldout.entries()) {
      for (const [h, horizonS] of result.horizonsS.entries()) {
        for (const { name: metricName } of result.metrics) {
          const score = scores.byHorizon[metricName]![index]![h]!;
          if (!score.valid) continue;
          recording.push(heldout.name);
          method.push(name);
          horizon.push(horizonS);
          metric.push(metricName);
          value.push(score.value);
        }
      }
    }
  }
  return encodeTable(
    [
      { name: 'recording', values: recording },
      { name: 'method', values: method },
      { name: 'horizon_s', unit: 's', values: Float64Array.from(horizon) },
      { name: 'metric', values: metric },
      { name: 'value', values: Float64Array.from(value) },
    ],
    tableMetadata(result),
  );
}
