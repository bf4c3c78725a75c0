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

/** Over the first metres one pole takes what air takes; it is exact at this frequency, or at a quarter of the sampling rate. */
const ABSORBED_HZ = 8000;
/** How far the one pole serves. */
const NEAR_M = 10;
/** Half the length of the filter that takes what air takes beyond that, samples. */
export const AIR_FILTER_REACH = 8;
/** Distances are told apart by this much. */
const FILTER_STEP_M = 0.5;

/** The air that sound travels through, at a sampling rate. */
export interface Air {
  readonly rateHz: number;
  readonly samplesPerM: number;
  /** Weight of the old value in the one-pole low-pass for a distance, which counts up to 10 m. */
  nearPole(distanceM: number): number;
  /**
   * Weights [2 * AIR_FILTER_REACH + 1] of neighbouring samples that take what air takes beyond the first 10 m of a distance, symmetric, so
   * that nothing comes late; null up to 10 m. Shared: do not change.
   */
  farFilter(distanceM: number): Float64Array | null;
}

/** Prepares air for a sampling rate. */
export function createAir({ airTemperatureC, relativeHumidity }: AcousticsSpec, rateHz: number): Air {
  const referenceHz = Math.min(ABSORBED_HZ, rateHz / 4);
  const absorptionNpPerM = airAbsorptionNpPerM(referenceHz, airTemperatureC, relativeHumidity);
  const bins = Float64Array.from({ length: AIR_FILTER_REACH + 1 }, (_, bin) =>
    airAbsorptionNpPerM((bin * rateHz) / (2 * AIR_FILTER_REACH), airTemperatureC, relativeHumidity),
  );
  const filters = new Map<number, Float64Array>();
  return {
    rateHz,
    samplesPerM: rateHz / speedOfSoundMps(airTemperatureC),
    nearPole: (distanceM) =>
      onePole(exp(-absorptionNpPerM * Math.min(NEAR_M, distanceM)), referenceHz, rateHz),
    farFilter(distanceM) {
      const step = Math.round((distanceM - NEAR_M) / FILTER_STEP_M);
      if (step <= 0) return null;
      const filter = filters.get(step) ?? sampledFilter(bins, step * FILTER_STEP_M);
      filters.set(step, filter);
      return filter;
    },
  };
}

/** A filter of zero phase whose gain is `exp(-absorption distance)` at evenly spaced frequencies from 0 to half the rate. */
function sampledFilter(absorptionNpPerM: Float64Array, distanceM: number): Float64Array {
  const last = absorptionNpPerM.length - 1;
  return Float64Array.from({ length: 2 * last + 1 }, (_, tap) => {
    const n = tap - last;
    let sum = 0;
    for (let bin = 0; bin <= last; bin++) {
      const share = bin === 0 || bin === last ? 1 : 2;
      sum += share * exp(-absorptionNpPerM[bin]! * distanceM) * cos((Math.PI * bin * n) / last);
    }
    return sum / (2 * last) / (n === last || n === -last ? 2 : 1);
  });
}

/** Weight of the old value in a one-pole low-pass that leaves a share of the amplitude at a frequency. */
function onePole(share: number, frequencyHz: number, rateHz: number): number {
  const squared = share * share;
  const lost = 1 - squared;
  if (lost < 1e-6) return 0;
  const b = 1 - squared * cos((2 * Math.PI * frequencyHz) / rateHz);
  return (b - Math.sqrt(Math.max(0, b * b - lost * lost))) / lost;
}
