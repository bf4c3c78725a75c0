import { exp, log } from '../../core/math/exact.js';
import { type AutoregressiveModel, fitAutoregression } from './autoregression.js';

/** Order of the models. */
export const ORDER = 16;

const SPEEDS = { from: 1e-3, to: 4, count: 17 } as const;
const FORCES = { from: 0.01, to: 40, count: 7 } as const;

interface Axis {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A texture's models over normal force and sliding speed. */
export interface Texture {
  /**
   * Writes the reflection coefficients at a force and speed, and returns the standard deviation of the vibration, m/s2.
   *
   * @param reflection [ORDER] overwritten.
   */
  at(forceN: number, speedMps: number, reflection: Float64Array): number;
}

/**
 * Makes a texture: autoregressive models on a grid of normal force and sliding speed, as Culbertson, Unwin and Kuchenbecker
 * (2014) fit them to recordings; here to a density (`accelerationDensity`). Between the grid's points, in the logarithms of
 * force and speed, reflection coefficients are interpolated (any mean of stable filters is stable) and the logarithm of the
 * variance. Below the grid the level falls with speed and force; above it stays.
 */
export function createTexture(
  density: (frequencyHz: number, forceN: number, speedMps: number) => number,
  rateHz: number,
): Texture {
  const models = new Map<number, AutoregressiveModel>();
  const model = (force: number, speed: number): AutoregressiveModel => {
    const key = force * SPEEDS.count + speed;
    const known = models.get(key);
    if (known) return known;
    const [forceN, speedMps] = [valueAt(FORCES, force), valueAt(SPEEDS, speed)];
    const fitted = fitAutoregression((frequency) => density(frequency, forceN, speedMps), rateHz, ORDER);
    models.set(key, fitted);
    return fitted;
  };
  return {
    at(forceN, speedMps, reflection) {
      reflection.fill(0);
      if (!(forceN > 0) || !(speedMps > 0)) return 0;
      const force = placeOn(FORCES, forceN);
      const speed = placeOn(SPEEDS, speedMps);
      let logVariance = 0;
      for (const [f, forceShare] of [
        [force.below, 1 - force.share],
        [force.below + 1, force.share],
      ] as const) {
        for (const [s, speedShare] of [
          [speed.below, 1 - speed.share],
          [speed.below + 1, speed.share],
        ] as const) {
          const weight = forceShare * speedShare;
          if (weight === 0) continue;
          const fitted = model(f, s);
          logVariance += weight * log(Math.max(fitted.variance, Number.MIN_VALUE));
          for (let i = 0; i < ORDER; i++) reflection[i]! += weight * fitted.reflection[i]!;
        }
      }
      return exp(logVariance / 2) * Math.min(1, forceN / FORCES.from) * Math.min(1, speedMps / SPEEDS.from);
    },
  };
}

function valueAt({ from, to, count }: Axis, index: number): number {
  return exp(log(from) + (log(to / from) * index) / (count - 1));
}

function placeOn(
  { from, to, count }: Axis,
  value: number,
): { readonly below: number; readonly share: number } {
  const clamped = Math.min(to, Math.max(from, value));
  const place = (log(clamped / from) / log(to / from)) * (count - 1);
  const below = Math.min(count - 2, Math.floor(place));
  return { below, share: place - below };
}
