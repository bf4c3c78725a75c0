import { UmweltError } from '../../../core/errors.js';
import { secondsFromNs } from '../../../core/time.js';
import type { Episode, StreamData } from '../../../datasets/contract.js';

/** Side of the square pictures that are judged, pixels: the smallest that recordings here have. */
export const SIDE = 64;
/** Numbers of one picture: red, green, blue, row after row. */
export const PICTURE = SIDE * SIDE * 3;

/** A stretch of video, with what else is known at the time. All times in seconds from its first frame. */
export interface Clip {
  readonly rateHz: number;
  /** [frames] */
  readonly timesS: readonly number[];
  /** [frames, SIDE, SIDE, 3], 0 to 255. */
  readonly pictures: Float32Array;
  /** What is commanded from each step on, [steps, width]; steps may go on where frames end. Null where nothing is known. */
  readonly actions: { readonly width: number; readonly values: Float32Array } | null;
  /** One microphone, share of full scale, from the first frame on. Null where nothing is heard. */
  readonly sound: Sound | null;
}

export interface Sound {
  readonly rateHz: number;
  readonly amplitude: Float32Array;
}

/** Which streams a clip is made of. */
export interface ClipStreams {
  readonly camera: string;
  readonly action?: string;
  readonly sound?: string;
}

/**
 * Reads all of an episode's video: pictures averaged to SIDE x SIDE, sound to one microphone.
 *
 * @throws UmweltError `shape-mismatch` when a stream lacks its field.
 */
export function readClip(episode: Episode, streams: ClipStreams): Clip {
  const camera = streamOf(episode, streams.camera, 'colour');
  const { rows, timeNs, description, values } = camera;
  const [height, width] = description.fields.find(({ name }) => name === 'colour')!.shape as number[];
  const startNs = timeNs[0]!;
  const pictures = new Float32Array(rows * PICTURE);
  const size = height! * width! * 3;
  const shrink = shrinker(width!, height!);
  for (let row = 0; row < rows; row++) {
    const into = pictures.subarray(row * PICTURE, (row + 1) * PICTURE);
    shrink(values.colour!.subarray(row * size, (row + 1) * size), into);
  }
  return {
    rateHz: description.rateHz,
    timesS: Array.from(timeNs, (time) => secondsFromNs(time - startNs)),
    pictures,
    actions:
      streams.action === undefined ? null : actionsOf(streamOf(episode, streams.action, 'value'), startNs),
    sound:
      streams.sound === undefined ? null : soundOf(streamOf(episode, streams.sound, 'amplitude'), startNs),
  };
}

/** Cuts a stretch of frames out of a clip, with what is commanded and heard from its first one on. Arrays are views. */
export function cutClip(
  { rateHz, timesS, pictures, actions, sound }: Clip,
  first: number,
  frames: number,
): Clip {
  const startS = timesS[first]!;
  return {
    rateHz,
    timesS: timesS.slice(first, first + frames).map((timeS) => timeS - startS),
    pictures: pictures.subarray(first * PICTURE, (first + frames) * PICTURE),
    actions: actions && { ...actions, values: actions.values.subarray(first * actions.width) },
    sound: sound && { ...sound, amplitude: sound.amplitude.subarray(Math.round(startS * sound.rateHz)) },
  };
}

/** The first frames of a clip and everything that is heard until then; commands stay. Arrays are views. */
export function seenOf(clip: Clip, frames: number, untilS: number): Clip {
  const { timesS, pictures, sound } = clip;
  return {
    ...clip,
    timesS: timesS.slice(0, frames),
    pictures: pictures.subarray(0, frames * PICTURE),
    sound: sound && {
      ...sound,
      amplitude: sound.amplitude.subarray(0, Math.floor(untilS * sound.rateHz + 1e-6)),
    },
  };
}

function streamOf({ streams, episode }: Episode, name: string, field: string): StreamData {
  const stream = streams[name];
  if (stream?.values[field] !== undefined) return stream;
  throw new UmweltError(
    'shape-mismatch',
    { episode, stream: name, field },
    `episode ${episode}: expected a stream "${name}" with a field "${field}"; import the recordings again`,
  );
}

function actionsOf({ timeNs, rows, values }: StreamData, startNs: bigint): NonNullable<Clip['actions']> {
  const width = values.value!.length / rows;
  const first = timeNs.findIndex((time) => time >= startNs);
  return { width, values: Float32Array.from(values.value!.subarray(Math.max(0, first) * width)) };
}

function soundOf({ description, timeNs, rows, values }: StreamData, startNs: bigint): Sound {
  const { rateHz, samplesPerRow } = description;
  const amplitude = values.amplitude!;
  const channels = amplitude.length / rows / samplesPerRow;
  const first = Math.max(0, Math.round(secondsFromNs(startNs - timeNs[0]!) * rateHz));
  const mono = Float32Array.from({ length: Math.max(0, rows * samplesPerRow - first) }, (_, index) => {
    const sample = first + index;
    const row = Math.floor(sample / samplesPerRow);
    let sum = 0;
    for (let channel = 0; channel < channels; channel++)
      sum += amplitude[(row * channels + channel) * samplesPerRow + (sample % samplesPerRow)]!;
    return sum / channels;
  });
  return { rateHz, amplitude: mono };
}

/** Averages a picture into SIDE x SIDE cells, pixels that a cell's edge cuts by their share in it: along rows, then along columns. */
function shrinker(width: number, height: number): (from: ArrayLike<number>, out: Float32Array) => void {
  if (width === SIDE && height === SIDE) return (from, out) => out.set(from);
  const [columns, rows] = [sharesOf(width), sharesOf(height)];
  const narrow = new Float32Array(height * SIDE * 3);
  return (from, out) => {
    for (let row = 0; row < height; row++)
      for (let x = 0; x < SIDE; x++)
        average(columns[x]!, from, row * width * 3, 3, narrow, (row * SIDE + x) * 3);
    for (let y = 0; y < SIDE; y++)
      for (let x = 0; x < SIDE; x++) average(rows[y]!, narrow, x * 3, SIDE * 3, out, (y * SIDE + x) * 3);
  };
}

/** Pixels from `first` on along one axis, with shares that add up to 1. */
interface Shares {
  readonly first: number;
  readonly shares: Float64Array;
}

function average(
  { first, shares }: Shares,
  from: ArrayLike<number>,
  offset: number,
  step: number,
  out: Float32Array,
  at: number,
): void {
  for (let colour = 0; colour < 3; colour++) {
    let sum = 0;
    for (let k = 0; k < shares.length; k++) sum += shares[k]! * from[offset + (first + k) * step + colour]!;
    out[at + colour] = sum;
  }
}

function sharesOf(pixels: number): readonly Shares[] {
  const length = pixels / SIDE;
  return Array.from({ length: SIDE }, (_, cell): Shares => {
    const [from, to] = [cell * length, Math.min(pixels, (cell + 1) * length)];
    const first = Math.floor(from);
    const shares = Float64Array.from(
      { length: Math.ceil(to - 1e-9) - first },
      (_pixel, k) => (Math.min(to, first + k + 1) - Math.max(from, first + k)) / length,
    );
    return { first, shares };
  });
}
