import type { Material } from '../../core/materials.js';

/** Returns a material's thermal effusivity sqrt(k rho c), W s^(1/2) / (m2 K): how strongly it draws heat at a touch. */
export function effusivityOf({ thermalConductivityWpmK, densityKgpm3, heatCapacityJpkgK }: Material): number {
  return Math.sqrt(thermalConductivityWpmK * densityKgpm3 * heatCapacityJpkgK);
}

/**
 * Returns the temperature at which two bodies touch: `(e1 T1 + e2 T2) / (e1 + e2)`, at once and for as long as both are thick
 * (Carslaw and Jaeger, Conduction of Heat in Solids, 1959, section 2.16).
 */
export function contactTemperatureC(e1: number, t1C: number, e2: number, t2C: number): number {
  return (e1 * t1C + e2 * t2C) / (e1 + e2);
}

/**
 * Returns the mean heat flux into the first body between two times after they met, W/m2: the integral of
 * `e1 e2 / (e1 + e2) (T2 - T1) / sqrt(pi t)` over the interval's length.
 */
export function meanHeatFluxWpm2(
  e1: number,
  t1C: number,
  e2: number,
  t2C: number,
  fromS: number,
  toS: number,
): number {
  const factor = (((e1 * e2) / (e1 + e2)) * (t2C - t1C)) / Math.sqrt(Math.PI);
  // 2 (sqrt b - sqrt a) / (b - a), without the difference.
  return (2 * factor) / (Math.sqrt(fromS) + Math.sqrt(toS));
}
