import type { Estimate, Metric } from './contract.js';
import { requireSameProtocol } from './protocol-difference.js';
import { resampleCases } from './resampling.js';
import type { EvaluationResult, HeldoutCase } from './result.js';
import { estimateDifference, estimateMean, type Resamples } from './statistics.js';
import type { StoredReport } from './stored-report.js';
import { estimateJson } from './summary.js';
import type { Case, MethodKind, MetricDescription } from './task.js';

/** Whether a method became better or worse by a metric; `unknown` where there are too few cases for an interval. */
export type Verdict = 'better' | 'worse' | 'no difference' | 'unknown';

/** One method by one metric, earlier and now. */
export interface RegressionRow {
  readonly method: string;
  readonly kind: MethodKind;
  readonly metric: string;
  /** NaN for a method that diverged. */
  readonly earlier: Estimate;
  readonly now: Estimate;
  /** Now minus earlier, paired by case; of a metric with a right value, how much farther from it the mean is. */
  readonly difference: Estimate;
  readonly verdict: Verdict;
}

/** An evaluation beside an earlier one of the same recordings and protocol. */
export interface Regression {
  readonly earlier: {
    readonly directory: string;
    readonly inputsSha256: string;
    readonly versions: Readonly<Record<string, string>>;
  };
  readonly rows: readonly RegressionRow[];
  /** Names of methods of which only one of the two has a score. */
  readonly onlyEarlier: readonly string[];
  readonly onlyNow: readonly string[];
}

/** What of an evaluation is compared: a stored report is one. */
export type Comparable = Pick<EvaluationResult, 'protocol' | 'metrics' | 'horizonsS' | 'heldout' | 'seed'> & {
  readonly methods: readonly Pick<StoredReport['methods'][number], 'name' | 'kind' | 'diverged' | 'scores'>[];
};

/** Takes of a result what is compared. */
export function comparableOf(result: EvaluationResult): Comparable {
  const methods = result.methods.map(({ name, kind, diverged, scores }) => ({
    name,
    kind,
    diverged,
    scores: scores.overall,
  }));
  return { ...result, methods };
}

/** Returns a comparison as plain JSON. */
export function describeRegression({ rows, ...rest }: Regression): Readonly<Record<string, unknown>> {
  return {
    ...rest,
    regressions: regressionsOf({ rows, ...rest }).map(({ method, metric }) => ({ method, metric })),
    rows: rows.map(({ earlier, now, difference, ...row }) => ({
      ...row,
      earlier: estimateJson(earlier),
      now: estimateJson(now),
      difference: estimateJson(difference),
    })),
  };
}

/**
 * Compares an evaluation with an earlier one, method by method and metric by metric, paired by case.
 *
 * @throws UmweltError `invalid-input` when the two follow different protocols, naming where they differ.
 */
export function compareWithEarlier(now: Comparable, earlier: StoredReport): Regression {
  requireSameProtocol(earlier, now, [earlier.directory, 'this evaluation']);
  const resamples = resampleHeldout(now.heldout, now.seed);
  const before = new Map(earlier.methods.map((method) => [method.name, method]));
  const after = new Set(now.methods.map(({ name }) => name));
  const rows = now.methods.flatMap((method): RegressionRow[] => {
    const known = before.get(method.name);
    if (known === undefined) return [];
    return now.metrics.flatMap((metric) => rowOf(method, known, metric, resamples) ?? []);
  });
  return {
    earlier: {
      directory: earlier.directory,
      inputsSha256: earlier.inputsSha256,
      versions: earlier.versions,
    },
    rows,
    onlyEarlier: [...before.keys()].filter((name) => !after.has(name)),
    onlyNow: [...after].filter((name) => !before.has(name)),
  };
}

/** Rows that a reader must act on: methods that became worse. A ceiling is no method, and may move. */
export function regressionsOf({ rows }: Regression): readonly RegressionRow[] {
  return rows.filter(({ verdict, kind }) => verdict === 'worse' && kind !== 'ceiling');
}

