import { sigmoid, silu } from '../engine/activation.js';
import { reshape } from '../engine/broadcast.js';
import { add, clip, multiply } from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { concat } from '../engine/layout.js';
import { type ChannelConfiguration, channelWidth, MODEL_SIZES } from './configuration.js';
import { dense, mix, type Network } from './layers.js';
import { REWARD_BINS } from './reward.js';

/** Predicted deviations stay between exp(-6) and exp(2) of the scaled values. */
export const LOG_VARIANCE_RANGE = [-12, 4] as const;

/** Where the gates between what was last seen and what is painted begin, before the sigmoid. */
const GATE_CLOSED = -3;

/** Numbers of one pixel: red, green, blue, nearness. */
const PIXEL = 4;

/**
 * Encodes what a channel sensed.
 *
 * @param observation [rows, width], scaled.
 * @param mask [rows, 1]: 1 where it was sensed, 0 where not.
 * @returns [rows, hidden], zero where it was not sensed; the codes of several channels add up.
 */
export function encode(
  network: Network,
  channel: ChannelConfiguration,
  observation: Tensor,
  mask: Tensor,
): Tensor {
  const { embedding, hidden } = MODEL_SIZES[network.configuration.size];
  const name = `encode/${channel.name}`;
  const narrowed = channel.form === 'picture' ? patchCodes(network, name, observation) : observation;
  const wide = silu(dense(network, `${name}/1`, narrowed, embedding));
  return multiply(dense(network, `${name}/2`, wide, hidden), mask);
}

/** Codes of a picture's patches side by side, [rows, patches * patchCode]; all patches share their weights. */
function patchCodes(network: Network, name: string, picture: Tensor): Tensor {
  const { patch, patchCode } = MODEL_SIZES[network.configuration.size];
  const patches = reshape(picture, [-1, patch * patch * PIXEL]);
  return reshape(silu(dense(network, `${name}/patch`, patches, patchCode)), [picture.shape[0]!, -1]);
}

/** A channel's predicted distribution, scaled. */
export interface ChannelDistribution {
  /** [rows, width]; `reward`: [rows, bins] logits; `end`: [rows, 1] logit. */
  readonly mean: Tensor;
  /** [rows, spreads]: log-variances, each of `width / spreads` components; null for `reward` and `end`. */
  readonly logVariance: Tensor | null;
}

/** What the decoders look at. */
export interface DecoderInputs {
  /** [rows, hidden] and [rows, latents * classes], rows being ticks x sequences. */
  readonly features: Tensor;
  readonly latents: Tensor;
  /** [rows, bodies * 7] positions and orientations. */
  readonly poses: Tensor;
}

/**
 * Predicts what a channel senses, as a change of what it sensed last.
 *
 * @param last [rows, width] scaled: the channel's last observation before the tick, zero where there was none; null for
 *   channels that are not sensed.
 */
export function decode(
  network: Network,
  channel: ChannelConfiguration,
  inputs: DecoderInputs,
  last: Tensor | null,
): ChannelDistribution {
  const { embedding } = MODEL_SIZES[network.configuration.size];
  const name = `decode/${channel.name}`;
  const known = concat([inputs.features, inputs.latents, inputs.poses], 1);
  switch (channel.form) {
    case 'picture':
      return decodePicture(network, name, silu(dense(network, `${name}/1`, known, embedding)), last!);
    case 'vector': {
      const trunk = silu(dense(network, `${name}/1`, concat([known, last!], 1), embedding));
      const width = channelWidth(channel);
      const paint = dense(network, `${name}/paint`, trunk, width);
      const gate = dense(network, `${name}/gate`, trunk, width, 0.3, GATE_CLOSED);
      const spread = dense(network, `${name}/spread`, trunk, width, 0.1);
      return { mean: painted(last!, paint, gate), logVariance: clip(spread, ...LOG_VARIANCE_RANGE) };
    }
    case 'wave': {
      const trunk = silu(dense(network, `${name}/1`, known, embedding));
      const mean = dense(network, `${name}/2`, trunk, channelWidth(channel), 0.1);
      const spread = dense(network, `${name}/spread`, trunk, channel.shape[0]!, 0.1);
      return { mean, logVariance: clip(spread, ...LOG_VARIANCE_RANGE) };
    }
    case 'reward':
    case 'end': {
      const trunk = silu(dense(network, `${name}/1`, known, embedding));
      const answers = channel.form === 'reward' ? REWARD_BINS.length : 1;
      return { mean: dense(network, `${name}/2`, trunk, answers, 0), logVariance: null };
    }
  }
}

/** Each patch from what is known and from the patch as it was last seen: what moved away must be painted over. */
function decodePicture(network: Network, name: string, trunk: Tensor, last: Tensor): ChannelDistribution {
  const { patch, patchCode } = MODEL_SIZES[network.configuration.size];
  const rows = last.shape[0]!;
  const pixels = patch * patch * PIXEL;
  const patches = reshape(last, [-1, pixels]);
  const count = patches.shape[0]! / rows;
  const told = reshape(dense(network, `${name}/patches`, trunk, count * patchCode), [-1, patchCode]);
  const code = silu(add(told, dense(network, `${name}/last`, patches, patchCode)));
  const paint = dense(network, `${name}/paint`, code, pixels);
  const gate = dense(network, `${name}/gate`, code, pixels, 0.3, GATE_CLOSED);
  const spread = dense(network, `${name}/spread`, code, 2, 0.1);
  return {
    mean: reshape(painted(patches, paint, gate), [rows, count * pixels]),
    logVariance: reshape(clip(spread, ...LOG_VARIANCE_RANGE), [rows, 2 * count]),
  };
}

/** What was last seen, painted over where the gate opens; it begins nearly closed, so that what stays is copied exactly. */
function painted(last: Tensor, paint: Tensor, gate: Tensor): Tensor {
  return mix(last, paint, sigmoid(gate));
}

/** [patch components, 2]: averages the squares of a patch's colours, and of its nearness. */
export function patchSpreads(network: Network): Tensor {
  const { patch } = MODEL_SIZES[network.configuration.size];
  const matrix = new Float32Array(patch * patch * PIXEL * 2);
  for (let component = 0; component < patch * patch * PIXEL; component++) {
    const isColour = component % PIXEL < 3;
    matrix[component * 2 + (isColour ? 0 : 1)] = 1 / (patch * patch * (isColour ? 3 : 1));
  }
  return network.graph.constant(matrix, [patch * patch * PIXEL, 2]);
}

/** Which log-variance a component of a channel has, by index: the layout that `decode` answers in. */
export function spreadOf(channel: ChannelConfiguration, patch: number): (component: number) => number {
  if (channel.form === 'picture') {
    const pixels = patch * patch * PIXEL;
    return (component) => 2 * Math.floor(component / pixels) + (component % PIXEL < 3 ? 0 : 1);
  }
  const width = channelWidth(channel) / channel.shape[0]!;
  return channel.form === 'wave' ? (component) => Math.floor(component / width) : (component) => component;
}
