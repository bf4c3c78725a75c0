import { reshape } from '../engine/broadcast.js';
import { add, clip, multiply, sigmoid, silu, subtract, tanh } from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { concat, split } from '../engine/layout.js';
import { linear } from '../engine/matrix.js';
import { type ChannelConfiguration, channelWidth, MODEL_SIZES } from './configuration.js';
import { observePoints, pushPoints } from './contact-points.js';
import {
  type BodyStates,
  moveBodies,
  normaliseQuaternions,
  rotateVectors,
  rotationMatrices,
  type StateChange,
} from './kinematics.js';
import { dense, layer, type Network } from './layers.js';

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
  const wide = silu(dense(network, `encode/${channel.name}/1`, observation, embedding));
  return multiply(dense(network, `encode/${channel.name}/2`, wide, hidden), mask);
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

/** What the network knows at a tick. */
export interface TickInputs {
  /** [batch, hidden] recurrent state. */
  readonly hidden: Tensor;
  /** [batch * bodies, ...] */
  readonly states: BodyStates;
  /** [batch, 1] 1 where the states were observed at this tick, 0 where they are the model's own. */
  readonly observed: Tensor;
  /** [batch, hidden] codes of the other senses at this tick, zero without; null where the model has none. */
  readonly embedding: Tensor | null;
}

/** Predicts the next tick of every body from this one's. */
export function predict(network: Network, inputs: TickInputs): TickPrediction {
  const { configuration, constants } = network;
  const rotation = rotationMatrices(inputs.states.orientation, constants);
  const predictChange = configuration.symmetry === 'plane' ? changeByContact : changeByPose;
  const { next, change, logVariances } = predictChange(network, inputs, rotation);
  return {
    hidden: next,
    states: moveBodies(inputs.states, rotation, change, configuration.tickHz, constants),
    logVariances: clip(subtract(multiply(logVariances, 10), 4), ...LOG_VARIANCE_RANGE),
  };
}

interface TickChange {
  /** [batch, hidden] */
  readonly next: Tensor;
  readonly change: StateChange;
  /** [batch * bodies, 4] before scaling */
  readonly logVariances: Tensor;
}

/** One body above a level floor: pushed at learned points. */
function changeByContact(network: Network, inputs: TickInputs, rotation: Tensor): TickChange {
  const { hidden: width } = MODEL_SIZES[network.configuration.size];
  const { hidden, states } = inputs;
  const points = observePoints(network, states, rotation);
  const input = combine(network, points.summary, inputs);
  const next = recur(network, hidden, input, width);
  const context = concat([next, input], 1);
  const spread = silu(dense(network, 'predict/spread/1', context, width));
  return {
    next,
    change: pushPoints(network, points, context),
    logVariances: dense(network, 'predict/spread/2', spread, 4, 0.1),
  };
}

/** Any number of bodies anywhere: a dense network of their poses and velocities. */
function changeByPose(network: Network, inputs: TickInputs, rotation: Tensor): TickChange {
  const { configuration, batch } = network;
  const { hidden, states } = inputs;
  const { bodies } = configuration;
  const { hidden: width } = MODEL_SIZES[configuration.size];
  const features = reshape(stateFeatures(states, rotation), [batch, -1]);
  const input = combine(network, features, inputs);
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
  return { next, change, logVariances: logVariances! };
}

/** Joins what the state shows with what the other senses tell, [batch, hidden]. */
function combine(network: Network, features: Tensor, { hidden, observed, embedding }: TickInputs): Tensor {
  const shown = dense(network, 'predict/input', concat([features, observed], 1), hidden.shape[1]!);
  return silu(embedding === null ? shown : add(shown, embedding));
}

/**
 * Guesses where the bodies are and how they move from the senses alone, for recordings that lack their state.
 *
 * @param hidden [rows, hidden] what earlier ticks left; @param embedding [rows, hidden] of this tick.
 * @returns states of [rows * bodies, ...].
 */
export function guessStates(network: Network, hidden: Tensor, embedding: Tensor): BodyStates {
  const { bodies, size } = network.configuration;
  const rows = hidden.shape[0]! * bodies;
  const trunk = silu(dense(network, 'guess/1', concat([hidden, embedding], 1), MODEL_SIZES[size].hidden));
  const guess = reshape(dense(network, 'guess/2', trunk, bodies * 13, 0.3), [rows, 13]);
  const [position, turn, linearVelocity, angularVelocity] = split(guess, 1, [3, 4, 3, 3]) as Tensor[];
  const upright = network.graph.constant([1, 0, 0, 0], [1, 4]);
  return {
    position: position!,
    orientation: normaliseQuaternions(add(turn!, upright)),
    linearVelocity: multiply(linearVelocity!, SPEED_MPS),
    angularVelocity: multiply(angularVelocity!, SPIN_RADPS),
  };
}

/** What the network sees of each body, [batch * bodies, features]. */
function stateFeatures(states: BodyStates, rotation: Tensor): Tensor {
  const rows = states.position.shape[0]!;
  return concat(
    [
      multiply(states.position, 1 / LENGTH_M),
      reshape(rotation, [rows, 9]),
      multiply(rotateVectors(rotation, states.linearVelocity, true), 1 / SPEED_MPS),
      multiply(rotateVectors(rotation, states.angularVelocity, true), 1 / SPIN_RADPS),
    ],
    1,
  );
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
