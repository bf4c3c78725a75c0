import type { Estimate } from '../contract.js';
import type { Stroke } from './colours.js';
import { formatEstimate } from './format.js';
import { type Markup, markup, trusted } from './markup.js';

/** Lays out a table. Columns from `textColumns` on are flush right. */
export function table(headings: readonly string[], rows: readonly Markup[], textColumns = 1): Markup {
  const cells = headings.map((heading, i) =>
    i >= textColumns
      ? markup`<th class="number" scope="col">${heading}</th>`
      : markup`<th scope="col">${heading}</th>`,
  );
  const head = headings.some((heading) => heading !== '')
    ? markup`<thead><tr>${cells}</tr></thead>`
    : markup``;
  return markup`<div class="wide"><table>${head}<tbody>
${rows}</tbody></table></div>
`;
}

/** Cell of an estimate: the mean, and its interval smaller below it. */
export function estimateCell(estimate: Estimate | undefined, best = false): Markup {
  const text = estimate === undefined ? 'none' : formatEstimate(estimate);
  const at = text.indexOf(' [');
  const mean = at < 0 ? text : text.slice(0, at);
  const interval = at < 0 ? markup`` : markup`<span class="interval">${text.slice(at + 1)}</span>`;
  const shown =
    text === 'none' ? markup`<span class="what">–</span>` : best ? markup`<b>${mean}</b>` : markup`${mean}`;
  return markup`<td class="number">${shown}${interval}</td>`;
}

/** Cell of a name with the line that it is drawn by. */
export function nameCell(name: string, stroke: Stroke | undefined, what = ''): Markup {
  const description = what === '' ? markup`` : markup`<span class="what">${what}</span>`;
  return markup`<td class="name">${stroke === undefined ? markup`` : keyOf(stroke)}${name}${description}</td>`;
}

/** A short piece of a method's line, to find it by in charts. */
export function keyOf({ colour, dash, widthPx }: Stroke): Markup {
  return trusted(
    `<svg class="key" width="26" height="8" aria-hidden="true"><line x1="0" y1="4" x2="26" y2="4" stroke="${colour}" stroke-width="${widthPx + 0.6}" stroke-dasharray="${dash[1] === 0 ? 'none' : dash.join(' ')}"/></svg>`,
  );
}

/** A chart with what it shows in words. */
export function figure(svg: string, description: string): Markup {
  return markup`<figure role="img" aria-label="${description}">${trusted(svg)}</figure>
`;
}
