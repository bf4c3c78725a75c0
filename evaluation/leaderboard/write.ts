import { UmweltError } from '../../core/errors.js';
import type { Estimate } from '../contract.js';
import { formatEstimate, formatShare } from '../report/format.js';
import { type Markup, markup, trusted } from '../report/markup.js';
import { wayOf } from '../report/senses.js';
import { STYLE } from '../report/style.js';
import { estimateCell, table } from '../report/table.js';
import { estimateJson } from '../summary.js';
import type { Leaderboard, LeaderboardEntry } from './rank.js';

/** Forms that a leaderboard is written in, by the ending of the file's name. */
const WRITERS: Readonly<Record<string, (board: Leaderboard) => string>> = {
  '.html': leaderboardHtml,
  '.md': leaderboardMarkdown,
  '.json': (board) => `${JSON.stringify(describeLeaderboard(board), null, 2)}\n`,
};

/**
 * Chooses the form of a leaderboard by the name of its file.
 *
 * @throws UmweltError `invalid-input` for an ending that is none of .html, .md and .json.
 */
export function leaderboardWriter(path: string): (board: Leaderboard) => string {
  const ending = /\.[^./\\]+$/.exec(path)?.[0] ?? '';
  const writer = WRITERS[ending.toLowerCase()];
  if (writer !== undefined) return writer;
  throw new UmweltError(
    'invalid-input',
    { path },
    `${path}: expected a name that ends in ${Object.keys(WRITERS).join(', ')}, which says the form of the leaderboard`,
  );
}

/** Returns a leaderboard as plain JSON; numbers that do not exist are null. */
export function describeLeaderboard({ entries, ...rest }: Leaderboard): Readonly<Record<string, unknown>> {
  return {
    format: 'umwelt-leaderboard',
    formatVersion: 1,
    ...rest,
    entries: entries.map(({ estimate, next, ...entry }) => ({
      ...entry,
      estimate: estimateJson(estimate),
      next: next && {
        name: next.name,
        difference: estimateJson(next.difference),
        improvement: next.improvement && estimateJson(next.improvement),
      },
    })),
  };
}

/** What is ranked, in a sentence. */
export function leaderboardTitle({ metric, recordings, cases, reports }: Leaderboard): string {
  const from = reports.length === 1 ? '1 report' : `${reports.length} reports`;
  return `${metric.title} (${metric.unit}; ${wayOf(metric)}) on ${cases} held-out cases of ${recordings.title}, from ${from}`;
}

/** A method's place: `2`, or `2 (1-3)` where resamples do not agree. */
export function placeOf({ rank, rankLo, rankHi, kind, diverged }: LeaderboardEntry): string {
  if (rank !== null) return rankLo === rankHi ? `${rank}` : `${rank} (${rankLo}-${rankHi})`;
  return kind === 'ceiling' ? 'ceiling' : diverged > 0 ? 'diverged' : 'none';
}

/** `93 % [88 %, 97 %]`, or nothing where there is no such number. */
export function formatChance(chance: Estimate | null | undefined): string {
  if (!chance || !Number.isFinite(chance.mean)) return '';
  const { mean, lo, hi } = chance;
  return Number.isFinite(lo)
    ? `${formatShare(mean)} [${formatShare(lo)}, ${formatShare(hi)}]`
    : formatShare(mean);
}

const HEADINGS = ['Rank', 'Method', 'Mean', 'Less the next', 'Better than the next in', 'Reports'] as const;
const HELP =
  'Means with 95 % bootstrap intervals over recordings; behind a rank, the ranks that 95 % of resamples give; differences and how often a method is better are paired by case. An interval of a difference that holds 0 tells two neighbours not apart.';

function leaderboardMarkdown(board: Leaderboard): string {
  const cell = (text: string) => text.replace(/[\\|`*_<>[\]]/g, '\\$&').replace(/\r?\n/g, ' ');
  const rows = board.entries.map((entry) =>
    [
      placeOf(entry),
      entry.name,
      entry.diverged > 0 ? 'diverged' : formatEstimate(entry.estimate),
      entry.next ? formatEstimate(entry.next.difference) : '',
      formatChance(entry.next?.improvement),
      entry.reports.join(', '),
    ]
      .map(cell)
      .join(' | '),
  );
  return `# Leaderboard

${cell(leaderboardTitle(board))}.

| ${HEADINGS.join(' | ')} |
|${HEADINGS.map(() => '---').join('|')}|
${rows.map((row) => `| ${row} |`).join('\n')}

${HELP} ${cell(board.protocol.sentence)} Protocol \`${board.protocol.sha256}\`.
`;
}

function leaderboardHtml(board: Leaderboard): string {
  const rows = board.entries.map(
    (entry): Markup => markup`<tr class="${entry.kind}"><td>${placeOf(entry)}</td>
<td class="name">${entry.name}<span class="what">${entry.description}</span></td>
${entry.diverged > 0 ? markup`<td class="number">diverged</td>` : estimateCell(entry.estimate)}
${entry.next ? estimateCell(entry.next.difference) : markup`<td></td>`}
<td class="number">${formatChance(entry.next?.improvement)}</td>
<td class="number"><code>${entry.reports.join(', ')}</code></td></tr>
`,
  );
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${`Leaderboard: ${board.recordings.name}`}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<h1>Leaderboard</h1>
<p class="lead">${leaderboardTitle(board)}.</p>
${table(HEADINGS, rows, 2)}
<p class="what">${HELP}</p>
<p class="what">${board.protocol.sentence} Protocol <code>${board.protocol.sha256}</code>.</p>
</body>
</html>
`.html;
}
