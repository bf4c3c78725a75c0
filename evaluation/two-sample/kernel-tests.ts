import { exp } from '../../core/math/exact.js';
import { randomStream } from '../../core/random.js';
import type { Metric } from '../contract.js';
import { INVALID, metricOf } from '../metrics/metric.js';
import { type Samples, squaredDistances } from './samples.js';

/** How far two samples' distributions lie apart. */
export interface TwoSampleResult {
  /** Without bias: 0 on average, above and below, for equal distributions. Invalid for fewer than 2 units on a side. */
  readonly statistic: Metric;
  /** 95 % interval by the jackknife over units; NaN for fewer than 3 on a side. Too wide rather than too narrow near 0. */
  readonly lo: number;
  readonly hi: number;
  /** Share of the random relabellings of units that are at least as far apart, itself counted; NaN where invalid. */
  readonly pValue: number;
}

/** How a two-sample test is run. */
export interface TwoSampleOptions {
  readonly permutations?: number;
  readonly seed?: number;
}

/**
 * Tests two samples by the maximum mean discrepancy, the unbiased squared one with a Gaussian kernel:
 * E k(a, a') + E k(b, b') - 2 E k(a, b), k = exp(-|x - y|^2 / (2 s^2)), s the median distance of the pooled rows (Gretton et al., A
 * kernel two-sample test, JMLR 13, 2012). Pairs within one unit are left out, and units are relabelled as a whole.
 *
 * @throws UmweltError `shape-mismatch` when the samples differ in width.
 */
export function maximumMeanDiscrepancy(
  a: Samples,
  b: Samples,
  options: TwoSampleOptions = {},
): TwoSampleResult & { readonly bandwidth: number } {
  const squared = squaredDistances(a, b);
  const bandwidth = medianDistance(squared, a.rows + b.rows);
  if (!(bandwidth > 0)) return { ...NOTHING, bandwidth };
  const kernel = squared.map((value) => exp(-value / (2 * bandwidth * bandwidth)));
  return { ...testKernel(kernel, a, b, options, 'mmd'), bandwidth };
}

/**
 * Tests two samples by the energy distance, without bias: 2 E |a - b| - E |a - a'| - E |b - b'| (Szekely, Rizzo, Energy
 * statistics, JSPI 143, 2013). Pairs within one unit are left out, and units are relabelled as a whole.
 *
 * @throws UmweltError `shape-mismatch` when the samples differ in width.
 */
export function energyDistance(a: Samples, b: Samples, options: TwoSampleOptions = {}): TwoSampleResult {
  const kernel = squaredDistances(a, b).map((value) => -Math.sqrt(value));
  return testKernel(kernel, a, b, options, 'energy');
}

const NOTHING: TwoSampleResult = {
  statistic: INVALID,
  lo: Number.NaN,
  hi: Number.NaN,
  pValue: Number.NaN,
};

/** Kernel values summed over the rows of each pair of units; its own pairs are left out. */
interface UnitKernel {
  readonly units: number;
  /** [units, units], 0 on the diagonal. */
  readonly sums: Float64Array;
  /** [units] rows of each. */
  readonly sizes: Float64Array;
}

function testKernel(
  kernel: Float64Array,
  a: Samples,
  b: Samples,
  { permutations = 200, seed = 0 }: TwoSampleOptions,
  name: string,
): TwoSampleResult {
  if (a.units < 2 || b.units < 2) return NOTHING;
  const grouped = sumByUnit(kernel, a, b);
  const inA = Uint8Array.from({ length: grouped.units }, (_, unit) => (unit < a.units ? 1 : 0));
  const statistic = discrepancy(grouped, inA);
  const random = randomStream(seed, 'evaluation', 'two-sample', name);
  const shuffled = inA.slice();
  let asFar = 1;
  for (let permutation = 0; permutation < permutations; permutation++) {
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      const kept = shuffled[i]!;
      shuffled[i] = shuffled[j]!;
      shuffled[j] = kept;
    }
    if (discrepancy(grouped, shuffled) >= statistic) asFar++;
  }
  const reach = 1.959963985 * jackknifeError(grouped, inA, a.units, b.units);
  return {
    statistic: metricOf(statistic),
    lo: statistic - reach,
    hi: statistic + reach,
    pValue: asFar / (permutations + 1),
  };
}

function sumByUnit(kernel: Float64Array, a: Samples, b: Samples): UnitKernel {
  const count = a.rows + b.rows;
  const units = a.units + b.units;
  const unitOf = Int32Array.from({ length: count }, (_, row) =>
    row < a.rows ? a.unitOf[row]! : a.units + b.unitOf[row - a.rows]!,
  );
  const sums = new Float64Array(units * units);
  const sizes = new Float64Array(units);
  for (let i = 0; i < count; i++) {
    sizes[unitOf[i]!]!++;
    for (let j = 0; j < count; j++)
      if (unitOf[i] !== unitOf[j]) sums[unitOf[i]! * units + unitOf[j]!]! += kernel[i * count + j]!;
  }
  return { units, sums, sizes };
}

/** E k(a, a') + E k(b, b') - 2 E k(a, b) over pairs of different units, one of which may be left out. */
function discrepancy({ units, sums, sizes }: UnitKernel, inA: Uint8Array, without = -1): number {
  const total = [0, 0, 0];
  const pairs = [0, 0, 0];
  for (let u = 0; u < units; u++) {
    if (u === without) continue;
    for (let v = 0; v < u; v++) {
      if (v === without) continue;
      const kind = inA[u]! + inA[v]!;
      total[kind]! += sums[u * units + v]!;
      pairs[kind]! += sizes[u]! * sizes[v]!;
    }
  }
  return total[2]! / pairs[2]! + total[0]! / pairs[0]! - (2 * total[1]!) / pairs[1]!;
}

/** Standard error of the discrepancy: the delete-one jackknife of each side's units (Arvesen 1969). */
function jackknifeError(grouped: UnitKernel, inA: Uint8Array, unitsA: number, unitsB: number): number {
  if (unitsA < 3 || unitsB < 3) return Number.NaN;
  let variance = 0;
  for (const [from, count] of [
    [0, unitsA],
    [unitsA, unitsB],
  ] as const) {
    const left = Array.from({ length: count }, (_, i) => discrepancy(grouped, inA, from + i));
    const mean = left.reduce((sum, value) => sum + value, 0) / count;
    variance += ((count - 1) / count) * left.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  }
  return Math.sqrt(variance);
}

function medianDistance(squared: Float64Array, count: number): number {
  const above = new Float64Array((count * (count - 1)) / 2);
  for (let i = 0, at = 0; i < count; i++)
    for (let j = i + 1; j < count; j++) above[at++] = squared[i * count + j]!;
  above.sort();
  const middle = above.length / 2;
  if (above.length === 0) return Number.NaN;
  return Math.sqrt(
    above.length % 2 === 1 ? above[Math.floor(middle)]! : (above[middle - 1]! + above[middle]!) / 2,
  );
}
