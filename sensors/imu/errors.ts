import { exp, log } from '../../core/math/exact.js';
import { randomStream } from '../../core/random.js';
import type { SimSpec } from '../../scenarios/contract.js';
import { createNoise } from '../noise.js';
import type { ImuSpecification } from './specification.js';

export type AxisErrors = ImuSpecification['gyroscope'];

/**
 * Flicker noise is a sum of Gauss-Markov processes whose correlation times lie this factor apart, from a fiftieth of a second to
 * six hours: its spectrum is 1 / f to 2 % in between.
 */
const FLICKER_RATIO = 4;
const FLICKER_TIMES_S = Array.from({ length: 11 }, (_, k) => 0.02 * FLICKER_RATIO ** k);

/** Temperature at which a unit was calibrated. */
const CALIBRATED_C = 20;

/** Turns true values of three axes into readings, in place; call once a tick. */
export type Disturb = (values: Float64Array) => void;

/**
 * Makes the errors of three axes, tick by tick (IEEE 952-1997 annex C): white noise of standard deviation
 * `N sqrt(rate)`; flicker of spectrum `B^2 / (2 pi f)`, two-sided; a random walk of `K / sqrt(rate)` a tick; constant bias,
 * its change with temperature, scale and misalignment; saturation and quantisation.
 *
 * @param sense `gyroscope` or `accelerometer`, which names its streams of noise.
 * @param temperatureC of the body that carries the unit.
 */
export function createAxisErrors(
  name: string,
  sense: string,
  {
    whiteDensity,
    biasInstability,
    rateRandomWalk,
    bias,
    biasPerC,
    scale,
    misalignmentRad,
    range,
    bits,
  }: AxisErrors,
  { rateHz, noise }: Pick<ImuSpecification, 'rateHz' | 'noise'>,
  spec: Pick<SimSpec, 'seed' | 'scenario' | 'episode'>,
  temperatureC = CALIBRATED_C,
): Disturb {
  if (!noise) return (values) => limit(values, range, 0);
  const stream = [spec.scenario, 'episode', spec.episode, name, sense] as const;
  const fixed = randomStream(spec.seed, ...stream, 'fixed');
  const mixing = Float64Array.from({ length: 9 }, (_, i) =>
    i % 4 === 0 ? 1 + scale * fixed.normal() : misalignmentRad * fixed.normal(),
  );
  const drift = Float64Array.from({ length: 3 }, () => bias * fixed.normal());
  for (let axis = 0; axis < 3; axis++)
    drift[axis]! += biasPerC * (temperatureC - CALIBRATED_C) * fixed.normal();
  const white = createNoise(spec.seed, ...stream, 'white');
  const walk = createNoise(spec.seed, ...stream, 'walk');
  const flicker = createFlicker(biasInstability, rateHz, createNoise(spec.seed, ...stream, 'flicker'));
  const deviation = whiteDensity * Math.sqrt(rateHz);
  const stride = rateRandomWalk / Math.sqrt(rateHz);
  return (values) => {
    const [x, y, z] = [values[0]!, values[1]!, values[2]!];
    for (let axis = 0; axis < 3; axis++) {
      drift[axis]! += stride * walk.next();
      const mixed = mixing[axis * 3]! * x + mixing[axis * 3 + 1]! * y + mixing[axis * 3 + 2]! * z;
      values[axis] = mixed + drift[axis]! + flicker(axis) + deviation * white.next();
    }
    limit(values, range, bits);
  };
}

/** Next value of an axis' flicker; stationary from the start. */
function createFlicker(
  biasInstability: number,
  rateHz: number,
  noise: { next(): number },
): (axis: number) => number {
  if (biasInstability === 0) return () => 0;
  const processes = FLICKER_TIMES_S.length;
  const deviation = biasInstability * Math.sqrt(log(FLICKER_RATIO) / Math.PI);
  const keep = Float64Array.from(FLICKER_TIMES_S, (timeS) => exp(-1 / (rateHz * timeS)));
  const renew = keep.map((share) => deviation * Math.sqrt(1 - share * share));
  const states = Float64Array.from({ length: 3 * processes }, () => deviation * noise.next());
  return (axis) => {
    let sum = 0;
    for (let k = 0; k < processes; k++) {
      const at = axis * processes + k;
      const state = keep[k]! * states[at]! + renew[k]! * noise.next();
      states[at] = state;
      sum += state;
    }
    return sum;
  };
}

function limit(values: Float64Array, range: number, bits: number): void {
  const step = bits === 0 ? 0 : range / 2 ** (bits - 1);
  for (let axis = 0; axis < values.length; axis++) {
    const value = Math.min(range, Math.max(-range, values[axis]!));
    values[axis] = step === 0 ? value : Math.floor(value / step + 0.5) * step;
  }
}
