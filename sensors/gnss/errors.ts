import { exp } from '../../core/math/exact.js';
import { type RandomStream, randomStream } from '../../core/random.js';
import type { SimSpec } from '../../scenarios/contract.js';
import type { GnssSpecification } from './specification.js';

/** What is wrong with one reading. */
export interface GnssError {
  /** East, north, up, m. */
  readonly positionM: readonly [number, number, number];
  readonly velocityMps: readonly [number, number, number];
  readonly hasFix: boolean;
}

/**
 * Makes the errors of a receiver, reading by reading: a first-order Gauss-Markov process an axis (`x' = x exp(-dt/T) + w`,
 * stationary from the start), white noise, reflections (a shift that is drawn anew each time) and outages. Reflections and
 * outages begin by Poisson processes and last exponentially long.
 */
export function createGnssErrors(
  name: string,
  specification: GnssSpecification,
  spec: SimSpec,
): () => GnssError {
  const { rateHz, wanderM, wanderTimeS, whiteM, velocityNoiseMps, multipath, outage, noise } = specification;
  const none: GnssError = { positionM: [0, 0, 0], velocityMps: [0, 0, 0], hasFix: true };
  if (!noise) return () => none;
  const open = (purpose: string): RandomStream =>
    randomStream(spec.seed, spec.scenario, 'episode', spec.episode, name, purpose);
  const [wander, white, velocity] = [open('wander'), open('white'), open('velocity')];
  const reflected = createSpells(multipath.perS, multipath.durationS, rateHz, open('multipath'));
  const lost = createSpells(outage.perS, outage.durationS, rateHz, open('outage'));
  const shifts = open('shift');
  const keep = exp(-1 / (rateHz * wanderTimeS));
  const renew = Math.sqrt(1 - keep * keep);
  const deviation = (pair: readonly [number, number], axis: number): number => pair[axis === 2 ? 1 : 0];
  let state: number[] | null = null;
  let shift = [0, 0, 0];
  return () => {
    const fresh = [0, 1, 2].map((axis) => deviation(wanderM, axis) * wander.normal());
    const last = state;
    state = last === null ? fresh : last.map((value, axis) => keep * value + renew * fresh[axis]!);
    const spell = reflected();
    if (spell === 'begins') shift = [0, 1, 2].map(() => multipath.shiftM * shifts.normal());
    const position = state.map(
      (value, axis) =>
        value + deviation(whiteM, axis) * white.normal() + (spell === 'none' ? 0 : shift[axis]!),
    );
    const speed = [0, 1, 2].map(() => velocityNoiseMps * velocity.normal());
    return {
      positionM: position as unknown as GnssError['positionM'],
      velocityMps: speed as unknown as GnssError['velocityMps'],
      hasFix: lost() === 'none',
    };
  };
}

/** Spells that begin `perS` times a second of good time, and end after `durationS` on average. */
function createSpells(perS: number, durationS: number, rateHz: number, random: RandomStream) {
  const begin = 1 - exp(-perS / rateHz);
  const end = 1 - exp(-1 / (durationS * rateHz));
  let within = false;
  return (): 'none' | 'begins' | 'lasts' => {
    const draw = random.uniform();
    if (within) {
      within = draw >= end;
      return within ? 'lasts' : 'none';
    }
    within = draw < begin;
    return within ? 'begins' : 'none';
  };
}
