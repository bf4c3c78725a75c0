import { conjugate, multiply, normaliseQuaternion } from '../../../core/math/quaternion.js';
import { fromRotationVector, toRotationVector } from '../../../core/math/rotation.js';
import { add, scale, subtract } from '../../../core/math/vector.js';
import { randomStream } from '../../../core/random.js';
import { setState, stateAt } from '../../body-state.js';
import type { Trajectory } from '../../contract.js';
import type { CalibrationParameter, ParameterValues } from '../../task.js';
import { framesOf } from '../../trajectory.js';
import { type CornerModel, simulateCorners } from './corner-contact.js';
import { type CubeContext, type CubeForecast, fromLastSeen } from './forecast.js';
import { estimateStart } from './initial-state.js';
import { medianMotion } from './median-motion.js';
import { perturb } from './perturbed-replay.js';

/** How unsure a forecast is of where it begins and of the table. */
export interface Doubt {
  /** Standard deviations of the state at the last frame, each axis. */
  readonly positionM: number;
  readonly orientationRad: number;
  readonly linearVelocityMps: number;
  readonly angularVelocityRadps: number;
  /** Standard deviation of the logarithm of friction from toss to toss. */
  readonly frictionShare: number;
  /** Members' positions and turns are moved away from their median by these factors: what no noise of the start explains. */
  readonly stretch: number;
  readonly turnStretch: number;
}

/** Doubt's parameters, named `beliefs.<name>`. */
export const DOUBT_PARAMETERS: readonly CalibrationParameter[] = [
  doubt('positionM', 'm', 'noise of the position at the start', [5e-5, 5e-4, 5e-3]),
  doubt('orientationRad', 'rad', 'noise of the orientation at the start', [5e-4, 5e-3, 5e-2]),
  doubt('linearVelocityMps', 'm/s', 'noise of the velocity at the start', [2e-3, 1e-2, 0.1]),
  doubt('angularVelocityRadps', 'rad/s', 'noise of the spin at the start', [1e-2, 0.1, 1]),
  doubt(
    'frictionShare',
    '1',
    'how friction varies from toss to toss (standard deviation of its logarithm)',
    [5e-3, 5e-2, 0.4],
  ),
  doubt('stretch', '1', 'factor by which positions are moved away from their median', [0.6, 1.5, 4]),
  doubt('turnStretch', '1', 'factor by which turns are moved away from their median', [0.6, 1.5, 4]),
];

function doubt(
  name: keyof Doubt,
  unit: string,
  description: string,
  [lo, start, hi]: readonly [number, number, number],
): CalibrationParameter {
  return { name: `beliefs.${name}`, unit, description, lo, hi, start, scale: 'log' };
}

/** Reads doubt from values that `DOUBT_PARAMETERS` names. */
export function doubtOf(values: ParameterValues): Doubt {
  const value = (name: keyof Doubt) => values[`beliefs.${name}`]!;
  return {
    positionM: value('positionM'),
    orientationRad: value('orientationRad'),
    linearVelocityMps: value('linearVelocityMps'),
    angularVelocityRadps: value('angularVelocityRadps'),
    frictionShare: value('frictionShare'),
    stretch: value('stretch'),
    turnStretch: value('turnStretch'),
  };
}

/** A member of the posterior: how tosses go on, and how sure that is. */
export interface Belief {
  readonly model: CornerModel;
  readonly doubt: Doubt;
}

/**
 * Rolls particles out: each begins from the state that the context tells, moved by a draw of its noise, with a model from the
 * posterior and friction of its own. Nothing of the future is used.
 *
 * @param beliefs members of the posterior, taken in turn.
 * @param name tells the random numbers of one toss from another's.
 */
export function believe(
  context: CubeContext,
  beliefs: readonly Belief[],
  members: number,
  seed: number,
  name: string,
): CubeForecast {
  const { seen, frames } = context;
  const random = randomStream(seed, 'evaluation', 'beliefs', name);
  const beliefOf = (member: number) => beliefs[member % beliefs.length]!;
  const motions = Array.from({ length: members }, (_, i) => {
    const { model, doubt } = beliefOf(i);
    const start = perturb(estimateStart(seen, model.rig, model.widthM), random, doubt);
    const factor = Math.exp(doubt.frictionShare * random.normal());
    return simulateCorners(start, seen.rateHz, frames, withFriction(model, factor));
  });
  const point = medianMotion(motions);
  return {
    point: fromLastSeen(context, point),
    members: motions.map((motion, i) => fromLastSeen(context, stretched(motion, point, beliefOf(i).doubt))),
  };
}

function withFriction(model: CornerModel, factor: number): CornerModel {
  const { slidingFriction, stickingFriction } = model.contact;
  return {
    ...model,
    contact: {
      ...model.contact,
      slidingFriction: factor * slidingFriction,
      stickingFriction: factor * stickingFriction,
    },
  };
}

/** Moves every pose of a motion away from another's. */
function stretched(motion: Trajectory, from: Trajectory, { stretch, turnStretch }: Doubt): Trajectory {
  const moved = framesOf(motion, 0, motion.frames);
  for (let frame = 0; frame < motion.frames; frame++) {
    const [a, b] = [stateAt(motion, frame), stateAt(from, frame)];
    const turn = toRotationVector(multiply(a.orientation, conjugate(b.orientation)));
    setState(moved, frame, {
      ...a,
      positionM: add(b.positionM, scale(subtract(a.positionM, b.positionM), stretch)),
      orientation: normaliseQuaternion(multiply(fromRotationVector(scale(turn, turnStretch)), b.orientation)),
    });
  }
  return moved;
}
