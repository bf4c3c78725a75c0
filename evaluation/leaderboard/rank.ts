import { UmweltError } from '../../core/errors.js';
import { didYouMean } from '../../core/validation.js';
import type { Estimate, Metric } from '../contract.js';
import { requireSameProtocol } from '../protocol-difference.js';
import { estimateScores, resampleHeldout } from '../regression.js';
import { lossOf } from '../report/senses.js';
import { estimateImprovement } from '../statistics/robust.js';
import { estimateDifference, type Resamples } from '../statistics.js';
import type { StoredMethod, StoredReport } from '../stored-report.js';
import type { MethodKind } from '../task.js';

/** A method's place. */
export interface LeaderboardEntry {
  /** From 1; null for a ceiling and for a method without an estimate. */
  readonly rank: number | null;
  /** Ranks that 95 % of the bootstrap's resamples give it. */
  readonly rankLo: number | null;
  readonly rankHi: number | null;
  /** The method's name, with its report's folder where two reports use one name for different methods. */
  readonly name: string;
  readonly kind: MethodKind;
  readonly description: string;
  /** Folders of the reports that hold these scores. */
  readonly reports: readonly string[];
  /** Forecasts that are not finite; above 0 there is no estimate. */
  readonly diverged: number;
  readonly estimate: Estimate;
  /** Against the next in the ranking, paired by case; null for the last. */
  readonly next: {
    readonly name: string;
    /** This one's mean less the next one's. */
    readonly difference: Estimate;
    /** Probability of being better on a case, ties half; null by metrics of which no single case is right or wrong. */
    readonly improvement: Estimate | null;
  } | null;
}

/** Methods of several reports on the same recordings, best first. */
export interface Leaderboard {
  readonly metric: StoredReport['metrics'][number];
  readonly protocol: StoredReport['protocol'];
  readonly recordings: StoredReport['recordings'];
  /** Number of cases that all were judged on. */
  readonly cases: number;
  readonly reports: readonly string[];
  /** In order of rank, then ceilings, then methods without an estimate. */
  readonly entries: readonly LeaderboardEntry[];
}

/** A method with the folders of all reports that hold the very same scores of it. */
interface Contender {
  readonly name: string;
  readonly method: StoredMethod;
  readonly reports: readonly string[];
  readonly estimate: Estimate;
}

/**
 * Ranks the methods of reports that were made on the same recordings by the same protocol. A method with the same name and
 * scores in several reports is listed once.
 *
 * @param metricName the first metric by default.
 * @throws UmweltError `invalid-input` for no report, reports of different protocols (naming each that differs from the first and how), an
 *   unknown metric, or one that no method has.
 */
export function rankReports(reports: readonly StoredReport[], metricName?: string): Leaderboard {
  const [first, ...others] = reports;
  if (first === undefined) {
    throw new UmweltError(
      'invalid-input',
      {},
      'leaderboard: expected at least one folder of a report, got none',
    );
  }
  requireOneProtocol(first, others);
  const metric = chooseMetric(first, metricName);
  const resamples = resampleHeldout(first.heldout, first.seed);
  const contenders = gather(reports, metric.name, resamples);
  const hasMean = ({ estimate }: Contender) => Number.isFinite(estimate.mean);
  const ceilings = contenders.filter(({ method }) => method.kind === 'ceiling');
  const ranked = contenders
    .filter((one) => one.method.kind !== 'ceiling' && hasMean(one))
    .sort((a, b) => lossOf(metric, a.estimate.mean) - lossOf(metric, b.estimate.mean));
  const without = contenders.filter((one) => one.method.kind !== 'ceiling' && !hasMean(one));
  if (ranked.length === 0) throw nothingToRank(metric.name, first);
  const ranks = rankIntervals(ranked, metric, resamples);
  return {
    metric,
    protocol: first.protocol,
    recordings: first.recordings,
    cases: first.heldout.length,
    reports: reports.map(({ directory }) => directory),
    entries: [
      ...ranked.map((one, i) => ({
        ...entryOf(one),
        rank: i + 1,
        rankLo: ranks[i]!.lo,
        rankHi: ranks[i]!.hi,
        next: againstNext(one, ranked[i + 1], metric, resamples),
      })),
      ...[...ceilings, ...without].map(entryOf),
    ],
  };
}

