import { cbrt } from '../../core/math/exact.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { Shape } from '../../core/shape.js';
import { type Moment, momentsOf, type Solid, type Surface, solidOf, surfaceOf } from './solids.js';
import { solveGeneralised } from './symmetric-eigen.js';

/** Free vibrations of a solid of unit Young's modulus, unit density and unit scale; see `elasticModes`. */
export interface ElasticModes {
  /** The solid's middle in the body's frame, m. */
  readonly centreM: Vec3;
  /** `(a b c)^(1/3)` of the semi-axes, m. */
  readonly scaleM: number;
  /** Semi-axes of the solid, in units of the scale. */
  readonly proportions: Vec3;
  /** Exponents (l, m, n) of the monomials x^l y^m z^n; coordinates are in units of the semi-axes. */
  readonly exponents: readonly Vec3[];
  /** Volume of the material and outer surface in the unit of length `(a b c)^(1/3)`. */
  readonly volume: number;
  readonly area: number;
  readonly modes: readonly ElasticMode[];
}

export interface ElasticMode {
  /** Angular frequency in units of sqrt(E / rho) / (a b c)^(1/3). */
  readonly angularFrequency: number;
  /** Displacement: component (0 to 2) and monomial (index into `exponents`) of each term, with its coefficient. */
  readonly components: Uint8Array;
  readonly monomials: Uint16Array;
  readonly coefficients: Float64Array;
  /** Mean over the surface of the outward normal displacement, and of its square. */
  readonly meanNormal: number;
  readonly meanNormalSquare: number;
  /** Least order of a spherical harmonic, beside 0 and 1, that mirrors as the motion does: 2 or 3. */
  readonly order: 2 | 3;
}

/** Modes that are kept, from the lowest. */
const KEPT = 20;
const CACHE_SIZE = 64;
/** Beyond this ratio of lengths the polynomials lose their footing in float64; thinner bodies are taken to be so thick. */
const MOST_SLENDER = 1000;
/** Cavities wider than this share leave the monomials nearly dependent; thinner walls are taken to be so thick. */
const THINNEST_WALL = 0.9;

const cache = new Map<string, Omit<ElasticModes, 'scaleM' | 'centreM'>>();

/**
 * Finds the lowest free vibrations of the solid that stands for a shape (`solidOf`), rigid motions left out.
 *
 * Rayleigh-Ritz in monomials x^l y^m z^n, whose integrals have closed forms over all its solids
 * (Visscher, Migliori, Bell, Reinert: On the normal modes of free vibration of inhomogeneous and anisotropic elastic
 * objects, J. Acoust. Soc. Am. 90, 1991). The three mirror symmetries split the problem into eight small ones.
 * Displacements are normalised to `integral |u|^2 dV = 1`. A pure function; recent results are kept.
 */
export function elasticModes(shape: Shape, poisson: number): ElasticModes {
  const solid = solidOf(shape);
  const axesM = solid.semiAxesM;
  const thinnestM = Math.max(...axesM) / MOST_SLENDER;
  const [a, b, c] = axesM.map((axis) => Math.max(axis, thinnestM)) as [number, number, number];
  const scaleM = cbrt(a * b * c);
  const proportions: Vec3 = [a / scaleM, b / scaleM, c / scaleM];
  const { form, cavity, straight, centreM } = solid;
  const thick = cavity.map((share) => Math.min(share, THINNEST_WALL)) as [number, number, number];
  const key = [form, ...proportions, ...thick, straight, poisson].join(' ');
  const known = cache.get(key);
  if (known !== undefined) return { ...known, scaleM, centreM };
  const found = solve({ ...solid, cavity: thick }, proportions, poisson);
  if (cache.size >= CACHE_SIZE) cache.delete(cache.keys().next().value!);
  cache.set(key, found);
  return { ...found, scaleM, centreM };
}

