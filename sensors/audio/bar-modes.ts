import type { Material } from '../../core/materials.js';
import { cos } from '../../core/math/exact.js';
import { solveGeneralised } from './symmetric-eigen.js';

/** Cross-section of a straight bar, about its own centre; y and z are across the bar. */
export interface BarSection {
  readonly areaM2: number;
  /** Second moments of area of bending along y and along z, m4. */
  readonly bendingM4: readonly [number, number];
  /** Torsion constant, m4: the sum of the two for a round section, less for others. */
  readonly torsionM4: number;
  /** Timoshenko's shear coefficient. */
  readonly shear: number;
}

/** One free vibration of a bar, normalised to `integral rho |u|^2 dV = 1` for the bar of its material. */
export interface BarMode {
  readonly kind: 'bending' | 'torsion' | 'stretching';
  /** For bending, 0 along y and 1 along z. */
  readonly plane: 0 | 1;
  readonly angularFrequency: number;
  /** Bending: wave number of a wave in an endless bar at this frequency; else `n pi / L`, rad/m. */
  readonly waveNumber: number;
  /** Number in its family, from 1. */
  readonly number: number;
  /**
   * Writes the motion at `xi`, -1 to 1 along the bar: the deflection (1/sqrt kg) and the rotation of the section
   * (1/(sqrt(kg) m)) in bending; the rotation about the axis in torsion; the displacement along the axis in stretching.
   */
  at(xi: number): readonly [number, number];
}

/** Degree of the polynomials: holds twelve half waves to a part in a thousand. */
const DEGREE = 32;
const BENDING_KEPT = 12;
/** More slender bars would lose their lowest modes in float64's rounding. */
const MOST_SLENDER = 2000;

/** Section of a rectangular bar of a width along y and a height along z, m (torsion: Roark; shear: Cowper 1966). */
export function rectangularSection(widthM: number, heightM: number, poisson: number): BarSection {
  const [wide, thin] = widthM > heightM ? [widthM, heightM] : [heightM, widthM];
  const ratio = thin / wide;
  const fourth = ratio * ratio * ratio * ratio;
  return {
    areaM2: widthM * heightM,
    bendingM4: [(heightM * widthM * widthM * widthM) / 12, (widthM * heightM * heightM * heightM) / 12],
    torsionM4: wide * thin * thin * thin * (1 / 3 - 0.21 * ratio * (1 - fourth / 12)),
    shear: (10 * (1 + poisson)) / (12 + 11 * poisson),
  };
}

/** Section of a round bar, or of a tube where the inner radius is not 0 (shear: Cowper 1966). */
export function roundSection(radiusM: number, innerM: number, poisson: number): BarSection {
  const m = innerM / radiusM;
  const square = radiusM * radiusM;
  const bending = (Math.PI / 4) * square * square * (1 - m * m * m * m);
  const ring = (1 + m * m) * (1 + m * m);
  return {
    areaM2: Math.PI * square * (1 - m * m),
    bendingM4: [bending, bending],
    torsionM4: 2 * bending,
    shear: (6 * (1 + poisson) * ring) / ((7 + 6 * poisson) * ring + (20 + 12 * poisson) * m * m),
  };
}

/**
 * Finds the free vibrations of a straight bar with free ends below a frequency, in ascending order.
 *
 * Bending after Timoshenko (On the transverse vibrations of bars of uniform cross-section, Phil. Mag. 43, 1922), which
 * counts shear and the inertia of the turning sections: Rayleigh-Ritz in Legendre polynomials of deflection and rotation,
 * 12 modes a plane. Torsion `n pi / L sqrt(G J / rho Ip)`; stretching `n pi / L sqrt(E / rho)` with Love's correction for
 * sections that breathe.
 */
export function barModes(
  lengthM: number,
  section: BarSection,
  material: Material,
  highestRadps: number,
): BarMode[] {
  const modes = [
    ...bending(lengthM, section, material, 0),
    ...bending(lengthM, section, material, 1),
    ...waves(lengthM, section, material, highestRadps),
  ].filter(({ angularFrequency }) => angularFrequency <= highestRadps);
  return modes.sort((a, b) => a.angularFrequency - b.angularFrequency);
}

function bending(lengthM: number, section: BarSection, material: Material, plane: 0 | 1): BarMode[] {
  const { youngPa, densityKgpm3, poisson } = material;
  const half = lengthM / 2;
  const thinnest = half / MOST_SLENDER;
  const gyration2 = Math.max(section.bendingM4[plane] / section.areaM2, thinnest * thinnest);
  const slender = gyration2 / (half * half);
  const shear = section.shear / (2 * (1 + poisson));
  const unit = Math.sqrt(youngPa / densityKgpm3) / half;
  const amplitude = 1 / Math.sqrt(densityKgpm3 * section.areaM2 * half);
  const modes: BarMode[] = [];
  for (const parity of [0, 1]) {
    const basis = [...degrees(parity, 0), ...degrees(1 - parity, 1)];
    const { stiffness, mass } = assemble(basis, slender, shear);
    const { values, vectors } = solveGeneralised(stiffness, mass, basis.length);
    // One rigid motion each: the even one shifts, the odd one turns.
    for (let v = 1; v <= BENDING_KEPT / 2; v++) {
      const angularFrequency = Math.sqrt(Math.max(0, values[v]!)) * unit;
      const coefficients = vectors.slice(v * basis.length, (v + 1) * basis.length);
      modes.push({
        kind: 'bending',
        plane,
        angularFrequency,
        waveNumber: bendingWaveNumber(angularFrequency, gyration2, shear, material),
        number: 2 * v - 1 + parity,
        at: (xi) => evaluate(basis, coefficients, xi, amplitude, amplitude / half),
      });
    }
  }
  return modes;
}

