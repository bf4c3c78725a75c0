import { UmweltError } from '../core/errors.js';
import { decodeTable, encodeTable } from '../datasets/arrow/table.js';
import type { Metric } from './contract.js';
import type { ByMetric, EvaluationResult } from './result.js';

/** Scores of whole forecasts by method: one value a metric and case, in the order of the held-out cases. */
export type ScoresByMethod = ReadonlyMap<string, ByMetric<readonly Metric[]>>;

/**
 * Encodes what every method scored on every case as an Arrow table, so that a later evaluation can be paired with it:
 * `case`, `method`, `metric`, `value`. A score that does not exist has no row. Units of the metrics are in the schema's
 * metadata, as JSON under `units`.
 */
export function encodeScoresTable(result: EvaluationResult): Uint8Array {
  const [cases, method, metric, value] = [[] as string[], [] as string[], [] as string[], [] as number[]];
  for (const { name, scores } of result.methods) {
    for (const { name: metricName } of result.metrics) {
      for (const [index, score] of scores.overall[metricName]!.entries()) {
        if (!score.valid || !Number.isFinite(score.value)) continue;
        cases.push(result.heldout[index]!.name);
        method.push(name);
        metric.push(metricName);
        value.push(score.value);
      }
    }
  }
  return encodeTable(
    [
      { name: 'case', values: cases },
      { name: 'method', values: method },
      { name: 'metric', values: metric },
      { name: 'value', values: Float64Array.from(value) },
    ],
    tableMetadata(result),
  );
}

/** What every table of a report says of itself: inputs, protocol, and the units of the metrics. */
export function tableMetadata(result: EvaluationResult): Readonly<Record<string, string>> {
  const { inputsSha256, seed, recordings, protocol, metrics } = result;
  return {
    recordings: recordings.name,
    seed: String(seed),
    inputsSha256,
    protocolSha256: protocol.sha256,
    units: JSON.stringify(Object.fromEntries(metrics.map(({ name, unit }) => [name, unit]))),
  };
}

/**
 * Reads what `encodeScoresTable` wrote.
 *
 * @param expected names of the cases, in order, of the methods and of the metrics.
 * @throws UmweltError `malformed-file` naming `path` and what is unknown, missing or there twice.
 */
export function decodeScoresTable(
  bytes: Uint8Array,
  path: string,
  expected: {
    readonly cases: readonly string[];
    readonly methods: readonly string[];
    readonly metrics: readonly string[];
  },
): ScoresByMethod {
  const columns = new Map(decodeTable(bytes, path).map(({ name, values }) => [name, values]));
  const column = (name: string) => {
    const values = columns.get(name);
    if (values === undefined) throw malformed(path, `expected a column "${name}"`);
    return values;
  };
  const [cases, method, metric, value] = [
    column('case'),
    column('method'),
    column('metric'),
    column('value'),
  ];
  if (!(value instanceof Float64Array))
    throw malformed(path, 'expected numbers of 64 bits in column "value"');
  const place = new Map(expected.cases.map((name, index) => [name, index]));
  const scores = new Map(
    expected.methods.map((name) => [name, emptyScores(expected.metrics, expected.cases.length)]),
  );
  for (let row = 0; row < value.length; row++) {
    const where = `row ${row}: ${method[row]}, ${metric[row]}, ${cases[row]}`;
    const index = place.get(String(cases[row]));
    const known = scores.get(String(method[row]))?.[String(metric[row])];
    if (index === undefined || known === undefined)
      throw malformed(path, `${where} is not in evaluation.json`);
    if (known[index]!.valid) throw malformed(path, `${where} is there twice`);
    if (!Number.isFinite(value[row]))
      throw malformed(path, `${where}: expected a finite value, got ${value[row]}`);
    known[index] = { value: value[row]!, valid: true };
  }
  return scores;
}

function emptyScores(metrics: readonly string[], cases: number): Record<string, Metric[]> {
  const none = (): Metric => ({ value: Number.NaN, valid: false });
  return Object.fromEntries(metrics.map((name) => [name, Array.from({ length: cases }, none)]));
}

function malformed(path: string, what: string): UmweltError {
  return new UmweltError('malformed-file', { path }, `${path}: ${what}; evaluate again to write it anew`);
}
