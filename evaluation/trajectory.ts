import { UmweltError } from '../core/errors.js';
import type { Episode, StreamData, TypedArray } from '../datasets/contract.js';
import type { Trajectory } from './contract.js';

/** Stream that holds the pose and velocity of bodies, in simulated and recorded datasets alike. */
export const STATE_STREAM = 'state';

/** The arrays of a trajectory and how many numbers a frame has in each. */
export const TRAJECTORY_FIELDS = {
  positionM: 3,
  orientation: 4,
  linearVelocityMps: 3,
  angularVelocityRadps: 3,
} as const;

/** Name of an array of a trajectory. */
export type TrajectoryField = keyof typeof TRAJECTORY_FIELDS;

const FIELD_NAMES = Object.keys(TRAJECTORY_FIELDS) as TrajectoryField[];

/** Allocates a trajectory of zeros. The caller owns it and fills it in. */
export function emptyTrajectory(rateHz: number, frames: number): Trajectory {
  return {
    rateHz,
    frames,
    positionM: new Float64Array(frames * 3),
    orientation: new Float64Array(frames * 4),
    linearVelocityMps: new Float64Array(frames * 3),
    angularVelocityRadps: new Float64Array(frames * 3),
  };
}

/**
 * Reads the motion of one body from an episode's `state` stream. The result shares no memory with the episode.
 *
 * @param body index into the stream's bodies.
 * @throws UmweltError `shape-mismatch` when the episode has no such stream, field or body.
 */
export function trajectoryOf(episode: Episode, body = 0): Trajectory {
  const stream = episode.streams[STATE_STREAM];
  if (stream === undefined) {
    throw new UmweltError(
      'shape-mismatch',
      { episode: episode.episode, streams: Object.keys(episode.streams) },
      `episode ${episode.episode}: expected a stream "${STATE_STREAM}" with poses and velocities, got ${Object.keys(episode.streams).join(', ') || 'no stream'}`,
    );
  }
  const trajectory = emptyTrajectory(stream.description.rateHz, stream.rows);
  for (const name of FIELD_NAMES) copyBody(stream, name, body, trajectory[name], episode.episode);
  return trajectory;
}

/** Copies frames [first, first + frames) into a trajectory of their own. */
export function framesOf(trajectory: Trajectory, first: number, frames: number): Trajectory {
  const slice = (values: Float64Array, width: number) =>
    values.slice(first * width, (first + frames) * width);
  return {
    rateHz: trajectory.rateHz,
    frames,
    positionM: slice(trajectory.positionM, 3),
    orientation: slice(trajectory.orientation, 4),
    linearVelocityMps: slice(trajectory.linearVelocityMps, 3),
    angularVelocityRadps: slice(trajectory.angularVelocityRadps, 3),
  };
}

/** Appends one trajectory to another of the same rate, in new arrays. */
export function joinTrajectories(first: Trajectory, second: Trajectory): Trajectory {
  const joined = emptyTrajectory(first.rateHz, first.frames + second.frames);
  for (const name of FIELD_NAMES) {
    joined[name].set(first[name], 0);
    joined[name].set(second[name], first[name].length);
  }
  return joined;
}

/** Says whether every number of a trajectory is finite. */
export function isFiniteTrajectory(trajectory: Trajectory): boolean {
  return FIELD_NAMES.every((name) => trajectory[name].every(Number.isFinite));
}

function copyBody(
  stream: StreamData,
  name: TrajectoryField,
  body: number,
  target: Float64Array,
  episode: number,
): void {
  const width = TRAJECTORY_FIELDS[name];
  const values: TypedArray | undefined = stream.values[name];
  const bodies = values === undefined ? 0 : values.length / (width * Math.max(1, stream.rows));
  if (values === undefined || !Number.isInteger(bodies) || body >= bodies) {
    throw new UmweltError(
      'shape-mismatch',
      { episode, field: name, body, bodies },
      `episode ${episode}, stream "${STATE_STREAM}": expected a field ${name} of [bodies, ${width}] with a body ${body}, got ${values === undefined ? 'no such field' : `${bodies} bodies`}`,
    );
  }
  for (let row = 0; row < stream.rows; row++) {
    const from = (row * bodies + body) * width;
    for (let i = 0; i < width; i++) target[row * width + i] = values[from + i]!;
  }
}
