import { UmweltError } from '../../core/errors.js';
import { type ChannelConfiguration, type ChannelForm, channelWidth } from '../model/configuration.js';

/** One sense of an episode on the model's clock, unscaled. */
export interface ChannelTrack {
  readonly name: string;
  readonly form: ChannelForm;
  /** Shape of one tick. */
  readonly shape: readonly number[];
  readonly stream: ChannelConfiguration['stream'];
  readonly parts: ChannelConfiguration['parts'];
  readonly ticks: number;
  /** [ticks, width] in the channel's layout; zero where nothing was sensed. */
  readonly values: Float32Array;
  /** [ticks] 1 where something was sensed since the tick before, 0 elsewhere. */
  readonly sensed: Float32Array;
}

/** Makes a track that has sensed nothing. */
export function emptyTrack(
  description: Pick<ChannelTrack, 'name' | 'form' | 'shape' | 'stream'> &
    Partial<Pick<ChannelTrack, 'parts'>>,
  ticks: number,
): ChannelTrack {
  return {
    parts: [],
    ...description,
    ticks,
    values: new Float32Array(ticks * channelWidth(description)),
    sensed: new Float32Array(ticks),
  };
}

/** The tick that covers a time: tick k covers (k - 1, k] / tickHz; a nanosecond of rounding belongs to the tick before. */
export function tickOf(timeS: number, tickHz: number): number {
  return Math.max(0, Math.ceil(timeS * tickHz - 1e-6));
}

/** @throws UmweltError `shape-mismatch` when a track has another shape than the channel before it. */
export function requireSameShape(
  expected: { readonly name: string; readonly shape: readonly number[] },
  track: Pick<ChannelTrack, 'shape'>,
  origin: string,
): void {
  if (expected.shape.join() === track.shape.join()) return;
  throw new UmweltError(
    'shape-mismatch',
    { channel: expected.name, expected: expected.shape, actual: track.shape, origin },
    `${origin}: stream "${expected.name}" has the shape [${track.shape.join(', ')}], the model or the datasets before it ` +
      `[${expected.shape.join(', ')}]: rename the stream or train apart`,
  );
}
