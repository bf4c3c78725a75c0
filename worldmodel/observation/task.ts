import { secondsFromNs } from '../../core/time.js';
import type { Episode, StreamData, TypedArray } from '../../datasets/contract.js';
import { type ChannelTrack, emptyTrack, tickOf } from './track.js';

/** Kind of the stream that says what was commanded. */
export const ACTION_KIND = 'action';

/** A row's time is rounded down to a nanosecond: one that lies on a tick belongs to it. */
const ROUNDING_TICKS = 1e-6;

/** What was commanded, on the model's clock. */
export interface ActionTrack {
  readonly name: string;
  readonly width: number;
  readonly ticks: number;
  /** How many leading ticks have no command: what was commanded there is not known. */
  readonly firstTick: number;
  /** [ticks, width] float32, the mean command from that tick to the next, in the dataset's units; zero before `firstTick`. */
  readonly values: Float32Array;
}

/**
 * Reads what an episode's bodies were commanded to do: at tick k the mean of the rows in [k, k + 1) / tickHz, and where there is
 * none the last row before it. An action's row is itself the mean over the interval that it begins (docs/senses/action.md).
 *
 * @returns null without such a stream, or where it has no rows.
 */
export function readActionTrack(episode: Episode, tickHz: number, ticks: number): ActionTrack | null {
  const stream = Object.values(episode.streams).find(({ description }) => description.kind === ACTION_KIND);
  if (stream === undefined || stream.rows === 0) return null;
  const { rows, timeNs } = stream;
  const commanded = stream.values.value!;
  const width = commanded.length / rows;
  const values = new Float32Array(ticks * width);
  const beginsBefore = (row: number, tick: number): boolean =>
    row < rows && secondsFromNs(timeNs[row]!) * tickHz + ROUNDING_TICKS < tick;
  let row = 0;
  let firstTick = 0;
  while (beginsBefore(row, 0)) row++;
  for (let tick = 0; tick < ticks; tick++) {
    const begun = row;
    while (beginsBefore(row, tick + 1)) row++;
    if (row === 0) firstTick = tick + 1;
    else values.set(meanRow(commanded, width, row === begun ? row - 1 : begun, row), tick * width);
  }
  return { name: stream.description.name, width, ticks, firstTick, values };
}

/** Means the rows from `first` to before `end`, in float64. */
function meanRow(values: TypedArray, width: number, first: number, end: number): Float64Array {
  const mean = new Float64Array(width);
  for (let index = first * width; index < end * width; index++) mean[index % width]! += values[index]!;
  return mean.map((total) => total / (end - first));
}

/** Puts a task's reward (mean over the tick) and end (any in the tick) on the model's clock. */
export function taskTracks(
  { description, rows, timeNs, values }: StreamData,
  ticks: number,
  tickHz: number,
): ChannelTrack[] {
  const stream = { name: description.name, kind: description.kind };
  const reward = emptyTrack({ name: description.name, form: 'reward', shape: [1], stream }, ticks);
  const end = emptyTrack({ name: `${description.name}/end`, form: 'end', shape: [1], stream }, ticks);
  for (let row = 0; row < rows; row++) {
    const tick = tickOf(secondsFromNs(timeNs[row]!), tickHz);
    if (tick >= ticks) break;
    reward.sensed[tick]! += 1;
    reward.values[tick]! += values.reward![row]!;
    end.values[tick] = Math.max(end.values[tick]!, values.end![row]!);
  }
  for (let tick = 0; tick < ticks; tick++) {
    const count = reward.sensed[tick]!;
    reward.values[tick]! /= Math.max(1, count);
    reward.sensed[tick] = Math.min(1, count);
    end.sensed[tick] = Math.min(1, count);
  }
  return [reward, end];
}
