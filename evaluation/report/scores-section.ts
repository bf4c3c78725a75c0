import type { EvaluationResult } from '../result.js';
import type { MetricDescription } from '../task.js';
import { strokesOf } from './colours.js';
import { metricsWorthShowing } from './distributions.js';
import { drawDrift, horizonsToShow, lastHorizon } from './drift-chart.js';
import { formatNumber, withinSentence } from './format.js';
import { type Markup, markup } from './markup.js';
import { bySense, inRows, labelOf, lossOf, SENSE_TITLES, wayOf } from './senses.js';
import { DRAWN_SKILL, drawSkill, skilledMethods } from './skill-chart.js';
import { estimateCell, figure, nameCell, table } from './table.js';

/** Columns of numbers that a page holds. */
const COLUMNS = 5;
/** Charts of one kind; the values of all metrics are in the tables of the folder. */
const MOST_CHARTS = 12;
const MOST_SKILL_CHARTS = 4;

/** What every method scored, a table a sense, those of predicted distributions last. */
export function overallTables(result: EvaluationResult): Markup {
  const strokes = strokesOf(result);
  const tables = bySense(metricsWorthShowing(result)).flatMap(({ sense, metrics }, place) => {
    const judged = metrics.filter((metric) => result.methods.some(({ overall }) => hasMean(overall, metric)));
    const rows = inRows(judged, COLUMNS).map((columns, row) => {
      const scored = result.methods.filter(({ overall, diverged }) =>
        columns.some((metric) => diverged > 0 || hasMean(overall, metric)),
      );
      const best = columns.map((metric) => bestOf(result, metric));
      return table(
        ['Method', ...columns.map(labelOf), 'n'],
        scored.map(
          ({ name, description, kind, diverged, overall }) => markup`<tr class="${kind}">
${nameCell(name, strokes.get(name), [...(place + row === 0 ? [description] : []), ...(diverged > 0 ? ['diverged'] : [])].join('; '))}
${columns.map((metric, i) => estimateCell(overall[metric.name], best[i] === name))}
<td class="number">${largestN(overall, columns)}</td></tr>
`,
        ),
      );
    });
    return rows.length === 0
      ? []
      : [
          markup`<h3>${SENSE_TITLES[sense]}</h3>
<p class="what">${judged.map((metric) => `${metric.title}: ${wayOf(metric)}`).join('; ')}.</p>
${rows}`,
        ];
  });
  return markup`${tables}`;
}

/** How errors grow with the horizon: a chart a metric, and a table of the first two. */
export async function driftSection(result: EvaluationResult): Promise<Markup> {
  const metrics = result.metrics.filter(
    (metric) => metric.sense !== 'uncertainty' && isDrawn(result, metric),
  );
  const charts: Markup[] = [];
  for (const [i, metric] of metrics.slice(0, MOST_CHARTS).entries()) {
    charts.push(figure(await drawDrift(result, metric, `drift${i}`), `${metric.title} by horizon`));
  }
  if (charts.length === 0) return markup``;
  const left = metrics.slice(MOST_CHARTS).map(({ title }) => withinSentence(title));
  const rest = left.length === 0 ? '' : ` Not drawn, but in drift.arrow: ${left.join(', ')}.`;
  return markup`<h2>Error by horizon</h2>
<p class="what">Bands are 95 % intervals; black is the ceiling. Axes are logarithmic (and linear near 0) where methods differ more than 25-fold. Curves end where fewer than half of the cases last as long.${rest}</p>
${charts}
${metrics.slice(0, 2).map((metric) => horizonTable(result, metric))}`;
}

