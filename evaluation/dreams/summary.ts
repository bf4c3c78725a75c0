import type { StreamErrors } from './errors.js';
import type { DreamErrors } from './judge.js';

/** Mean over episodes of a measure at each horizon, and how many episodes reach it. */
export interface HorizonMeans {
  readonly mean: readonly number[];
  readonly n: readonly number[];
}

/** Means a measure over episodes, at each tick, leaving out episodes that end before. */
export function meanByHorizon(
  dreams: readonly DreamErrors[],
  method: 'model' | 'copyLast' | 'constantVelocity',
  measure: string,
): HorizonMeans {
  const curves = dreams.flatMap((dream) => dream[method][measure] ?? []);
  const ticks = curves[0]?.length ?? 0;
  const mean: number[] = [];
  const n: number[] = [];
  for (let tick = 0; tick < ticks; tick++) {
    const known = curves.map((curve) => curve[tick]!).filter((value) => !Number.isNaN(value));
    n.push(known.length);
    mean.push(known.reduce((total, value) => total + value, 0) / known.length);
  }
  return { mean, n };
}

/** Means an episode's measure over its known horizons; NaN where there is none. */
export function meanOverHorizon(errors: StreamErrors, measure: string): number {
  const known = [...(errors[measure] ?? [])].filter((value) => !Number.isNaN(value));
  return known.reduce((total, value) => total + value, 0) / known.length;
}

/** The share of components within their 90 % intervals, over all episodes, by field and channel. */
export function coverageByName(dreams: readonly DreamErrors[]): Readonly<Record<string, number>> {
  const sums = new Map<string, [number, number]>();
  for (const { covered } of dreams) {
    for (const [name, [within, all]] of Object.entries(covered)) {
      const sum = sums.get(name) ?? [0, 0];
      sums.set(name, [sum[0] + within, sum[1] + all]);
    }
  }
  return Object.fromEntries([...sums].map(([name, [within, all]]) => [name, within / all]));
}

/**
 * Ranks agreement of the model's disagreement with its true error, over all episodes and horizons together.
 *
 * @returns Spearman's rho; ties share their mean rank.
 */
export function disagreementCorrelation(dreams: readonly DreamErrors[], atTick?: number): number {
  const pairs: [number, number][] = [];
  for (const { disagreement, sampleError } of dreams) {
    for (const [tick, error] of (sampleError ?? []).entries()) {
      if (Number.isNaN(error) || (atTick !== undefined && tick !== atTick)) continue;
      pairs.push([disagreement[tick]!, error]);
    }
  }
  return spearman(
    pairs.map(([a]) => a),
    pairs.map(([, b]) => b),
  );
}

/** Spearman's rank correlation of two lists of one length. */
export function spearman(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranks(a), ranks(b)];
  const centre = (x.length - 1) / 2;
  let [together, alone, other] = [0, 0, 0];
  for (const [index, rank] of x.entries()) {
    together += (rank - centre) * (y[index]! - centre);
    alone += (rank - centre) ** 2;
    other += (y[index]! - centre) ** 2;
  }
  return together / Math.sqrt(alone * other);
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((i, j) => values[i]! - values[j]!);
  const out = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[start]!]) end++;
    for (let place = start; place <= end; place++) out[order[place]!] = (start + end) / 2;
    start = end + 1;
  }
  return out;
}
