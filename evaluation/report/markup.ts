/** Text that is already HTML. Only `markup` and `trusted` make it. */
export interface Markup {
  readonly html: string;
}

/** Escapes text for HTML, between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Vouches that a string is HTML that no user's text can break out of. */
export function trusted(html: string): Markup {
  return { html };
}

type Insertion = string | number | Markup | readonly Markup[];

/** Template tag for HTML: every insertion is escaped unless it is markup itself. */
export function markup(strings: TemplateStringsArray, ...insertions: readonly Insertion[]): Markup {
  const parts = strings.map((text, i) => (i === 0 ? text : render(insertions[i - 1]!) + text));
  return { html: parts.join('') };
}

function render(insertion: Insertion): string {
  if (typeof insertion === 'string') return escapeHtml(insertion);
  if (typeof insertion === 'number') return String(insertion);
  if ('html' in insertion) return insertion.html;
  return insertion.map(({ html }) => html).join('');
}
