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
 * Cuts a clip out of an episode: pictures averaged to SIDE x SIDE, sound to one microphone.
 *
 * @param first frame of the camera, and how many.
 * @throws UmweltError `shape-mismatch` when a stream lacks its field.
 */
export function cutClip(episode: Episode, streams: ClipStreams, first: number, frames: number): Clip {
  const camera = streamOf(episode, streams.camera, 'colour');
  const [height, width] = camera.description.fields.find(({ name }) => name === 'colour')!.shape as number[];
  const startNs = camera.timeNs[first]!;
  const pictures = new Float32Array(frames * PICTURE);
  const size = height! * width! * 3;
  const shrink = shrinker(width!, height!);
  for (let frame = 0; frame < frames; frame++) {
    const from = (first + frame) * size;
    shrink(
      camera.values.colour!.subarray(from, from + size),
      pictures.subarray(frame * PICTURE, (frame + 1) * PICTURE),
    );
  }
  return {
    rateHz: camera.description.rateHz,
    timesS: Array.from({ length: frames }, (_, frame) =>
      secondsFromNs(camera.timeNs[first + frame]! - startNs),
    ),
    pictures,
    actions:
      streams.action === undefined ? null : actionsOf(streamOf(episode, streams.action, 'value'), startNs),
    sound:
      streams.sound === undefined ? null : soundOf(streamOf(episode, streams.sound, 'amplitude'), startNs),
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

/** Averages a picture into SIDE x SIDE cells, pixels that a cell's edge cuts by their share in it. */
function shrinker(width: number, height: number): (from: ArrayLike<number>, out: Float32Array) => void {
  if (width === SIDE && height === SIDE) return (from, out) => out.set(from);
  const [columns, rows] = [sharesOf(width), sharesOf(height)];
  return (from, out) => {
    for (let y = 0; y < SIDE; y++) {
      for (let x = 0; x < SIDE; x++) {
        for (let colour = 0; colour < 3; colour++) {
          let sum = 0;
          for (const [row, rowShare] of rows[y]!)
            for (const [column, share] of columns[x]!)
              sum += rowShare * share * from[(row * width + column) * 3 + colour]!;
          out[(y * SIDE + x) * 3 + colour] = sum;
        }
      }
    }
  };
}

/** By cell: the pixels in it, with shares that add up to 1. */
function sharesOf(pixels: number): readonly (readonly (readonly [pixel: number, share: number])[])[] {
  const length = pixels / SIDE;
  return Array.from({ length: SIDE }, (_, cell) => {
    const [from, to] = [cell * length, (cell + 1) * length];
    const shares: (readonly [number, number])[] = [];
    for (let pixel = Math.floor(from); pixel < Math.min(pixels, to); pixel++)
      shares.push([pixel, (Math.min(to, pixel + 1) - Math.max(from, pixel)) / length]);
    return shares;
  });
}
