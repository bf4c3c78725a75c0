import type { ChannelView, EpisodeView } from '../contract.js';
import {
  type ChannelConfiguration,
  MODEL_SIZES,
  type ModelConfiguration,
  type ModelSizeName,
} from '../model/configuration.js';
import { toRows } from './picture.js';
import type { PreparedEpisode } from './prepare.js';
import { readState, stateArrays, trackEndS } from './state-track.js';

/** Brings a channel's scaled values back to its own units, and pictures to rows of pixels. */
export function unscale(
  { mean, deviation, form, shape }: ChannelConfiguration,
  size: ModelSizeName,
  values: Float32Array,
): Float32Array {
  const own = values.map(
    (value, index) => mean[index % mean.length]! + deviation[index % deviation.length]! * value,
  );
  return form === 'picture' ? toRows(own, shape[0]!, MODEL_SIZES[size].patch) : own;
}

/** Shows an episode on the model's clock, unscaled. */
export function viewEpisode(
  { state, channels, durationS }: PreparedEpisode,
  { size, tickHz, bodies, channels: known }: ModelConfiguration,
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
      values: unscale(channel, size, track.values),
      sensed: track.sensed,
    };
  }
  return { ticks, state: arrays, channels: views };
}
