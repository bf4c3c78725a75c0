import { exp } from '../../core/math/exact.js';

const REACH = 6;
const CELLS_PER_SIGMA = 512;

/** Standard normal distribution function on [-6, 6], integrated by Simpson's rule. */
const CUMULATIVE = tabulateCumulative();

function tabulateCumulative(): Float64Array {
  const density = (u: number): number => exp((-u * u) / 2) / Math.sqrt(2 * Math.PI);
  const step = 1 / CELLS_PER_SIGMA;
  const table = new Float64Array(2 * REACH * CELLS_PER_SIGMA + 1);
  for (let cell = 1; cell < table.length; cell++) {
    const right = cell * step - REACH;
    const area = (step / 6) * (density(right - step) + 4 * density(right - step / 2) + density(right));
    table[cell] = table[cell - 1]! + area;
  }
  const total = table[table.length - 1]!;
  return table.map((value) => value / total);
}

function cumulative(u: number): number {
  if (u <= -REACH) return 0;
  if (u >= REACH) return 1;
  const position = (u + REACH) * CELLS_PER_SIGMA;
  const cell = Math.floor(position);
  const low = CUMULATIVE[cell]!;
  return low + (CUMULATIVE[cell + 1]! - low) * (position - cell);
}

/**
 * Spreads a point load along one axis of a grid by a Gaussian, integrated over each cell.
 *
 * @param weights [cells], overwritten; sums to one: what would fall beyond the grid's edge stays inside it.
 * @param at where the load is, m, from the grid's first edge.
 */
export function spreadAlong(weights: Float64Array, at: number, sizeM: number, spreadM: number): void {
  const cells = weights.length;
  const width = sizeM / cells;
  let left = cumulative(-at / spreadM);
  const outside = left;
  for (let cell = 0; cell < cells; cell++) {
    const right = cumulative(((cell + 1) * width - at) / spreadM);
    weights[cell] = right - left;
    left = right;
  }
  const inside = left - outside;
  for (let cell = 0; cell < cells; cell++) weights[cell] = weights[cell]! / inside;
}
