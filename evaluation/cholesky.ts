/**
 * Solves A x = b for a symmetric positive definite A by Cholesky's decomposition.
 *
 * @param matrix [n, n], row-major; only the lower half is read. Not changed.
 * @param right [n] or [n, columns], row-major; not changed.
 * @returns the same shape as `right`; null where A is not positive definite.
 */
export function solvePositive(matrix: Float64Array, right: Float64Array, n: number): Float64Array | null {
  const lower = decompose(matrix, n);
  if (lower === null) return null;
  const columns = right.length / n;
  const x = Float64Array.from(right);
  for (let c = 0; c < columns; c++) {
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < i; k++) x[i * columns + c]! -= lower[i * n + k]! * x[k * columns + c]!;
      x[i * columns + c]! /= lower[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      for (let k = i + 1; k < n; k++) x[i * columns + c]! -= lower[k * n + i]! * x[k * columns + c]!;
      x[i * columns + c]! /= lower[i * n + i]!;
    }
  }
  return x;
}

/** Returns L of A = L L^T, [n, n] with zeros above; null where A is not positive definite. */
export function decompose(matrix: Float64Array, n: number): Float64Array | null {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * n + k]! * lower[j * n + k]!;
      if (i === j) {
        if (!(sum > 0)) return null;
        lower[i * n + i] = Math.sqrt(sum);
      } else {
        lower[i * n + j] = sum / lower[j * n + j]!;
      }
    }
  }
  return lower;
}

/** Returns the inverse of a symmetric positive definite matrix [n, n]; null where it is not. */
export function invertPositive(matrix: Float64Array, n: number): Float64Array | null {
  const identity = new Float64Array(n * n);
  for (let i = 0; i < n; i++) identity[i * n + i] = 1;
  return solvePositive(matrix, identity, n);
}
