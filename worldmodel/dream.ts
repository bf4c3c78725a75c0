import { UmweltError } from '../core/errors.js';
import { randomStream } from '../core/random.js';
import { confine, energyLimits } from './confine.js';
import type { Dream, ObservedState, TickExpectation, TickObservation } from './contract.js';
import type { TensorData } from './engine/graph.js';
import type { Session } from './engine/session.js';
import { spreadOf } from './model/channels.js';
import {
  type ChannelConfiguration,
  channelWidth,
  isSensed,
  latentWidth,
  MODEL_SIZES,
  type ModelConfiguration,
  type ModelSizeName,
} from './model/configuration.js';
import { CORES } from './model/cores.js';
import { rewardOf } from './model/reward.js';
import { STATE_INPUTS } from './model/sequence.js';
import { toPatches, toRows } from './observation/picture.js';
import { scatterStates } from './observation/state-noise.js';

/** A share of its range by which a channel's mean may leave what the looked-at training data held: a harder blow may come. */
const RANGE_MARGIN = 0.5;
const LARGEST_UNIFORM = 0.9999;

type StateName = keyof typeof STATE_INPUTS;
const STATE_NAMES = Object.keys(STATE_INPUTS) as StateName[];

/**
 * Begins to unroll a network tick by tick.
 *
 * @param session of `tickNetwork` for as many sequences as `samples`, with drawn latents where that is more than one.
 */
export function createDream(
  session: Session,
  configuration: ModelConfiguration,
  { samples, seed }: { readonly samples: number; readonly seed: number },
): Dream {
  const { size, core, bodies, hasState, channels, action, stateRange } = configuration;
  const { hidden, latents } = MODEL_SIZES[size];
  const sensed = channels.filter(isSensed);
  const random = randomStream(seed, 'dream');
  const names = new Set(session.inputs.map(({ name }) => name));
  let carried: Float32Array = new Float32Array(samples * CORES[core].carriedWidth(configuration));
  let features: Float32Array = new Float32Array(samples * hidden);
  let latent: Float32Array = new Float32Array(samples * latentWidth(configuration));
  let state = emptyState(samples * bodies);
  let limits: Float64Array | null = null;
  let isFirst = true;
  let isKnown = false;
  let wasObserved = false;
  const last = new Map<string, Float32Array>(
    sensed.map((channel) => [channel.name, new Float32Array(samples * channelWidth(channel))]),
  );
  const uniform = (): Float32Array =>
    Float32Array.from({ length: samples * latents }, () => LARGEST_UNIFORM * random.uniform());
  const constant = (rows: number, value: number): Float32Array => new Float32Array(rows).fill(value);

  const sense = (observation: TickObservation | null): Record<string, Float32Array> => {
    const inputs: Record<string, Float32Array> = {};
    for (const channel of sensed) {
      const width = channelWidth(channel);
      const values = observation?.channels?.[channel.name];
      const given =
        values === undefined ? new Float32Array(samples * width) : scaled(channel, size, values, samples);
      if (values !== undefined) {
        last.set(channel.name, given);
        isKnown = true;
      }
      inputs[channel.name] = given;
      inputs[`${channel.name}/seen`] = constant(samples, values === undefined ? 0 : 1);
      inputs[`${channel.name}/last`] = last.get(channel.name)!;
    }
    return inputs;
  };

  return {
    async step(observation, commanded = null) {
      const senses = sense(observation);
      const isObserved = observation?.state !== undefined;
      if (isObserved) {
        state = repeated(observation.state!, samples, bodies);
        // What was observed is known to within the noise that training adds: where that grows, samples part.
        if (samples > 1) scatterStates(state, 0, samples * bodies, random);
        limits = action === null ? energyLimits(state, bodies) : null;
        wasObserved = true;
      }
      const isSeen = sensed.some(({ name }) => senses[`${name}/seen`]![0] === 1);
      const isGuessed = hasState && !wasObserved && (isSeen || isFirst);
      isFirst = false;
      const given: Record<string, TensorData> = {
        carried,
        features,
        latents: latent,
        ...state,
        ...senses,
        observed: constant(samples, isObserved ? 1 : 0),
        guessed: constant(samples * bodies, isGuessed ? 1 : 0),
        known: constant(samples, isKnown ? 1 : 0),
        ...(action === null ? {} : { action: scaledAction(action, commanded, samples) }),
        ...(samples === 1 ? {} : { uniform: uniform(), 'uniform/next': uniform() }),
      };
      for (const name of Object.keys(given)) if (!names.has(name)) delete given[name];
      const outputs = (await session.run(given)) as Record<string, Float32Array>;
      carried = outputs['carried/next']!;
      features = outputs['features/next'] ?? features;
      latent = outputs['latents/next'] ?? latent;
      state = Object.fromEntries(
        STATE_NAMES.map((name) => [name, outputs[`${name}/next`]!]),
      ) as unknown as ReturnType<typeof emptyState>;
      if (hasState) confine(state, stateRange, limits);
      return expectation(outputs, state, configuration, samples);
    },
  };
}

function emptyState(rows: number): ObservedState {
  const orientation = new Float32Array(rows * 4);
  for (let row = 0; row < rows; row++) orientation[row * 4] = 1;
  const zeros = (): Float32Array => new Float32Array(rows * 3);
  return { position: zeros(), orientation, linearVelocity: zeros(), angularVelocity: zeros() };
}

