import { secondsFromNs } from '../../core/time.js';
import type { Episode, StreamData } from '../../datasets/contract.js';
import { type ChannelTrack, emptyTrack, tickOf } from './track.js';

/** Kind of the stream that says what was commanded. */
export const ACTION_KIND = 'action';

/** What was commanded, on the model's clock. */
export interface ActionTrack {
  readonly name: string;
  readonly width: number;
  readonly ticks: number;
  /** [ticks, width] commanded from that tick on. */
  readonly values: Float32Array;
}

/** Reads what an episode's bodies were commanded to do: at each tick the last command given by then; null without such a stream. */
export function readActionTrack(episode: Episode, tickHz: number, ticks: number): ActionTrack | null {
  const stream = Object.values(episode.streams).find(({ description }) => description.kind === ACTION_KIND);
  if (stream === undefined || stream.rows === 0) return null;
  const { rows, timeNs } = stream;
  const commanded = stream.values.value!;
  const width = commanded.length / rows;
  const values = new Float32Array(ticks * width);
  let row = 0;
  for (let tick = 0; tick < ticks; tick++) {
    const timeS = tick / tickHz + 1e-6;
    while (row + 1 < rows && secondsFromNs(timeNs[row + 1]!) <= timeS) row++;
    values.set(commanded.subarray(row * width, (row + 1) * width) as Float32Array, tick * width);
  }
  return { name: stream.description.name, width, ticks, values };
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
