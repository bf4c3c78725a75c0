import type { EvaluationResult, GalleryEntry } from '../result.js';
import type { Exhibit } from '../task.js';
import { RECORDED, strokesOf } from './colours.js';
import { type CurvesExhibit, drawExhibit } from './exhibit-chart.js';
import { withinSentence } from './format.js';
import { type Markup, markup } from './markup.js';
import { figure, keyOf } from './table.js';

/** Methods that one picture overlays: more cannot be told apart. */
const MOST_METHODS = 6;

/** The cases that the best method predicts best, middling and worst, with what was recorded and predicted. */
export async function gallerySection(result: EvaluationResult): Promise<Markup> {
  const { gallery } = result;
  if (gallery.length === 0) return markup``;
  const shown = overlaid(result);
  const strokes = strokesOf(result);
  const entries: Markup[] = [];
  for (const [i, entry] of gallery.entries()) {
    const panels: Markup[] = [];
    for (const [p, panel] of entry.panels.entries())
      panels.push(await panelOf(panel, entry, `exhibit${i}x${p}`));
    entries.push(markup`<h3>${entry.rank}: ${entry.case}</h3>
<div class="panels">${panels}</div>
`);
  }
  const keys = shown.map((name) => markup`<span class="entry">${keyOf(strokes.get(name)!)}${name}</span> `);
  return markup`<h2>Gallery</h2>
<p class="what">The cases that ${gallery[0]!.method} predicts best, middling and worst by ${withinSentence(result.metrics[0]!.title)}. Axes follow what was recorded: forecasts that leave it are cut off.</p>
<p class="what"><span class="entry">${keyOf(RECORDED)}recorded</span> ${keys}</p>
${entries}`;

  async function panelOf(panel: Exhibit, { method, case: name }: GalleryEntry, id: string): Promise<Markup> {
    if ('png' in panel) return picture(panel);
    const lines = panel.lines.filter(({ label }) => !strokes.has(label) || shown.includes(label));
    return figure(
      await drawExhibit({ ...panel, lines } satisfies CurvesExhibit, strokes, method, id),
      `${panel.title} of ${name}`,
    );
  }
}

function picture({ title, png }: Extract<Exhibit, { readonly png: Uint8Array }>): Markup {
  const data = Buffer.from(png).toString('base64');
  return markup`<figure><img alt="${title}" src="data:image/png;base64,${data}"><figcaption class="what">${title}</figcaption></figure>
`;
}

/** The method that cases were chosen by, models, then the simulator and the baseline, as far as one picture can hold them. */
function overlaid({ gallery, methods, protocol }: EvaluationResult): readonly string[] {
  const alive = methods.filter(({ kind, diverged }) => kind !== 'ceiling' && diverged === 0);
  const rank = ({ name, kind }: (typeof alive)[number]): number => {
    if (name === gallery[0]!.method) return 0;
    if (kind === 'world-model') return 1;
    if (name === protocol.simulator) return 2;
    if (name === protocol.baseline) return 3;
    return kind === 'learned' ? 4 : kind === 'physics' ? 5 : 6;
  };
  const chosen = new Set([...alive].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_METHODS));
  return alive.filter((method) => chosen.has(method)).map(({ name }) => name);
}
