import type { Quaternion } from '../core/math/quaternion.js';
import type { Vec3 } from '../core/math/vector.js';
import type { Trajectory } from './contract.js';

/** Pose and velocity of one body at one time, world frame. */
export interface BodyState {
  readonly positionM: Vec3;
  readonly orientation: Quaternion;
  readonly linearVelocityMps: Vec3;
  readonly angularVelocityRadps: Vec3;
}

/** Reads one frame. */
export function stateAt(trajectory: Trajectory, frame: number): BodyState {
  const q = trajectory.orientation;
  return {
    positionM: vectorAt(trajectory.positionM, frame),
    orientation: [q[frame * 4]!, q[frame * 4 + 1]!, q[frame * 4 + 2]!, q[frame * 4 + 3]!],
    linearVelocityMps: vectorAt(trajectory.linearVelocityMps, frame),
    angularVelocityRadps: vectorAt(trajectory.angularVelocityRadps, frame),
  };
}

/** Writes one frame of `trajectory` in place. */
export function setState(trajectory: Trajectory, frame: number, state: BodyState): void {
  trajectory.positionM.set(state.positionM, frame * 3);
  trajectory.orientation.set(state.orientation, frame * 4);
  trajectory.linearVelocityMps.set(state.linearVelocityMps, frame * 3);
  trajectory.angularVelocityRadps.set(state.angularVelocityRadps, frame * 3);
}

function vectorAt(values: Float64Array, frame: number): Vec3 {
  return [values[frame * 3]!, values[frame * 3 + 1]!, values[frame * 3 + 2]!];
}