/** Draws the bootstrap's resamples of stored cases, as the evaluation that stored them did. */
export function resampleHeldout(heldout: readonly HeldoutCase[], seed: number): Resamples {
  const cases = heldout.map(
    ({ name, recording, sha256, startS, horizonS, unit, stratum }): Case => ({
      name,
      recording: { name: recording, sha256 },
      episode: 0,
      startS,
      horizonS,
      unit,
      ...(stratum !== null && { stratum }),
    }),
  );
  return resampleCases(cases, seed);
}

/** Estimates a method's mean; one that diverged anywhere has none. */
export function estimateScores(
  { scores, diverged }: Comparable['methods'][number],
  metric: string,
  resamples: Resamples,
): Estimate {
  const estimated = estimateMean(scores[metric]!, resamples);
  return diverged === 0 ? estimated : { mean: Number.NaN, lo: Number.NaN, hi: Number.NaN, n: estimated.n };
}

function rowOf(
  now: Comparable['methods'][number],
  before: Comparable['methods'][number],
  metric: MetricDescription,
  resamples: Resamples,
): RegressionRow | null {
  const estimates = [before, now].map((method) => estimateScores(method, metric.name, resamples));
  const [earlier, later] = [estimates[0]!, estimates[1]!];
  const diverged = [before.diverged > 0, now.diverged > 0];
  if (earlier.n === 0 && later.n === 0 && !diverged[0] && !diverged[1]) return null;
  const comparable = !diverged[0] && !diverged[1];
  const difference = comparable
    ? differenceOf(now.scores[metric.name]!, before.scores[metric.name]!, metric, resamples)
    : { mean: Number.NaN, lo: Number.NaN, hi: Number.NaN, n: 0 };
  const verdict = comparable ? verdictOf(difference, metric) : divergence(diverged[0]!, diverged[1]!);
  return {
    method: now.name,
    kind: now.kind,
    metric: metric.name,
    earlier,
    now: later,
    difference,
    verdict,
  };
}

function divergence(before: boolean, now: boolean): Verdict {
  if (before && now) return 'no difference';
  return now ? 'worse' : 'better';
}

function differenceOf(
  now: readonly Metric[],
  before: readonly Metric[],
  { better }: MetricDescription,
  resamples: Resamples,
): Estimate {
  return typeof better === 'object'
    ? estimateMiss(now, before, better.target, resamples)
    : estimateDifference(now, before, resamples);
}

function verdictOf({ lo, hi, n }: Estimate, { better }: MetricDescription): Verdict {
  if (n === 0 || !Number.isFinite(lo) || !Number.isFinite(hi)) return 'unknown';
  const sign = better === 'higher' ? -1 : 1;
  if (lo > 0 || hi < 0) return sign * lo > 0 ? 'worse' : 'better';
  return 'no difference';
}

/**
 * Estimates how much farther from a right value one mean is than another, |a - target| - |b - target|, by percentiles of the
 * paired bootstrap: of a coverage, no single case is right or wrong.
 */
function estimateMiss(
  a: readonly Metric[],
  b: readonly Metric[],
  target: number,
  { recordings, resamples, counts }: Resamples,
): Estimate {
  const valid = a.flatMap(({ valid }, i) => (valid && b[i]!.valid ? [i] : []));
  const missOf = (weight: (i: number) => number): number => {
    let [ofA, ofB, total] = [0, 0, 0];
    for (const i of valid) {
      const times = weight(i);
      ofA += times * a[i]!.value;
      ofB += times * b[i]!.value;
      total += times;
    }
    return Math.abs(ofA / total - target) - Math.abs(ofB / total - target);
  };
  const mean = missOf(() => 1);
  if (valid.length < 2) return { mean, lo: Number.NaN, hi: Number.NaN, n: valid.length };
  const drawn = Float64Array.from({ length: resamples }, (_, r) => missOf((i) => counts[r * recordings + i]!))
    .filter(Number.isFinite)
    .sort();
  const at = (p: number) => drawn[Math.round(p * (drawn.length - 1))] ?? Number.NaN;
  return { mean, lo: at(0.025), hi: at(0.975), n: valid.length };
}
