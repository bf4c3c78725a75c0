import type { Control } from '../../core/progress.js';
import type { RandomStream } from '../../core/random.js';
import { requireRunning } from '../interruption.js';
import { symmetricEigen } from './eigen.js';

/** How a search is run. */
export interface SearchOptions extends Control {
  /** Where the search begins: [n], each in 0 to 1. */
  readonly start: readonly number[];
  /** Standard deviation of the first candidates, 0.2 by default. */
  readonly spread?: number;
  /** How many candidates are evaluated at most. */
  readonly evaluations: number;
  /** Candidates a generation, 4 + 3 ln n by default. */
  readonly population?: number;
  readonly random: RandomStream;
  /** The search ends when the distribution is narrower than this in every direction, 1e-4 by default. */
  readonly tolerance?: number;
}

/** A point and what it cost. */
export interface Evaluated {
  /** [n], each in 0 to 1. */
  readonly point: readonly number[];
  readonly value: number;
}

/** What a search found. */
export interface SearchResult {
  readonly best: Evaluated;
  /** Mean of the last distribution: [n]. */
  readonly mean: readonly number[];
  /** Everything that was evaluated, in order. */
  readonly evaluated: readonly Evaluated[];
}

/**
 * Minimises a function of numbers in 0 to 1 by the covariance matrix adaptation evolution strategy, weighted recombination and
 * rank-mu update (Hansen 2016, The CMA Evolution Strategy: A Tutorial, arXiv:1604.00772, figure 6 and table 1).
 *
 * Candidates outside the box are judged at its nearest point and pay for the distance, so that the function is only asked
 * inside. Deterministic: the same random stream and values give the same search.
 *
 * @param objective values of a whole generation, in the order of its points; the caller may evaluate them in parallel. A value
 *   that is not finite counts as worst.
 * @throws UmweltError `interrupted`.
 */
export async function minimise(
  objective: (points: readonly (readonly number[])[]) => Promise<readonly number[]>,
  options: SearchOptions,
): Promise<SearchResult> {
  const { start, evaluations, random, tolerance = 1e-4, onProgress, signal } = options;
  const settings = settingsOf(start.length, options.population);
  const state = stateAt(start, options.spread ?? 0.2);
  const evaluated: Evaluated[] = [];
  let unit = 1;
  while (evaluated.length + settings.population <= evaluations || evaluated.length === 0) {
    requireRunning(signal);
    const steps = Array.from({ length: settings.population }, () => stepFrom(state, random));
    const wanted = steps.map((step) => state.mean.map((m, i) => m + state.sigma * step[i]!));
    const points = wanted.map((point) => point.map((x) => Math.min(1, Math.max(0, x))));
    const values = (await objective(points)).map((value) =>
      Number.isFinite(value) ? value : Number.MAX_VALUE,
    );
    for (const [k, value] of values.entries()) evaluated.push({ point: points[k]!, value });
    unit = Math.max(1e-12, spreadOf(values));
    const charged = values.map((value, k) => value + unit * 10 * squaredDistance(wanted[k]!, points[k]!));
    const order = charged.map((_, k) => k).sort((a, b) => charged[a]! - charged[b]! || a - b);
    update(
      state,
      settings,
      order.map((k) => steps[k]!),
      evaluated.length / settings.population,
    );
    onProgress?.({ done: evaluated.length, total: evaluations });
    if (state.sigma * Math.max(...state.scales) < tolerance) break;
  }
  const best = evaluated.reduce((a, b) => (b.value < a.value ? b : a));
  return { best, mean: state.mean.map((x) => Math.min(1, Math.max(0, x))), evaluated };
}

interface Settings {
  readonly n: number;
  readonly population: number;
  /** [parents], sum 1. */
  readonly weights: readonly number[];
  readonly effective: number;
  readonly pathSigma: number;
  readonly dampSigma: number;
  readonly pathC: number;
  readonly rankOne: number;
  readonly rankMu: number;
  /** Expected length of a standard normal vector. */
  readonly length: number;
}

