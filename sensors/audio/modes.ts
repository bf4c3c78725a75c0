import type { Material } from '../../core/materials.js';
import { cos, exp, sin } from '../../core/math/exact.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { BodySpec } from '../../scenarios/contract.js';

/** One vibration mode of a body. Its shape has mean square one, so that its modal mass is the body's mass. */
export interface Mode {
  readonly frequencyHz: number;
  /** Amplitude decays as exp(-decayPerS t): (alpha + beta w^2) / 2, Rayleigh damping. */
  readonly decayPerS: number;
  /** Displacement of the surface along its normal at a point in the body's frame, per unit of modal amplitude. */
  readonly shapeAt: (pointM: Vec3) => number;
}

/** More modes than this are not told apart by ear, and cost time. */
const MAX_MODES = 16;
const LOWEST_AUDIBLE_HZ = 60;

/**
 * Lists the modes of a body that a recording at `rateHz` can hold.
 *
 * Closed forms: free rectangular plates and blocks by Rayleigh-Ritz on beam functions (Warburton 1954), free-free bars
 * (Euler-Bernoulli), free discs (Leissa 1969), solid spheres (Lamb 1882). Where a body is thick against its bending
 * wavelength, its shear stiffness acts in series (Dunkerley): 1/f^2 = 1/f_bending^2 + 1/f_shear^2. A body with more modes
 * than can be told apart keeps a set spread evenly over them.
 */
export function bodyModes(body: BodySpec, rateHz: number): Mode[] {
  const highest = 0.45 * rateHz;
  const audible = candidates(body)
    .filter(({ frequencyHz }) => frequencyHz >= LOWEST_AUDIBLE_HZ && frequencyHz <= highest)
    .sort((a, b) => a.frequencyHz - b.frequencyHz);
  return thin(audible).map(({ frequencyHz, shapeAt }) => {
    const w = 2 * Math.PI * frequencyHz;
    const { rayleighAlphaPerS, rayleighBetaS } = body.material;
    return { frequencyHz, decayPerS: (rayleighAlphaPerS + rayleighBetaS * w * w) / 2, shapeAt };
  });
}

type Candidate = Omit<Mode, 'decayPerS'>;

function candidates({ shape, material }: BodySpec): Candidate[] {
  switch (shape.kind) {
    case 'box':
      return plateModes(shape.halfExtentsM, material);
    case 'sphere':
      return sphereModes(shape.radiusM, material);
    case 'cylinder':
      return shape.halfHeightM >= shape.radiusM
        ? barModes(shape.radiusM, shape.halfHeightM, material)
        : discModes(shape.radiusM, shape.halfHeightM, material);
  }
}

/** Keeps at most MAX_MODES, evenly spread over the ordered list. */
function thin(modes: Candidate[]): Candidate[] {
  if (modes.length <= MAX_MODES) return modes;
  return Array.from(
    { length: MAX_MODES },
    (_, index) => modes[Math.floor((index * modes.length) / MAX_MODES)]!,
  );
}

/** Roots of cos x cosh x = 1: wavenumber times length of a free-free beam's bending modes. */
const BEAM_ROOTS = [4.730040744862704, 7.853204624095838, 10.995607838001671];

function beamRoot(index: number): number {
  return index < BEAM_ROOTS.length ? BEAM_ROOTS[index]! : (2 * index + 3) * (Math.PI / 2);
}

/** Shape of a free-free beam's motion at `s` in [0, 1], mean square one: 0 shifts, 1 rocks, 2 and up bend. */
export function beamShape(order: number, s: number): number {
  if (order === 0) return 1;
  if (order === 1) return Math.sqrt(3) * (2 * s - 1);
  const k = beamRoot(order - 2);
  const sigma = (cosh(k) - cos(k)) / (sinh(k) - sin(k));
  return cosh(k * s) + cos(k * s) - sigma * (sinh(k * s) + sin(k * s));
}

function cosh(x: number): number {
  return (exp(x) + exp(-x)) / 2;
}

function sinh(x: number): number {
  return (exp(x) - exp(-x)) / 2;
}

/** Warburton's coefficients G, H, J of a free edge pair, by the order of motion along it. */
function warburton(order: number): readonly [number, number, number] {
  if (order === 0) return [0, 0, 0];
  if (order === 1) return [0, 0, 12 / (Math.PI * Math.PI)];
  const g = order === 2 ? 1.506 : order - 0.5;
  const h = order === 2 ? 1.248 : g * g * (1 - 2 / (g * Math.PI));
  const j = order === 2 ? 5.017 : g * g * (1 + 6 / (g * Math.PI));
  return [g, h, j];
}

const PLATE_ORDERS = 10;

