import { UmweltError } from '../../core/errors.js';
import { nlerp, type Quaternion } from '../../core/math/quaternion.js';
import { secondsFromNs } from '../../core/time.js';
import type { Episode } from '../../datasets/contract.js';

/** Kind of the stream that holds object state, simulated or recorded. */
export const STATE_KIND = 'truth';

/** The motion of an episode's bodies at the stream's native rate. */
export interface StateTrack {
  readonly bodies: number;
  readonly rows: number;
  /** Seconds since the episode's start. */
  readonly startS: number;
  readonly periodS: number;
  /** [rows, bodies, 3], [rows, bodies, 4], ...; world frame */
  readonly positionM: Float64Array;
  readonly orientation: Float64Array;
  readonly linearVelocityMps: Float64Array;
  readonly angularVelocityRadps: Float64Array;
}

/**
 * Reads the state of an episode's bodies.
 *
 * @returns null where the episode has no stream of kind `truth`.
 * @throws UmweltError `shape-mismatch` when the stream lacks a field, `malformed-file` when a value is not finite.
 */
export function readStateTrack(episode: Episode): StateTrack | null {
  const stream = Object.values(episode.streams).find(({ description }) => description.kind === STATE_KIND);
  if (stream === undefined || stream.rows === 0) return null;
  const { description, rows, timeNs, values } = stream;
  const field = (name: string): Float64Array => {
    const value = values[name];
    if (!(value instanceof Float64Array)) {
      throw new UmweltError(
        'shape-mismatch',
        { stream: description.name, field: name },
        `stream "${description.name}": expected a float64 field "${name}", found ${Object.keys(values).join(', ')}`,
      );
    }
    const wrong = value.findIndex((component) => !Number.isFinite(component));
    if (wrong >= 0) {
      throw new UmweltError(
        'malformed-file',
        { stream: description.name, field: name, index: wrong, episode: episode.episode },
        `episode ${episode.episode}, stream "${description.name}", ${name}[${wrong}] is ${value[wrong]}: expected a finite number`,
      );
    }
    return value;
  };
  const positionM = field('positionM');
  const bodies = positionM.length / rows / 3;
  return {
    bodies,
    rows,
    startS: secondsFromNs(timeNs[0]!),
    periodS: 1 / description.rateHz,
    positionM,
    orientation: field('orientation'),
    linearVelocityMps: field('linearVelocityMps'),
    angularVelocityRadps: field('angularVelocityRadps'),
  };
}

/** When the track ends, in seconds since the episode's start. */
export function trackEndS({ startS, rows, periodS }: StateTrack): number {
  return startS + (rows - 1) * periodS;
}

/** Where `readState` writes: [rows, 3], [rows, 4], ... of float32. */
export interface StateArrays {
  readonly position: Float32Array;
  readonly orientation: Float32Array;
  readonly linearVelocity: Float32Array;
  readonly angularVelocity: Float32Array;
}

/** Allocates arrays for so many rows, with identity orientations. */
export function stateArrays(rows: number): StateArrays {
  const orientation = new Float32Array(rows * 4);
  for (let row = 0; row < rows; row++) orientation[row * 4] = 1;
  return {
    position: new Float32Array(rows * 3),
    orientation,
    linearVelocity: new Float32Array(rows * 3),
    angularVelocity: new Float32Array(rows * 3),
  };
}

/**
 * Writes the state of every body at a time, interpolated between the track's rows, held beyond its ends.
 *
 * @param row of the first body in `out`.
 */
export function readState(track: StateTrack, timeS: number, out: StateArrays, row: number): void {
  const position = Math.min(Math.max((timeS - track.startS) / track.periodS, 0), track.rows - 1);
  const first = Math.min(Math.floor(position + 1e-6), track.rows - 1);
  const fraction = Math.max(0, position - first);
  const second = fraction < 1e-6 ? first : first + 1;
  for (let body = 0; body < track.bodies; body++) {
    const a = first * track.bodies + body;
    const b = second * track.bodies + body;
    const to = row + body;
    mix(track.positionM, a, b, fraction, out.position, to);
    mix(track.linearVelocityMps, a, b, fraction, out.linearVelocity, to);
    mix(track.angularVelocityRadps, a, b, fraction, out.angularVelocity, to);
    const q = nlerp(quaternionAt(track.orientation, a), quaternionAt(track.orientation, b), fraction);
    out.orientation.set(q, to * 4);
  }
}

function mix(
  from: Float64Array,
  a: number,
  b: number,
  fraction: number,
  out: Float32Array,
  to: number,
): void {
  for (let axis = 0; axis < 3; axis++) {
    const start = from[a * 3 + axis]!;
    out[to * 3 + axis] = start + (from[b * 3 + axis]! - start) * fraction;
  }
}

function quaternionAt(values: Float64Array, index: number): Quaternion {
  const at = index * 4;
  return [values[at]!, values[at + 1]!, values[at + 2]!, values[at + 3]!];
}
