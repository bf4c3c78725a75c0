import { multiply, normaliseQuaternion } from '../../../core/math/quaternion.js';
import { fromRotationVector } from '../../../core/math/rotation.js';
import { add, scale } from '../../../core/math/vector.js';
import { type BodyState, setState, stateAt } from '../../body-state.js';
import type { Trajectory } from '../../contract.js';
import { emptyTrajectory } from '../../trajectory.js';

/** Continues `context` by a closed form of its last state and the time since then, in seconds. */
export function extrapolate(
  context: Trajectory,
  frames: number,
  stateAfter: (start: BodyState, timeS: number) => BodyState,
): Trajectory {
  const start = stateAt(context, context.frames - 1);
  const forecast = emptyTrajectory(context.rateHz, frames);
  for (let frame = 0; frame < frames; frame++) {
    setState(forecast, frame, stateAfter(start, (frame + 1) / context.rateHz));
  }
  return forecast;
}

/** Moves at constant linear and angular velocity (world frame): p + v t, exp(w t) q. */
export function moveAndSpin(start: BodyState, timeS: number): BodyState {
  const turn = fromRotationVector(scale(start.angularVelocityRadps, timeS));
  return {
    ...start,
    positionM: add(start.positionM, scale(start.linearVelocityMps, timeS)),
    orientation: normaliseQuaternion(multiply(turn, start.orientation)),
  };
}
