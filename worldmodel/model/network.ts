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
  const { configuration, constants } = network;
  const rotation = rotationMatrices(states.orientation, constants);
  const predictChange = configuration.symmetry === 'plane' ? changeByContact : changeByPose;
  const { next, change, logVariances } = predictChange(network, hidden, states, rotation, embedding);
  return {
    hidden: next,
    states: moveBodies(states, rotation, change, configuration.tickHz, constants),
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
function changeByContact(
  network: Network,
  hidden: Tensor,
  states: BodyStates,
  rotation: Tensor,
  embedding: Tensor | null,
): TickChange {
  const { hidden: width } = MODEL_SIZES[network.configuration.size];
  const points = observePoints(network, states, rotation);
  const sensed = embedding === null ? points.summary : concat([points.summary, embedding], 1);
  const input = silu(dense(network, 'predict/input', sensed, width));
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
function changeByPose(
  network: Network,
  hidden: Tensor,
  states: BodyStates,
  rotation: Tensor,
  embedding: Tensor | null,
): TickChange {
  const { configuration, batch } = network;
  const { bodies } = configuration;
  const { hidden: width } = MODEL_SIZES[configuration.size];
  const features = reshape(stateFeatures(states, rotation), [batch, -1]);
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
  return { next, change, logVariances: logVariances! };
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
