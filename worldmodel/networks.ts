import { add, maximum, multiply } from './engine/elementwise.js';
import { createGraph, type Tensor } from './engine/graph.js';
import { toOnnx } from './engine/onnx.js';
import type { TrainingState } from './engine/training.js';
import { type DecoderInputs, decode, encode } from './model/channels.js';
import {
  channelWidth,
  isSensed,
  latentWidth,
  MODEL_SIZES,
  type ModelConfiguration,
} from './model/configuration.js';
import { CORES } from './model/cores.js';
import { guessStates, posesOf, predict } from './model/dynamics.js';
import type { BodyStates } from './model/kinematics.js';
import { drawLatents, expectLatents, inferLatents, meanLatents, prepareEvidence } from './model/latents.js';
import { createNetwork, mix, type Network } from './model/layers.js';
import { blend, STATE_INPUTS } from './model/sequence.js';

/** How a network is unrolled, one tick at a time. */
export interface TickOptions {
  /** Sequences side by side; with `drawn` latents a multiple of the ensemble. */
  readonly batch: number;
  /** `expected`: the mean of the latent state and of the ensemble. `drawn`: latents from `uniform`, a head a sequence. */
  readonly latents: 'expected' | 'drawn';
}

type Outputs = Record<string, Tensor>;

/**
 * Builds the network of one tick as an ONNX file: encoder, dynamics and decoder in one.
 *
 * Inputs, B sequences: what is carried (`carried`, `features`, `latents`, all [B, ...], zeros at first), the state `position`
 * [B bodies, 3] and so on, `observed` [B, 1] (1 where that state was observed, 0 where it is the model's own); per sensed
 * channel `<name>` [B, width] scaled, `<name>/seen` [B, 1] and `<name>/last` [B, width], the last observation up to now; with any,
 * `known` [B, 1] (1 once anything has been sensed, this tick included) and `guessed` [B bodies, 1] (1 where the state must be told from the senses); with
 * actions `action` [B, width + 1]; with drawn latents `uniform` and `uniform/next` [B latents, 1]. Outputs, one tick
 * later: `carried/next`, `features/next`, `latents/next`, `<state>/next`, `logVariances` [B bodies, 4], and per channel `<name>/mean` and `<name>/logVariance`.
 */
export function tickNetwork(
  configuration: ModelConfiguration,
  weights: TrainingState,
  options: TickOptions,
): Uint8Array {
  const network = openNetwork(configuration, options);
  const sensed = encoder(network);
  const { outputs, next } = dynamicsOf(network, options, sensed);
  const decoded = next === null ? {} : decoder(network, next);
  return toOnnx({ ...outputs, ...decoded }, { values: weights });
}

/** The three parts of a model, for use elsewhere: chained, they are one tick of `tickNetwork` with expected latents. */
export interface ExportedNetworks {
  /** null where the model has no sense but the state. */
  readonly encoder: Uint8Array | null;
  readonly dynamics: Uint8Array;
  /** null where the model predicts nothing but the state. */
  readonly decoder: Uint8Array | null;
}

/**
 * Builds encoder, dynamics and decoder as ONNX files for one sequence. The encoder's outputs `embedding` and `sensed`, and the
 * dynamics' `features/next`, `latents/next`, `position/next` and `orientation/next` are inputs of what follows, under those
 * names (without `/next` in the decoder).
 */
export function exportNetworks(configuration: ModelConfiguration, weights: TrainingState): ExportedNetworks {
  const options: TickOptions = { batch: 1, latents: 'expected' };
  const write = (outputs: Outputs): Uint8Array => toOnnx(outputs, { values: weights });
  const hasSenses = configuration.channels.some(isSensed);
  const { hidden } = MODEL_SIZES[configuration.size];
  const forDynamics = openNetwork(configuration, options);
  const sensed = hasSenses
    ? {
        embedding: forDynamics.graph.input('embedding', [1, hidden]),
        sensed: forDynamics.graph.input('sensed', [1, 1]),
      }
    : null;
  const forDecoder = openNetwork(configuration, options);
  const { channels } = configuration;
  return {
    encoder: hasSenses ? write({ ...encoder(openNetwork(configuration, options))! }) : null,
    dynamics: write(dynamicsOf(forDynamics, options, sensed).outputs),
    decoder: channels.length === 0 ? null : write(decoder(forDecoder, decoderInputs(forDecoder))),
  };
}

function openNetwork(configuration: ModelConfiguration, { batch, latents }: TickOptions): Network {
  return createNetwork(createGraph(), configuration, batch, 0, latents === 'drawn' ? 'shared' : 'averaged');
}

