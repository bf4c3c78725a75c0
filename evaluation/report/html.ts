import type { EvaluationResult } from '../result.js';
import { strokesOf } from './colours.js';
import { horizonsToShow } from './drift-chart.js';
import { formatEstimate } from './format.js';
import { type Markup, markup, trusted } from './markup.js';
import { notesOn } from './notes.js';

const STYLE = `
  body { font: 15px/1.5 system-ui, 'DejaVu Sans', Verdana, sans-serif; color: #1a1a1a; background: #fff;
    max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
  .lead { color: #555; margin-top: .25rem; }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
  th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #ddd; vertical-align: top; }
  th { font-weight: 600; } td.number, th.number { text-align: right; }
  td.number, td.name { white-space: nowrap; } td.name .what { white-space: normal; min-width: 16em; }
  .interval { color: #666; font-size: .85em; } .what { color: #555; font-size: .85em; display: block; }
  .key { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; }
  figure { margin: 0 0 1.5rem; } svg { max-width: 100%; height: auto; }
  code { font-size: .85em; overflow-wrap: anywhere; }
  @media print { body { margin: 0; max-width: none; font-size: 11px; } figure, table { break-inside: avoid; } }
`;

/**
 * Writes the report as one HTML file that loads nothing from anywhere: no script, and a policy that forbids requests.
 *
 * @param charts the SVG of each metric, in the order of `result.metrics`.
 */
export function renderReport(result: EvaluationResult, charts: readonly string[]): string {
  const { recordings } = result;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${`Drift from ${recordings.heldout} real recordings`}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<h1>Drift from reality</h1>
<p class="lead">${recordings.title}: ${recordings.heldout} held-out recordings of ${recordings.total}, mean and 95 % bootstrap interval over recordings. Lower is better.</p>
${overallTable(result)}
<h2>What to keep in mind</h2>
<ul>${notesOn(result).map((note) => markup`<li>${note}</li>`)}</ul>
<h2>Error by horizon</h2>
${result.metrics.map(({ title }, i) => markup`<figure role="img" aria-label="${title} by horizon">${trusted(charts[i]!)}</figure>`)}
<p class="what">Bands are 95 % intervals. The scale is linear below 1 and logarithmic above. Curves end where fewer than half of the recordings last as long.</p>
${horizonTable(result)}
${differenceTable(result)}
<h2>What was set or fitted</h2>
${parameterTable(result)}
<h2>How to repeat it</h2>
${provenanceTable(result)}
</body>
</html>
`;
  return page.html;
}

function overallTable(result: EvaluationResult): Markup {
  const strokes = strokesOf(result);
  const rows = result.methods.map(
    ({ name, description, overall }, i) => markup`<tr>
<td class="name"><span class="key" style="background:${strokes[i]!.colour}"></span>${name}<span class="what">${description}</span></td>
${result.metrics.map((metric) => estimateCell(formatEstimate(overall[metric.name]!)))}
<td class="number">${overall[result.metrics[0]!.name]!.n}</td>
</tr>
`,
  );
  return table(['Method', ...result.metrics.map(({ title, unit }) => `${title}, ${unit}`), 'n'], rows);
}

function horizonTable(result: EvaluationResult): Markup {
  const shown = horizonsToShow(result);
  const columns = [0.1, 0.25, 0.5, 1, 2]
    .map((horizonS) => result.horizonsS.findIndex((known) => Math.abs(known - horizonS) < 1e-9))
    .filter((index) => index >= 0 && index < shown);
  if (columns.length === 0) return markup``;
  return markup`${result.metrics.slice(0, 2).map((metric) => {
    const rows = result.methods.map(
      ({ name, byHorizon }) => markup`<tr><td class="name">${name}</td>
${columns.map((h) => estimateCell(formatEstimate(byHorizon[metric.name]![h]!)))}</tr>
`,
    );
    const counts = columns.map((h) => {
      const n = result.methods[0]!.byHorizon[metric.name]![h]!.n;
      return `after ${result.horizonsS[h]} s (n = ${n})`;
    });
    return table([`${metric.title}, ${metric.unit}`, ...counts], rows);
  })}`;
}

function differenceTable(result: EvaluationResult): Markup {
  const { differences } = result;
  if (differences.length === 0) return markup``;
  const rows = differences.map(
    ({ a, b, difference }) => markup`<tr><td class="name">${a} minus ${b}</td>
${result.metrics.map((metric) => estimateCell(formatEstimate(difference[metric.name]!)))}
<td class="number">${difference[result.metrics[0]!.name]!.n}</td></tr>
`,
  );
  return markup`<h2>Differences, paired by recording</h2>
<p class="what">Below 0 the world model is better; an interval that holds 0 tells nothing apart.</p>
${table(['Difference', ...result.metrics.map(({ title, unit }) => `${title}, ${unit}`), 'n'], rows)}`;
}

function parameterTable({ methods }: EvaluationResult): Markup {
  const rows = methods.map(
    ({ name, parameters }) =>
      markup`<tr><td class="name">${name}</td><td><code>${Object.keys(parameters).length === 0 ? 'nothing' : JSON.stringify(parameters)}</code></td></tr>
`,
  );
  return table(['Method', 'Parameters'], rows, 0);
}

function provenanceTable(result: EvaluationResult): Markup {
  const { recordings } = result;
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  const facts: readonly (readonly [string, string])[] = [
    ['Recordings', `${recordings.name}; ${recordings.url}`],
    ['Licence of the recordings', recordings.licence],
    ['SHA-256 of the dataset', recordings.dataSha256],
    [
      'Split',
      `${recordings.train} train, ${recordings.heldout} held out (share ${result.trainShare.toFixed(3)}), seed ${result.seed}`,
    ],
    [
      'Context',
      `${result.protocol.contextFrames} ${result.protocol.contextFrames === 1 ? 'frame' : 'frames'}`,
    ],
    ['SHA-256 of all inputs', result.inputsSha256],
    ['Versions', versions.join(', ') || 'not stated'],
    ['Held-out files', result.heldout.map(({ name }) => name).join(' ')],
  ];
  return table(
    ['', ''],
    facts.map(
      ([what, value]) => markup`<tr><td>${what}</td><td><code>${value}</code></td></tr>
`,
    ),
    0,
  );
}

function estimateCell(text: string): Markup {
  const at = text.indexOf(' [');
  if (at < 0) return markup`<td class="number">${text}</td>`;
  return markup`<td class="number">${text.slice(0, at)} <span class="interval">${text.slice(at + 1)}</span></td>`;
}

/** @param textColumns all columns but the first are numbers unless this is 0. */
function table(headings: readonly string[], rows: readonly Markup[], textColumns = 1): Markup {
  const cells = headings.map((heading, i) =>
    textColumns > 0 && i >= textColumns
      ? markup`<th class="number" scope="col">${heading}</th>`
      : markup`<th scope="col">${heading}</th>`,
  );
  const head = headings.some((heading) => heading !== '')
    ? markup`<thead><tr>${cells}</tr></thead>`
    : markup``;
  return markup`<table>${head}<tbody>
${rows}</tbody></table>
`;
}