function repeated(state: ObservedState, samples: number, bodies: number): ObservedState {
  const repeat = (name: StateName): Float32Array => {
    const values = state[name];
    const expected = bodies * STATE_INPUTS[name];
    if (values.length !== expected) throw wrongLength(`state.${name}`, expected, values.length);
    const all = new Float32Array(samples * expected);
    for (let sample = 0; sample < samples; sample++) all.set(values, sample * expected);
    return all;
  };
  return {
    position: repeat('position'),
    orientation: repeat('orientation'),
    linearVelocity: repeat('linearVelocity'),
    angularVelocity: repeat('angularVelocity'),
  };
}

function scaled(
  channel: ChannelConfiguration,
  size: ModelSizeName,
  values: Float32Array,
  samples: number,
): Float32Array {
  const { mean, deviation, name, form, shape } = channel;
  const width = channelWidth(channel);
  if (values.length !== width) throw wrongLength(`channel "${name}"`, width, values.length);
  const ordered = form === 'picture' ? toPatches(values, shape[0]!, MODEL_SIZES[size].patch) : values;
  return Float32Array.from({ length: samples * width }, (_, index) => {
    const component = (index % width) % mean.length;
    return (ordered[index % width]! - mean[component]!) / deviation[component]!;
  });
}

function scaledAction(
  { width, mean, deviation, name }: NonNullable<ModelConfiguration['action']>,
  commanded: ArrayLike<number> | null,
  samples: number,
): Float32Array {
  const row = new Float32Array(width + 1);
  if (commanded !== null) {
    if (commanded.length !== width) throw wrongLength(`action "${name}"`, width, commanded.length);
    for (let index = 0; index < width; index++)
      row[index] = (commanded[index]! - mean[index]!) / deviation[index]!;
    row[width] = 1;
  }
  const all = new Float32Array(samples * (width + 1));
  for (let sample = 0; sample < samples; sample++) all.set(row, sample * (width + 1));
  return all;
}

function expectation(
  outputs: Readonly<Record<string, Float32Array>>,
  state: ObservedState,
  configuration: ModelConfiguration,
  samples: number,
): TickExpectation {
  const channels: Record<string, { mean: Float32Array; variance: Float32Array }> = {};
  for (const channel of configuration.channels)
    channels[channel.name] = channelExpectation(outputs, channel, configuration, samples);
  return {
    state: {
      position: state.position.slice(),
      orientation: state.orientation.slice(),
      linearVelocity: state.linearVelocity.slice(),
      angularVelocity: state.angularVelocity.slice(),
    },
    stateVariances: outputs.logVariances!.map((value) => Math.exp(value)),
    channels,
  };
}

/** A channel's mean and variance in its own units, [samples, width]. */
function channelExpectation(
  outputs: Readonly<Record<string, Float32Array>>,
  channel: ChannelConfiguration,
  { size }: ModelConfiguration,
  samples: number,
): { mean: Float32Array; variance: Float32Array } {
  const given = outputs[`${channel.name}/mean`]!;
  if (channel.form === 'reward' || channel.form === 'end') return taskExpectation(channel, given, samples);
  const width = channelWidth(channel);
  const logVariance = outputs[`${channel.name}/logVariance`]!;
  const spreads = logVariance.length / samples;
  const variances = logVariance.map((value) => Math.exp(value));
  const { patch } = MODEL_SIZES[size];
  const which = spreadOf(channel, patch);
  const [low, high] = channel.range;
  const margin = channel.form === 'picture' ? 0 : RANGE_MARGIN * (high - low);
  const mean = new Float32Array(given.length);
  const variance = new Float32Array(given.length);
  for (let index = 0; index < given.length; index++) {
    const component = index % width;
    const scale = channel.deviation[component % channel.deviation.length]!;
    const value = channel.mean[component % channel.mean.length]! + scale * given[index]!;
    mean[index] = Math.min(Math.max(value, low - margin), high + margin);
    const sample = Math.floor(index / width);
    variance[index] = scale * scale * variances[sample * spreads + which(component)]!;
  }
  if (channel.form !== 'picture') return { mean, variance };
  const inRows = (values: Float32Array): Float32Array => toRows(values, channel.shape[0]!, patch);
  return { mean: inRows(mean), variance: inRows(variance) };
}

function taskExpectation(
  { form }: ChannelConfiguration,
  logits: Float32Array,
  samples: number,
): { mean: Float32Array; variance: Float32Array } {
  const mean = new Float32Array(samples);
  const variance = new Float32Array(samples);
  const width = logits.length / samples;
  for (let sample = 0; sample < samples; sample++) {
    const own = logits.subarray(sample * width, (sample + 1) * width);
    if (form === 'reward') {
      const reward = rewardOf(own);
      mean[sample] = reward.mean;
      variance[sample] = reward.deviation ** 2;
    } else {
      mean[sample] = 1 / (1 + Math.exp(-own[0]!));
      variance[sample] = mean[sample]! * (1 - mean[sample]!);
    }
  }
  return { mean, variance };
}

function wrongLength(what: string, expected: number, actual: number): UmweltError {
  return new UmweltError(
    'shape-mismatch',
    { what, expected, actual },
    `${what}: expected ${expected} numbers a tick, got ${actual}; give what the model's configuration lists`,
  );
}