function plateModes(halfExtentsM: Vec3, material: Material): Candidate[] {
  const byThickness = [0, 1, 2].sort((a, b) => halfExtentsM[b]! - halfExtentsM[a]!);
  const [first, second, third] = byThickness as [number, number, number];
  const a = 2 * halfExtentsM[first]!;
  const b = 2 * halfExtentsM[second]!;
  const thickness = 2 * halfExtentsM[third]!;
  const modes: Candidate[] = [];
  for (let m = 0; m < PLATE_ORDERS; m++) {
    for (let n = 0; n < PLATE_ORDERS; n++) {
      if (m + n < 2) continue;
      const [gx, hx, jx] = warburton(m);
      const [gy, hy, jy] = warburton(n);
      const ratio = a / b;
      const nu = material.poisson;
      const coupling = 2 * ratio * ratio * (nu * hx * hy + (1 - nu) * jx * jy);
      const squared = power(gx, 4) + power(gy * ratio, 4) + coupling;
      const stiffness = Math.sqrt(material.youngPa / (12 * material.densityKgpm3 * (1 - nu * nu)));
      const bending = ((Math.PI * thickness) / (2 * a * a)) * stiffness * Math.sqrt(squared);
      modes.push({
        frequencyHz: withShear(bending, thickness, stiffness, material),
        shapeAt: (point) => beamShape(m, unit(point[first]!, a)) * beamShape(n, unit(point[second]!, b)),
      });
    }
  }
  return modes;
}

/** A whole power by multiplication: the same on every machine. */
function power(base: number, exponent: number): number {
  let product = 1;
  for (let factor = 0; factor < exponent; factor++) product *= base;
  return product;
}

/** Place along an edge of a length, from 0 to 1. */
function unit(coordinate: number, length: number): number {
  return Math.min(1, Math.max(0, coordinate / length + 0.5));
}

/** Lowers a bending frequency for shear: the bending wavenumber k has w = k^2 h stiffness, and shear gives w = k c_s. */
function withShear(bendingHz: number, thickness: number, stiffness: number, material: Material): number {
  const w = 2 * Math.PI * bendingHz;
  const wavenumber = Math.sqrt(w / (thickness * stiffness));
  const shearHz = (wavenumber * shearSpeed(material) * Math.sqrt(5 / 6)) / (2 * Math.PI);
  return bendingHz / Math.sqrt(1 + (bendingHz / shearHz) * (bendingHz / shearHz));
}

function shearSpeed({ youngPa, poisson, densityKgpm3 }: Material): number {
  return Math.sqrt(youngPa / (2 * (1 + poisson) * densityKgpm3));
}

/** A round bar that bends: w = (k / L)^2 (r / 2) sqrt(E / rho). */
function barModes(radiusM: number, halfHeightM: number, material: Material): Candidate[] {
  const length = 2 * halfHeightM;
  const stiffness = Math.sqrt(material.youngPa / material.densityKgpm3);
  return Array.from({ length: 8 }, (_, index) => {
    const k = beamRoot(index) / length;
    const bending = (k * k * (radiusM / 2) * stiffness) / (2 * Math.PI);
    return {
      frequencyHz: withShear(bending, radiusM / 2, stiffness, material),
      shapeAt: (point) => beamShape(index + 2, unit(point[2], length)),
    };
  });
}

/** w r^2 sqrt(rho h / D) of a free disc, Poisson 0.33, with the number of nodal diameters (Leissa 1969, table 2.5). */
const DISC_MODES: readonly (readonly [number, number])[] = [
  [5.253, 2],
  [9.084, 0],
  [12.23, 3],
  [20.52, 1],
  [21.6, 4],
  [35.25, 2],
  [38.55, 0],
];

function discModes(radiusM: number, halfHeightM: number, material: Material): Candidate[] {
  const thickness = 2 * halfHeightM;
  const stiffness = Math.sqrt(
    material.youngPa / (12 * material.densityKgpm3 * (1 - material.poisson * material.poisson)),
  );
  return DISC_MODES.map(([eigenvalue, diameters]) => {
    const bending = (eigenvalue * thickness * stiffness) / (2 * Math.PI * radiusM * radiusM);
    return {
      frequencyHz: withShear(bending, thickness, stiffness, material),
      shapeAt: (point) => {
        const s = Math.min(1, Math.sqrt(point[0] * point[0] + point[1] * point[1]) / radiusM);
        // Growth from the centre with the number of diameters; mean square one over the disc.
        return diameters === 0
          ? Math.sqrt(3) * (2 * s * s - 1)
          : Math.sqrt(diameters + 1) * power(s, diameters);
      },
    };
  });
}

/** w r / c_s of the spheroidal modes of a solid sphere with Poisson 0.25 (Lamb 1882). */
const SPHERE_EIGENVALUES = [2.64, 3.424, 3.916, 4.44, 5.009];

function sphereModes(radiusM: number, material: Material): Candidate[] {
  const speed = shearSpeed(material);
  return SPHERE_EIGENVALUES.map((eigenvalue) => ({
    frequencyHz: (eigenvalue * speed) / (2 * Math.PI * radiusM),
    shapeAt: () => 1,
  }));
}