/** What the senses tell at a tick: the sum of their codes, and 1 where there was any. */
interface Sensed {
  readonly embedding: Tensor;
  readonly sensed: Tensor;
}

function encoder(network: Network): Sensed | null {
  const { graph, configuration, batch } = network;
  let all: Sensed | null = null;
  for (const channel of configuration.channels.filter(isSensed)) {
    const seen = graph.input(`${channel.name}/seen`, [batch, 1]);
    const code = encode(network, channel, graph.input(channel.name, [batch, channelWidth(channel)]), seen);
    all =
      all === null
        ? { embedding: code, sensed: seen }
        : { embedding: add(all.embedding, code), sensed: maximum(all.sensed, seen) };
  }
  return all;
}

function dynamicsOf(
  network: Network,
  options: TickOptions,
  sensed: Sensed | null,
): { readonly outputs: Outputs; readonly next: DecoderInputs | null } {
  const { graph, configuration, batch } = network;
  const { size, core, action, channels } = configuration;
  const { hidden, latents: variables } = MODEL_SIZES[size];
  const carried = graph.input('carried', [batch, CORES[core].carriedWidth(configuration)]);
  const given = stateInputs(network);
  const hasLatents = channels.length > 0;
  const features = hasLatents ? graph.input('features', [batch, hidden]) : null;
  const uniform = (name: string): Tensor => graph.input(name, [batch * variables, 1]);
  const choose = (probabilities: Tensor, name: string): Tensor =>
    options.latents === 'drawn'
      ? drawLatents(network, probabilities, uniform(name))
      : meanLatents(network, probabilities);
  let latents = hasLatents ? graph.input('latents', [batch, latentWidth(configuration)]) : null;
  let states = given;
  if (sensed !== null && latents !== null) {
    const inferred = inferLatents(network, features!, prepareEvidence(network, sensed.embedding));
    latents = mix(latents, choose(inferred, 'uniform'), sensed.sensed);
    const guesses = guessStates(network, features!, sensed.embedding);
    states = blend(guesses, given, graph.input('guessed', [batch * configuration.bodies, 1]));
  }
  const prediction = predict(network, {
    carried,
    states,
    observed: graph.input('observed', [batch, 1]),
    latents,
    embedding: sensed?.embedding ?? null,
    action: action === null ? null : graph.input('action', [batch, action.width + 1]),
  });
  const outputs: Outputs = { 'carried/next': prediction.carried, logVariances: prediction.logVariances };
  for (const name of STATE_NAMES) outputs[`${name}/next`] = prediction.states[name];
  if (!hasLatents) return { outputs, next: null };
  const expected = choose(expectLatents(network, prediction.features), 'uniform/next');
  const next: DecoderInputs = {
    features: prediction.features,
    latents: multiply(expected, graph.input('known', [batch, 1])),
    poses: posesOf(network, prediction.states),
  };
  outputs['features/next'] = next.features;
  outputs['latents/next'] = next.latents;
  return { outputs, next };
}

/** What each channel is expected to sense. */
function decoder(network: Network, inputs: DecoderInputs): Outputs {
  const { graph, configuration, batch } = network;
  const outputs: Outputs = {};
  for (const channel of configuration.channels) {
    const last = isSensed(channel)
      ? graph.input(`${channel.name}/last`, [batch, channelWidth(channel)])
      : null;
    const { mean, logVariance } = decode(network, channel, inputs, last);
    outputs[`${channel.name}/mean`] = mean;
    if (logVariance !== null) outputs[`${channel.name}/logVariance`] = logVariance;
  }
  return outputs;
}

const STATE_NAMES = Object.keys(STATE_INPUTS) as (keyof typeof STATE_INPUTS)[];

function stateInputs({ graph, configuration, batch }: Network): BodyStates {
  const rows = batch * configuration.bodies;
  const input = (name: keyof typeof STATE_INPUTS): Tensor => graph.input(name, [rows, STATE_INPUTS[name]]);
  return {
    position: input('position'),
    orientation: input('orientation'),
    linearVelocity: input('linearVelocity'),
    angularVelocity: input('angularVelocity'),
  };
}

/** The decoder's inputs when it stands alone. */
function decoderInputs(network: Network): DecoderInputs {
  const { graph, configuration, batch } = network;
  const rows = batch * configuration.bodies;
  const position = graph.input('position', [rows, 3]);
  const orientation = graph.input('orientation', [rows, 4]);
  return {
    features: graph.input('features', [batch, MODEL_SIZES[configuration.size].hidden]),
    latents: graph.input('latents', [batch, latentWidth(configuration)]),
    poses: posesOf(network, { position, orientation }),
  };
}