/** Skill between the baseline and the ceiling: curves, and their means over horizons. */
export async function skillSection(result: EvaluationResult): Promise<Markup> {
  const metrics = metricsWorthShowing(result).filter(({ name }) => skilledMethods(result, name).length > 0);
  if (metrics.length === 0) return markup``;
  const { baseline, ceiling } = result.protocol;
  const towards = ceiling === null ? 'an error of 0' : ceiling;
  const charts: Markup[] = [];
  for (const [i, metric] of metrics.slice(0, MOST_SKILL_CHARTS).entries()) {
    charts.push(
      figure(
        await drawSkill(result, metric, `skill${i}`),
        `Skill by ${withinSentence(metric.title)}, by horizon`,
      ),
    );
  }
  const strokes = strokesOf(result);
  const areas = inRows(metrics, COLUMNS).map((columns) =>
    table(
      ['Mean skill over horizons', ...columns.map(({ title }) => title)],
      result.methods
        .filter(({ name }) =>
          columns.some((metric) => skilledMethods(result, metric.name).some((m) => m.name === name)),
        )
        .map(
          ({ name, skill }) =>
            markup`<tr>${nameCell(name, strokes.get(name))}${columns.map((metric) => estimateCell(skill[metric.name]?.area))}</tr>
`,
        ),
    ),
  );
  return markup`<h2>Skill</h2>
<p class="what">0 is the error of ${baseline}, 1 that of ${towards}; below 0 a method is worse than ${baseline}. Values are not cut off, but charts end at ${DRAWN_SKILL[0]} and ${DRAWN_SKILL[1]}.</p>
${charts}
${areas}`;
}

function hasMean(
  overall: Readonly<Record<string, { readonly mean: number }>>,
  { name }: MetricDescription,
): boolean {
  return Number.isFinite(overall[name]?.mean ?? Number.NaN);
}

/** Whether any method has a value to draw. */
export function isDrawn(result: EvaluationResult, { name }: MetricDescription): boolean {
  const shown = horizonsToShow(result);
  return result.methods.some(
    ({ diverged, byHorizon }) =>
      diverged === 0 && (byHorizon[name] ?? []).slice(0, shown).some(({ mean }) => Number.isFinite(mean)),
  );
}

function bestOf({ methods }: EvaluationResult, metric: MetricDescription): string | undefined {
  const scored = methods.filter(({ kind, overall }) => kind !== 'ceiling' && hasMean(overall, metric));
  const loss = (at: number) => lossOf(metric, scored[at]!.overall[metric.name]!.mean);
  let best = 0;
  for (let i = 1; i < scored.length; i++) if (loss(i) < loss(best)) best = i;
  return scored.length > 1 ? scored[best]!.name : undefined;
}

function largestN(
  overall: Readonly<Record<string, { readonly n: number }>>,
  columns: readonly MetricDescription[],
): number {
  return Math.max(...columns.map(({ name }) => overall[name]?.n ?? 0));
}

/** Up to five horizons: those nearest to equal steps of a logarithmic scale. */
function horizonColumns(result: EvaluationResult): readonly number[] {
  const shown = horizonsToShow(result);
  if (shown === 0) return [];
  const last = lastHorizon(result);
  const wanted = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1].map((share) => share * last);
  const nearest = (s: number) => {
    let best = 0;
    for (let h = 1; h < shown; h++) {
      if (Math.abs(result.horizonsS[h]! - s) < Math.abs(result.horizonsS[best]! - s)) best = h;
    }
    return best;
  };
  return [...new Set(wanted.map(nearest))];
}

function horizonTable(result: EvaluationResult, metric: MetricDescription): Markup {
  const strokes = strokesOf(result);
  const columns = horizonColumns(result);
  const counts = columns.map((h) => {
    const n = Math.max(...result.methods.map(({ byHorizon }) => byHorizon[metric.name]?.[h]?.n ?? 0));
    return `after ${formatHorizon(result.horizonsS[h]!)} s (n = ${n})`;
  });
  const rows = result.methods
    .filter(({ diverged }) => diverged === 0)
    .map(
      ({ name, byHorizon }) =>
        markup`<tr>${nameCell(name, strokes.get(name))}${columns.map((h) => estimateCell(byHorizon[metric.name]?.[h]))}</tr>
`,
    );
  return table([labelOf(metric), ...counts], rows);
}

function formatHorizon(s: number): string {
  return String(Number(formatNumber(s)));
}
