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
  /** W/(m K) and J/(kg K): how a touch exchanges heat. */
  readonly thermalConductivityWpmK: number;
  readonly heatCapacityJpkgK: number;
  /** Root mean square height of the surface's asperities, m: what scraping and rolling read, and what a fingertip feels. */
  readonly asperityM: number;
  /** Relative change of the breaking force per kelvin above 20 degrees C. */
  readonly strengthPerK: number;
  /** Relative change of friction per kelvin above 20 degrees C. */
  readonly frictionPerK: number;
}

/** Elasticity, damping, heat and surface by material; sources in docs/decisions/2026-11-21-materials.md. */
export const MATERIALS = {
  ceramic: material('ceramic', [2700, 7.2e10, 0.19, 6, 1e-7], [1.5, 900], 2e-6, [-2e-4, 0]),
  glass: material('glass', [2600, 6.2e10, 0.2, 1, 1e-7], [1.0, 840], 2e-8, [-3e-4, 0]),
  wood: material('wood', [750, 1.1e10, 0.25, 60, 2e-6], [0.16, 1700], 2e-5, [-4e-3, 1e-3]),
  plastic: material('plastic', [1070, 1.4e9, 0.35, 30, 1e-6], [0.2, 1400], 3e-6, [-8e-3, 2e-3]),
  iron: material('iron', [8000, 2.1e11, 0.28, 5, 1e-7], [55, 450], 6e-6, [-3e-4, -5e-4]),
  polycarbonate: material('polycarbonate', [1190, 2.4e9, 0.37, 0.5, 4e-7], [0.2, 1200], 1e-6, [-4e-3, 2e-3]),
  steel: material('steel', [7850, 2.0e11, 0.29, 5, 3e-8], [45, 490], 8e-7, [-3e-4, -5e-4]),
  tin: material('tin', [7265, 5e10, 0.325, 2, 3e-8], [67, 227], 2e-6, [-3e-3, 0]),
  rubber: material('rubber', [1100, 5e6, 0.49, 200, 1e-4], [0.16, 1900], 1e-5, [-5e-3, 4e-3]),
} as const satisfies Record<string, Material>;

function material(
  name: string,
  [densityKgpm3, youngPa, poisson, rayleighAlphaPerS, rayleighBetaS]: readonly [
    number,
    number,
    number,
    number,
    number,
  ],
  [thermalConductivityWpmK, heatCapacityJpkgK]: readonly [number, number],
  asperityM: number,
  [strengthPerK, frictionPerK]: readonly [number, number],
): Material {
  return {
    name,
    densityKgpm3,
    youngPa,
    poisson,
    rayleighAlphaPerS,
    rayleighBetaS,
    thermalConductivityWpmK,
    heatCapacityJpkgK,
    asperityM,
    strengthPerK,
    frictionPerK,
  };
}

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

/** Temperature at which friction and strength are as a scenario gives them. */
const REFERENCE_C = 20;

/** Returns a Coulomb coefficient at a temperature: changed by `frictionPerK` for each kelvin above 20 degrees C, 0 at least. */
export function frictionAtTemperature(friction: number, material: Material, temperatureC: number): number {
  return friction * Math.max(0, 1 + material.frictionPerK * (temperatureC - REFERENCE_C));
}

/** Returns a breaking force at a temperature: changed by `strengthPerK` for each kelvin above 20 degrees C, 0 at least. */
export function strengthAtTemperature(forceN: number, material: Material, temperatureC: number): number {
  return forceN * Math.max(0, 1 + material.strengthPerK * (temperatureC - REFERENCE_C));
}
