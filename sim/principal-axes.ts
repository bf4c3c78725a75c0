import { IDENTITY, normaliseQuaternion, type Quaternion } from '../core/math/quaternion.js';
import type { Vec3 } from '../core/math/vector.js';

/** Moments of inertia about axes without products of inertia, and those axes. */
export interface PrincipalInertia {
  readonly inertiaKgm2: Vec3;
  /** Body from principal axes. */
  readonly orientation: Quaternion;
}

/** Products below this share of the largest moment are what rounding leaves of none. */
const NEGLIGIBLE = 1e-9;
const MAX_SWEEPS = 30;

/**
 * Returns the principal moments and axes of an inertia tensor, by Jacobi's rotations; the body's own axes where the tensor
 * is diagonal already.
 *
 * @param tensor xx yy zz xy xz yz, kg m2.
 */
export function principalInertia([xx, yy, zz, xy, xz, yz]: readonly number[]): PrincipalInertia {
  const m = [
    [xx!, xy!, xz!],
    [xy!, yy!, yz!],
    [xz!, yz!, zz!],
  ];
  const axes = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const scale = Math.max(xx!, yy!, zz!);
  const off = (): number => Math.max(Math.abs(m[0]![1]!), Math.abs(m[0]![2]!), Math.abs(m[1]![2]!));
  if (off() <= NEGLIGIBLE * scale) return { inertiaKgm2: [xx!, yy!, zz!], orientation: IDENTITY };
  for (let sweep = 0; sweep < MAX_SWEEPS && off() > 1e-15 * scale; sweep++) {
    for (const [p, q] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      turn(m, axes, p, q);
  }
  const inertiaKgm2: Vec3 = [m[0]![0]!, m[1]![1]!, m[2]![2]!];
  return { inertiaKgm2, orientation: fromColumns(axes) };
}

/** Turns axes p and q so that their product becomes zero (Golub, Van Loan: Matrix Computations, 8.5). */
function turn(m: number[][], axes: number[][], p: number, q: number): void {
  const product = m[p]![q]!;
  if (product === 0) return;
  const ratio = (m[q]![q]! - m[p]![p]!) / (2 * product);
  const t = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.sqrt(ratio * ratio + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < 3; k++) {
    const a = m[k]![p]!;
    const b = m[k]![q]!;
    m[k]![p] = c * a - s * b;
    m[k]![q] = s * a + c * b;
  }
  for (let k = 0; k < 3; k++) {
    const a = m[p]![k]!;
    const b = m[q]![k]!;
    m[p]![k] = c * a - s * b;
    m[q]![k] = s * a + c * b;
    const u = axes[k]![p]!;
    const v = axes[k]![q]!;
    axes[k]![p] = c * u - s * v;
    axes[k]![q] = s * u + c * v;
  }
}

/** The rotation whose matrix has these columns; Jacobi's rotations keep it proper (Shepperd 1978). */
function fromColumns(r: readonly (readonly number[])[]): Quaternion {
  const [[a, b, c], [d, e, f], [g, h, i]] = r as [
    [number, number, number],
    [number, number, number],
    [number, number, number],
  ];
  const trace = a + e + i;
  if (trace >= Math.max(a, e, i)) return normaliseQuaternion([1 + trace, h - f, c - g, d - b]);
  if (a >= Math.max(e, i)) return normaliseQuaternion([h - f, 1 + a - e - i, b + d, c + g]);
  if (e >= i) return normaliseQuaternion([c - g, b + d, 1 + e - a - i, f + h]);
  return normaliseQuaternion([d - b, c + g, f + h, 1 + i - a - e]);
}
