import { type Regression, regressionsOf } from '../regression.js';
import type { EvaluationResult } from '../result.js';
import { strokesOf } from './colours.js';
import { type Markup, markup } from './markup.js';
import { estimateCell, nameCell, table } from './table.js';

/** What became better or worse since an earlier report. */
export function regressionSection(regression: Regression, result: EvaluationResult): Markup {
  const { earlier, rows, onlyEarlier, onlyNow } = regression;
  const strokes = strokesOf(result);
  const metrics = new Map(result.metrics.map((metric) => [metric.name, metric]));
  const changed = rows.filter(({ verdict }) => verdict === 'better' || verdict === 'worse');
  const regressions = regressionsOf(regression).length;
  const versions = Object.entries(earlier.versions).map(([name, version]) => `${name} ${version}`);
  const alone = [
    ...(onlyNow.length > 0 ? [`Not in the earlier report: ${onlyNow.join(', ')}.`] : []),
    ...(onlyEarlier.length > 0 ? [`Only in the earlier report: ${onlyEarlier.join(', ')}.`] : []),
  ].join(' ');
  const cells = changed.map(
    (row) => markup`<tr>${nameCell(row.method, strokes.get(row.method))}
<td>${metrics.get(row.metric)!.title}, ${metrics.get(row.metric)!.unit}</td>
${[row.earlier, row.now, row.difference].map((estimate) => estimateCell(estimate))}<td class="number">${row.verdict}</td></tr>
`,
  );
  return markup`<h2>Against an earlier report</h2>
<p>${regressions === 0 ? 'Nothing became worse' : `${regressions} became worse`}; of ${rows.length} comparisons of a method by a metric, ${changed.length} differ. ${alone}</p>
<p class="what">Paired by case; a difference counts where its 95 % interval leaves 0 out. Of a coverage, the difference is how much farther its mean is from what is right. The earlier report: ${earlier.directory}, inputs ${earlier.inputsSha256.slice(0, 12)}…, ${versions.join(', ')}.</p>
${changed.length === 0 ? markup`` : table(['Method', 'Metric', 'earlier', 'now', 'difference', ''], cells, 2)}`;
}
