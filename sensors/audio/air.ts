import { cos, exp, log10, pow } from '../../core/math/exact.js';
import type { AcousticsSpec } from '../../scenarios/contract.js';

/** Speed of sound in dry air at 20 degrees Celsius. */
export const SPEED_OF_SOUND_MPS = 343.2;

/** Density of dry air at 20 degrees Celsius and 101325 Pa. */
export const AIR_DENSITY_KGPM3 = 1.204;

const ZERO_C_K = 273.15;
/** Reference temperature and triple point of water (ISO 9613-1). */
const REFERENCE_K = 293.15;
const TRIPLE_POINT_K = 273.16;

/** Speed of sound, m/s: 343.2 sqrt(T / T20) (ISO 9613-1, A.1). */
export function speedOfSoundMps(airTemperatureC: number): number {
  return SPEED_OF_SOUND_MPS * Math.sqrt((airTemperatureC + ZERO_C_K) / REFERENCE_K);
}

/**
 * Returns how much of a tone's amplitude air takes a metre, Np/m, at 101325 Pa (ISO 9613-1:1993, equations 3 to 5).
 *
 * @param relativeHumidity 0 to 1.
 */
export function airAbsorptionNpPerM(
  frequencyHz: number,
  airTemperatureC: number,
  relativeHumidity: number,
): number {
  const kelvin = airTemperatureC + ZERO_C_K;
  const ratio = kelvin / REFERENCE_K;
  // Saturation pressure over the reference pressure, annex B; molar concentration of water in percent.
  const saturation = pow(10, -6.8346 * pow(TRIPLE_POINT_K / kelvin, 1.261) + 4.6151);
  const water = 100 * relativeHumidity * saturation;
  const oxygenHz = 24 + 4.04e4 * water * ((0.02 + water) / (0.391 + water));
  const nitrogenHz = pow(ratio, -0.5) * (9 + 280 * water * exp(-4.17 * (pow(ratio, -1 / 3) - 1)));
  const squared = frequencyHz * frequencyHz;
  const classical = 1.84e-11 * Math.sqrt(ratio);
  const oxygen = (0.01275 * exp(-2239.1 / kelvin)) / (oxygenHz + squared / oxygenHz);
  const nitrogen = (0.1068 * exp(-3352 / kelvin)) / (nitrogenHz + squared / nitrogenHz);
  return squared * (classical + pow(ratio, -2.5) * (oxygen + nitrogen));
}

/** The same in decibels a metre. */
export function airAbsorptionDbPerM(
  frequencyHz: number,
  airTemperatureC: number,
  relativeHumidity: number,
): number {
  return 20 * log10(exp(1)) * airAbsorptionNpPerM(frequencyHz, airTemperatureC, relativeHumidity);
}

/** Air's absorption is met exactly at this frequency, or at a quarter of the sampling rate. */
const ABSORBED_HZ = 8000;

/** The air that sound travels through, at a sampling rate. */
export interface Air {
  readonly rateHz: number;
  readonly samplesPerM: number;
  /** Absorption at `referenceHz`, Np/m. */
  readonly absorptionNpPerM: number;
  readonly referenceHz: number;
}

/** Prepares air for a sampling rate. */
export function createAir({ airTemperatureC, relativeHumidity }: AcousticsSpec, rateHz: number): Air {
  const referenceHz = Math.min(ABSORBED_HZ, rateHz / 4);
  return {
    rateHz,
    samplesPerM: rateHz / speedOfSoundMps(airTemperatureC),
    absorptionNpPerM: airAbsorptionNpPerM(referenceHz, airTemperatureC, relativeHumidity),
    referenceHz,
  };
}

/** Weight of the old value in a one-pole low-pass that leaves a share of the amplitude at a frequency. */
export function onePole(share: number, frequencyHz: number, rateHz: number): number {
  const squared = share * share;
  const lost = 1 - squared;
  if (lost < 1e-6) return 0;
  const b = 1 - squared * cos((2 * Math.PI * frequencyHz) / rateHz);
  return (b - Math.sqrt(Math.max(0, b * b - lost * lost))) / lost;
}

/** Share of the amplitude that air leaves over a distance, at its reference frequency. */
export function shareLeft(distanceM: number, { absorptionNpPerM }: Air): number {
  return exp(-absorptionNpPerM * distanceM);
}
