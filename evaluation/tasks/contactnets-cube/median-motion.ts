import { normaliseQuaternion, type Quaternion } from '../../../core/math/quaternion.js';
import { geodesicAngle } from '../../../core/math/rotation.js';
import type { Vec3 } from '../../../core/math/vector.js';
import { type BodyState, setState, stateAt } from '../../body-state.js';
import type { Trajectory } from '../../contract.js';
import { emptyTrajectory } from '../../trajectory.js';

/** Rounds of Weiszfeld's iteration: enough for a hundredth of the members' spread. */
const ROUNDS = 8;
/** Keeps a member that the iteration lands on from taking all weight. */
const NEAREST_M = 1e-5;
const NEAREST_RAD = 1e-3;

/**
 * Reduces equally likely motions to the one that suits mean distances: at each frame the point with the least mean distance to
 * the members' (the geometric median, Weiszfeld 1937) and the orientation with the least mean geodesic angle.
 *
 * @param members at least one, of the same frames and rate.
 */
export function medianMotion(members: readonly Trajectory[]): Trajectory {
  const { rateHz, frames } = members[0]!;
  const motion = emptyTrajectory(rateHz, frames);
  for (let frame = 0; frame < frames; frame++) {
    const states = members.map((member) => stateAt(member, frame));
    setState(motion, frame, {
      positionM: medianPoint(states.map(({ positionM }) => positionM)),
      orientation: medianOrientation(states.map(({ orientation }) => orientation)),
      linearVelocityMps: meanOf(states, ({ linearVelocityMps }) => linearVelocityMps),
      angularVelocityRadps: meanOf(states, ({ angularVelocityRadps }) => angularVelocityRadps),
    });
  }
  return motion;
}

function meanOf(states: readonly BodyState[], part: (state: BodyState) => Vec3): Vec3 {
  return weightedMean(
    states.map(part),
    states.map(() => 1),
  );
}

function weightedMean(points: readonly Vec3[], weights: readonly number[]): Vec3 {
  const total = weights.reduce((sum, w) => sum + w, 0);
  const axis = (i: 0 | 1 | 2) => points.reduce((sum, point, k) => sum + weights[k]! * point[i], 0) / total;
  return [axis(0), axis(1), axis(2)];
}

function medianPoint(points: readonly Vec3[]): Vec3 {
  let centre = weightedMean(
    points,
    points.map(() => 1),
  );
  for (let round = 0; round < ROUNDS; round++) {
    const [x, y, z] = centre;
    const weights = points.map(([a, b, c]) => 1 / (Math.hypot(a - x, b - y, c - z) + NEAREST_M));
    centre = weightedMean(points, weights);
  }
  return centre;
}

function medianOrientation(turns: readonly Quaternion[]): Quaternion {
  const toAll = turns.map((one) => turns.reduce((sum, other) => sum + geodesicAngle(one, other), 0));
  let centre = turns[toAll.indexOf(Math.min(...toAll))] ?? turns[0]!;
  for (let round = 0; round < ROUNDS; round++) {
    const sum: [number, number, number, number] = [0, 0, 0, 0];
    for (const turn of turns) {
      const along = turn[0] * centre[0] + turn[1] * centre[1] + turn[2] * centre[2] + turn[3] * centre[3];
      const weight = Math.sign(along || 1) / (geodesicAngle(turn, centre) + NEAREST_RAD);
      for (let i = 0; i < 4; i++) sum[i]! += weight * turn[i]!;
    }
    centre = normaliseQuaternion(sum);
  }
  return centre;
}
