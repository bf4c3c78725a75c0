import { normalQuantile } from '../../core/math/normal.js';
import { type RandomStream, randomStream } from '../../core/random.js';
import type { Metric } from '../contract.js';
import { INVALID, metricOf } from '../metrics/metric.js';
import { shareBelow } from './auc.js';
import { fitLogistic, rememberNeighbours, type Table } from './classifiers.js';
import { requireSameWidth, type Samples } from './samples.js';

/** How well a classifier tells two samples apart. */
export interface ClassifierTest {
  /** Area under the ROC curve on units that it was not fitted to: 0.5 cannot tell, 1 always can. */
  readonly auc: Metric;
  /** 95 % interval over units; NaN where invalid. */
  readonly lo: number;
  readonly hi: number;
}

/** How the classifier is judged. */
export interface ClassifierTestOptions {
  /** Parts that units are divided into; fewer where there are fewer units. */
  readonly folds?: number;
  /** How often the division is repeated, and the AUC averaged. */
  readonly repeats?: number;
  readonly seed?: number;
}

/**
 * Tests two samples by a classifier: a logistic regression and k nearest neighbours, whose ranks are averaged, are fitted to
 * all units but those of a fold and score that fold's rows (Lopez-Paz, Oquab, Revisiting classifier two-sample tests, ICLR 2017).
 *
 * The AUC compares rows of the same fold only, since scores of two fits do not share a scale. Its interval is DeLong's (1988) with
 * the placements summed by unit (Obuchowski 1997) and its variance times 1 + K / (K - 1) for K folds whose fits share most of
 * their data (Nadeau, Bengio, Inference for the generalization error, Machine Learning 52, 2003): without it an interval on equal
 * samples misses 0.5 in a quarter of trials. Invalid for fewer than 4 units on a side.
 *
 * @param a features of similar scale (`standardiseTogether`), as `b`.
 * @throws UmweltError `shape-mismatch` when the samples differ in width.
 */
export function classifierTest(
  a: Samples,
  b: Samples,
  { folds = 5, repeats = 2, seed = 0 }: ClassifierTestOptions = {},
): ClassifierTest {
  requireSameWidth(a, b);
  const parts = Math.min(folds, Math.floor(Math.min(a.units, b.units) / 2));
  if (parts < 2) return { auc: INVALID, lo: Number.NaN, hi: Number.NaN };
  const random = randomStream(seed, 'evaluation', 'c2st');
  const placements = [new Float64Array(a.rows), new Float64Array(b.rows)] as const;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const foldOf = [deal(a.units, parts, random), deal(b.units, parts, random)] as const;
    for (let fold = 0; fold < parts; fold++) placeFold([a, b], foldOf, fold, placements, 1 / repeats);
  }
  const auc = mean(placements[0]);
  const shared = 1 + parts / (parts - 1);
  const error = Math.sqrt(shared * (clusterVariance(placements[0], a) + clusterVariance(placements[1], b)));
  const reach = normalQuantile(0.975) * error;
  return { auc: metricOf(auc), lo: Math.max(0, auc - reach), hi: Math.min(1, auc + reach) };
}

/** Deals units to folds of nearly equal size, in random order. */
function deal(units: number, parts: number, random: RandomStream): Int32Array {
  const order = Int32Array.from({ length: units }, (_, unit) => unit);
  for (let i = units - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const foldOf = new Int32Array(units);
  for (const [place, unit] of order.entries()) foldOf[unit] = place % parts;
  return foldOf;
}

/** Adds to each row of a fold the share of the fold's rows of the other side that it is on the right side of. */
function placeFold(
  sides: readonly [Samples, Samples],
  foldOf: readonly [Int32Array, Int32Array],
  fold: number,
  placements: readonly [Float64Array, Float64Array],
  weight: number,
): void {
  const rowsOf = (side: 0 | 1, inside: boolean): number[] =>
    Array.from(sides[side].unitOf.keys()).filter(
      (row) => (foldOf[side][sides[side].unitOf[row]!] === fold) === inside,
    );
  const [trainA, trainB, testA, testB] = [
    rowsOf(0, false),
    rowsOf(1, false),
    rowsOf(0, true),
    rowsOf(1, true),
  ];
  const train = gather(sides, trainA, trainB);
  const labels = Uint8Array.from({ length: train.rows }, (_, row) => (row < trainA.length ? 0 : 1));
  const test = gather(sides, testA, testB);
  const linear = ranks(fitLogistic(train, labels)(test));
  const near = ranks(rememberNeighbours(train, labels)(test));
  const scores = linear.map((rank, row) => rank + near[row]!);
  const ofA = scores.slice(0, testA.length).sort();
  const ofB = scores.slice(testA.length).sort();
  for (const [i, row] of testA.entries()) placements[0][row]! += weight * (1 - shareBelow(ofB, scores[i]!));
  for (const [i, row] of testB.entries())
    placements[1][row]! += weight * shareBelow(ofA, scores[testA.length + i]!);
}

function gather(
  [a, b]: readonly [Samples, Samples],
  rowsA: readonly number[],
  rowsB: readonly number[],
): Table {
  const { width } = a;
  const values = new Float64Array((rowsA.length + rowsB.length) * width);
  let at = 0;
  for (const [side, rows] of [
    [a, rowsA],
    [b, rowsB],
  ] as const)
    for (const row of rows) {
      values.set(side.values.subarray(row * width, (row + 1) * width), at);
      at += width;
    }
  return { rows: rowsA.length + rowsB.length, width, values };
}

/** Share of the scores below each, ties half. */
function ranks(scores: Float64Array): Float64Array {
  const sorted = scores.slice().sort();
  return scores.map((score) => shareBelow(sorted, score));
}

/** Variance of a side's mean placement, its rows summed by unit: U / (U - 1) sum of (sum of (v - mean))^2 / rows^2. */
function clusterVariance(placements: Float64Array, { unitOf, units, rows }: Samples): number {
  const centre = mean(placements);
  const sums = new Float64Array(units);
  for (let row = 0; row < rows; row++) sums[unitOf[row]!]! += placements[row]! - centre;
  const squares = sums.reduce((total, sum) => total + sum * sum, 0);
  return ((units / (units - 1)) * squares) / (rows * rows);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
