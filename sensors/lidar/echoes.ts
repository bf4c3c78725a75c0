import { exp } from '../../core/math/exact.js';
import { randomStream } from '../../core/random.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { createNoise } from '../noise.js';
import type { LidarSpecification } from './specification.js';

/** What comes back of one pulse, gathered ray by ray. */
export interface Echoes {
  /** Forgets the last pulse. */
  clear(): void;
  /**
   * Adds what one ray of the beam brings back: `albedo cos(incidence) exp(-2 k R) / R^2` of its share of the power.
   *
   * @param share of the beam's power.
   */
  add(rangeM: number, albedo: number, incidence: number, share: number): void;
  /**
   * Writes the pulse's returns to two arrays, from `at` on, one `returns` after the other; leaves the rest as it is.
   *
   * @param rangeM strength-weighted mean of a return's rays, with its noise.
   * @param intensity strength of the return, with the receiver's noise.
   */
  read(rangeM: Float32Array, intensity: Float32Array, at: number): void;
}

/**
 * Makes the receiver of a lidar. Echoes that lie closer than `separationM` merge into one return; one whose strength, with the
 * receiver's noise, stays below the threshold goes unnoticed, and so does one that is lost by chance or out of range.
 * The threshold is the strength of albedo 0.1 at `reachM`, facing the sensor in clear air.
 */
export function createEchoes(name: string, specification: LidarSpecification, spec: SimSpec): Echoes {
  const { separationM, subRays, extinctionPerM, returns, order } = specification;
  const ranges = new Float64Array(subRays);
  const strengths = new Float64Array(subRays);
  const kept = new Float64Array(subRays * 2);
  const detect = createDetector(name, specification, spec);
  let count = 0;
  /** Merges neighbours and returns how many noticed returns lie in `kept`: range and strength of each, nearest first. */
  const merge = (): number => {
    let found = 0;
    for (let begin = 0; begin < count; ) {
      let strength = 0;
      let moment = 0;
      let end = begin;
      do {
        strength += strengths[end]!;
        moment += strengths[end]! * ranges[end]!;
        end += 1;
      } while (end < count && ranges[end]! - ranges[end - 1]! < separationM);
      if (strength > 0 && detect(kept, found * 2, moment / strength, strength)) found += 1;
      begin = end;
    }
    return found;
  };
  return {
    clear() {
      count = 0;
    },
    add(rangeM, albedo, incidence, share) {
      const air = extinctionPerM === 0 ? 1 : exp(-2 * extinctionPerM * rangeM);
      let place = count;
      for (; place > 0 && ranges[place - 1]! > rangeM; place--) {
        ranges[place] = ranges[place - 1]!;
        strengths[place] = strengths[place - 1]!;
      }
      ranges[place] = rangeM;
      strengths[place] = (share * albedo * incidence * air) / (rangeM * rangeM);
      count += 1;
    },
    read(rangeM, intensity, at) {
      if (count === 0) return;
      const found = merge();
      for (let slot = 0; slot < Math.min(found, returns); slot++) {
        const pick = order === 'first' ? slot : order === 'last' ? found - 1 - slot : strongest(kept, found);
        rangeM[at + slot] = kept[pick * 2]!;
        intensity[at + slot] = kept[pick * 2 + 1]!;
        if (order === 'strongest') kept[pick * 2 + 1] = -1;
      }
    },
  };
}

function strongest(kept: Float64Array, count: number): number {
  let best = 0;
  for (let k = 1; k < count; k++) if (kept[k * 2 + 1]! > kept[best * 2 + 1]!) best = k;
  return best;
}

/** Makes the function that decides whether a return is noticed, and writes its range and strength with their noise. */
function createDetector(
  name: string,
  {
    noise,
    rangeNoiseM,
    rangeStepM,
    minRangeM,
    maxRangeM,
    reachM,
    thresholdSigmas,
    dropout,
  }: LidarSpecification,
  spec: SimSpec,
) {
  const stream = [spec.scenario, 'episode', spec.episode, name] as const;
  const rangeNoise = createNoise(spec.seed, ...stream, 'range');
  const receiverNoise = createNoise(spec.seed, ...stream, 'receiver');
  const loss = randomStream(spec.seed, ...stream, 'dropout');
  const threshold = 0.1 / (reachM * reachM);
  const receiverSigma = noise ? threshold / thresholdSigmas : 0;
  const rangeSigma = noise ? rangeNoiseM : 0;
  const lossChance = noise ? dropout : 0;
  return (out: Float64Array, at: number, rangeM: number, strength: number): boolean => {
    if (rangeM < minRangeM || rangeM > maxRangeM) return false;
    const received = strength + receiverSigma * receiverNoise.next();
    const read = rangeM + rangeSigma * rangeNoise.next();
    if (lossChance > 0 && loss.uniform() < lossChance) return false;
    if (received < threshold) return false;
    out[at] = rangeStepM === 0 ? read : Math.round(read / rangeStepM) * rangeStepM;
    out[at + 1] = received;
    return true;
  };
}
