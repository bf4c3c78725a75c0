import { type RandomStream, randomStream } from '../../core/random.js';
import {
  type ChannelConfiguration,
  channelWidth,
  isSensed,
  MODEL_SIZES,
  type ModelConfiguration,
} from '../model/configuration.js';
import { writeTwoHot } from '../model/reward.js';
import { contextTicks, targetWidth } from '../model/sequence.js';
import type { PreparedEpisode } from '../observation/prepare.js';
import type { ChannelTrack } from '../observation/track.js';
import type { BatchShape, Draw, Place } from './draw.js';

/** How often a sense that is there is kept from the model, so that it can do without. */
const DROPPED_SHARE = 0.1;
/** Deviation of the noise on what is shown of the senses, scaled: the largest gain against drift in GameNGen (Valevski 2024). */
const CONTEXT_NOISE = 0.1;
/** Uniform draws stay below the sum of the probabilities in float32. */
const LARGEST_UNIFORM = 0.9999;

/** Allocates what `sequenceLoss` takes of the senses; null where the model has none. */
export function createSenseArrays(configuration: ModelConfiguration, shape: BatchShape, draw: Draw) {
  const { channels, tickHz, bodies, size, hasState } = configuration;
  const { ticks, sensedSequences: rows } = shape;
  if (channels.length === 0) return null;
  const shown = contextTicks(ticks);
  const inputs: Record<string, Float32Array> = {
    uniform: drawUniform((ticks + 1) * rows * MODEL_SIZES[size].latents, draw),
    known: new Float32Array((ticks + 1) * rows),
  };
  const sensed = channels.filter(isSensed);
  if (sensed.length > 0) inputs.stateGuessed = new Float32Array(shown * rows * bodies);
  if (sensed.length > 0 && hasState) inputs.guessCounts = new Float32Array(shown * rows * bodies);
  for (const channel of channels) {
    const { name } = channel;
    inputs[name] = new Float32Array(ticks * rows * targetWidth(channel));
    inputs[`${name}/counts`] = new Float32Array(ticks * rows);
    if (!isSensed(channel)) continue;
    inputs[`${name}/shown`] = new Float32Array(shown * rows * channelWidth(channel));
    inputs[`${name}/seen`] = new Float32Array(shown * rows);
    inputs[`${name}/last`] = new Float32Array(ticks * rows * channelWidth(channel));
  }
  const isTraining = draw.side === 'training';
  const noise = isTraining && draw.recipe.contextNoise ? noisePool(draw.seed) : null;

  const writeTargets = (channel: ChannelConfiguration, track: ChannelTrack, place: Place): void => {
    const first = Math.round(place.startS * tickHz);
    const width = targetWidth(channel);
    for (let tick = 1; tick <= ticks && first + tick < track.ticks; tick++) {
      const row = (tick - 1) * rows + place.sequence;
      const at = first + tick;
      inputs[`${channel.name}/counts`]![row] = track.sensed[at]!;
      if (track.sensed[at] === 0) continue;
      if (channel.form === 'reward') writeTwoHot(track.values[at]!, inputs[channel.name]!, row * width);
      else inputs[channel.name]!.set(track.values.subarray(at * width, (at + 1) * width), row * width);
    }
  };

  /** Shows a channel's ticks, and marks at each later tick what was shown last. */
  const show = (
    channel: ChannelConfiguration,
    track: ChannelTrack,
    place: Place,
    random: RandomStream,
  ): void => {
    const first = Math.round(place.startS * tickHz);
    const width = channelWidth(channel);
    let last: Float32Array | null = null;
    for (let tick = 0; tick < ticks; tick++) {
      const at = first + tick;
      if (tick < Math.min(shown, place.context) && at < track.ticks && track.sensed[at] === 1) {
        const row = tick * rows + place.sequence;
        last = track.values.subarray(at * width, (at + 1) * width);
        inputs[`${channel.name}/seen`]![row] = 1;
        inputs.known!.fill(1, row, row + 1);
        copyWithNoise(last, inputs[`${channel.name}/shown`]!, row * width, noise, random);
      }
      if (last !== null) inputs[`${channel.name}/last`]!.set(last, (tick * rows + place.sequence) * width);
    }
  };

  return {
    inputs,
    write(episode: PreparedEpisode, place: Place, random: RandomStream): void {
      for (const channel of channels) {
        const isDropped = isTraining && random.uniform() < DROPPED_SHARE;
        const track = episode.channels.get(channel.name);
        if (track === undefined) continue;
        writeTargets(channel, track, place);
        if (isSensed(channel) && !isDropped) show(channel, track, place, random);
      }
      for (let tick = 1; tick <= ticks; tick++) {
        const row = tick * rows + place.sequence;
        inputs.known![row] = Math.max(inputs.known![row]!, inputs.known![row - rows]!);
      }
      const { stateGuessed, guessCounts } = inputs;
      for (let tick = 0; tick < Math.min(place.context, shown); tick++) {
        const row = (tick * rows + place.sequence) * bodies;
        const isSeen = sensed.some(({ name }) => inputs[`${name}/seen`]![row / bodies] === 1);
        // Where nothing is seen the model goes on from its last guess; at first it has none.
        if (place.isGuessed && (isSeen || tick === 0)) stateGuessed?.fill(1, row, row + bodies);
        // A first tick can be measured in every sequence: no state has been shown before it.
        const isMeasured = isSeen && episode.state !== null && (place.isGuessed || tick === 0);
        if (isMeasured) guessCounts?.fill(1, row, row + bodies);
      }
    },
  };
}

function drawUniform(count: number, { seed, side, step }: Draw): Float32Array {
  const random = randomStream(seed, 'latents', side, step);
  return Float32Array.from({ length: count }, () => LARGEST_UNIFORM * random.uniform());
}

const POOL = 1 << 18;
const pools = new Map<number, Float32Array>();

/** Normal deviates that are drawn once and used from random places on: drawing millions a step would cost more than the step. */
function noisePool(seed: number): Float32Array {
  let pool = pools.get(seed);
  if (pool === undefined) {
    const random = randomStream(seed, 'noise of the senses');
    pool = Float32Array.from({ length: POOL }, () => CONTEXT_NOISE * random.normal());
    pools.clear();
    pools.set(seed, pool);
  }
  return pool;
}

function copyWithNoise(
  from: Float32Array,
  to: Float32Array,
  at: number,
  noise: Float32Array | null,
  random: RandomStream,
): void {
  to.set(from, at);
  if (noise === null) return;
  const offset = random.integer(POOL);
  for (let index = 0; index < from.length; index++) to[at + index]! += noise[(offset + index) & (POOL - 1)]!;
}
