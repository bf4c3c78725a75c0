import type { Leaderboard } from '../../evaluation/leaderboard/rank.js';
import { formatChance, placeOf } from '../../evaluation/leaderboard/write.js';
import { formatEstimate } from '../../evaluation/report/format.js';
import { table } from './print.js';

const LONGEST_NAME = 28;

/** Lays out a leaderboard, a method a line: its place, mean, and how it compares with the next. */
export function leaderboardTable({ entries }: Leaderboard): string {
  return table(
    ['rank', 'method', 'mean', 'less the next', 'better in'],
    entries.map((entry) => [
      placeOf(entry),
      shortened(entry.name),
      entry.diverged > 0 ? '' : formatEstimate(entry.estimate),
      entry.next ? formatEstimate(entry.next.difference) : '',
      formatChance(entry.next?.improvement),
    ]),
  );
}

/** Cuts the middle out: the end of a folder's name is what tells two apart. */
function shortened(name: string): string {
  if (name.length <= LONGEST_NAME) return name;
  const half = (LONGEST_NAME - 1) / 2;
  return `${name.slice(0, Math.ceil(half))}…${name.slice(name.length - Math.floor(half))}`;
}
