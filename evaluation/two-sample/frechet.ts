import type { Metric } from '../contract.js';
import { INVALID, metricOf } from '../metrics/metric.js';
import { requireSameWidth, type Samples } from './samples.js';

/**
 * Computes the Frechet distance of two samples taken for normal: |m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)) (Dowson, Landau 1982; of
 * codes of pictures: Heusel et al., GANs trained by a two time-scale update rule, NeurIPS 2017). Lower is better; 0 for equal.
 *
 * It is too large for few rows (by about width / rows of the trace), so compare it only between samples of one size. Invalid for
 * fewer rows than `width` + 1 on a side, whose covariance has no rank.
 *
 * @throws UmweltError `shape-mismatch` when the samples differ in width.
 */
export function frechetDistance(a: Samples, b: Samples): Metric {
  requireSameWidth(a, b);
  const { width } = a;
  if (width === 0 || Math.min(a.rows, b.rows) <= width) return INVALID;
  const [first, second] = [momentsOf(a), momentsOf(b)];
  let distance = 0;
  for (let i = 0; i < width; i++) {
    distance += (first.mean[i]! - second.mean[i]!) ** 2;
    distance += first.covariance[i * width + i]! + second.covariance[i * width + i]!;
  }
  // The square root of C C' has the trace of that of the symmetric C^(1/2) C' C^(1/2).
  const root = symmetricRoot(first.covariance, width);
  const between = product(product(root, second.covariance, width), root, width);
  const { values } = symmetricEigen(between, width);
  for (const value of values) distance -= 2 * Math.sqrt(Math.max(0, value));
  return metricOf(Math.max(0, distance));
}

function momentsOf({ rows, width, values }: Samples): { mean: Float64Array; covariance: Float64Array } {
  const mean = new Float64Array(width);
  for (let row = 0; row < rows; row++)
    for (let i = 0; i < width; i++) mean[i]! += values[row * width + i]! / rows;
  const covariance = new Float64Array(width * width);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < width; i++) {
      const apart = (values[row * width + i]! - mean[i]!) / (rows - 1);
      for (let j = 0; j < width; j++)
        covariance[i * width + j]! += apart * (values[row * width + j]! - mean[j]!);
    }
  }
  return { mean, covariance };
}

function symmetricRoot(matrix: Float64Array, width: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, width);
  const root = new Float64Array(width * width);
  for (let k = 0; k < width; k++) {
    const size = Math.sqrt(Math.max(0, values[k]!));
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++)
        root[i * width + j]! += size * vectors[i * width + k]! * vectors[j * width + k]!;
  }
  return root;
}

function product(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width * width);
  for (let i = 0; i < width; i++)
    for (let k = 0; k < width; k++)
      for (let j = 0; j < width; j++) out[i * width + j]! += a[i * width + k]! * b[k * width + j]!;
  return out;
}

/** Eigenvalues and column eigenvectors of a symmetric matrix, by Jacobi's rotations in cyclic order. */
function symmetricEigen(
  matrix: Float64Array,
  width: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const a = matrix.slice();
  const vectors = Float64Array.from({ length: width * width }, (_, at) => (at % (width + 1) === 0 ? 1 : 0));
  const turn = (target: Float64Array, i: number, j: number, c: number, s: number): void => {
    const [x, y] = [target[i]!, target[j]!];
    target[i] = c * x - s * y;
    target[j] = s * x + c * y;
  };
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let on = 0;
    for (let i = 0; i < width; i++)
      for (let j = 0; j < width; j++) {
        if (i === j) on += a[i * width + j]! ** 2;
        else off += a[i * width + j]! ** 2;
      }
    if (off <= 1e-26 * on) break;
    for (let p = 0; p < width; p++) {
      for (let q = p + 1; q < width; q++) {
        const apq = a[p * width + q]!;
        if (apq === 0) continue;
        const theta = (a[q * width + q]! - a[p * width + p]!) / (2 * apq);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        for (let k = 0; k < width; k++) turn(a, k * width + p, k * width + q, c, t * c);
        for (let k = 0; k < width; k++) turn(a, p * width + k, q * width + k, c, t * c);
        for (let k = 0; k < width; k++) turn(vectors, k * width + p, k * width + q, c, t * c);
      }
    }
  }
  return { values: Float64Array.from({ length: width }, (_, i) => a[i * width + i]!), vectors };
}