/** One polynomial of the deflection (field 0) or of the rotation times half the length (field 1). */
interface Basis {
  readonly degree: number;
  readonly field: 0 | 1;
}

function degrees(parity: number, field: 0 | 1): Basis[] {
  const list: Basis[] = [];
  for (let degree = parity; degree <= DEGREE; degree += 2) list.push({ degree, field });
  return list;
}

/** `K = s psi' psi' + g (w' - psi)^2`, `M = w^2 + s psi^2` over -1 to 1, s the square of gyration radius over half length. */
function assemble(basis: readonly Basis[], slender: number, shear: number) {
  const n = basis.length;
  const stiffness = new Float64Array(n * n);
  const mass = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      const [a, b] = [basis[row]!, basis[column]!];
      const at = row * n + column;
      const product = a.degree === b.degree ? 2 / (2 * a.degree + 1) : 0;
      const low = Math.min(a.degree, b.degree);
      const slopes = low * (low + 1);
      if (a.field === 0 && b.field === 0) {
        stiffness[at] = shear * slopes;
        mass[at] = product;
      } else if (a.field === 1 && b.field === 1) {
        stiffness[at] = slender * slopes + shear * product;
        mass[at] = slender * product;
      } else {
        // The integral of a slope times a polynomial is 2 where the slope's own degree is the higher.
        const [deflection, rotation] = a.field === 0 ? [a.degree, b.degree] : [b.degree, a.degree];
        stiffness[at] = deflection > rotation ? -2 * shear : 0;
      }
    }
  }
  return { stiffness, mass };
}

function evaluate(
  basis: readonly Basis[],
  coefficients: Float64Array,
  xi: number,
  deflectionUnit: number,
  rotationUnit: number,
): readonly [number, number] {
  const legendre = new Float64Array(DEGREE + 1);
  legendre[0] = 1;
  legendre[1] = xi;
  for (let n = 1; n < DEGREE; n++)
    legendre[n + 1] = ((2 * n + 1) * xi * legendre[n]! - n * legendre[n - 1]!) / (n + 1);
  let deflection = 0;
  let rotation = 0;
  for (const [index, { degree, field }] of basis.entries()) {
    const part = coefficients[index]! * legendre[degree]!;
    if (field === 0) deflection += part;
    else rotation += part;
  }
  return [deflection * deflectionUnit, rotation * rotationUnit];
}

/** Wave number of bending waves at a frequency in an endless bar: the root of `a k^4 - b w^2 k^2 + c w^4 - w^2 = 0`. */
function bendingWaveNumber(
  w: number,
  gyration2: number,
  shear: number,
  { youngPa, densityKgpm3 }: Material,
): number {
  const slowness = densityKgpm3 / youngPa;
  const b = gyration2 * slowness * w * w * (1 + 1 / shear);
  const c = slowness * w * w * (1 - (gyration2 * slowness * w * w) / shear);
  return Math.sqrt((b + Math.sqrt(Math.max(0, b * b + 4 * gyration2 * c))) / (2 * gyration2));
}

function waves(lengthM: number, section: BarSection, material: Material, highestRadps: number): BarMode[] {
  const { youngPa, densityKgpm3, poisson } = material;
  const polar = section.bendingM4[0] + section.bendingM4[1];
  const twist = Math.sqrt((youngPa * section.torsionM4) / (2 * (1 + poisson) * densityKgpm3 * polar));
  const stretch = Math.sqrt(youngPa / densityKgpm3);
  const modes: BarMode[] = [];
  const massKg = densityKgpm3 * section.areaM2 * lengthM;
  for (let number = 1; number <= BENDING_KEPT; number++) {
    const waveNumber = (number * Math.PI) / lengthM;
    const breathing = 1 + (poisson * poisson * waveNumber * waveNumber * polar) / section.areaM2;
    const shape = (xi: number): number => cos((number * Math.PI * (xi + 1)) / 2);
    const twisting = Math.sqrt((2 * section.areaM2) / (massKg * polar));
    const stretching = Math.sqrt(2 / massKg);
    const common = { plane: 0, waveNumber, number } as const;
    modes.push({
      ...common,
      kind: 'torsion',
      angularFrequency: waveNumber * twist,
      at: (xi) => [twisting * shape(xi), 0],
    });
    modes.push({
      ...common,
      kind: 'stretching',
      angularFrequency: (waveNumber * stretch) / Math.sqrt(breathing),
      at: (xi) => [stretching * shape(xi), 0],
    });
  }
  return modes.filter(({ angularFrequency }) => angularFrequency <= highestRadps);
}
