import type { ChannelView, EpisodeView } from '../contract.js';
import type { ChannelConfiguration, ModelConfiguration } from '../model/configuration.js';
import type { PreparedEpisode } from './prepare.js';
import { readState, stateArrays, trackEndS } from './state-track.js';

/** Brings a channel's scaled values back to its own units. */
export function unscale({ mean, deviation }: ChannelConfiguration, values: Float32Array): Float32Array {
  const period = mean.length;
  return values.map((value, index) => mean[index % period]! + deviation[index % deviation.length]! * value);
}

/** Shows an episode on the model's clock, unscaled. */
export function viewEpisode(
  { state, channels, durationS }: PreparedEpisode,
  { tickHz, bodies, channels: known }: ModelConfiguration,
): EpisodeView {
  const endS = state === null ? durationS : trackEndS(state);
  const ticks = Math.floor(endS * tickHz + 1e-6) + 1;
  const arrays = state === null ? null : stateArrays(ticks * bodies);
  if (state !== null && arrays !== null) {
    for (let tick = 0; tick < ticks; tick++) readState(state, tick / tickHz, arrays, tick * bodies);
  }
  const views: Record<string, ChannelView> = {};
  for (const channel of known) {
    const track = channels.get(channel.name);
    if (track === undefined) continue;
    views[channel.name] = {
      shape: channel.shape,
      values: unscale(channel, track.values),
      sensed: track.sensed,
    };
  }
  return { ticks, state: arrays, channels: views };
}
