import { UmweltError } from './errors.js';

/** What a body is made of, as the contact solver and the sound model need it. */
export interface Material {
  readonly name: string;
  readonly densityKgpm3: number;
  readonly youngPa: number;
  readonly poisson: number;
  /** Rayleigh damping proportional to mass, 1/s. */
  readonly rayleighAlphaPerS: number;
  /** Rayleigh damping proportional to stiffness, s. */
  readonly rayleighBetaS: number;
}

function material(
  name: string,
  densityKgpm3: number,
  youngPa: number,
  poisson: number,
  rayleighAlphaPerS: number,
  rayleighBetaS: number,
): Material {
  return { name, densityKgpm3, youngPa, poisson, rayleighAlphaPerS, rayleighBetaS };
}

/** Elasticity and damping by material; sources in docs/decisions/2026-11-21-materials.md. */
export const MATERIALS = {
  ceramic: material('ceramic', 2700, 7.2e10, 0.19, 6, 1e-7),
  glass: material('glass', 2600, 6.2e10, 0.2, 1, 1e-7),
  wood: material('wood', 750, 1.1e10, 0.25, 60, 2e-6),
  plastic: material('plastic', 1070, 1.4e9, 0.35, 30, 1e-6),
  iron: material('iron', 8000, 2.1e11, 0.28, 5, 1e-7),
  polycarbonate: material('polycarbonate', 1190, 2.4e9, 0.37, 0.5, 4e-7),
  steel: material('steel', 7850, 2.0e11, 0.29, 5, 3e-8),
  tin: material('tin', 7265, 5e10, 0.325, 2, 3e-8),
} as const satisfies Record<string, Material>;

export type MaterialName = keyof typeof MATERIALS;

export const MATERIAL_NAMES = Object.keys(MATERIALS) as [MaterialName, ...MaterialName[]];

/** @throws UmweltError `invalid-input` when the table has no such material. */
export function materialByName(name: string): Material {
  const found = Object.hasOwn(MATERIALS, name) ? MATERIALS[name as MaterialName] : undefined;
  if (found === undefined) {
    throw new UmweltError(
      'invalid-input',
      { name, known: MATERIAL_NAMES },
      `unknown material "${name}": expected one of ${MATERIAL_NAMES.join(', ')}`,
    );
  }
  return found;
}
