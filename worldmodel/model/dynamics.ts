import { silu } from '../engine/activation.js';
import { reshape } from '../engine/broadcast.js';
import { add, clip, multiply, straightThrough, subtract } from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { concat, split } from '../engine/layout.js';
import { LOG_VARIANCE_RANGE } from './channels.js';
import { latentWidth, MODEL_SIZES, type StateRange } from './configuration.js';
import { observePoints, pushPoints } from './contact-points.js';
import { CORES } from './cores.js';
import {
  type BodyStates,
  changeInWorld,
  moveBodies,
  normaliseQuaternions,
  rotationMatrices,
  type StateChange,
} from './kinematics.js';
import { dense, ensembleLayers, type Network } from './layers.js';

/** The result of one tick. */
export interface TickPrediction {
  /** [batch, carriedWidth] what the core carries on, and [batch, hidden] what it knows. */
  readonly carried: Tensor;
  readonly features: Tensor;
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

/** What the network knows at a tick. */
export interface TickInputs {
  /** [batch, carriedWidth] */
  readonly carried: Tensor;
  /** [batch * bodies, ...] */
  readonly states: BodyStates;
  /** [batch, 1] 1 where the states were observed at this tick, 0 where they are the model's own. */
  readonly observed: Tensor;
  /** [batch, latents * classes]; null where the model has no sense but the state. */
  readonly latents: Tensor | null;
  /** [batch, hidden] codes of the senses at this tick, zero without; null as `latents`. */
  readonly embedding: Tensor | null;
  /** [batch, action width + 1] what is commanded until the next tick, scaled, and 1 where that is known. */
  readonly action: Tensor | null;
}

/** Predicts the next tick of every body from this one's. */
export function predict(network: Network, inputs: TickInputs): TickPrediction {
  const { configuration, constants } = network;
  const rotation = rotationMatrices(inputs.states.orientation, constants);
  const predictChange = configuration.symmetry === 'plane' ? changeByContact : changeByPose;
  const { core, change, logVariances } = predictChange(network, inputs, rotation);
  const moved = moveBodies(inputs.states, change, configuration.tickHz, constants);
  return {
    ...core,
    states: configuration.hasState ? slowed(moved, configuration.stateRange) : inputs.states,
    logVariances: clip(subtract(multiply(logVariances, 10), 4), ...LOG_VARIANCE_RANGE),
  };
}

/** How much faster than anything in the training data a body may be, along each axis. */
const FASTEST = 1.5;

/**
 * Cuts speeds that nothing in the training data had, so that no state runs away. The gradient passes as if nothing were cut: what was too fast
 * must still learn to be slower.
 */
function slowed(states: BodyStates, { speedMps, spinRadps }: StateRange): BodyStates {
  const limit = (x: Tensor, most: number): Tensor =>
    straightThrough(clip(x, -FASTEST * most, FASTEST * most), x);
  return {
    ...states,
    linearVelocity: limit(states.linearVelocity, speedMps),
    angularVelocity: limit(states.angularVelocity, spinRadps),
  };
}

interface TickChange {
  readonly core: { readonly carried: Tensor; readonly features: Tensor };
  /** World frame. */
  readonly change: StateChange;
  /** [batch * bodies, 4] before scaling */
  readonly logVariances: Tensor;
}

/** One body above a level floor: pushed at learned points. */
function changeByContact(network: Network, inputs: TickInputs, rotation: Tensor): TickChange {
  const { hidden } = MODEL_SIZES[network.configuration.size];
  const points = observePoints(network, inputs.states, rotation);
  const { core, input } = advance(network, inputs, points.summary);
  const context = concat([core.features, input], 1);
  const spread = silu(dense(network, 'predict/spread/1', context, hidden / 2));
  return {
    core,
    change: changeInWorld(pushPoints(network, points, context), rotation),
    logVariances: dense(network, 'predict/spread/2', spread, 4, 0.1),
  };
}

/** Numbers that the core tells each body. */
const TOLD = 32;

/** Any number of bodies anywhere: each from its own pose and velocity and from what the core tells it, all by the same weights. */
function changeByPose(network: Network, inputs: TickInputs, rotation: Tensor): TickChange {
  const { configuration, batch } = network;
  const { bodies } = configuration;
  const { hidden } = MODEL_SIZES[configuration.size];
  const features = stateFeatures(inputs.states, rotation);
  const { core, input } = advance(network, inputs, reshape(features, [batch, -1]));
  const told = reshape(dense(network, 'predict/told', concat([core.features, input], 1), bodies * TOLD), [
    batch * bodies,
    TOLD,
  ]);
  const trunk = silu(dense(network, 'predict/trunk', concat([features, told], 1), hidden));
  const changes = ensembleLayers(network, 'predict/change', trunk, batch, {
    width: hidden / 2,
    outputs: 12,
    scale: 0.1,
  });
  const [linearVelocity, angularVelocity, position, turn] = split(changes, 1, 4);
  return {
    core,
    change: {
      linearVelocity: multiply(linearVelocity!, SPEED_MPS),
      angularVelocity: multiply(angularVelocity!, SPIN_RADPS),
      position: multiply(position!, SHIFT_M),
      rotation: multiply(turn!, TURN_RAD),
    },
    logVariances: dense(network, 'predict/spread', trunk, 4, 0.1),
  };
}

/** Lets the core take in what the state shows and what the other senses tell. */
function advance(network: Network, inputs: TickInputs, features: Tensor) {
  const { size, core } = network.configuration;
  const { carried, observed, latents, embedding, action } = inputs;
  const told = [features, observed, latents, action].filter((part) => part !== null);
  const shown = dense(network, 'predict/input', concat(told, 1), MODEL_SIZES[size].hidden);
  const input = silu(embedding === null ? shown : add(shown, embedding));
  return { core: CORES[core].step(network, carried, input, action), input };
}

/** What stands for a core that has seen nothing yet: zeros, [rows, carriedWidth] and [rows, hidden]. */
export function emptyCore({ graph, configuration }: Network, rows: number) {
  const zeros = (width: number): Tensor => graph.constant(new Float32Array(rows * width), [rows, width]);
  return {
    carried: zeros(CORES[configuration.core].carriedWidth(configuration)),
    features: zeros(MODEL_SIZES[configuration.size].hidden),
  };
}

/** Zeros in the place of latents, [rows, latents * classes], for sequences in which nothing is sensed but the state. */
export function noLatents({ graph, configuration }: Network, rows: number): Tensor {
  const width = latentWidth(configuration);
  return graph.constant(new Float32Array(rows * width), [rows, width]);
}

/**
 * Guesses where the bodies are and how they move from the senses alone, for recordings that lack their state.
 *
 * @param features [rows, hidden] what earlier ticks left; @param embedding [rows, hidden] of this tick.
 * @returns states of [rows * bodies, ...].
 */
export function guessStates(network: Network, features: Tensor, embedding: Tensor): BodyStates {
  const { bodies, size } = network.configuration;
  const rows = features.shape[0]! * bodies;
  const trunk = silu(dense(network, 'guess/1', concat([features, embedding], 1), MODEL_SIZES[size].hidden));
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
      multiply(states.linearVelocity, 1 / SPEED_MPS),
      multiply(states.angularVelocity, 1 / SPIN_RADPS),
    ],
    1,
  );
}

/** Positions (in 0.1 m) and orientations side by side, [rows, bodies * 7]: what decoders see of the bodies. */
export function posesOf(
  { configuration }: Network,
  states: Pick<BodyStates, 'position' | 'orientation'>,
): Tensor {
  const poses = concat([multiply(states.position, 1 / LENGTH_M), states.orientation], 1);
  return reshape(poses, [-1, configuration.bodies * 7]);
}
