import { randomStream } from '../../../core/random.js';
import type { ParameterValues } from '../../task.js';
import { type ControlSource, type Disturbance, forecastBicycle } from './bicycle-forecast.js';
import { errorsAt } from './errors.js';
import { estimateMotion } from './estimate.js';
import { vehicleOf } from './fit.js';
import { drawPath, fitNoise, NO_NOISE, type Noise } from './noise.js';
import type { DriveContext, DriveMotion, Window } from './windows.js';

/** Motions in an ensemble. */
export const MEMBERS = 40;
const NOISE_HORIZONS_S = [1, 2, 3, 5, 7, 10];
/** A car slower than this at the last pose stands: it may start, and nothing is known of its turn. */
const STANDING_MPS = 1;
/** Windows that went slower on average tell nothing of turns. */
const TURN_MPS = 3;

/** What forecasts miss, fitted on the train side. */
export interface Misses {
  readonly along: Noise;
  readonly turn: Noise;
  readonly alongStanding: Noise;
}

/**
 * What forecasts miss where there is no train side to fit it to: fitted to the first halves of the comma2k19 example (recorded
 * controls) and of the Boreas drive (held ones), to two digits.
 */
export const STANDARD_MISSES: Readonly<Record<ControlSource, Misses>> = {
  held: {
    along: { offset: 0.16, diffusion: 0.85, memoryS: 4 },
    turn: { offset: 0.013, diffusion: 0.19, memoryS: 1 },
    alongStanding: { offset: 0, diffusion: 0.38, memoryS: 16 },
  },
  'steering-acceleration': {
    along: { offset: 0.051, diffusion: 0.12, memoryS: 4 },
    turn: { offset: 0.0013, diffusion: 0.0039, memoryS: 1 },
    alongStanding: { offset: 0, diffusion: 0.12, memoryS: 4 },
  },
  'steering-speed': {
    along: { offset: 0.043, diffusion: 0.43, memoryS: 0.5 },
    turn: { offset: 0.0013, diffusion: 0.0039, memoryS: 1 },
    alongStanding: { offset: 0, diffusion: 0.43, memoryS: 0.5 },
  },
};

/**
 * Fits what a method misses to its errors.
 *
 * @param windows each with values that were fitted without it: errors of a fit to its own windows are too small.
 */
export function fitMisses(
  windows: readonly (Pick<Window, 'context' | 'truth'> & { readonly values: ParameterValues })[],
  source: ControlSource,
): Misses {
  const rows = windows.map(({ context, truth, values }) => ({
    standing: estimateMotion(context).speedMps < STANDING_MPS,
    errors: errorsAt(forecastBicycle(context, vehicleOf(values), source), truth, NOISE_HORIZONS_S),
  }));
  const along = (standing: boolean) =>
    NOISE_HORIZONS_S.map((_, i) =>
      meanSquare(rows.filter((row) => row.standing === standing).map(({ errors }) => errors.alongM[i]!)),
    );
  // Across the car, an error of the heading grows with the speed: it is divided by it.
  const turn = NOISE_HORIZONS_S.map((horizonS, i) =>
    meanSquare(
      rows
        .filter(({ errors }) => errors.travelledM[i]! > TURN_MPS * horizonS)
        .map(({ errors }) => (errors.acrossM[i]! * horizonS) / errors.travelledM[i]!),
    ),
  );
  const order = source === 'steering-speed' ? 1 : 2;
  return {
    along: fitNoise(NOISE_HORIZONS_S, along(false), order),
    turn: fitNoise(NOISE_HORIZONS_S, turn, 2),
    alongStanding: fitNoise(NOISE_HORIZONS_S, along(true), order),
  };
}

function meanSquare(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? 0 : finite.reduce((sum, value) => sum + value * value, 0) / finite.length;
}

/**
 * Draws equally likely continuations: each with a member of the posterior of the car, an error of the estimate at the last pose, and
 * controls that wander as they did on the train side. A pure function of the seed and the window's name.
 */
export function drawMembers(
  context: DriveContext,
  posterior: readonly ParameterValues[],
  misses: Misses,
  source: ControlSource,
  name: string,
  seed: number,
): readonly DriveMotion[] {
  const untilS = context.untilS.at(-1)!;
  const standing = estimateMotion(context).speedMps < STANDING_MPS;
  const along = standing ? misses.alongStanding : misses.along;
  const turn = standing ? NO_NOISE : misses.turn;
  return Array.from({ length: MEMBERS }, (_, member) => {
    const random = randomStream(seed, 'evaluation', 'vehicles', source, name, member);
    const disturbance: Disturbance = {
      speedMps: along.offset * random.normal(),
      headingRad: turn.offset * random.normal(),
      alongAt: drawPath(along, untilS, random),
      turnAt: drawPath(turn, untilS, random),
    };
    return forecastBicycle(context, vehicleOf(posterior[member % posterior.length]!), source, disturbance);
  });
}
