import { UmweltError } from '../../../core/errors.js';
import { normaliseQuaternion } from '../../../core/math/quaternion.js';
import { slerp } from '../../../core/math/rotation.js';
import type { Vec3 } from '../../../core/math/vector.js';
import { lerp } from '../../../core/math/vector.js';
import type { RandomStream } from '../../../core/random.js';
import { secondsFromNs, tickTimeNs } from '../../../core/time.js';
import type { Episode, FieldDescription } from '../../../datasets/contract.js';
import type { ChannelPrediction, Rollout, WorldModel } from '../../../worldmodel/contract.js';
import { type BodyState, setState, stateAt } from '../../body-state.js';
import type { Trajectory } from '../../contract.js';
import { emptyTrajectory, STATE_STREAM, TRAJECTORY_FIELDS, type TrajectoryField } from '../../trajectory.js';

/** How far one equally likely motion lies from the mean, in standard deviations, at every tick alike. */
interface Deviates {
  readonly position: readonly number[];
  readonly orientation: readonly number[];
}

/** What a world model expects of one body. */
export interface Dreamt {
  readonly point: Trajectory;
  /** Equally likely motions, drawn from the model's means and standard deviations. */
  readonly members: readonly Trajectory[];
}

/**
 * Lets a world model forecast one body: the context becomes an episode with the stream `state` alone, and the model's ticks
 * are interpolated to the recording's frames.
 *
 * Positions follow the cubic through both ticks' positions and velocities (a straight line would cut 1 % of a cube's width
 * off a fall at 37 Hz); orientations turn at a constant rate from tick to tick.
 *
 * @param random draws the members.
 */
export async function dreamOn(
  model: WorldModel,
  context: Trajectory,
  frames: number,
  members: number,
  random: RandomStream,
): Promise<Dreamt> {
  const contextS = (context.frames - 1) / context.rateHz;
  // Two ticks to spare: the model's clock may end before the context does, and it may round the horizon down.
  const horizonS = frames / context.rateHz + 2 / model.tickHz;
  const rollout = await model.rollout(episodeOf(context), contextS, horizonS);
  const draws = Array.from(
    { length: members },
    (): Deviates => ({
      position: Array.from({ length: 3 }, () => random.normal()),
      orientation: Array.from({ length: 4 }, () => random.normal()),
    }),
  );
  return {
    point: resample(context, rollout, frames, null),
    members: draws.map((deviates) => resample(context, rollout, frames, deviates)),
  };
}

/** Wraps a trajectory as an episode with one body. The arrays are shared. */
export function episodeOf(trajectory: Trajectory): Episode {
  const { rateHz, frames } = trajectory;
  const names = Object.keys(TRAJECTORY_FIELDS) as TrajectoryField[];
  const fields = names.map(
    (name): FieldDescription => ({
      name,
      dataType: 'float64',
      shape: [1, TRAJECTORY_FIELDS[name]],
      unit: UNITS[name],
      description: 'world frame',
    }),
  );
  return {
    episode: 0,
    durationS: (frames - 1) / rateHz,
    attributes: {},
    streams: {
      [STATE_STREAM]: {
        description: {
          name: STATE_STREAM,
          kind: 'truth',
          rateHz,
          samplesPerRow: 1,
          fields,
          metadata: { bodies: ['cube'] },
        },
        rows: frames,
        timeNs: BigInt64Array.from({ length: frames }, (_, frame) => tickTimeNs(frame, rateHz)),
        values: Object.fromEntries(names.map((name) => [name, trajectory[name]])),
      },
    },
  };
}

/** A frame that falls on a tick must not need the one after it because of rounding, in ticks. */
const ROUNDING = 1e-6;

const UNITS: Readonly<Record<TrajectoryField, string>> = {
  positionM: 'm',
  orientation: '1',
  linearVelocityMps: 'm/s',
  angularVelocityRadps: 'rad/s',
};

/**
 * Reads the rollout at the frames that follow the context.
 *
 * @throws UmweltError `shape-mismatch` when the rollout ends before they do.
 */
function resample(
  context: Trajectory,
  rollout: Rollout,
  frames: number,
  deviates: Deviates | null,
): Trajectory {
  const { tickHz } = rollout;
  const endS = secondsFromNs(rollout.contextEndNs);
  const ticks = rolloutTrajectory(rollout, deviates);
  const neededTicks = ((context.frames - 1 + frames) / context.rateHz - endS) * tickHz;
  if (neededTicks > ticks.frames + ROUNDING) {
    throw new UmweltError(
      'shape-mismatch',
      { ticks: ticks.frames, neededTicks },
      `the world model's rollout has ${ticks.frames} ticks of ${tickHz} Hz; the recording needs ${Math.ceil(neededTicks)}`,
    );
  }
  const anchor = stateAt(context, Math.min(context.frames - 1, Math.round(endS * context.rateHz)));
  const tickState = (tick: number): BodyState => (tick <= 0 ? anchor : stateAt(ticks, tick - 1));
  const forecast = emptyTrajectory(context.rateHz, frames);
  for (let frame = 0; frame < frames; frame++) {
    const ticksAfter = ((context.frames + frame) / context.rateHz - endS) * tickHz;
    const tick = Math.min(Math.floor(ticksAfter), ticks.frames - 1);
    const fraction = ticksAfter - tick;
    setState(forecast, frame, between(tickState(tick), tickState(tick + 1), fraction, 1 / tickHz));
  }
  return forecast;
}

function rolloutTrajectory({ state, ticks, tickHz }: Rollout, deviates: Deviates | null): Trajectory {
  const bodies = state.positionM.shape[0] ?? 1;
  const first = ({ mean, standardDeviation }: ChannelPrediction, width: number, by?: readonly number[]) =>
    Float64Array.from({ length: ticks * width }, (_, i) => {
      const tick = Math.floor(i / width);
      const at = tick * bodies * width + (i - tick * width);
      return mean[at]! + (by === undefined ? 0 : by[i % width]! * standardDeviation[at]!);
    });
  const orientation = first(state.orientation, 4, deviates?.orientation);
  for (let at = 0; at < orientation.length; at += 4) {
    const [w, x, y, z] = orientation.subarray(at, at + 4);
    orientation.set(normaliseQuaternion([w!, x!, y!, z!]), at);
  }
  return {
    rateHz: tickHz,
    frames: ticks,
    positionM: first(state.positionM, 3, deviates?.position),
    orientation,
    linearVelocityMps: first(state.linearVelocityMps, 3),
    angularVelocityRadps: first(state.angularVelocityRadps, 3),
  };
}

function between(a: BodyState, b: BodyState, fraction: number, durationS: number): BodyState {
  return {
    positionM: hermite(a, b, fraction, durationS),
    orientation: slerp(a.orientation, b.orientation, fraction),
    linearVelocityMps: lerp(a.linearVelocityMps, b.linearVelocityMps, fraction),
    angularVelocityRadps: lerp(a.angularVelocityRadps, b.angularVelocityRadps, fraction),
  };
}

/** Cubic Hermite interpolation of position from both ends' positions and velocities. */
function hermite(a: BodyState, b: BodyState, s: number, durationS: number): Vec3 {
  const axis = (i: 0 | 1 | 2): number =>
    (1 + 2 * s) * (1 - s) * (1 - s) * a.positionM[i] +
    s * (1 - s) * (1 - s) * durationS * a.linearVelocityMps[i] +
    s * s * (3 - 2 * s) * b.positionM[i] +
    s * s * (s - 1) * durationS * b.linearVelocityMps[i];
  return [axis(0), axis(1), axis(2)];
}
