import { randomStream } from '../../core/random.js';
import { reshape } from '../engine/broadcast.js';
import { add, clip, multiply, sigmoid, silu, subtract, tanh } from '../engine/elementwise.js';
import type { Graph, Tensor } from '../engine/graph.js';
import { concat, slice, split } from '../engine/layout.js';
import { linear } from '../engine/matrix.js';
import {
  type ChannelConfiguration,
  channelWidth,
  MODEL_SIZES,
  type ModelConfiguration,
} from './configuration.js';
import {
  type BodyStates,
  type KinematicConstants,
  kinematicConstants,
  moveBodies,
  rotateVectors,
  rotationMatrices,
  verticalInBody,
} from './kinematics.js';

/** A network in a graph: its parameters are created on first use, by name, from a seed. */
export interface Network {
  readonly graph: Graph;
  readonly configuration: ModelConfiguration;
  /** Sequences side by side. */
  readonly batch: number;
  readonly constants: KinematicConstants;
  readonly seed: number;
}

/** One dense layer's parameters. */
interface Layer {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** Begins a network for `batch` sequences. */
export function createNetwork(
  graph: Graph,
  configuration: ModelConfiguration,
  batch: number,
  seed: number,
): Network {
  const constants = kinematicConstants(graph, batch * configuration.bodies, configuration.tickHz);
  return { graph, configuration, batch, constants, seed };
}

/** Weights are uniform with variance scale^2 / inputs, biases zero. */
function layer({ graph, seed }: Network, name: string, inputs: number, outputs: number, scale = 1): Layer {
  const initial = (): Float32Array => {
    const stream = randomStream(seed, 'weights', name);
    const bound = scale * Math.sqrt(3 / inputs);
    return Float32Array.from({ length: inputs * outputs }, () => (2 * stream.uniform() - 1) * bound);
  };
  return {
    weight: graph.parameter(`${name}/weight`, [inputs, outputs], initial),
    bias: graph.parameter(`${name}/bias`, [outputs], () => new Float32Array(outputs)),
  };
}

function dense(network: Network, name: string, x: Tensor, outputs: number, scale = 1): Tensor {
  const { weight, bias } = layer(network, name, x.shape.at(-1)!, outputs, scale);
  return linear(x, weight, bias);
}

/**
 * Encodes what a channel sensed.
 *
 * @param observation [rows, width], scaled.
 * @param mask [rows, 1]: 1 where it was sensed, 0 where not.
 * @returns [rows, embedding], zero where it was not sensed.
 */
export function encode(
  network: Network,
  channel: ChannelConfiguration,
  observation: Tensor,
  mask: Tensor,
): Tensor {
  const { embedding } = MODEL_SIZES[network.configuration.size];
  const hidden = silu(dense(network, `encode/${channel.name}/1`, observation, embedding));
  return multiply(dense(network, `encode/${channel.name}/2`, hidden, embedding), mask);
}

/** The result of one tick. */
export interface TickPrediction {
  /** [batch, hidden] */
  readonly hidden: Tensor;
  readonly states: BodyStates;
  /** [batch * bodies, 4] log-variances: position (m2 an axis), rotation (rad2), linear and angular velocity. */
  readonly logVariances: Tensor;
}

/** Scales that bring inputs and outputs of the network near one. */
const LENGTH_M = 0.1;
const SPEED_MPS = 1;
const SPIN_RADPS = 10;
const SHIFT_M = 0.01;
const TURN_RAD = 0.2;

/** Predicted deviations stay between exp(-6) and exp(2) of these scales. */
const LOG_VARIANCE_RANGE = [-12, 4] as const;

/**
 * Predicts the next tick of every body from this one's.
 *
 * @param hidden [batch, hidden] recurrent state.
 * @param states [batch * bodies, ...] at this tick.
 * @param embedding [batch, embedding] of the other senses at this tick; null where the model has none.
 */
export function predict(
  network: Network,
  hidden: Tensor,
  states: BodyStates,
  embedding: Tensor | null,
): TickPrediction {
  const { configuration, batch, constants } = network;
  const { bodies, tickHz } = configuration;
  const width = MODEL_SIZES[configuration.size].hidden;
  const rotation = rotationMatrices(states.orientation, constants);
  const features = reshape(stateFeatures(states, rotation, configuration.symmetry), [batch, -1]);
  const sensed = embedding === null ? features : concat([features, embedding], 1);
  const input = silu(dense(network, 'predict/input', sensed, width));
  const next = recur(network, hidden, input, width);
  const trunk = silu(dense(network, 'predict/trunk', concat([next, input], 1), width));
  const outputs = reshape(dense(network, 'predict/change', trunk, bodies * 16, 0.1), [batch * bodies, 16]);
  const [linearVelocity, angularVelocity, position, turn, logVariances] = split(outputs, 1, [3, 3, 3, 3, 4]);
  const change = {
    linearVelocity: multiply(linearVelocity!, SPEED_MPS),
    angularVelocity: multiply(angularVelocity!, SPIN_RADPS),
    position: multiply(position!, SHIFT_M),
    rotation: multiply(turn!, TURN_RAD),
  };
  return {
    hidden: next,
    states: moveBodies(states, rotation, change, tickHz, constants),
    logVariances: clip(subtract(multiply(logVariances!, 10), 4), ...LOG_VARIANCE_RANGE),
  };
}

/** What the network sees of each body, [batch * bodies, features]. */
function stateFeatures(
  states: BodyStates,
  rotation: Tensor,
  symmetry: ModelConfiguration['symmetry'],
): Tensor {
  const rows = states.position.shape[0]!;
  const invariant = [
    multiply(slice(states.position, 1, 2, 3), 1 / LENGTH_M),
    verticalInBody(rotation),
    multiply(rotateVectors(rotation, states.linearVelocity, true), 1 / SPEED_MPS),
    multiply(rotateVectors(rotation, states.angularVelocity, true), 1 / SPIN_RADPS),
  ];
  if (symmetry === 'plane') return concat(invariant, 1);
  return concat([...invariant, multiply(states.position, 1 / LENGTH_M), reshape(rotation, [rows, 9])], 1);
}

/** A gated recurrent unit whose reset gate acts on the candidate (as DreamerV3's), with its update gate biased to keep. */
function recur(network: Network, hidden: Tensor, input: Tensor, width: number): Tensor {
  const fromInput = dense(network, 'recur/input', input, 3 * width);
  const { weight } = layer(network, 'recur/hidden', width, 3 * width);
  const [reset, candidate, update] = split(linear(hidden, weight, fromInput), 1, 3);
  const gate = sigmoid(subtract(update!, 1));
  const proposal = tanh(multiply(sigmoid(reset!), candidate!));
  return add(hidden, multiply(gate, subtract(proposal, hidden)));
}

/** A channel's predicted distribution, scaled. */
export interface ChannelDistribution {
  /** [rows, width] */
  readonly mean: Tensor;
  /** [rows, 1], the same for all components */
  readonly logVariance: Tensor;
}

/**
 * Predicts what a channel senses, from the recurrent state and where the bodies are.
 *
 * @param hidden [rows, hidden], rows being ticks x batch.
 * @param poses [rows, bodies * 7] positions and orientations.
 */
export function decode(
  network: Network,
  channel: ChannelConfiguration,
  hidden: Tensor,
  poses: Tensor,
): ChannelDistribution {
  const { embedding } = MODEL_SIZES[network.configuration.size];
  const trunk = silu(dense(network, `decode/${channel.name}/1`, concat([hidden, poses], 1), embedding));
  const mean = dense(network, `decode/${channel.name}/mean`, trunk, channelWidth(channel));
  const logVariance = clip(
    dense(network, `decode/${channel.name}/spread`, trunk, 1, 0.1),
    ...LOG_VARIANCE_RANGE,
  );
  return { mean, logVariance };
}

/** Positions (in 0.1 m) and orientations side by side, [batch, bodies * 7]: what decoders see of the bodies. */
export function posesOf({ batch }: Network, states: BodyStates): Tensor {
  return reshape(concat([multiply(states.position, 1 / LENGTH_M), states.orientation], 1), [batch, -1]);
}
