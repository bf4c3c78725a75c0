import { solvePositive } from '../../cholesky.js';

/** Sums of a linear regression, to which rows are added one by one. */
export interface RegressionSums {
  readonly features: number;
  /** [features, features] */
  readonly squares: Float64Array;
  /** [features] */
  readonly products: Float64Array;
}

/** Makes the sums of no rows. */
export function noRows(features: number): RegressionSums {
  return { features, squares: new Float64Array(features * features), products: new Float64Array(features) };
}

/** Adds a row to the sums, which are changed. */
export function addRow(
  { features, squares, products }: RegressionSums,
  row: Float64Array,
  target: number,
  weight: number,
): void {
  for (let i = 0; i < features; i++) {
    const scaled = weight * row[i]!;
    if (scaled === 0) continue;
    for (let j = 0; j <= i; j++) squares[i * features + j]! += scaled * row[j]!;
    products[i]! += scaled * target;
  }
}

/**
 * Solves for the coefficients, each held back by `penalty` times its feature's own sum of squares (ridge regression on features
 * of one scale; Hoerl and Kennard 1970). Features that were always 0 get 0.
 */
export function solveRidge({ features, squares, products }: RegressionSums, penalty: number): Float64Array {
  const held = Float64Array.from(squares);
  for (let i = 0; i < features; i++) {
    const own = squares[i * features + i]!;
    held[i * features + i] = own > 0 ? own * (1 + penalty) : 1;
  }
  return solvePositive(held, products, features) ?? new Float64Array(features);
}
