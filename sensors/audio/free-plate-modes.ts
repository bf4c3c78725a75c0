import type { Material } from '../../core/materials.js';
import { bendingFrequencyHz } from './plate-modes.js';
import { solveGeneralised } from './symmetric-eigen.js';

/** Free bending of a rectangular plate, normalised to `integral rho |w|^2 dV = 1` for the plate of its material. */
export interface FreePlateMode {
  readonly frequencyHz: number;
  /** Of a bending wave in an endless plate at this frequency, rad/m. */
  readonly waveNumber: number;
  /** Returns the deflection, 1/sqrt(kg), at `xi` and `eta`, -1 to 1 along the two sides. */
  at(xi: number, eta: number): number;
}

/** Degrees of the polynomials: this many along the sides of a square, more along the longer side of a strip. */
const SQUARE_DEGREE = 13;
const LEAST_DEGREE = 7;
const MOST_DEGREE = 27;

/** Integrals over -1 to 1 of products of Legendre polynomials and their derivatives, [degree, degree]. */
interface Integrals {
  readonly size: number;
  readonly values: Float64Array;
  readonly slopes: Float64Array;
  readonly curvatures: Float64Array;
  /** Of a polynomial (row) times the second derivative of another (column). */
  readonly crossed: Float64Array;
}

/**
 * Finds the lowest bending vibrations of a rectangular plate with free edges, in ascending order, rigid motions left out.
 *
 * Rayleigh-Ritz in products of Legendre polynomials with Kirchhoff's energy
 * `D / 2 integral w_xx^2 + w_yy^2 + 2 nu w_xx w_yy + 2 (1 - nu) w_xy^2` (Leissa: The free vibration of rectangular plates,
 * J. Sound Vib. 31, 1973); each mode's wave number `(rho h w^2 / D)^(1/4)` then gets Mindlin's frequency, which counts
 * shear and rotary inertia. Motion in the plate's own plane is left out.
 *
 * @param sizeM length, width and thickness.
 */
export function freePlateModes(
  sizeM: readonly [number, number, number],
  material: Material,
  count: number,
): FreePlateMode[] {
  const [halfA, halfB] = [sizeM[0] / 2, sizeM[1] / 2];
  const scaleM = Math.sqrt(halfA * halfB);
  const [a, b] = [scaleM / halfA, scaleM / halfB];
  const along = integrate(degreeFor(1 / (a * a)));
  const across = integrate(degreeFor(1 / (b * b)));
  const amplitude = 1 / Math.sqrt(material.densityKgpm3 * sizeM[2] * halfA * halfB);
  const found: FreePlateMode[] = [];
  for (const [parityA, parityB] of PARITIES) {
    const basis = products(along.size, across.size, parityA, parityB);
    const { stiffness, mass } = assemble(basis, along, across, [a * a, b * b], material.poisson);
    const { values, vectors } = solveGeneralised(stiffness, mass, basis.length);
    // A plate that stays flat shifts or tips about one of two axes: one rigid motion in each class but the last.
    const rigid = parityA === 1 && parityB === 1 ? 0 : 1;
    for (let v = rigid; v < Math.min(values.length, count + 1); v++) {
      const waveNumber = Math.sqrt(Math.sqrt(Math.max(0, values[v]!))) / scaleM;
      const coefficients = vectors.slice(v * basis.length, (v + 1) * basis.length);
      found.push({
        frequencyHz: bendingFrequencyHz(waveNumber, sizeM[2], material),
        waveNumber,
        at: (xi, eta) => amplitude * evaluate(basis, coefficients, xi, eta),
      });
    }
  }
  found.sort((p, q) => p.frequencyHz - q.frequencyHz);
  return found.slice(0, count);
}

const PARITIES = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

function degreeFor(aspect: number): number {
  return Math.min(MOST_DEGREE, Math.max(LEAST_DEGREE, Math.round(SQUARE_DEGREE * Math.sqrt(aspect))));
}

type Product = readonly [number, number];

function products(sizeA: number, sizeB: number, parityA: number, parityB: number): Product[] {
  const list: Product[] = [];
  for (let i = parityA; i < sizeA; i += 2) for (let j = parityB; j < sizeB; j += 2) list.push([i, j]);
  return list;
}

function assemble(
  basis: readonly Product[],
  along: Integrals,
  across: Integrals,
  [a2, b2]: readonly [number, number],
  poisson: number,
) {
  const n = basis.length;
  const stiffness = new Float64Array(n * n);
  const mass = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const [i, j] = basis[row]!;
    for (let column = 0; column <= row; column++) {
      const [k, l] = basis[column]!;
      const p = i * along.size + k;
      const q = j * across.size + l;
      const crossed =
        along.crossed[p]! * across.crossed[l * across.size + j]! +
        along.crossed[k * along.size + i]! * across.crossed[q]!;
      const value =
        a2 * a2 * along.curvatures[p]! * across.values[q]! +
        b2 * b2 * along.values[p]! * across.curvatures[q]! +
        a2 * b2 * (poisson * crossed + 2 * (1 - poisson) * along.slopes[p]! * across.slopes[q]!);
      stiffness[row * n + column] = stiffness[column * n + row] = value;
      mass[row * n + column] = mass[column * n + row] = along.values[p]! * across.values[q]!;
    }
  }
  return { stiffness, mass };
}

/** All integrals up to a degree, from `P_n' = sum of (2k + 1) P_k over k = n - 1, n - 3, ...`. */
function integrate(degree: number): Integrals {
  const size = degree + 1;
  const zeros = (): Float64Array => new Float64Array(size * size);
  const [values, slopes, curvatures, crossed] = [zeros(), zeros(), zeros(), zeros()];
  const first = zeros();
  for (let n = 0; n < size; n++) {
    values[n * size + n] = 2 / (2 * n + 1);
    for (let k = n - 1; k >= 0; k -= 2) first[n * size + k] = 2 * k + 1;
  }
  const second = zeros();
  for (let n = 0; n < size; n++)
    for (let k = 0; k < size; k++)
      for (let m = 0; m < size; m++) second[n * size + m]! += first[n * size + k]! * first[k * size + m]!;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      for (let k = 0; k < size; k++) {
        const square = values[k * size + k]!;
        slopes[i * size + j]! += first[i * size + k]! * first[j * size + k]! * square;
        curvatures[i * size + j]! += second[i * size + k]! * second[j * size + k]! * square;
      }
      crossed[i * size + j] = second[j * size + i]! * values[i * size + i]!;
    }
  }
  return { size, values, slopes, curvatures, crossed };
}

function evaluate(basis: readonly Product[], coefficients: Float64Array, xi: number, eta: number): number {
  const [p, q] = [legendre(xi), legendre(eta)];
  let sum = 0;
  for (const [index, [i, j]] of basis.entries()) sum += coefficients[index]! * p[i]! * q[j]!;
  return sum;
}

function legendre(x: number): Float64Array {
  const values = new Float64Array(MOST_DEGREE + 1);
  values[0] = 1;
  values[1] = x;
  for (let n = 1; n < MOST_DEGREE; n++)
    values[n + 1] = ((2 * n + 1) * x * values[n]! - n * values[n - 1]!) / (n + 1);
  return values;
}
