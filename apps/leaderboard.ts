import { UmweltError } from '../core/errors.js';
import { writeFileAtomically } from '../datasets/files.js';
import { type Leaderboard, rankReports } from '../evaluation/leaderboard/rank.js';
import { leaderboardWriter } from '../evaluation/leaderboard/write.js';
import { readReport } from '../evaluation/stored-report.js';

/** Which reports to rank, by what, and where to write the ranking. */
export interface LeaderboardOptions {
  /** Name of a metric, the first of the reports by default. */
  readonly metric?: string | undefined;
  /** File to write, its form by its ending: .html, .md or .json. */
  readonly out?: string | undefined;
}

/**
 * Ranks the methods of reports that `umwelt evaluate` wrote on the same recordings by the same protocol.
 *
 * @throws UmweltError as `readReport`, `rankReports`, `leaderboardWriter`; `io`.
 */
export async function makeLeaderboard(
  directories: readonly string[],
  { metric, out }: LeaderboardOptions = {},
): Promise<Leaderboard> {
  if (directories.length === 0) {
    throw new UmweltError(
      'invalid-input',
      {},
      'leaderboard: expected at least one folder of a report that `umwelt evaluate` wrote, got none',
    );
  }
  const write = out === undefined ? null : leaderboardWriter(out);
  const reports = [];
  // A folder that is given twice is one report.
  for (const directory of new Set(directories)) reports.push(await readReport(directory));
  const board = rankReports(reports, metric);
  if (write !== null) await writeFileAtomically(out!, write(board));
  return board;
}
