import { geodesicAngle } from '../../core/math/rotation.js';
import type { ChannelView, EpisodeView, ObservedState, Rollout } from '../../worldmodel/contract.js';

/** What is measured of each stream, at each horizon: the root mean square over components, or over bodies. */
export interface StreamErrors {
  /** By measure (`position`, `rotation`, `camera`, `audio`, `touch`, ...): [ticks], NaN where nothing was sensed. */
  readonly [measure: string]: Float64Array;
}

/** A guess at the ticks after the context's last. */
export interface Guess {
  /** [ticks, bodies, 3] and [ticks, bodies, 4]; null where there is no state. */
  readonly position: Float32Array | null;
  readonly orientation: Float32Array | null;
  /** By channel, [ticks, width]. */
  readonly channels: Readonly<Record<string, Float32Array>>;
}

/** The first tick after the context of a rollout. */
export function firstTick({ contextEndNs, tickHz }: Pick<Rollout, 'contextEndNs' | 'tickHz'>): number {
  return Math.round(Number(contextEndNs) * 1e-9 * tickHz) + 1;
}

/** The means of a rollout as a guess. */
export function meansOf(rollout: Rollout): Guess {
  const channels = Object.entries(rollout.channels).map(([name, { mean }]) => [name, mean] as const);
  return {
    position: rollout.state.positionM.mean,
    orientation: rollout.state.orientation.mean,
    channels: Object.fromEntries(channels),
  };
}

/** Guesses that everything stays as it was last sensed within the context. */
export function copyLast(view: EpisodeView, first: number, ticks: number): Guess {
  const { state, channels } = view;
  const copies = Object.entries(channels).map(
    ([name, channel]) => [name, repeat(lastSensed(channel, first), ticks)] as const,
  );
  return {
    position: state && repeat(rowOf(state.position, first - 1, view.ticks), ticks),
    orientation: state && repeat(rowOf(state.orientation, first - 1, view.ticks), ticks),
    channels: Object.fromEntries(copies),
  };
}

/** Guesses that every body goes on as it last moved, turning or not; the other senses are not guessed. */
export function constantVelocity(view: EpisodeView, first: number, ticks: number, tickHz: number): Guess {
  const { state } = view;
  if (state === null) return { position: null, orientation: null, channels: {} };
  const start = rowOf(state.position, first - 1, view.ticks);
  const speed = rowOf(state.linearVelocity, first - 1, view.ticks);
  const width = start.length;
  const position = Float32Array.from({ length: ticks * width }, (_, index) => {
    const timeS = (Math.floor(index / width) + 1) / tickHz;
    return start[index % width]! + speed[index % width]! * timeS;
  });
  return {
    position,
    orientation: repeat(rowOf(state.orientation, first - 1, view.ticks), ticks),
    channels: {},
  };
}

/**
 * Measures a guess against what came: `position` in m and `rotation` in degrees (mean over bodies), and of each channel
 * the root mean square over its components, in the channel's own form (colours and nearness 0 to 1, log10 Pa2, symlog of readings).
 *
 * @param first tick of the guess.
 */
export function streamErrors(guess: Guess, view: EpisodeView, first: number, ticks: number): StreamErrors {
  const errors: Record<string, Float64Array> = {};
  const known = Math.min(ticks, view.ticks - first);
  if (view.state !== null && guess.position !== null && guess.orientation !== null) {
    Object.assign(
      errors,
      stateErrors(guess.position, guess.orientation, view.state, view.ticks, first, ticks),
    );
  }
  for (const [name, values] of Object.entries(guess.channels)) {
    const channel = view.channels[name];
    if (channel === undefined) continue;
    const width = values.length / ticks;
    errors[name] = Float64Array.from({ length: ticks }, (_, tick) => {
      if (tick >= known || channel.sensed[first + tick] !== 1) return Number.NaN;
      let total = 0;
      for (let index = 0; index < width; index++)
        total += (values[tick * width + index]! - channel.values[(first + tick) * width + index]!) ** 2;
      return Math.sqrt(total / width);
    });
  }
  return errors;
}

function stateErrors(
  position: Float32Array,
  orientation: Float32Array,
  state: ObservedState,
  viewTicks: number,
  first: number,
  ticks: number,
): StreamErrors {
  const bodies = position.length / ticks / 3;
  const each = (error: (guess: number, truth: number) => number): Float64Array =>
    Float64Array.from({ length: ticks }, (_, tick) => {
      if (first + tick >= viewTicks) return Number.NaN;
      let total = 0;
      for (let body = 0; body < bodies; body++)
        total += error(tick * bodies + body, (first + tick) * bodies + body);
      return total / bodies;
    });
  return {
    position: each((a, b) => {
      const axis = (i: number): number => position[a * 3 + i]! - state.position[b * 3 + i]!;
      return Math.sqrt(axis(0) ** 2 + axis(1) ** 2 + axis(2) ** 2);
    }),
    rotation: each(
      (a, b) => (geodesicAngle(quaternion(orientation, a), quaternion(state.orientation, b)) * 180) / Math.PI,
    ),
  };
}

function quaternion(values: Float32Array, row: number): [number, number, number, number] {
  const at = row * 4;
  return [values[at]!, values[at + 1]!, values[at + 2]!, values[at + 3]!];
}

function rowOf(values: Float32Array, row: number, rows: number): Float32Array {
  const width = values.length / rows;
  return values.subarray(row * width, (row + 1) * width);
}

function repeat(row: Float32Array, ticks: number): Float32Array {
  const all = new Float32Array(ticks * row.length);
  for (let tick = 0; tick < ticks; tick++) all.set(row, tick * row.length);
  return all;
}

/** The channel's last observation before a tick; zeros where there was none. */
function lastSensed({ values, sensed }: ChannelView, first: number): Float32Array {
  for (let tick = Math.min(first, sensed.length) - 1; tick >= 0; tick--) {
    if (sensed[tick] === 1) return rowOf(values, tick, sensed.length);
  }
  return new Float32Array(values.length / sensed.length);
}
