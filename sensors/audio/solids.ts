import { cos, sin } from '../../core/math/exact.js';
import type { Vec3 } from '../../core/math/vector.js';
import { boundsOf, halfExtentsOf, type Shape } from '../../core/shape.js';

/** A solid whose monomials have closed integrals; everything is in units of its semi-axes. */
export interface Solid {
  readonly form: 'box' | 'ball' | 'rod' | 'capsule';
  /** Half of its size along the body's axes, m. */
  readonly semiAxesM: Vec3;
  /** Its middle in the body's frame, m. */
  readonly centreM: Vec3;
  /** Semi-axes of a cavity of the same form, as shares of the solid's; all zero where there is none. */
  readonly cavity: Vec3;
  /** For a capsule, the straight part's share of the height. */
  readonly straight: number;
}

const MASSIVE: Vec3 = [0, 0, 0];

/**
 * Returns the solid that stands for a shape: itself for a box, a ball, a cylinder and a capsule, hollow or not; the
 * cylinder of the same height, volume and centre of mass for a cone; the box that holds it for a mesh.
 */
export function solidOf(shape: Shape): Solid {
  const semiAxesM = halfExtentsOf(shape);
  const whole = { semiAxesM, centreM: MASSIVE, cavity: MASSIVE, straight: 1 };
  switch (shape.kind) {
    case 'box':
      return { ...whole, form: 'box' };
    case 'sphere': {
      const inside = shape.wallM === undefined ? 0 : 1 - shape.wallM / shape.radiusM;
      return { ...whole, form: 'ball', cavity: [inside, inside, inside] };
    }
    case 'cylinder': {
      if (shape.wallM === undefined) return { ...whole, form: 'rod' };
      const across = 1 - shape.wallM / shape.radiusM;
      return { ...whole, form: 'rod', cavity: [across, across, 1 - shape.wallM / shape.halfHeightM] };
    }
    case 'capsule':
      return { ...whole, form: 'capsule', straight: shape.halfHeightM / semiAxesM[2] };
    case 'cone': {
      const radiusM = shape.radiusM / Math.sqrt(3);
      const centreM: Vec3 = [0, 0, -shape.halfHeightM / 2];
      return { ...whole, form: 'rod', semiAxesM: [radiusM, radiusM, shape.halfHeightM], centreM };
    }
    case 'mesh': {
      const { leastM, mostM } = boundsOf(shape);
      const middle = (axis: 0 | 1 | 2): number => (leastM[axis] + mostM[axis]) / 2;
      return { ...whole, form: 'box', centreM: [middle(0), middle(1), middle(2)] };
    }
  }
}

/** Integral of x^l y^m z^n over a solid. */
export type Moment = (l: number, m: number, n: number) => number;

/** Integrals over a solid of exponents up to `highest` each, every one computed once. */
export function momentsOf(solid: Solid, highest: number): Moment {
  const size = highest + 1;
  const table = new Float64Array(size * size * size);
  const [qx, qy, qz] = solid.cavity;
  return (l, m, n) => {
    if ((l | m | n) & 1) return 0;
    const at = ((l / 2) * size + m / 2) * size + n / 2;
    if (table[at] === 0) {
      const full = unitMoment(solid, l, m, n);
      table[at] = full - full * power(qx, l + 1) * power(qy, m + 1) * power(qz, n + 1);
    }
    return table[at]!;
  };
}

function unitMoment({ form, straight }: Solid, l: number, m: number, n: number): number {
  const odd = oddFactorial(l - 1) * oddFactorial(m - 1);
  const disc = (2 * Math.PI * odd) / oddFactorial(l + m + 2);
  switch (form) {
    case 'box':
      return 8 / ((l + 1) * (m + 1) * (n + 1));
    case 'ball':
      return (4 * Math.PI * odd * oddFactorial(n - 1)) / oddFactorial(l + m + n + 3);
    case 'rod':
      return (2 * disc) / (n + 1);
    case 'capsule': {
      // The radius of a cap falls as sqrt(1 - t^2), t from its base to its top.
      const ball = 1 - straight;
      let caps = 0;
      let choose = 1;
      for (let j = 0; j <= n; j++) {
        caps += choose * power(straight, n - j) * power(ball, j + 1) * capIntegral(j, (l + m + 2) / 2);
        choose = (choose * (n - j)) / (j + 1);
      }
      return 2 * disc * (power(straight, n + 1) / (n + 1) + caps);
    }
  }
}

/** Integral of t^j (1 - t^2)^k from 0 to 1. */
function capIntegral(j: number, k: number): number {
  let value = 1 / (j + 1);
  for (let i = 1; i <= k; i++) value *= (2 * i) / (j + 2 * i + 1);
  return value;
}

/** Double factorial n!!, 1 for n <= 0. */
function oddFactorial(n: number): number {
  let product = 1;
  for (let k = n; k > 1; k -= 2) product *= k;
  return product;
}

function power(base: number, exponent: number): number {
  let product = 1;
  for (let i = 0; i < exponent; i++) product *= base;
  return product;
}

/** A patch of a solid's outer surface in the positive octant; the other seven mirror it. */
export interface Patch {
  /** In units of the semi-axes. */
  readonly point: Vec3;
  readonly normal: Vec3;
  /** Share of the octant's area. */
  readonly weight: number;
}

export interface Surface {
  /** Of all eight octants, in the unit of `proportions`. */
  readonly area: number;
  readonly patches: readonly Patch[];
}

const ACROSS = 5;

/** Samples the outer surface of a solid, 25 patches a face; `proportions` are its semi-axes in any one unit. */
export function surfaceOf({ form, straight }: Solid, proportions: Vec3): Surface {
  const patches: { point: Vec3; normal: Vec3; area: number }[] = [];
  const [a, b, c] = proportions;
  for (let i = 0; i < ACROSS; i++) {
    for (let j = 0; j < ACROSS; j++) {
      const u = (i + 0.5) / ACROSS;
      const v = (j + 0.5) / ACROSS;
      const x = cos((u * Math.PI) / 2);
      const y = sin((u * Math.PI) / 2);
      if (form === 'box') {
        patches.push({ point: [1, u, v], normal: [1, 0, 0], area: b * c });
        patches.push({ point: [u, 1, v], normal: [0, 1, 0], area: a * c });
        patches.push({ point: [u, v, 1], normal: [0, 0, 1], area: a * b });
        continue;
      }
      const tall = form === 'ball' ? 0 : straight;
      if (tall > 0)
        patches.push({ point: [x, y, tall * v], normal: [x, y, 0], area: (Math.PI / 2) * a * c * tall });
      if (form === 'rod') {
        // Rings of equal area on the end; quarter circle is pi / 2.
        const ring = Math.sqrt(v);
        patches.push({ point: [ring * x, ring * y, 1], normal: [0, 0, 1], area: (Math.PI / 4) * a * a });
      } else {
        const ring = Math.sqrt(1 - v * v);
        const normal: Vec3 = [ring * x, ring * y, v];
        const point: Vec3 = [ring * x, ring * y, tall + (1 - tall) * v];
        patches.push({ point, normal, area: (Math.PI / 2) * a * a });
      }
    }
  }
  const total = patches.reduce((sum, { area }) => sum + area, 0);
  const weighted = patches.map(({ point, normal, area }) => ({ point, normal, weight: area / total }));
  return { area: (8 * total) / (ACROSS * ACROSS), patches: weighted };
}
