import { UmweltError } from '../../core/errors.js';

/** Eigenvalues in ascending order, and their unit eigenvectors as rows of an [n, n] array. */
export interface EigenSystem {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/**
 * Solves `K x = lambda M x` for symmetric K and symmetric positive definite M; vectors come out with `x^T M x = 1`.
 *
 * Cholesky reduction to the standard problem. Uses only + - * / and sqrt, so the bits are the same everywhere.
 *
 * @param stiffness [n, n], row-major; not changed.
 * @param mass [n, n], row-major; not changed.
 * @throws UmweltError `internal` when M is not positive definite or an entry is not finite.
 */
export function solveGeneralised(stiffness: Float64Array, mass: Float64Array, n: number): EigenSystem {
  const lower = cholesky(mass, n);
  const reduced = Float64Array.from(stiffness);
  // Rows by L^-1, then columns by L^-T.
  for (let column = 0; column < n; column++) {
    for (let row = 0; row < n; row++) {
      let sum = reduced[row * n + column]!;
      for (let k = 0; k < row; k++) sum -= lower[row * n + k]! * reduced[k * n + column]!;
      reduced[row * n + column] = sum / lower[row * n + row]!;
    }
  }
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      let sum = reduced[row * n + column]!;
      for (let k = 0; k < column; k++) sum -= lower[column * n + k]! * reduced[row * n + k]!;
      reduced[row * n + column] = sum / lower[column * n + column]!;
    }
  }
  const { values, vectors } = solveSymmetric(reduced, n);
  for (let v = 0; v < n; v++) {
    for (let row = n - 1; row >= 0; row--) {
      let sum = vectors[v * n + row]!;
      for (let k = row + 1; k < n; k++) sum -= lower[k * n + row]! * vectors[v * n + k]!;
      vectors[v * n + row] = sum / lower[row * n + row]!;
    }
  }
  return { values, vectors };
}

/** Share of a matrix's largest entry below which an entry is taken for zero: far under rounding, far above underflow. */
const NEGLIGIBLE = 1e-30;
/** Three a value are common; without a limit a matrix that is not finite would never end. */
const MAX_SWEEPS = 100;

/** Lower factor L of `a = L L^T`. */
function cholesky(a: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = a[row * n + column]!;
      for (let k = 0; k < column; k++) sum -= lower[row * n + k]! * lower[column * n + k]!;
      lower[row * n + column] = row === column ? Math.sqrt(sum) : sum / lower[column * n + column]!;
    }
  }
  return lower;
}

/**
 * Solves a symmetric eigenproblem: Householder reduction to tridiagonal form, then QL with implicit shifts (Bowdler,
 * Martin, Reinsch, Wilkinson: The QR and QL algorithms for symmetric matrices, Numerische Mathematik 11, 1968).
 *
 * @param matrix [n, n], row-major; overwritten.
 * @throws UmweltError `internal` when the matrix is not finite.
 */
export function solveSymmetric(matrix: Float64Array, n: number): EigenSystem {
  const diagonal = new Float64Array(n);
  const offDiagonal = new Float64Array(n);
  const scale = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  for (let index = 0; index < matrix.length; index++) matrix[index]! /= scale;
  const rows = reduceToTridiagonal(matrix, n, diagonal, offDiagonal);
  iterateQl(rows, n, diagonal, offDiagonal);
  const order = Array.from(diagonal.keys()).sort((a, b) => diagonal[a]! - diagonal[b]! || a - b);
  const vectors = new Float64Array(n * n);
  for (const [to, from] of order.entries()) vectors.set(rows.subarray(from * n, (from + 1) * n), to * n);
  return { values: Float64Array.from(order, (index) => diagonal[index]! * scale), vectors };
}

/** Leaves the tridiagonal matrix in its two arrays and returns the rows of the orthogonal Q^T with A = Q T Q^T. */
function reduceToTridiagonal(
  a: Float64Array,
  n: number,
  diagonal: Float64Array,
  offDiagonal: Float64Array,
): Float64Array {
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  const v = new Float64Array(n);
  const p = new Float64Array(n);
  for (let k = 0; k < n - 2; k++) {
    let norm = 0;
    for (let i = k + 1; i < n; i++) {
      v[i] = a[i * n + k]!;
      norm += v[i]! * v[i]!;
    }
    norm = Math.sqrt(norm);
    if (norm <= NEGLIGIBLE) continue;
    v[k + 1]! += v[k + 1]! < 0 ? -norm : norm;
    let square = 0;
    for (let i = k + 1; i < n; i++) square += v[i]! * v[i]!;
    const factor = 2 / square;
    // A := H A H with H = I - factor v v^T, as a symmetric rank-two update.
    let projection = 0;
    for (let i = k; i < n; i++) {
      let sum = 0;
      for (let j = k + 1; j < n; j++) sum += a[i * n + j]! * v[j]!;
      p[i] = factor * sum;
      if (i > k) projection += v[i]! * p[i]!;
    }
    const half = 0.5 * factor * projection;
    for (let i = k + 1; i < n; i++) p[i]! -= half * v[i]!;
    v[k] = 0;
    for (let i = k; i < n; i++) {
      for (let j = k; j < n; j++) a[i * n + j]! -= v[i]! * p[j]! + p[i]! * v[j]!;
    }
    for (let column = 0; column < n; column++) {
      let sum = 0;
      for (let i = k + 1; i < n; i++) sum += v[i]! * q[i * n + column]!;
      sum *= factor;
      for (let i = k + 1; i < n; i++) q[i * n + column]! -= sum * v[i]!;
    }
  }
  for (let i = 0; i < n; i++) {
    diagonal[i] = a[i * n + i]!;
    offDiagonal[i] = i + 1 < n ? a[(i + 1) * n + i]! : 0;
  }
  return q;
}

/** Diagonalises the tridiagonal matrix in place; each row of `vectors` turns into an eigenvector. */
function iterateQl(vectors: Float64Array, n: number, d: Float64Array, e: Float64Array): void {
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      if (sweep === MAX_SWEEPS) {
        throw new UmweltError('internal', { n }, 'eigenvalues: expected a finite matrix, got one without');
      }
      let m = l;
      while (m < n - 1) {
        const scale = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
        const coupling = Math.abs(e[m]!);
        if (scale + coupling === scale || coupling <= NEGLIGIBLE) break;
        m++;
      }
      if (m === l) break;
      let g = (d[l + 1]! - d[l]!) / (2 * e[l]!);
      let r = Math.sqrt(g * g + 1);
      g = d[m]! - d[l]! + e[l]! / (g + (g < 0 ? -r : r));
      let s = 1;
      let c = 1;
      let p = 0;
      let i = m - 1;
      for (; i >= l; i--) {
        const f = s * e[i]!;
        const b = c * e[i]!;
        r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1]! -= p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1]! - p;
        r = (d[i]! - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        for (let k = 0; k < n; k++) {
          const upper = vectors[(i + 1) * n + k]!;
          const lower = vectors[i * n + k]!;
          vectors[(i + 1) * n + k] = s * lower + c * upper;
          vectors[i * n + k] = c * lower - s * upper;
        }
      }
      if (r === 0 && i >= l) continue;
      d[l]! -= p;
      e[l] = g;
      e[m] = 0;
    }
  }
}
