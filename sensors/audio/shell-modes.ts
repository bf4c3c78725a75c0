import type { Material } from '../../core/materials.js';
import { solveSymmetric } from './symmetric-eigen.js';

/**
 * One vibration of a thin shell. Modes of one frequency that differ only by their direction are one entry: what a blow
 * excites of them all lies under the blow.
 */
export interface ShellMode {
  readonly angularFrequency: number;
  /** Sphere: order n of the harmonic. Cylinder: whole waves around it. */
  readonly around: number;
  /** Cylinder: half waves along it. Sphere: 0. */
  readonly along: number;
  /**
   * Parts of the unit amplitude `radial^2 + axial^2 + tangential^2 = 1`; on a sphere `axial` is 0 and `tangential` counts
   * all directions along the surface together.
   */
  readonly radial: number;
  readonly tangential: number;
  readonly axial: number;
}

const HIGHEST_ORDER = 12;

/**
 * Finds the vibrations of a thin hollow sphere: the lower branch of every order from 2, and breathing (order 0), in
 * ascending order.
 *
 * Membrane strains after Lamb (On the vibrations of a spherical shell, Proc. London Math. Soc. 14, 1882) and Baker
 * (Axisymmetric modes of vibration of thin spherical shell, J. Acoust. Soc. Am. 33, 1961), and bending
 * `(h^2 / 12 a^2) (l - 2) (l - 1 - nu)`, l = n (n + 1), in
 * `W^4 - (1 + 3 nu + l + b) W^2 + ... = 0`, `W = w a sqrt(rho (1 - nu^2) / E)`. Torsion is left out: it is silent.
 *
 * @param radiusM of the wall's middle.
 */
export function sphereShellModes(radiusM: number, wallM: number, material: Material): ShellMode[] {
  const { youngPa, densityKgpm3, poisson } = material;
  const unit = Math.sqrt(youngPa / (densityKgpm3 * (1 - poisson * poisson))) / radiusM;
  const thin = (wallM * wallM) / (12 * radiusM * radiusM);
  const modes: ShellMode[] = [
    {
      angularFrequency: unit * Math.sqrt(2 * (1 + poisson)),
      around: 0,
      along: 0,
      radial: 1,
      tangential: 0,
      axial: 0,
    },
  ];
  for (let order = 2; order <= HIGHEST_ORDER; order++) {
    const l = order * (order + 1);
    // Radial part and gradient part, the latter scaled by sqrt(l) so that both weigh the same.
    const radial = 2 * (1 + poisson) + thin * (l - 2) * (l - 1 - poisson);
    const gradient = l - 1 + poisson;
    const coupling = -Math.sqrt(l) * (1 + poisson);
    const { values, vectors } = solveSymmetric(Float64Array.of(radial, coupling, coupling, gradient), 2);
    modes.push({
      angularFrequency: unit * Math.sqrt(Math.max(0, values[0]!)),
      around: order,
      along: 0,
      radial: vectors[0]!,
      tangential: vectors[1]!,
      axial: 0,
    });
  }
  return modes.sort((a, b) => a.angularFrequency - b.angularFrequency);
}

/**
 * Finds the vibrations of a thin tube below a frequency, in ascending order: its lids hold the ends round but let them lean
 * (shear diaphragms), so that `w = sin(m pi x / L) cos(n theta)` and so on hold exactly. The softest of each (m, n), n = 0
 * and n from 2; n = 1 is the bending of the tube as a bar.
 *
 * Sanders' strains (An improved first-approximation theory for thin shells, NASA TR R-24, 1959), as in Leissa: Vibration of
 * Shells, NASA SP-288, 1973, chapter 2. The lids' own vibration is left out.
 *
 * @param radiusM of the wall's middle.
 */
export function tubeShellModes(
  radiusM: number,
  lengthM: number,
  wallM: number,
  material: Material,
  highestRadps: number,
): ShellMode[] {
  const { youngPa, densityKgpm3, poisson } = material;
  const unit = Math.sqrt(youngPa / (densityKgpm3 * (1 - poisson * poisson))) / radiusM;
  const thin = (wallM * wallM) / (12 * radiusM * radiusM);
  const modes: ShellMode[] = [];
  for (let around = 0; around <= HIGHEST_ORDER; around++) {
    if (around === 1) continue;
    for (let along = 1; along <= HIGHEST_ORDER; along++) {
      const wave = (along * Math.PI * radiusM) / lengthM;
      const { values, vectors } = solveSymmetric(tubeStiffness(wave, around, thin, poisson), 3);
      // Without waves around it, the softest may be pure torsion, which is silent.
      const pick = [0, 1, 2].find((v) => Math.abs(vectors[v * 3 + 2]!) > 1e-9 && values[v]! > 0);
      if (pick === undefined) continue;
      const angularFrequency = unit * Math.sqrt(values[pick]!);
      if (angularFrequency > highestRadps) continue;
      const [axial, tangential, radial] = vectors.subarray(pick * 3) as unknown as [number, number, number];
      modes.push({ angularFrequency, around, along, radial, tangential, axial });
    }
  }
  return modes.sort((a, b) => a.angularFrequency - b.angularFrequency);
}

/** [3, 3] stiffness of axial, tangential and radial motion, in units of E h / (1 - nu^2): the strains' squares, added up. */
function tubeStiffness(wave: number, around: number, thin: number, poisson: number): Float64Array {
  const stiffness = new Float64Array(9);
  const addProduct = (weight: number, a: readonly number[], b: readonly number[]): void => {
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) stiffness[i * 3 + j]! += (weight * (a[i]! * b[j]! + a[j]! * b[i]!)) / 2;
  };
  const stretch = [-wave, 0, 0];
  const hoop = [0, around, 1];
  const shear = [-around, wave, 0];
  addProduct(1, stretch, stretch);
  addProduct(1, hoop, hoop);
  addProduct(2 * poisson, stretch, hoop);
  addProduct((1 - poisson) / 2, shear, shear);
  const bendAlong = [0, 0, wave * wave];
  const bendAround = [0, around, around * around];
  const twist = [around / 4, (3 * wave) / 4, wave * around];
  addProduct(thin, bendAlong, bendAlong);
  addProduct(thin, bendAround, bendAround);
  addProduct(2 * poisson * thin, bendAlong, bendAround);
  addProduct(2 * (1 - poisson) * thin, twist, twist);
  return stiffness;
}
