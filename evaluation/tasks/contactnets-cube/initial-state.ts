import {
  conjugate,
  multiply,
  normaliseQuaternion,
  type Quaternion,
  rotate,
} from '../../../core/math/quaternion.js';
import { fromRotationVector, toRotationVector } from '../../../core/math/rotation.js';
import { add, cross, scale, subtract, type Vec3 } from '../../../core/math/vector.js';
import { type BodyState, stateAt } from '../../body-state.js';
import type { Trajectory } from '../../contract.js';
import type { Rig } from './rig.js';

/** A cube whose centre is higher than this many widths over the table touches it in no pose. */
const CLEAR_WIDTHS = 0.95;
/** Fewer frames than this say no more than the last one. */
const LEAST_FRAMES = 4;
/** A turn between the first frame and the last beyond this might have gone the other way round, rad. */
const MOST_TURN_RAD = 2.5;

/**
 * Estimates the state at the last frame of a context from the frames of free flight that end there: the parabola of the centre of
 * mass and the constant spin that fit best, by least squares. The velocity is given as one would have been recorded, `velocityAgeS`
 * old. Where the cube may have touched the table, or there are too few frames, it is the last frame as recorded.
 */
export function estimateStart(seen: Trajectory, rig: Rig, widthM: number): BodyState {
  const last = stateAt(seen, seen.frames - 1);
  const flight = flightBefore(seen, rig, widthM);
  if (flight.length < LEAST_FRAMES) return last;
  const spin = spinOf(flight);
  if (spin === null) return last;
  const orientation = orientationNow(flight, spin);
  const { point, velocity } = parabola(flight, rig);
  const arm = rotate(orientation, rig.centreOfMassM);
  return {
    positionM: subtract(point, arm),
    orientation,
    linearVelocityMps: subtract(
      subtract(velocity, cross(spin, arm)),
      scale(rig.gravityMps2, rig.velocityAgeS),
    ),
    angularVelocityRadps: spin,
  };
}

interface Instant {
  /** Before the last frame: 0 or less. */
  readonly timeS: number;
  readonly state: BodyState;
}

/** The frames up to the last in which nothing can have touched, the oldest first. */
function flightBefore(seen: Trajectory, { tableHeightM }: Rig, widthM: number): readonly Instant[] {
  const flight: Instant[] = [];
  for (let frame = seen.frames - 1; frame >= 0; frame--) {
    const state = stateAt(seen, frame);
    if (state.positionM[2] - tableHeightM < CLEAR_WIDTHS * widthM) break;
    flight.unshift({ timeS: (frame - seen.frames + 1) / seen.rateHz, state });
  }
  return flight;
}

/** Mean spin: the slope of the turn since the first frame, by least squares through it. */
function spinOf(flight: readonly Instant[]): Vec3 | null {
  const first = flight[0]!;
  let numerator: Vec3 = [0, 0, 0];
  let denominator = 0;
  for (const { timeS, state } of flight) {
    const turn = toRotationVector(multiply(state.orientation, conjugate(first.state.orientation)));
    if (Math.hypot(...turn) > MOST_TURN_RAD) return null;
    const since = timeS - first.timeS;
    numerator = add(numerator, scale(turn, since));
    denominator += since * since;
  }
  return scale(numerator, 1 / denominator);
}

/** Mean of what each frame says of the last one's orientation. */
function orientationNow(flight: readonly Instant[], spin: Vec3): Quaternion {
  const last = flight.at(-1)!.state.orientation;
  const sum: [number, number, number, number] = [0, 0, 0, 0];
  for (const { timeS, state } of flight) {
    const carried = multiply(fromRotationVector(scale(spin, -timeS)), state.orientation);
    const sign = Math.sign(carried.reduce((total, part, i) => total + part * last[i]!, 0)) || 1;
    for (let i = 0; i < 4; i++) sum[i]! += sign * carried[i]!;
  }
  return normaliseQuaternion(sum);
}

/** Where the centre of mass is at the last frame, and how fast. */
function parabola(
  flight: readonly Instant[],
  { centreOfMassM, gravityMps2 }: Rig,
): { point: Vec3; velocity: Vec3 } {
  const n = flight.length;
  const meanS = flight.reduce((sum, { timeS }) => sum + timeS, 0) / n;
  const spread = flight.reduce((sum, { timeS }) => sum + (timeS - meanS) ** 2, 0);
  let mean: Vec3 = [0, 0, 0];
  let slope: Vec3 = [0, 0, 0];
  for (const { timeS, state } of flight) {
    const centre = add(state.positionM, rotate(state.orientation, centreOfMassM));
    const straight = subtract(centre, scale(gravityMps2, (timeS * timeS) / 2));
    mean = add(mean, scale(straight, 1 / n));
    slope = add(slope, scale(straight, (timeS - meanS) / spread));
  }
  return { point: subtract(mean, scale(slope, meanS)), velocity: slope };
}