/** Refuses at once all reports that differ from the first, so that one run tells which to leave out. */
function requireOneProtocol(first: StoredReport, others: readonly StoredReport[]): void {
  const refusals = others.flatMap((other) => {
    try {
      requireSameProtocol(first, other, [first.directory, other.directory]);
      return [];
    } catch (refusal) {
      if (!(refusal instanceof UmweltError)) throw refusal;
      return [refusal];
    }
  });
  if (refusals.length === 0) return;
  throw new UmweltError(
    'invalid-input',
    { refusals: refusals.map(({ context }) => context) },
    refusals.map(({ message }) => message).join('\n'),
  );
}

function chooseMetric({ metrics }: StoredReport, name: string | undefined): StoredReport['metrics'][number] {
  const found = name === undefined ? metrics[0] : metrics.find((metric) => metric.name === name);
  if (found !== undefined) return found;
  const known = metrics.map((metric) => metric.name);
  throw new UmweltError(
    'invalid-input',
    { metric: name, known },
    `unknown metric "${name}": expected one of ${known.join(', ')}${didYouMean(name!, known)}`,
  );
}

function nothingToRank(metric: string, { directory }: StoredReport): UmweltError {
  return new UmweltError(
    'invalid-input',
    { metric },
    `no method has an estimate of ${metric} in ${directory} or the reports beside it: choose another --metric`,
  );
}

function gather(
  reports: readonly StoredReport[],
  metric: string,
  resamples: Resamples,
): readonly Contender[] {
  const found = new Map<
    string,
    { readonly report: string; readonly method: StoredMethod; readonly reports: Set<string> }
  >();
  for (const { directory, methods } of reports) {
    for (const method of methods) {
      const key = JSON.stringify([
        method.name,
        method.kind,
        method.diverged,
        Object.entries(method.scores).map(valuesOf),
      ]);
      const known = found.get(key) ?? { report: directory, method, reports: new Set() };
      found.set(key, known);
      known.reports.add(directory);
    }
  }
  const all = [...found.values()];
  return all.map(({ report, method, reports: holders }) => ({
    name:
      all.filter((other) => other.method.name === method.name).length > 1
        ? `${method.name} (${report})`
        : method.name,
    method,
    reports: [...holders],
    estimate: estimateScores(method, metric, resamples),
  }));
}

function valuesOf([name, scores]: readonly [string, readonly Metric[]]): readonly [
  string,
  readonly (number | null)[],
] {
  return [name, scores.map(({ value, valid }) => (valid ? value : null))];
}

function entryOf({ name, method, reports, estimate }: Contender): LeaderboardEntry {
  const { kind, description, diverged } = method;
  return {
    rank: null,
    rankLo: null,
    rankHi: null,
    name,
    kind,
    description,
    reports,
    diverged,
    estimate,
    next: null,
  };
}

function againstNext(
  one: Contender,
  next: Contender | undefined,
  { name, better }: StoredReport['metrics'][number],
  resamples: Resamples,
): LeaderboardEntry['next'] {
  if (next === undefined) return null;
  const [a, b] = [one.method.scores[name]!, next.method.scores[name]!];
  return {
    name: next.name,
    difference: estimateDifference(a, b, resamples),
    improvement: typeof better === 'object' ? null : estimateImprovement(a, b, resamples, better),
  };
}

/** Ranks in each resample, the better half of ties first, and the range that holds the middle 95 % of them. */
function rankIntervals(
  ranked: readonly Contender[],
  metric: StoredReport['metrics'][number],
  { recordings, resamples, counts }: Resamples,
): readonly { readonly lo: number; readonly hi: number }[] {
  const ranks = ranked.map(() => new Uint16Array(resamples));
  const losses = new Float64Array(ranked.length);
  for (let r = 0; r < resamples; r++) {
    for (const [m, { method }] of ranked.entries()) {
      let [sum, drawn] = [0, 0];
      for (const [i, { value, valid }] of method.scores[metric.name]!.entries()) {
        const count = valid ? counts[r * recordings + i]! : 0;
        if (count === 0) continue;
        sum += count * value;
        drawn += count;
      }
      // A resample may hold none of the few cases that a method has.
      losses[m] = drawn === 0 ? Number.POSITIVE_INFINITY : lossOf(metric, sum / drawn);
    }
    for (const [m, loss] of losses.entries()) {
      let before = 0;
      for (const [other, its] of losses.entries()) if (its < loss || (its === loss && other < m)) before++;
      ranks[m]![r] = before + 1;
    }
  }
  return ranks.map((drawn) => {
    const sorted = drawn.sort();
    const at = (p: number) => sorted[Math.round(p * (sorted.length - 1))]!;
    return { lo: at(0.025), hi: at(0.975) };
  });
}
