import { reshape, sum } from '../engine/broadcast.js';
import {
  add,
  divide,
  exp,
  multiply,
  negate,
  sqrt,
  square,
  stopGradient,
  subtract,
} from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { concat, slice } from '../engine/layout.js';
import { mean } from '../engine/reduction.js';
import { type ChannelConfiguration, channelWidth, MODEL_SIZES } from './configuration.js';
import { type BodyStates, rotationMatrices, squaredChord } from './kinematics.js';
import type { Network } from './layers.js';
import {
  type ChannelDistribution,
  decode,
  encode,
  guessStates,
  posesOf,
  predict,
  type TickPrediction,
} from './network.js';

/** The inputs of a training step over T ticks, N sequences, B bodies; ticks lead, then sequences, then bodies. */
export const STATE_INPUTS = { position: 3, orientation: 4, linearVelocity: 3, angularVelocity: 3 } as const;

/** How long the sequences are, and how many of them, the first of the batch, carry senses beside the state. */
export interface SequenceExtent {
  readonly ticks: number;
  readonly sensedSequences: number;
}

/** Loss and its parts, all scalars. */
export interface SequenceLoss {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** Errors of this size count as one; larger ones grow linearly, so that chaotic sequences do not rule the gradient. */
const SCALE = { position: 0.05, rotation: 0.5, linearVelocity: 0.5, angularVelocity: 5 } as const;
const WEIGHT = { position: 1, rotation: 1, linearVelocity: 0.5, angularVelocity: 0.5 } as const;
const SPREAD_WEIGHT = 0.05;
const CHANNEL_WEIGHT = 0.2;

/**
 * Unrolls the network over a batch of sequences and measures how far its predictions are off.
 *
 * Inputs of the graph, float32: `position` [(T+1) N B, 3] and so on for each of STATE_INPUTS; `stateSeen` [T N B, 1], 1
 * where the model may use the observed state of that tick (at tick 0 unless it is guessed), 0 where it goes on from its
 * own prediction; `stateCounts` [T N B, 1], 1 where the state of the tick after counts. The first S of the N sequences
 * carry the other senses: per channel `<name>` [(T+1) S, width] scaled, `<name>/sensed` [(T+1) S, 1] and `<name>/seen`
 * [T S, 1]; `stateGuessed` [G S B, 1], G = guessedTicks(T), is 1 where the model must tell the state from the senses.
 *
 * The means are trained on pseudo-Huber errors of every tick, the spreads on the Gaussian likelihood of the errors that
 * the means leave (their gradient does not reach the means).
 */
export function sequenceLoss(network: Network, { ticks, sensedSequences }: SequenceExtent): SequenceLoss {
  const { graph, configuration, batch, constants } = network;
  const rows = batch * configuration.bodies;
  const observed = observedStates(network, ticks);
  const seen = graph.input('stateSeen', [ticks * rows, 1]);
  const counts = graph.input('stateCounts', [ticks * rows, 1]);
  const extent = { ticks, sensedSequences };
  const channels = configuration.channels.map((channel) => channelInputs(network, channel, extent));
  const embeddings = embedTicks(network, channels, extent);
  const guess = guesser(network, embeddings, extent);

  const predictions: TickPrediction[] = [];
  let hidden = graph.constant(new Float32Array(batch * hiddenWidth(network)), [batch, hiddenWidth(network)]);
  let states = tickOf(observed, 0, rows);
  for (let tick = 0; tick < ticks; tick++) {
    const seenNow = slice(seen, 0, tick * rows, (tick + 1) * rows);
    if (tick > 0) states = blend(tickOf(observed, tick, rows), states, seenNow);
    states = guess(tick, hidden, states);
    const seenByBody = reshape(seenNow, [batch, configuration.bodies]);
    const prediction = predict(network, {
      hidden,
      states,
      observed: slice(seenByBody, 1, 0, 1),
      embedding: embeddings?.[tick] ?? null,
    });
    predictions.push(prediction);
    hidden = prediction.hidden;
    states = prediction.states;
  }

  const predicted = stackStates(predictions);
  const target = laterTicks(observed, rows);
  const logVariances = concat(
    predictions.map((prediction) => prediction.logVariances),
    0,
  );
  const errors = squaredErrors(predicted, target, constants);
  const total = add(sum(counts), 1e-6);
  const average = (x: Tensor): Tensor => divide(sum(multiply(x, counts)), total);
  const metrics: Record<string, Tensor> = {};
  const parts: Tensor[] = [];
  for (const [index, { name, squared, dimensions }] of errors.entries()) {
    const scaled = multiply(squared, 1 / (SCALE[name] * SCALE[name]));
    parts.push(multiply(average(subtract(sqrt(add(scaled, 1)), 1)), WEIGHT[name]));
    const logVariance = slice(logVariances, 1, index, index + 1);
    parts.push(multiply(average(negativeLogLikelihood(squared, logVariance, dimensions)), SPREAD_WEIGHT));
    metrics[`${name}Rms`] = sqrt(average(squared));
  }
  for (const { name, loss, meanSquare } of channelErrors(network, predictions, channels, sensedSequences)) {
    parts.push(multiply(loss, CHANNEL_WEIGHT));
    metrics[`${name}Mse`] = meanSquare;
  }
  return { loss: parts.reduce((sumSoFar, part) => add(sumSoFar, part)), metrics };
}

/** No context is longer: later states are never guessed. */
export const LONGEST_CONTEXT = 8;

/** How many ticks of a sequence may have their state guessed from the senses. */
export function guessedTicks(ticks: number): number {
  return Math.min(ticks, LONGEST_CONTEXT);
}

/** Puts guessed states in the place of those that neither a recording nor a prediction can give. */
function guesser(
  network: Network,
  embeddings: readonly Tensor[] | null,
  { ticks, sensedSequences }: SequenceExtent,
): (tick: number, hidden: Tensor, states: BodyStates) => BodyStates {
  if (embeddings === null) return (_tick, _hidden, states) => states;
  const { graph, configuration, batch } = network;
  const rows = sensedSequences * configuration.bodies;
  const all = batch * configuration.bodies;
  const guessed = graph.input('stateGuessed', [guessedTicks(ticks) * rows, 1]);
  return (tick, hidden, states) => {
    if (tick >= guessedTicks(ticks)) return states;
    const embedding = slice(embeddings[tick]!, 0, 0, sensedSequences);
    const guesses = guessStates(network, slice(hidden, 0, 0, sensedSequences), embedding);
    const where = slice(guessed, 0, tick * rows, (tick + 1) * rows);
    const blended = blend(
      guesses,
      mapStates(states, (x) => slice(x, 0, 0, rows)),
      where,
    );
    if (rows === all) return blended;
    return mapStates(blended, (x, name) => concat([x, slice(states[name], 0, rows)], 0));
  };
}

function hiddenWidth({ configuration }: Network): number {
  return MODEL_SIZES[configuration.size].hidden;
}

function observedStates({ graph, configuration, batch }: Network, ticks: number): BodyStates {
  const rows = (ticks + 1) * batch * configuration.bodies;
  const input = (name: keyof typeof STATE_INPUTS): Tensor => graph.input(name, [rows, STATE_INPUTS[name]]);
  return {
    position: input('position'),
    orientation: input('orientation'),
    linearVelocity: input('linearVelocity'),
    angularVelocity: input('angularVelocity'),
  };
}

interface ChannelInputs {
  readonly channel: ChannelConfiguration;
  /** [T S, width] ticks 0 to T - 1 */
  readonly embeddedFrom: Tensor;
  readonly seen: Tensor;
  /** [T S, width] ticks 1 to T */
  readonly target: Tensor;
  readonly counts: Tensor;
}

function channelInputs(
  { graph }: Network,
  channel: ChannelConfiguration,
  { ticks, sensedSequences }: SequenceExtent,
): ChannelInputs {
  const { name } = channel;
  const all = graph.input(name, [(ticks + 1) * sensedSequences, channelWidth(channel)]);
  const sensed = graph.input(`${name}/sensed`, [(ticks + 1) * sensedSequences, 1]);
  return {
    channel,
    embeddedFrom: slice(all, 0, 0, ticks * sensedSequences),
    seen: graph.input(`${name}/seen`, [ticks * sensedSequences, 1]),
    target: slice(all, 0, sensedSequences),
    counts: slice(sensed, 0, sensedSequences),
  };
}

/** What the network sees of the other senses at each tick, [N, hidden]; null where the model has none. */
function embedTicks(
  network: Network,
  channels: readonly ChannelInputs[],
  { ticks, sensedSequences }: SequenceExtent,
): readonly Tensor[] | null {
  if (channels.length === 0) return null;
  const total = channels
    .map(({ channel, embeddedFrom, seen }) => encode(network, channel, embeddedFrom, seen))
    .reduce((sumSoFar, one) => add(sumSoFar, one));
  const width = hiddenWidth(network);
  const unsensed = network.batch - sensedSequences;
  const nothing = network.graph.constant(new Float32Array(unsensed * width), [unsensed, width]);
  return Array.from({ length: ticks }, (_, tick) => {
    const sensed = slice(total, 0, tick * sensedSequences, (tick + 1) * sensedSequences);
    return unsensed === 0 ? sensed : concat([sensed, nothing], 0);
  });
}

function mapStates(states: BodyStates, change: (x: Tensor, name: keyof BodyStates) => Tensor): BodyStates {
  return {
    position: change(states.position, 'position'),
    orientation: change(states.orientation, 'orientation'),
    linearVelocity: change(states.linearVelocity, 'linearVelocity'),
    angularVelocity: change(states.angularVelocity, 'angularVelocity'),
  };
}

function tickOf(states: BodyStates, tick: number, rows: number): BodyStates {
  return mapStates(states, (x) => slice(x, 0, tick * rows, (tick + 1) * rows));
}

function laterTicks(states: BodyStates, rows: number): BodyStates {
  return mapStates(states, (x) => slice(x, 0, rows));
}

/** The first states where `seen` [rows, 1] is 1, the second where it is 0. */
export function blend(observed: BodyStates, predicted: BodyStates, seen: Tensor): BodyStates {
  return mapStates(observed, (x, name) => add(predicted[name], multiply(seen, subtract(x, predicted[name]))));
}

function stackStates(predictions: readonly TickPrediction[]): BodyStates {
  return mapStates(predictions[0]!.states, (_, name) =>
    concat(
      predictions.map(({ states }) => states[name]),
      0,
    ),
  );
}

interface SquaredError {
  readonly name: keyof typeof SCALE;
  /** [T N B, 1] */
  readonly squared: Tensor;
  readonly dimensions: number;
}

/** In the order of the log-variances. */
function squaredErrors(
  a: BodyStates,
  b: BodyStates,
  constants: Network['constants'],
): readonly SquaredError[] {
  const distance = (x: Tensor, y: Tensor): Tensor => sum(square(subtract(x, y)), [1], true);
  const chord = squaredChord(
    rotationMatrices(a.orientation, constants),
    rotationMatrices(b.orientation, constants),
  );
  return [
    { name: 'position', squared: distance(a.position, b.position), dimensions: 3 },
    // |R_a - R_b|^2 is twice the squared angle while that is small.
    { name: 'rotation', squared: multiply(chord, 0.5), dimensions: 3 },
    { name: 'linearVelocity', squared: distance(a.linearVelocity, b.linearVelocity), dimensions: 3 },
    { name: 'angularVelocity', squared: distance(a.angularVelocity, b.angularVelocity), dimensions: 3 },
  ];
}

/** Of a Gaussian of equal variance in every dimension, without the constant, per dimension. */
function negativeLogLikelihood(squared: Tensor, logVariance: Tensor, dimensions: number): Tensor {
  const misfit = multiply(multiply(stopGradient(squared), 1 / dimensions), exp(negate(logVariance)));
  return multiply(add(misfit, logVariance), 0.5);
}

interface ChannelError {
  readonly name: string;
  readonly loss: Tensor;
  readonly meanSquare: Tensor;
}

/** Decodes every channel of the sequences that carry senses, all ticks in one product. */
function channelErrors(
  network: Network,
  predictions: readonly TickPrediction[],
  channels: readonly ChannelInputs[],
  sensedSequences: number,
): readonly ChannelError[] {
  if (channels.length === 0) return [];
  const ofSensed = (x: (prediction: TickPrediction) => Tensor): Tensor =>
    concat(
      predictions.map((prediction) => slice(x(prediction), 0, 0, sensedSequences)),
      0,
    );
  const hiddens = ofSensed((prediction) => prediction.hidden);
  const poses = ofSensed((prediction) => posesOf(network, prediction.states));
  return channels.map(({ channel, target, counts }) => ({
    name: channel.name,
    ...channelError(decode(network, channel, hiddens, poses), target, counts, channel),
  }));
}

function channelError(
  { mean: predicted, logVariance }: ChannelDistribution,
  truth: Tensor,
  sensed: Tensor,
  channel: ChannelConfiguration,
): { readonly loss: Tensor; readonly meanSquare: Tensor } {
  const total = add(sum(sensed), 1e-6);
  const squared = reshape(mean(square(subtract(predicted, truth)), [1], true), [truth.shape[0]!, 1]);
  const average = (x: Tensor): Tensor => divide(sum(multiply(x, sensed)), total);
  const meanSquare = average(squared);
  const width = channelWidth(channel);
  const spread = average(negativeLogLikelihood(multiply(squared, width), logVariance, width));
  return { loss: add(meanSquare, multiply(spread, SPREAD_WEIGHT)), meanSquare };
}