/** Writes the value of every monomial at a point, given in units of the semi-axes, into `out` [exponents.length]. */
export function evaluateMonomials(exponents: readonly Vec3[], point: Vec3, out: Float64Array): void {
  const powers = point.map((value) => {
    const list = [1];
    for (let i = 1; i <= HIGHEST_DEGREE; i++) list.push(list[i - 1]! * value);
    return list;
  });
  for (let i = 0; i < exponents.length; i++) {
    const [l, m, n] = exponents[i]!;
    out[i] = powers[0]![l]! * powers[1]![m]! * powers[2]![n]!;
  }
}

const LOWEST_DEGREE = 4;
const HIGHEST_DEGREE = 15;

/**
 * Chooses the monomials: `l / L + m / M + n / N <= 1`, with degrees of 6 along the axes of a compact body, and more along
 * the long and fewer along the short axes of a slender or a flat one.
 */
function chooseExponents(proportions: Vec3): Vec3[] {
  const [lMost, mMost, nMost] = proportions.map((proportion) => {
    const degree = Math.round(6 * cbrt(proportion));
    return Math.min(HIGHEST_DEGREE, Math.max(LOWEST_DEGREE, degree));
  }) as [number, number, number];
  const list: Vec3[] = [];
  for (let l = 0; l <= lMost; l++)
    for (let m = 0; m <= mMost; m++)
      for (let n = 0; n <= nMost; n++)
        if (l * mMost * nMost + m * lMost * nMost + n * lMost * mMost <= lMost * mMost * nMost)
          list.push([l, m, n]);
  return list;
}

/** An odd number of mirrors that turn the outward motion round leaves no harmonic of order 2. */
const ORDER_BY_PARITY = [2, 3, 3, 2, 3, 2, 2, 3] as const;

interface Basis {
  readonly component: number;
  readonly monomial: number;
}

function solve(solid: Solid, proportions: Vec3, poisson: number): Omit<ElasticModes, 'scaleM' | 'centreM'> {
  const exponents = chooseExponents(proportions);
  const moment = momentsOf(solid, HIGHEST_DEGREE);
  const surface = sampleSurface(solid, proportions, exponents);
  // What flows through the outer surface does not depend on what is inside.
  const whole = momentsOf({ ...solid, cavity: [0, 0, 0] }, HIGHEST_DEGREE);
  const found: ElasticMode[] = [];
  for (let parity = 0; parity < 8; parity++) {
    const basis = symmetricBasis(exponents, parity);
    const n = basis.length;
    const { stiffness, mass } = assemble(exponents, basis, proportions, poisson, moment);
    const { values, vectors } = solveGeneralised(stiffness, mass, n);
    const components = Uint8Array.from(basis, ({ component }) => component);
    const monomials = Uint16Array.from(basis, ({ monomial }) => monomial);
    for (let v = 0; v < Math.min(n, KEPT + 6); v++) {
      const coefficients = vectors.slice(v * n, (v + 1) * n);
      const angularFrequency = Math.sqrt(Math.max(0, values[v]!));
      const mode = {
        angularFrequency,
        components,
        monomials,
        coefficients,
        meanNormal: 0,
        meanNormalSquare: 0,
        order: ORDER_BY_PARITY[parity]!,
      };
      found.push(mode);
    }
  }
  found.sort((a, b) => a.angularFrequency - b.angularFrequency);
  return {
    proportions,
    exponents,
    volume: moment(0, 0, 0),
    // The six rigid motions are the lowest: polynomials of degree one hold them exactly.
    area: surface.area,
    modes: found
      .slice(6, 6 + KEPT)
      .map((mode) => ({ ...mode, ...averageNormal(mode, exponents, surface, proportions, whole) })),
  };
}

/** The vector monomials of one mirror symmetry; bit i of `parity` tells how displacement mirrors along axis i. */
function symmetricBasis(all: readonly Vec3[], parity: number): Basis[] {
  const basis: Basis[] = [];
  for (let component = 0; component < 3; component++) {
    for (const [monomial, exponents] of all.entries()) {
      const matches = exponents.every(
        (e, axis) => ((e + (axis === component ? 1 : 0) + (parity >> axis)) & 1) === 0,
      );
      if (matches) basis.push({ component, monomial });
    }
  }
  return basis;
}

