import { UmweltError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import type { DatasetPlan } from './contract.js';

const LONGEST_VALUE = 60;
const MOST_NAMED = 4;

/**
 * Checks that a folder's plan is the one that is asked for.
 *
 * @throws UmweltError `conflict` naming the first values that differ, by their path in the plan.
 */
export function requireSamePlan(directory: string, before: DatasetPlan, now: DatasetPlan): void {
  if (canonicalJson(before) === canonicalJson(now)) return;
  const differences = [...walk('', normal(before), normal(now))];
  const named = differences.slice(0, MOST_NAMED);
  const more = differences.length > MOST_NAMED ? `; and ${differences.length - MOST_NAMED} more` : '';
  throw new UmweltError(
    'conflict',
    { directory, differences: named },
    `"${directory}" was begun with other settings: ${named.join('; ')}${more}. Use the same ones to resume, or another folder`,
  );
}

function normal(value: unknown): unknown {
  return JSON.parse(canonicalJson(value));
}

function* walk(path: string, before: unknown, now: unknown): Generator<string> {
  if (isBranch(before) && isBranch(now)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
    for (const key of [...keys].sort())
      yield* walk(path === '' ? key : `${path}.${key}`, before[key], now[key]);
  } else if (before !== now) {
    yield `${path} was ${short(before)}, is now ${short(now)}`;
  }
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}
