import { exp } from '../../core/math/exact.js';
import { spreadAlong } from '../haptics/spread.js';
import type { GelSpecification } from './patch-specification.js';

/** Spreads the values of a [rows, columns] grid in place by a Gaussian that keeps their sum. */
export type Spread = (values: Float64Array) => void;

/** Weights below this share of the largest are left out. */
const SMALLEST = 1e-5;

/**
 * Makes the point-spread function of a soft layer: a Gaussian, integrated over each cell; what would fall beyond the edge
 * stays inside.
 *
 * @param sizeM of the grid along rows and columns.
 * @param spreadM standard deviation; 0 spreads nothing.
 */
export function createSpread(
  rows: number,
  columns: number,
  sizeM: readonly [number, number],
  spreadM: number,
): Spread {
  if (spreadM === 0) return () => {};
  const down = tabulate(rows, sizeM[0], spreadM);
  const across = tabulate(columns, sizeM[1], spreadM);
  const half = new Float64Array(rows * columns);
  return (values) => {
    half.fill(0);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const value = values[row * columns + column]!;
        if (value === 0) continue;
        const { first, weights } = across[column]!;
        for (let k = 0; k < weights.length; k++) half[row * columns + first + k]! += value * weights[k]!;
      }
    }
    values.fill(0);
    for (let row = 0; row < rows; row++) {
      const { first, weights } = down[row]!;
      for (let column = 0; column < columns; column++) {
        const value = half[row * columns + column]!;
        if (value === 0) continue;
        for (let k = 0; k < weights.length; k++)
          values[(first + k) * columns + column]! += value * weights[k]!;
      }
    }
  };
}

interface Kernel {
  readonly first: number;
  readonly weights: Float64Array;
}

function tabulate(cells: number, sizeM: number, spreadM: number): Kernel[] {
  return Array.from({ length: cells }, (_, cell) => {
    const all = new Float64Array(cells);
    spreadAlong(all, ((cell + 0.5) * sizeM) / cells, sizeM, spreadM);
    const most = all.reduce((a, b) => Math.max(a, b));
    const first = all.findIndex((weight) => weight > most * SMALLEST);
    const last = cells - [...all].reverse().findIndex((weight) => weight > most * SMALLEST);
    const weights = all.slice(first, last);
    const sum = weights.reduce((a, b) => a + b);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** Lags the values of a grid in place; keeps its own memory. */
export interface Relaxation {
  step(values: Float64Array): void;
  /** False once the memory has died away and there is nothing to add. */
  readonly isActive: boolean;
}

/** Memory below this share of the largest value ever seen counts as gone. */
const FORGOTTEN = 1e-6;

/**
 * Makes the hysteresis of a soft layer: a generalised Maxwell (Prony) creep of two time constants.
 *
 * Of a load that appears at once, `1 - c1 - c2` shows at once and `c_k (1 - exp(-t / tau_k))` comes after it; the same
 * remains when it goes. So a loop of load and reading opens while the load changes, and a load that stays reads true.
 */
export function createRelaxation(count: number, rateHz: number, gel: GelSpecification): Relaxation {
  const { hysteresis: c1, slowHysteresis: c2 } = gel;
  const k1 = 1 - exp(-1 / (rateHz * gel.relaxationS));
  const k2 = 1 - exp(-1 / (rateHz * gel.slowRelaxationS));
  const first = new Float64Array(count);
  const second = new Float64Array(count);
  let isActive = false;
  let largest = 0;
  return {
    get isActive() {
      return isActive;
    },
    step(values) {
      if (c1 === 0 && c2 === 0) return;
      let most = 0;
      for (let index = 0; index < count; index++) {
        const value = values[index]!;
        const a = first[index]! + k1 * (value - first[index]!);
        const b = second[index]! + k2 * (value - second[index]!);
        first[index] = a;
        second[index] = b;
        values[index] = value + c1 * (a - value) + c2 * (b - value);
        most = Math.max(most, Math.abs(a), Math.abs(b));
      }
      largest = Math.max(largest, most);
      isActive = most > FORGOTTEN * largest;
      if (isActive) return;
      first.fill(0);
      second.fill(0);
    },
  };
}
