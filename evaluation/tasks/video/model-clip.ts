import type { Episode, StreamData, StreamDescription, TypedArray } from '../../../datasets/contract.js';
import { type Clip, PICTURE, SIDE } from './clip.js';

/** Ticks a second of the world model's clock. */
export const TICK_HZ = 37;
/** Sound samples a row, few, so that little is lost where a clip ends. */
const SOUND_ROW = 48;

/**
 * How a clip is laid on the world model's clock. Slow video (5 Hz) is played faster, one step a tick: between its frames the model would
 * otherwise dream seven ticks that nothing is known of.
 */
export interface ModelClock {
  /** Seconds of the model's clock for one second of the recording. */
  readonly pace: number;
}

/** Chooses the clock for video of a rate: its own where frames come at least every second tick, else a frame a tick. */
export function clockOf(rateHz: number): ModelClock {
  return { pace: rateHz * 2 >= TICK_HZ ? 1 : rateHz / TICK_HZ };
}

/** The tick that a time of a clip falls into. */
export function tickOf(timeS: number, { pace }: ModelClock): number {
  return Math.max(0, Math.ceil(timeS * pace * TICK_HZ - 1e-6));
}

/** The time of a clip at which a tick ends. */
export function timeOfTick(tick: number, { pace }: ModelClock): number {
  return tick / TICK_HZ / pace;
}

/**
 * Turns a clip into an episode as world models take it: `camera`, `action` and `audio` (full scale for 1 Pa, since no microphone here is
 * calibrated), on the model's clock.
 *
 * @param throughS how long the episode lasts, s of the clip's time; commands beyond the frames stay.
 */
export function modelEpisode(
  clip: Clip,
  throughS: number,
  episode = 0,
  attributes: Episode['attributes'] = {},
): Episode {
  const clock = clockOf(clip.rateHz);
  const streams = [cameraOf(clip, clock), actionOf(clip, clock), soundOf(clip, clock)];
  return {
    episode,
    durationS: throughS * clock.pace,
    attributes,
    streams: Object.fromEntries(
      streams.flatMap((stream) => (stream === null ? [] : [[stream.description.name, stream] as const])),
    ),
  };
}

function cameraOf({ timesS, pictures, rateHz }: Clip, { pace }: ModelClock): StreamData {
  const rows = pictures.length / PICTURE;
  return {
    description: describe('camera', 'camera', rateHz / pace, [
      {
        name: 'colour',
        dataType: 'uint8',
        shape: [SIDE, SIDE, 3],
        unit: 'sRGB',
        description: 'red, green, blue',
      },
    ]),
    rows,
    timeNs: timesOf(rows, (row) => timesS[row]! * pace),
    values: { colour: Uint8Array.from(pictures, (value) => Math.round(value)) },
  };
}

function actionOf({ actions, rateHz }: Clip, { pace }: ModelClock): StreamData | null {
  if (actions === null) return null;
  const rows = actions.values.length / actions.width;
  return {
    description: describe('action', 'action', rateHz / pace, [
      {
        name: 'value',
        dataType: 'float32',
        shape: [actions.width],
        unit: '1',
        description: 'what is commanded',
      },
    ]),
    rows,
    timeNs: timesOf(rows, (row) => (row / rateHz) * pace),
    values: { value: actions.values },
  };
}

function soundOf({ sound }: Clip, { pace }: ModelClock): StreamData | null {
  if (sound === null || pace !== 1) return null;
  const rows = Math.floor(sound.amplitude.length / SOUND_ROW);
  const description = describe('audio', 'audio', sound.rateHz, [
    {
      name: 'pressurePa',
      dataType: 'float32',
      shape: [1, SOUND_ROW],
      unit: 'Pa',
      description: 'full scale for 1 Pa',
    },
  ]);
  return {
    description: { ...description, samplesPerRow: SOUND_ROW },
    rows,
    timeNs: timesOf(rows, (row) => (row * SOUND_ROW) / sound.rateHz),
    values: { pressurePa: sound.amplitude.subarray(0, rows * SOUND_ROW) as TypedArray },
  };
}

function describe(
  name: string,
  kind: string,
  rateHz: number,
  fields: StreamDescription['fields'],
): StreamDescription {
  return { name, kind, rateHz, samplesPerRow: 1, fields, metadata: {} };
}

function timesOf(rows: number, timeS: (row: number) => number): BigInt64Array {
  return BigInt64Array.from({ length: rows }, (_, row) => BigInt(Math.floor(timeS(row) * 1e9 + 1e-3)));
}
