import type { Estimate } from '../../evaluation/contract.js';
import { type Regression, type RegressionRow, regressionsOf } from '../../evaluation/regression.js';
import { metricsWorthShowing } from '../../evaluation/report/distributions.js';
import { formatEstimate, formatNumber } from '../../evaluation/report/format.js';
import type { EvaluationResult, MethodResult } from '../../evaluation/result.js';
import type { MetricDescription } from '../../evaluation/task.js';
import { table } from './print.js';

/** Columns of a terminal that is not said to be wider. */
const TERMINAL = 100;
const MOST_METRICS = 4;
const LONGEST_NAME = 24;
const GAP = '  ';

/**
 * Lays out the mean and the 95 % interval of the first metrics, a method a line, as many as 100 columns hold; says which
 * others there are.
 */
export function evaluationTable(result: EvaluationResult): string {
  const { methods, metrics } = result;
  const known = metricsWorthShowing(result).filter(({ name }) =>
    methods.some(({ overall }) => Number.isFinite(overall[name]?.mean)),
  );
  const candidates = (known.length > 0 ? known : metrics)
    .slice(0, MOST_METRICS)
    .map((metric) => columnOf(metric, methods));
  const names = ['method', '', ...methods.map(({ name }) => shortened(name))];
  const shown = [widened(names, false)];
  let width = shown[0]![0]!.length;
  for (const [i, column] of candidates.entries()) {
    width += GAP.length + column[0]!.length;
    if (i > 0 && width > TERMINAL) break;
    shown.push(column);
  }
  const lines = names.map((_, line) =>
    shown
      .map((column) => column[line]!)
      .join(GAP)
      .trimEnd(),
  );
  const rule = shown.map((column) => '-'.repeat(column[0]!.length)).join(GAP);
  const left = known.filter(
    (metric) => !candidates.slice(0, shown.length - 1).some((column) => column.metric === metric),
  );
  const more =
    left.length === 0
      ? []
      : ['', ...wrapped(`also in the report: ${left.map(({ title }) => title).join(', ')}`)];
  return [lines[0], lines[1], rule, ...lines.slice(2), ...more].join('\n');
}

/** Lays out what changed against an earlier report, and counts what did not. */
export function regressionTable(regression: Regression, metrics: readonly MetricDescription[]): string {
  const { rows, earlier, onlyEarlier, onlyNow } = regression;
  const changed = rows.filter(({ verdict }) => verdict === 'better' || verdict === 'worse');
  const count = (verdict: RegressionRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  const unknown = count('unknown');
  const lines = [
    `against ${earlier.directory}: ${count('better')} better, ${count('worse')} worse, ${count('no difference')} without a difference${unknown > 0 ? `, ${unknown} on too few cases` : ''}`,
    ...(onlyNow.length > 0 ? [`not in the earlier report: ${onlyNow.join(', ')}`] : []),
    ...(onlyEarlier.length > 0 ? [`only in the earlier report: ${onlyEarlier.join(', ')}`] : []),
  ];
  if (changed.length === 0) return lines.flatMap(wrapped).join('\n');
  const unitOf = new Map(metrics.map(({ name, unit }) => [name, unit]));
  const cells = changed.map((row) => [
    shortened(row.method, 18),
    row.metric,
    meanOf(row.earlier),
    meanOf(row.now),
    formatEstimate(row.difference),
    row.verdict,
  ]);
  const regressions = regressionsOf(regression).length;
  return [
    ...lines.flatMap(wrapped),
    '',
    table(['method', 'metric', 'earlier', 'now', 'difference', 'verdict'], cells),
    ...(regressions > 0
      ? [
          '',
          `${regressions === 1 ? '1 regression' : `${regressions} regressions`}; units: ${unitsOf(changed, unitOf)}`,
        ]
      : []),
  ].join('\n');
}

function unitsOf(rows: readonly RegressionRow[], unitOf: ReadonlyMap<string, string>): string {
  return [...new Set(rows.map(({ metric }) => `${metric} in ${unitOf.get(metric)}`))].join(', ');
}

function meanOf({ mean }: Estimate): string {
  return Number.isFinite(mean) ? formatNumber(mean) : 'diverged';
}

type Column = readonly string[] & { readonly metric?: MetricDescription };

/** Title, unit and a cell a method, all of one width. */
function columnOf(metric: MetricDescription, methods: readonly MethodResult[]): Column {
  const cells = methods.map(({ overall, diverged }) =>
    diverged > 0 ? 'diverged' : formatEstimate(overall[metric.name]!),
  );
  return Object.assign([...widened([shortened(metric.title), shortened(metric.unit), ...cells], true)], {
    metric,
  });
}

function widened(cells: readonly string[], right: boolean): readonly string[] {
  const width = Math.max(...cells.map(({ length }) => length));
  return cells.map((cell) => (right ? cell.padStart(width) : cell.padEnd(width)));
}

function shortened(name: string, longest = LONGEST_NAME): string {
  return name.length <= longest ? name : `${name.slice(0, longest - 1)}…`;
}

/** Breaks a line between words so that none is longer than the terminal. */
function wrapped(text: string): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!;
    if (line === '') lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= TERMINAL) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines;
}
