import { log1p } from '../../core/math/exact.js';
import { secondsFromNs } from '../../core/time.js';
import type { Episode, StreamData, TypedArray } from '../../datasets/contract.js';
import { MEL_BANDS, melFilters } from './mel.js';

/** One sense of an episode on the model's clock, unscaled. */
export interface ChannelTrack {
  readonly name: string;
  readonly shape: readonly number[];
  readonly ticks: number;
  /** [ticks, ...shape]; zero where nothing was sensed. */
  readonly values: Float32Array;
  /** [ticks] 1 where something was sensed since the tick before, 0 elsewhere. */
  readonly sensed: Float32Array;
}

/** Kinds of streams that become channels. */
export const CHANNEL_KINDS: readonly string[] = ['camera', 'audio', 'haptics'];

/** Side of the picture that the model sees. */
const PICTURE = 16;

/**
 * Puts every sense but the state on the model's clock: tick k covers (k - 1, k] / tickHz, tick 0 what lies at or before 0.
 *
 * camera: the last frame of the tick, averaged to 16 x 16; red, green, blue in [0, 1] and 1 / (1 + depth in m).
 * audio: log10 power in 24 mel bands a microphone, over the last samples of the tick.
 * haptics: symlog of the mean force (N), torque (N m) and pressure (kPa) over the tick.
 */
export function channelTracks(episode: Episode, tickHz: number): ChannelTrack[] {
  const ticks = Math.floor(episode.durationS * tickHz + 1e-6) + 1;
  return Object.values(episode.streams).flatMap((stream) => {
    switch (stream.description.kind) {
      case 'camera':
        return [cameraTrack(stream, ticks, tickHz)];
      case 'audio':
        return [audioTrack(stream, ticks, tickHz)];
      case 'haptics':
        return [hapticsTrack(stream, ticks, tickHz)];
      default:
        return [];
    }
  });
}

/** The tick that covers a time; a nanosecond of rounding belongs to the tick before. */
function tickOf(timeS: number, tickHz: number): number {
  return Math.max(0, Math.ceil(timeS * tickHz - 1e-6));
}

function emptyTrack(name: string, shape: readonly number[], ticks: number): ChannelTrack {
  const width = shape.reduce((product, extent) => product * extent, 1);
  return { name, shape, ticks, values: new Float32Array(ticks * width), sensed: new Float32Array(ticks) };
}

function cameraTrack(
  { description, rows, timeNs, values }: StreamData,
  ticks: number,
  tickHz: number,
): ChannelTrack {
  const [height, width] = description.fields.find(({ name }) => name === 'colour')!.shape as [number, number];
  const track = emptyTrack(description.name, [PICTURE, PICTURE, 4], ticks);
  const frameOfTick = new Map<number, number>();
  for (let row = 0; row < rows; row++) frameOfTick.set(tickOf(secondsFromNs(timeNs[row]!), tickHz), row);
  for (const [tick, row] of frameOfTick) {
    if (tick >= ticks) continue;
    track.sensed[tick] = 1;
    const picture = track.values.subarray(tick * PICTURE * PICTURE * 4, (tick + 1) * PICTURE * PICTURE * 4);
    shrink(picture, values.colour!, values.depthM, row * height * width, height, width);
  }
  return track;
}

/** Averages pixels into the cells of a PICTURE x PICTURE grid. */
function shrink(
  picture: Float32Array,
  colour: TypedArray,
  depthM: TypedArray | undefined,
  first: number,
  height: number,
  width: number,
): void {
  const counts = new Float32Array(PICTURE * PICTURE);
  for (let y = 0; y < height; y++) {
    const cellRow = Math.floor((y * PICTURE) / height) * PICTURE;
    for (let x = 0; x < width; x++) {
      const cell = cellRow + Math.floor((x * PICTURE) / width);
      const pixel = first + y * width + x;
      counts[cell]! += 1;
      for (let channel = 0; channel < 3; channel++)
        picture[cell * 4 + channel]! += colour[pixel * 3 + channel]! / 255;
      picture[cell * 4 + 3]! += depthM === undefined ? 0 : 1 / (1 + depthM[pixel]!);
    }
  }
  for (let index = 0; index < picture.length; index++) picture[index]! /= Math.max(1, counts[index >> 2]!);
}

function audioTrack({ description, rows, values }: StreamData, ticks: number, tickHz: number): ChannelTrack {
  const { rateHz, samplesPerRow } = description;
  const samples = values.pressurePa!;
  const microphones = samples.length / Math.max(1, rows) / samplesPerRow;
  const track = emptyTrack(description.name, [microphones, MEL_BANDS], ticks);
  const filters = melFilters(rateHz, powerOfTwoBelow(rateHz / tickHz));
  const window = new Float64Array(filters.size);
  for (let tick = 1; tick < ticks; tick++) {
    const end = Math.floor((tick * rateHz) / tickHz);
    if (end > rows * samplesPerRow) break;
    track.sensed[tick] = 1;
    for (let microphone = 0; microphone < microphones; microphone++) {
      for (let index = 0; index < filters.size; index++) {
        const sample = Math.max(0, end - filters.size + index);
        const row = Math.floor(sample / samplesPerRow);
        window[index] = samples[(row * microphones + microphone) * samplesPerRow + (sample % samplesPerRow)]!;
      }
      filters.apply(window, track.values, (tick * microphones + microphone) * MEL_BANDS);
    }
  }
  return track;
}

function powerOfTwoBelow(samples: number): number {
  let size = 1;
  while (size * 2 <= samples) size *= 2;
  return size;
}

function hapticsTrack(
  { description, rows, timeNs, values }: StreamData,
  ticks: number,
  tickHz: number,
): ChannelTrack {
  const { forceN, torqueNm, pressurePa } = values as Record<'forceN' | 'torqueNm' | 'pressurePa', TypedArray>;
  const cells = pressurePa.length / Math.max(1, rows);
  const width = 6 + cells;
  const track = emptyTrack(description.name, [width], ticks);
  const counts = new Float32Array(ticks);
  for (let row = 0; row < rows; row++) {
    const tick = tickOf(secondsFromNs(timeNs[row]!), tickHz);
    if (tick >= ticks) break;
    counts[tick]! += 1;
    const at = tick * width;
    for (let axis = 0; axis < 3; axis++) {
      track.values[at + axis]! += forceN[row * 3 + axis]!;
      track.values[at + 3 + axis]! += torqueNm[row * 3 + axis]!;
    }
    for (let cell = 0; cell < cells; cell++)
      track.values[at + 6 + cell]! += pressurePa[row * cells + cell]! / 1000;
  }
  for (let tick = 0; tick < ticks; tick++) {
    track.sensed[tick] = counts[tick]! > 0 ? 1 : 0;
    for (let index = tick * width; index < (tick + 1) * width; index++) {
      track.values[index] = symlog(track.values[index]! / Math.max(1, counts[tick]!));
    }
  }
  return track;
}

/** sign(x) log(1 + |x|): keeps small values, compresses blows. */
function symlog(x: number): number {
  return x < 0 ? -log1p(-x) : log1p(x);
}
