import type { Episode } from '../../datasets/contract.js';
import {
  type ChannelConfiguration,
  channelWidth,
  MODEL_SIZES,
  type ModelConfiguration,
} from '../model/configuration.js';
import { channelTracks, ticksOf } from './channels.js';
import { readStateTrack, type StateTrack } from './state-track.js';
import { type ActionTrack, readActionTrack } from './task.js';
import { type ChannelTrack, requireSameShape } from './track.js';

/** An episode on the model's clock. */
export interface PreparedEpisode {
  /** For messages: dataset and episode. */
  readonly origin: string;
  readonly state: StateTrack | null;
  /** By name, scaled as the model's configuration says. */
  readonly channels: ReadonlyMap<string, ChannelTrack>;
  /** Scaled; null where nothing was commanded, or the model takes no commands. */
  readonly action: ActionTrack | null;
  readonly durationS: number;
}

/** Puts an episode on the model's clock and scales its channels. Channels that the model does not know are left out. */
export function prepareEpisode(
  episode: Episode,
  configuration: ModelConfiguration,
  origin: string,
): PreparedEpisode {
  const { tickHz, size } = configuration;
  const { picture, patch } = MODEL_SIZES[size];
  const tracks = new Map(
    channelTracks(episode, { tickHz, picture, patch }).map((track) => [track.name, track]),
  );
  const channels = new Map<string, ChannelTrack>();
  for (const channel of configuration.channels) {
    const track = tracks.get(channel.name);
    if (track === undefined) continue;
    requireSameShape(channel, track, origin);
    channels.set(channel.name, { ...track, values: scaleTrack(track, channel) });
  }
  return {
    origin,
    state: configuration.hasState ? readStateTrack(episode) : null,
    channels,
    action: prepareAction(episode, configuration, origin),
    durationS: episode.durationS,
  };
}

function prepareAction(
  episode: Episode,
  { action, tickHz }: ModelConfiguration,
  origin: string,
): ActionTrack | null {
  if (action === null) return null;
  const track = readActionTrack(episode, tickHz, ticksOf(episode, tickHz));
  if (track === null) return null;
  requireSameShape({ name: action.name, shape: [action.width] }, { shape: [track.width] }, origin);
  const values = track.values.map(
    (value, index) => (value - action.mean[index % track.width]!) / action.deviation[index % track.width]!,
  );
  return { ...track, values };
}

/** Ticks without a reading stay zero: the mean. */
function scaleTrack(track: ChannelTrack, { mean, deviation }: ChannelConfiguration): Float32Array {
  const width = channelWidth(track);
  const values = new Float32Array(track.values.length);
  for (let tick = 0; tick < track.ticks; tick++) {
    if (track.sensed[tick] === 0) continue;
    for (let index = tick * width; index < (tick + 1) * width; index++) {
      const component = index % mean.length;
      const value = track.values[index]!;
      values[index] = (value - mean[component]!) / deviation[component]!;
    }
  }
  return values;
}
