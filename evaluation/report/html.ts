import type { EvaluationResult } from '../result.js';
import type { ReportAdditions } from './additions.js';
import { differenceSection, gapSection } from './comparison-section.js';
import { gallerySection } from './gallery-section.js';
import { markup, trusted } from './markup.js';
import { caveatsOf, standingOf } from './notes.js';
import { provenanceSection } from './provenance-section.js';
import { realismSection } from './realism-section.js';
import { regressionSection } from './regression-section.js';
import { driftSection, overallTables, skillSection } from './scores-section.js';
import { STYLE } from './style.js';
import { uncertaintySection } from './uncertainty-section.js';

/**
 * Writes the report as one HTML file that loads nothing from anywhere: no script, pictures within the page, and a policy that
 * forbids requests.
 */
export async function renderReport(
  result: EvaluationResult,
  { regression, realism }: ReportAdditions = {},
): Promise<string> {
  const { recordings } = result;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${`Drift from ${recordings.heldout} real recordings of ${recordings.name}`}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<h1>Drift from reality</h1>
<p class="lead">${recordings.title}: ${recordings.heldout} held-out recordings of ${recordings.total}; means and 95 % bootstrap intervals over recordings.</p>
<ul class="standing">${standingOf(result).map((sentence) => markup`<li>${sentence}</li>`)}</ul>
<nav></nav>
<h2>Over the whole forecast</h2>
${overallTables(result)}
<h2>What to keep in mind</h2>
<ul>${caveatsOf(result).map((sentence) => markup`<li>${sentence}</li>`)}</ul>
${regression ? regressionSection(regression, result) : markup``}
${await driftSection(result)}
${await skillSection(result)}
${await uncertaintySection(result)}
${await gapSection(result)}
${differenceSection(result)}
${realism ? realismSection(realism) : markup``}
${await gallerySection(result)}
${provenanceSection(result)}
</body>
</html>
`;
  return withContents(page.html);
}

/** Gives every section a name, and lists them at the top: the page is long. Names of users are escaped, so hold no heading. */
function withContents(html: string): string {
  const links: string[] = [];
  const named = html.replace(/<h2>(.*?)<\/h2>/g, (_, title: string) => {
    const name = `section-${links.length + 1}`;
    links.push(`<a href="#${name}">${title}</a>`);
    return `<h2 id="${name}">${title}</h2>`;
  });
  return named.replace('<nav></nav>', () => `<nav>${links.join(' · ')}</nav>`);
}
