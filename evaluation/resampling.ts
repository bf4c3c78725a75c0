import { randomStream } from '../core/random.js';
import type { Resamples } from './statistics.js';
import type { Case } from './task.js';

const RESAMPLES = 2000;

/**
 * Draws the bootstrap's resamples of cases: whole units (recordings) with replacement, as many as there are in each stratum.
 *
 * @returns counts by case, so that every estimate from one table is paired.
 */
export function resampleCases(cases: readonly Case[], seed: number, resamples = RESAMPLES): Resamples {
  const counts = new Uint16Array(resamples * cases.length);
  const unitOf = new Int32Array(cases.length);
  const stratumOf = new Int32Array(cases.length);
  let unit = 0;
  for (const [place, [stratum, units]] of [...strataOf(cases)].entries()) {
    for (const indices of units) {
      for (const index of indices) {
        unitOf[index] = unit;
        stratumOf[index] = place;
      }
      unit++;
    }
    const names = stratum === undefined ? [] : [stratum];
    const random = randomStream(seed, 'evaluation', 'bootstrap', ...names, units.length);
    for (let resample = 0; resample < resamples; resample++) {
      for (let i = 0; i < units.length; i++) {
        for (const index of units[random.integer(units.length)]!) counts[resample * cases.length + index]!++;
      }
    }
  }
  return { recordings: cases.length, resamples, counts, unitOf, stratumOf };
}

/** Indices of the cases, by unit, by stratum. */
function strataOf(cases: readonly Case[]): Map<string | undefined, number[][]> {
  const strata = new Map<string | undefined, Map<string, number[]>>();
  for (const [index, { recording, unit = recording.sha256, stratum }] of cases.entries()) {
    const units = strata.get(stratum) ?? new Map<string, number[]>();
    strata.set(stratum, units);
    const indices = units.get(unit) ?? [];
    units.set(unit, indices);
    indices.push(index);
  }
  return new Map([...strata].map(([stratum, units]) => [stratum, [...units.values()]]));
}