/** `K = integral of lambda div u div v + mu (grad u : grad v + grad u : grad v^T)`, `M = integral of u . v`. */
function assemble(
  exponents: readonly Vec3[],
  basis: readonly Basis[],
  proportions: Vec3,
  poisson: number,
  moment: Moment,
) {
  const n = basis.length;
  const lambda = poisson / ((1 + poisson) * (1 - 2 * poisson));
  const mu = 1 / (2 * (1 + poisson));
  const stiffness = new Float64Array(n * n);
  const mass = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const { component: i, monomial: p } = basis[row]!;
    const a = exponents[p]!;
    for (let column = 0; column <= row; column++) {
      const { component: j, monomial: q } = basis[column]!;
      const b = exponents[q]!;
      const sum: Vec3 = [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
      const cross = (lambda * a[i]! * b[j]! + mu * a[j]! * b[i]!) / (proportions[i]! * proportions[j]!);
      let value = cross === 0 ? 0 : cross * lowered(moment, sum, i, j);
      if (i === j) {
        for (let axis = 0; axis < 3; axis++) {
          const slopes = a[axis]! * b[axis]!;
          if (slopes === 0) continue;
          value +=
            (mu * slopes * lowered(moment, sum, axis, axis)) / (proportions[axis]! * proportions[axis]!);
        }
        mass[row * n + column] = mass[column * n + row] = moment(...sum);
      }
      stiffness[row * n + column] = stiffness[column * n + row] = value;
    }
  }
  return { stiffness, mass };
}

/** The moment of exponents that two derivatives, along axes i and j, have lowered. */
function lowered(moment: Moment, sum: Vec3, i: number, j: number): number {
  const at = (axis: number): number => sum[axis]! - (axis === i ? 1 : 0) - (axis === j ? 1 : 0);
  return moment(at(0), at(1), at(2));
}

/** The surface's patches with the monomials' values on each, [exponents.length] a patch. */
interface SampledSurface extends Surface {
  readonly monomials: readonly Float64Array[];
}

function sampleSurface(solid: Solid, proportions: Vec3, exponents: readonly Vec3[]): SampledSurface {
  const surface = surfaceOf(solid, proportions);
  const monomials = surface.patches.map(({ point }) => {
    const values = new Float64Array(exponents.length);
    evaluateMonomials(exponents, point, values);
    return values;
  });
  return { ...surface, monomials };
}

/** Means over the surface; the net flow through it is the integral of the divergence, which has a closed form. */
function averageNormal(
  mode: ElasticMode,
  exponents: readonly Vec3[],
  surface: SampledSurface,
  proportions: Vec3,
  moment: Moment,
) {
  const { components, monomials, coefficients } = mode;
  let meanNormalSquare = 0;
  for (const [index, { normal, weight }] of surface.patches.entries()) {
    const values = surface.monomials[index]!;
    let outward = 0;
    for (let i = 0; i < coefficients.length; i++)
      outward += coefficients[i]! * values[monomials[i]!]! * normal[components[i]!]!;
    meanNormalSquare += weight * outward * outward;
  }
  let flow = 0;
  for (let i = 0; i < coefficients.length; i++) {
    const axis = components[i]!;
    const [l, m, n] = exponents[monomials[i]!]!;
    const exponent = exponents[monomials[i]!]![axis]!;
    if (exponent === 0) continue;
    const integral = moment(l - (axis === 0 ? 1 : 0), m - (axis === 1 ? 1 : 0), n - (axis === 2 ? 1 : 0));
    flow += (coefficients[i]! * exponent * integral) / proportions[axis]!;
  }
  return { meanNormal: flow / surface.area, meanNormalSquare };
}
