import type { EvaluationResult } from '../result.js';
import { metricsWorthShowing } from './distributions.js';
import { formatShare } from './format.js';
import { drawGaps } from './gap-chart.js';
import { type Markup, markup } from './markup.js';
import { pairsToShow } from './pairs.js';
import { inRows, labelOf } from './senses.js';
import { estimateCell, figure, table } from './table.js';

const GAP_CHARTS = 2;
const COLUMNS = 3;
/** Metrics of the table of differences; evaluation.json has all. */
const MOST_METRICS = 6;

/** The gap to reality in two parts: the simulator's, and the model's from the simulator. */
export async function gapSection(result: EvaluationResult): Promise<Markup> {
  const { gaps } = result;
  const judged = metricsWorthShowing(result).filter(({ name }) =>
    gaps.some(({ total }) => Number.isFinite(total[name]?.mean ?? Number.NaN)),
  );
  if (gaps.length === 0 || judged.length === 0) return markup``;
  const errors = judged.filter(({ better }) => better === 'lower');
  const charts: Markup[] = [];
  for (const [i, metric] of errors.slice(0, GAP_CHARTS).entries()) {
    charts.push(figure(await drawGaps(result, metric, `gap${i}`), `${metric.title}: the gap in two parts`));
  }
  const tables = errors.slice(0, MOST_METRICS).map((metric) =>
    table(
      [labelOf(metric), 'simulator to reality', 'model to simulator', 'model to reality'],
      gaps.map(
        ({ method, simulatorToReality, modelToSimulator, total }) =>
          markup`<tr><td class="name">${method}</td>${[simulatorToReality, modelToSimulator, total].map((part) => estimateCell(part[metric.name]))}</tr>
`,
      ),
    ),
  );
  return markup`<h2>The gap in two parts</h2>
<p class="what">How far the simulator (${gaps[0]!.simulator}) is from the recordings, and how far a model is from the simulator. Both are distances: the whole, the black mark with its interval, is at most about their sum, and below it where the two errors make up for each other.</p>
${charts}
${tables}`;
}

/** Paired differences with how often one method is better than the other. */
export function differenceSection(result: EvaluationResult): Markup {
  const pairs = pairsToShow(result);
  if (pairs.length === 0) return markup``;
  const shown = metricsWorthShowing(result).slice(0, MOST_METRICS);
  const tables = inRows(shown, COLUMNS).map((columns) =>
    table(
      ['', ...columns.flatMap((metric) => [labelOf(metric), 'better in'])],
      pairs.map(
        ({
          a,
          b,
          difference,
          improvement,
        }) => markup`<tr><td class="name">${a}<span class="what">less ${b}</span></td>
${columns.flatMap(({ name }) => [estimateCell(difference[name]), shareCell(improvement[name])])}</tr>
`,
      ),
    ),
  );
  const rest = result.differences.length - pairs.length;
  const note = `${rest > 0 ? ` ${rest} more pairs are in evaluation.json.` : ''}${result.metrics.length > shown.length ? ' So are the other metrics.' : ''}`;
  return markup`<h2>Differences, paired by case</h2>
<p class="what">Mean of the first minus the second with its 95 % interval, and in how many of the cases the first is better, ties counting half. An interval that holds 0 tells the two not apart.${note}</p>
${tables}`;
}

function shareCell(
  estimate: { readonly mean: number; readonly lo: number; readonly hi: number } | undefined,
): Markup {
  if (estimate === undefined || !Number.isFinite(estimate.mean)) return estimateCell(undefined);
  const { mean, lo, hi } = estimate;
  const interval = Number.isFinite(lo)
    ? markup`<span class="interval">[${formatShare(lo)}, ${formatShare(hi)}]</span>`
    : markup``;
  return markup`<td class="number">${formatShare(mean)}${interval}</td>`;
}