function settingsOf(n: number, wanted: number | undefined): Settings {
  const population = Math.max(4, wanted ?? 4 + Math.floor(3 * Math.log(n)));
  const parents = Math.floor(population / 2);
  const raw = Array.from({ length: parents }, (_, i) => Math.log((population + 1) / 2) - Math.log(i + 1));
  const total = raw.reduce((sum, w) => sum + w, 0);
  const weights = raw.map((w) => w / total);
  const effective = 1 / weights.reduce((sum, w) => sum + w * w, 0);
  const pathSigma = (effective + 2) / (n + effective + 5);
  const rankOne = 2 / ((n + 1.3) ** 2 + effective);
  return {
    n,
    population,
    weights,
    effective,
    pathSigma,
    dampSigma: 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (n + 1)) - 1) + pathSigma,
    pathC: (4 + effective / n) / (n + 4 + (2 * effective) / n),
    rankOne,
    rankMu: Math.min(1 - rankOne, (2 * (effective - 2 + 1 / effective)) / ((n + 2) ** 2 + effective)),
    length: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/** The distribution: mean, sigma and covariance with its eigenvectors; owned and changed by one search. */
interface State {
  mean: number[];
  sigma: number;
  covariance: number[][];
  /** Columns are eigenvectors. */
  axes: number[][];
  /** Square roots of the eigenvalues. */
  scales: number[];
  pathSigma: number[];
  pathC: number[];
}

function stateAt(start: readonly number[], spread: number): State {
  const identity = () => start.map((_, i) => start.map((__, j) => (i === j ? 1 : 0)));
  return {
    mean: [...start],
    sigma: spread,
    covariance: identity(),
    axes: identity(),
    scales: start.map(() => 1),
    pathSigma: start.map(() => 0),
    pathC: start.map(() => 0),
  };
}

/** Draws from a normal distribution with the state's covariance. */
function stepFrom({ axes, scales }: State, random: RandomStream): number[] {
  const normal = scales.map((scale) => scale * random.normal());
  return axes.map((row) => row.reduce((sum, x, j) => sum + x * normal[j]!, 0));
}

/** Moves the distribution towards the best steps. `sorted` holds all of a generation's, the best first. */
function update(
  state: State,
  settings: Settings,
  sorted: readonly (readonly number[])[],
  generation: number,
): void {
  const { n, weights, effective, pathSigma, dampSigma, pathC, rankOne, rankMu, length } = settings;
  const mean = state.mean.map((_, i) => weights.reduce((sum, w, k) => sum + w * sorted[k]![i]!, 0));
  state.mean = state.mean.map((m, i) => m + state.sigma * mean[i]!);
  const whitened = whiten(state, mean);
  const gainSigma = Math.sqrt(pathSigma * (2 - pathSigma) * effective);
  state.pathSigma = state.pathSigma.map((p, i) => (1 - pathSigma) * p + gainSigma * whitened[i]!);
  const norm = Math.sqrt(state.pathSigma.reduce((sum, p) => sum + p * p, 0));
  const expected = Math.sqrt(1 - (1 - pathSigma) ** (2 * generation));
  const isMoving = norm / expected < (1.4 + 2 / (n + 1)) * length;
  const gainC = isMoving ? Math.sqrt(pathC * (2 - pathC) * effective) : 0;
  state.pathC = state.pathC.map((p, i) => (1 - pathC) * p + gainC * mean[i]!);
  const kept = 1 - rankOne - rankMu + (isMoving ? 0 : rankOne * pathC * (2 - pathC));
  state.covariance = state.covariance.map((row, i) =>
    row.map((c, j) => {
      const one = rankOne * state.pathC[i]! * state.pathC[j]!;
      const mu = weights.reduce((sum, w, k) => sum + w * sorted[k]![i]! * sorted[k]![j]!, 0);
      return kept * c + one + rankMu * mu;
    }),
  );
  state.sigma *= Math.exp(Math.min(1, (pathSigma / dampSigma) * (norm / length - 1)));
  const { vectors, values } = symmetricEigen(state.covariance);
  state.axes = vectors;
  state.scales = values.map((value) => Math.sqrt(Math.max(value, 1e-20)));
}

function whiten({ axes, scales }: State, vector: readonly number[]): number[] {
  const along = scales.map((scale, j) => axes.reduce((sum, row, i) => sum + row[j]! * vector[i]!, 0) / scale);
  return axes.map((row) => row.reduce((sum, x, j) => sum + x * along[j]!, 0));
}

/** Middle half's width of the values that are finite: what a step in value is worth. */
function spreadOf(values: readonly number[]): number {
  const sorted = values.filter((value) => value < Number.MAX_VALUE).sort((a, b) => a - b);
  if (sorted.length === 0) return 1;
  return sorted[Math.floor(0.75 * (sorted.length - 1))]! - sorted[Math.floor(0.25 * (sorted.length - 1))]!;
}

function squaredDistance(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, i) => sum + (x - b[i]!) ** 2, 0);
}
