import type { EvaluationResult } from '../result.js';
import { hasDistributions, pitCounts } from './distributions.js';
import { drawDrift } from './drift-chart.js';
import { type Markup, markup } from './markup.js';
import { drawPit, drawReliability } from './reliability-chart.js';
import { isDrawn } from './scores-section.js';
import { figure } from './table.js';

/** Charts of this section; the values of all metrics are in drift.arrow. */
const MOST_CHARTS = 8;

/** Whether methods that predict distributions know how sure they can be: scores, coverage, reliability. */
export async function uncertaintySection(result: EvaluationResult): Promise<Markup> {
  const pits = pitCounts(result);
  const metrics = result.metrics.filter(
    (metric) =>
      (metric.sense === 'uncertainty' || typeof metric.better === 'object') && isDrawn(result, metric),
  );
  if (!hasDistributions(result)) {
    return markup`<h2>How sure the methods are</h2>
<p>No method here predicts a distribution, so nothing is known of how sure they may be.</p>
`;
  }
  const quantities = [...new Set(pits.map(({ quantity }) => quantity))];
  const reliability: Markup[] = [];
  for (const [i, quantity] of quantities.slice(0, MOST_CHARTS).entries()) {
    const chosen = pits.filter((pit) => pit.quantity === quantity);
    reliability.push(markup`<h3>Reliability: ${quantity}</h3>
${figure(await drawReliability(result, chosen, `reliability${i}`), `Predicted against observed shares of ${quantity}`)}
${figure(await drawPit(result, chosen, `pit${i}`), `Histograms of the probability integral transform of ${quantity}`)}`);
  }
  const charts: Markup[] = [];
  for (const [i, metric] of metrics.slice(0, MOST_CHARTS).entries()) {
    charts.push(figure(await drawDrift(result, metric, `sure${i}`), `${metric.title} by horizon`));
  }
  const sure = [...new Set(pits.map(({ method }) => method))].join(', ');
  return markup`<h2>How sure the methods are, and how sure they may be</h2>
<p class="what">${sure === '' ? '' : `Predicted as distributions by ${sure}. `}Of a single prediction, the score of a distribution is its error.</p>
${charts}
${reliability.length === 0 ? markup`` : reliabilityHelp()}
${reliability}`;
}

function reliabilityHelp(): Markup {
  return markup`<p class="what">On the diagonal, what was said to happen with a probability happened as often. In the histograms, an honest forecast is flat at 1; a heap at both ends is one that is too sure, a heap in the middle one that is not sure enough. Values of one recording resemble each other, so these charts have no intervals.</p>`;
}
