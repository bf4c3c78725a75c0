import { UmweltError } from '../../core/errors.js';
import type { Episode, StreamData } from '../../datasets/contract.js';
import { pictureTrack } from './picture.js';
import { READINGS, readingsTrack } from './readings.js';
import { soundTracks } from './sound.js';
import { taskTracks } from './task.js';
import type { ChannelTrack } from './track.js';

/** How finely the model looks. */
export interface Resolution {
  readonly tickHz: number;
  /** Side of a picture and of its patches, pixels. */
  readonly picture: number;
  readonly patch: number;
}

/** Makes the channels of one stream. */
type ReadStream = (stream: StreamData, ticks: number, resolution: Resolution) => ChannelTrack[];

/** How each kind of stream becomes channels; kinds that are not here are left out. */
const READERS: Readonly<Record<string, ReadStream>> = {
  camera: (stream, ticks, resolution) => [pictureTrack(stream, ticks, resolution.tickHz, resolution)],
  // Sound that is not calibrated to a pressure says nothing about how loud it was.
  audio: (stream, ticks, { tickHz }) =>
    stream.values.pressurePa === undefined ? [] : soundTracks(stream, ticks, tickHz),
  reward: (stream, ticks, { tickHz }) => taskTracks(stream, ticks, tickHz),
  ...Object.fromEntries(
    Object.keys(READINGS).map((kind): [string, ReadStream] => [
      kind,
      (stream, ticks, { tickHz }) => [readingsTrack(stream, ticks, tickHz)],
    ]),
  ),
};

/** How many ticks an episode has, the one at 0 included. */
export function ticksOf({ durationS }: Pick<Episode, 'durationS'>, tickHz: number): number {
  return Math.floor(durationS * tickHz + 1e-6) + 1;
}

/**
 * Puts every sense but the state on the model's clock: tick k covers (k - 1, k] / tickHz, tick 0 what lies at or before 0.
 *
 * @throws UmweltError `malformed-file` where a stream holds what is not a finite number.
 */
export function channelTracks(episode: Episode, resolution: Resolution): ChannelTrack[] {
  const ticks = ticksOf(episode, resolution.tickHz);
  const tracks = Object.values(episode.streams).flatMap((stream) =>
    stream.rows === 0 ? [] : (READERS[stream.description.kind]?.(stream, ticks, resolution) ?? []),
  );
  for (const track of tracks) requireFinite(track, episode.episode);
  return tracks;
}

function requireFinite({ stream, values, ticks }: ChannelTrack, episode: number): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong < 0) return;
  const tick = Math.floor((wrong * ticks) / values.length);
  throw new UmweltError(
    'malformed-file',
    { episode, stream: stream.name, tick, value: values[wrong] },
    `episode ${episode}: stream "${stream.name}" holds ${values[wrong]} by tick ${tick}: expected finite numbers; leave the stream out or mend the data`,
  );
}
