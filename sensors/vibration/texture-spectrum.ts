import type { Material } from '../../core/materials.js';
import { cbrt, pow } from '../../core/math/exact.js';
import { HURST, longestWaveM } from '../touch/rough-surface.js';
import type { Tip } from './specification.js';

/** Integral of (1 + u^2)^-(1/2 + H) over u from 0 for H = 0.8: sqrt(pi) / 2 Gamma(0.8) / Gamma(1.3). */
const INTEGRAL = 1.149;

/**
 * Returns the one-sided power spectral density of a fingertip's acceleration at a frequency, (m/s2)2 / Hz.
 *
 * Both surfaces are self-affine, C(q) = C0 (1 + (q / q0)^2)^-(1/2 + H), the coarser the longer their longest wave 2 pi / q0; their
 * spectra add up. Sliding at v reads it at q = 2 pi f / v. The contact, of Hertz' radius a, averages what is shorter than itself
 * (1 / (1 + q a)), and pushes the tip with Hertz' stiffness 2 E* a times the height; the tip is a damped mass on a spring.
 * So force widens and stiffens the contact, and speed moves the spectrum up in frequency and level.
 */
export function accelerationDensity(
  frequencyHz: number,
  forceN: number,
  speedMps: number,
  surfaces: readonly [Material, Material],
  modulusPa: number,
  tip: Tip,
): number {
  const radiusM = cbrt((3 * forceN * tip.radiusM) / (4 * modulusPa));
  const stiffness = 2 * modulusPa * radiusM;
  const q = (2 * Math.PI * frequencyHz) / speedMps;
  const surface = roughness(surfaces[0].asperityM, q) + roughness(surfaces[1].asperityM, q);
  const heightDensity = ((2 * Math.PI) / speedMps) * (surface / (1 + q * radiusM));
  const ratio = frequencyHz / tip.resonanceHz;
  const square = ratio * ratio;
  const response = (square * square) / ((1 - square) * (1 - square) + 4 * tip.damping * tip.damping * square);
  const perMass = stiffness / tip.massKg;
  return perMass * perMass * heightDensity * response;
}

/** One-sided spectrum of a surface's height at a wave number, m3. */
function roughness(heightM: number, q: number): number {
  const q0 = (2 * Math.PI) / longestWaveM(heightM);
  const relative = q / q0;
  return ((heightM * heightM) / (q0 * INTEGRAL)) * pow(1 + relative * relative, -(0.5 + HURST));
}
