import { normalCdf } from './math/normal.js';
import type { RandomStream } from './random.js';

/** Random values of a scenario that go together, by the paths of their distributions. */
export interface CorrelatedGroup {
  readonly paths: readonly string[];
  /** Correlations of the normal numbers behind the values. */
  readonly matrix: readonly (readonly number[])[];
}

/**
 * Draws a uniform number for each path of each group: a Gaussian copula. A normal number from each path's own stream is
 * mixed with those before it by the Cholesky factor of the matrix, and goes through the normal distribution function.
 *
 * @returns uniform in (0, 1), by path.
 */
export function drawCorrelated(
  groups: readonly CorrelatedGroup[],
  streamFor: (path: string) => RandomStream,
): ReadonlyMap<string, number> {
  const uniforms = new Map<string, number>();
  for (const { paths, matrix } of groups) {
    const factor = cholesky(matrix)!;
    const normals = paths.map((path) => streamFor(path).normal());
    for (const [row, path] of paths.entries())
      uniforms.set(
        path,
        normalCdf(normals.reduce((sum, normal, column) => sum + factor[row]![column]! * normal, 0)),
      );
  }
  return uniforms;
}

/** Returns the lower triangle L with L L^T = matrix; undefined where the matrix is not positive definite. */
export function cholesky(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] | undefined {
  const factor = matrix.map((row) => row.map(() => 0));
  for (let i = 0; i < matrix.length; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix[i]![j]!;
      for (let k = 0; k < j; k++) rest -= factor[i]![k]! * factor[j]![k]!;
      // What rounding leaves of a singular matrix is not definite.
      if (i === j && !(rest > 1e-12)) return undefined;
      factor[i]![j] = i === j ? Math.sqrt(rest) : rest / factor[j]![j]!;
    }
  return factor;
}

/** Returns what is wrong with a matrix of correlations for so many values; undefined where nothing is. */
export function faultOfCorrelations(
  matrix: readonly (readonly number[])[],
  count: number,
): { readonly at: readonly number[]; readonly expected: string; readonly got: unknown } | undefined {
  if (matrix.length !== count || matrix.some((row) => row.length !== count)) {
    const got = `${matrix.length} rows of ${[...new Set(matrix.map((row) => row.length))].join(' and ')}`;
    return { at: [], expected: `${count} x ${count} numbers, as there are paths`, got };
  }
  for (let i = 0; i < count; i++) {
    if (matrix[i]![i] !== 1) return { at: [i, i], expected: '1 on the diagonal', got: matrix[i]![i] };
    for (let j = 0; j < i; j++) {
      if (matrix[i]![j] === matrix[j]![i]) continue;
      return {
        at: [i, j],
        expected: `the same as across the diagonal (${matrix[j]![i]})`,
        got: matrix[i]![j],
      };
    }
  }
  if (cholesky(matrix)) return undefined;
  return {
    at: [],
    expected: 'correlations that can hold together (a positive definite matrix)',
    got: matrix,
  };
}
