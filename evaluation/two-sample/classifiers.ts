import { exp } from '../../core/math/exact.js';

/** Rows to learn from or to judge: [rows, width] row-major. */
export interface Table {
  readonly rows: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** Scores rows: the higher, the more a row looks like those of label 1. */
export type Classify = (rows: Table) => Float64Array;

/**
 * Fits a logistic regression with a ridge by Newton's method: minimises sum of ln(1 + exp(-y w x)) + ridge |w|^2 / 2, the
 * intercept without ridge.
 *
 * @param table features of similar scale.
 * @param labels [rows] 0 or 1.
 */
export function fitLogistic(table: Table, labels: ArrayLike<number>, ridge = 1): Classify {
  const { rows, width, values } = table;
  const size = width + 1;
  const weights = new Float64Array(size);
  const score = (from: Table, row: number): number => {
    let sum = weights[width]!;
    for (let column = 0; column < width; column++)
      sum += weights[column]! * from.values[row * width + column]!;
    return sum;
  };
  for (let round = 0; round < 15; round++) {
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    for (let row = 0; row < rows; row++) {
      const p = 1 / (1 + exp(-score(table, row)));
      const curvature = Math.max(1e-6, p * (1 - p));
      for (let i = 0; i < size; i++) {
        const x = i < width ? values[row * width + i]! : 1;
        gradient[i]! += (p - labels[row]!) * x;
        for (let j = 0; j <= i; j++)
          hessian[i * size + j]! += curvature * x * (j < width ? values[row * width + j]! : 1);
      }
    }
    for (let i = 0; i < size; i++) {
      gradient[i]! += (i < width ? ridge : 0) * weights[i]!;
      hessian[i * size + i]! += i < width ? ridge : 1e-6;
    }
    const step = solvePositive(hessian, gradient, size);
    let longest = 0;
    for (let i = 0; i < size; i++) {
      weights[i]! -= step[i]!;
      longest = Math.max(longest, Math.abs(step[i]!));
    }
    if (longest < 1e-6) break;
  }
  return (judged) => Float64Array.from({ length: judged.rows }, (_, row) => score(judged, row));
}

/**
 * Remembers rows and scores others by the share of label 1 among their k nearest, corrected for how common it is.
 *
 * @param k the square root of the number of rows by default.
 */
export function rememberNeighbours(
  table: Table,
  labels: ArrayLike<number>,
  k = Math.max(1, Math.round(Math.sqrt(table.rows))),
): Classify {
  const { rows, width, values } = table;
  return (judged) =>
    Float64Array.from({ length: judged.rows }, (_, row) => {
      const distances = Float64Array.from({ length: rows }, (__, other) => {
        let sum = 0;
        for (let column = 0; column < width; column++)
          sum += (judged.values[row * width + column]! - values[other * width + column]!) ** 2;
        return sum;
      });
      const reach = distances.slice().sort()[Math.min(k, rows) - 1]!;
      let ones = 0;
      let near = 0;
      for (let other = 0; other < rows; other++) {
        if (distances[other]! > reach) continue;
        near++;
        ones += labels[other]!;
      }
      return ones / near;
    });
}

/** Solves A x = b for a symmetric positive definite A, given by its lower triangle, by Cholesky's factorisation in place. */
function solvePositive(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) rest -= matrix[i * size + k]! * matrix[j * size + k]!;
      matrix[i * size + j] = i === j ? Math.sqrt(Math.max(1e-12, rest)) : rest / matrix[j * size + j]!;
    }
  }
  const x = right.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) x[i]! -= matrix[i * size + k]! * x[k]!;
    x[i]! /= matrix[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) x[i]! -= matrix[k * size + i]! * x[k]!;
    x[i]! /= matrix[i * size + i]!;
  }
  return x;
}
