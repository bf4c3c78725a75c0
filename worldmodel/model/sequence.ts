import { reshape } from '../engine/broadcast.js';
import { add, multiply, stopGradient, subtract } from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { concat, slice } from '../engine/layout.js';
import { matmul } from '../engine/matrix.js';
import { mean } from '../engine/reduction.js';
import { decode, encode } from './channels.js';
import { type ChannelConfiguration, channelWidth, isSensed, MODEL_SIZES } from './configuration.js';
import { emptyCore, guessStates, noLatents, posesOf, predict, type TickPrediction } from './dynamics.js';
import type { BodyStates } from './kinematics.js';
import { drawLatents, expectLatents, inferLatents, latentDivergence, prepareEvidence } from './latents.js';
import { mix, type Network } from './layers.js';
import { channelLoss, guessLoss, type PartialLoss, stateLoss } from './losses.js';
import { REWARD_BINS } from './reward.js';

/** The inputs of a training step over T ticks, N sequences, B bodies; ticks lead, then sequences, then bodies. */
export const STATE_INPUTS = { position: 3, orientation: 4, linearVelocity: 3, angularVelocity: 3 } as const;

/** What the names of the states that are shown end with. */
export const SHOWN = '/shown';

/** How long the sequences are, and how many of them, the first of the batch, carry senses beside the state. */
export interface SequenceExtent {
  readonly ticks: number;
  readonly sensedSequences: number;
}

/** No context is longer: later ticks are never inferred from senses. */
export const LONGEST_CONTEXT = 8;

/** How many ticks of a sequence may be shown. */
export function contextTicks(ticks: number): number {
  return Math.min(ticks, LONGEST_CONTEXT);
}

/** Numbers that a channel's target has a row. */
export function targetWidth(channel: ChannelConfiguration): number {
  return channel.form === 'reward' ? REWARD_BINS.length : channelWidth(channel);
}

const CHANNEL_WEIGHT = 0.2;
/** What moves is a small part of a picture. */
const PICTURE_WEIGHT = 0.6;
const DIVERGENCE_WEIGHT = 0.01;
const GUESS_WEIGHT = 0.3;

/**
 * Unrolls the network over a batch of sequences and measures how far its predictions are off.
 *
 * Inputs of the graph, float32: `position` [(T+1) N B, 3] and so on for each of STATE_INPUTS, the true states; `position/shown`
 * [C N B, 3] and so on, what the model is shown of the ticks 0 to C - 1, C = contextTicks(T); `stateSeen` [C N B, 1], 1
 * where the model may use the state shown of that tick (at tick 0 unless it is guessed), 0 where it goes on from its
 * own prediction, as it does from tick C on; `stateCounts` [T N B, 1], 1 where the state of the tick after counts; with actions `action` [T N, width + 1].
 *
 * The first S of the N sequences carry the other senses. Per channel: `<name>` [T S, target width] what is to be predicted at
 * ticks 1 to T and `<name>/counts` [T S, 1]; where the channel is sensed also `<name>/shown` [C S, width] and `<name>/seen`
 * [C S, 1] of the ticks 0 to C - 1, and `<name>/last` [T S, width] the last shown before each target.
 * With any channel: `uniform` [(T+1) S latents, 1] to draw latents, `known` [(T+1) S, 1], 1 from the first sensed tick on,
 * and, with any sensed one, `stateGuessed` [C S B, 1], 1 where the model must tell the state from the senses, and, with a state,
 * `guessCounts` [C S B, 1], 1 where it is measured how well it would.
 */
export function sequenceLoss(network: Network, extent: SequenceExtent): PartialLoss {
  const { graph, configuration, batch } = network;
  const rows = batch * configuration.bodies;
  const { ticks } = extent;
  const shownTicks = contextTicks(ticks);
  const truth = stateInputs(network, ticks + 1, '');
  const shown = stateInputs(network, shownTicks, SHOWN);
  const seen = graph.input('stateSeen', [shownTicks * rows, 1]);
  const unseen = graph.constant(0, [rows, 1]);
  const counts = graph.input('stateCounts', [ticks * rows, 1]);
  const action = actionInput(network, ticks);
  const senses = configuration.channels.length === 0 ? null : openSenses(network, extent);

  const predictions: TickPrediction[] = [];
  let { carried, features } = emptyCore(network, batch);
  let states = tickOf(shown, 0, rows);
  for (let tick = 0; tick < ticks; tick++) {
    const seenNow = tick < shownTicks ? slice(seen, 0, tick * rows, (tick + 1) * rows) : unseen;
    if (tick > 0 && tick < shownTicks) states = blend(tickOf(shown, tick, rows), states, seenNow);
    const sensed = senses?.take(tick, features, states, tickOf(truth, tick, rows));
    const prediction = predict(network, {
      carried,
      states: sensed?.states ?? states,
      observed: slice(reshape(seenNow, [batch, configuration.bodies]), 1, 0, 1),
      latents: sensed?.latents ?? null,
      embedding: sensed?.embedding ?? null,
      action: action && slice(action, 0, tick * batch, (tick + 1) * batch),
    });
    predictions.push(prediction);
    ({ carried, features, states } = prediction);
  }
  const predicted = stackStates(predictions.map((prediction) => prediction.states));
  const logVariances = concat(
    predictions.map((prediction) => prediction.logVariances),
    0,
  );
  const ofState = stateLoss(network, predicted, laterTicks(truth, rows), logVariances, counts);
  const ofSenses = senses?.finish(predictions) ?? [];
  return {
    loss: ofSenses.reduce((total, part) => add(total, part.loss), ofState.loss),
    metrics: Object.assign({}, ofState.metrics, ...ofSenses.map((part) => part.metrics)),
  };
}

/** Takes in what the senses show, tick by tick, and measures at the end what was predicted of them. */
function openSenses(network: Network, { ticks, sensedSequences: rows }: SequenceExtent) {
  const { graph, configuration, batch } = network;
  const { latents: variables } = MODEL_SIZES[configuration.size];
  const shownTicks = contextTicks(ticks);
  const uniform = graph.input('uniform', [(ticks + 1) * rows * variables, 1]);
  const known = graph.input('known', [(ticks + 1) * rows, 1]);
  const sensed = configuration.channels.filter(isSensed).map((channel) => ({
    channel,
    shown: graph.input(`${channel.name}/shown`, [shownTicks * rows, channelWidth(channel)]),
    seen: graph.input(`${channel.name}/seen`, [shownTicks * rows, 1]),
  }));
  const codes = sensed.map(({ channel, shown, seen }) => encode(network, channel, shown, seen));
  const embeddings = codes.length === 0 ? null : codes.reduce((total, one) => add(total, one));
  const evidence = embeddings && prepareEvidence(network, embeddings);
  const anySeen = sensed.map(({ seen }) => seen).reduce<Tensor | null>(either, null);
  const bodies = rows * configuration.bodies;
  const guessed = embeddings && graph.input('stateGuessed', [shownTicks * bodies, 1]);
  const guessCounts =
    embeddings && configuration.hasState ? graph.input('guessCounts', [shownTicks * bodies, 1]) : null;
  const measured: { readonly guess: BodyStates; readonly truth: BodyStates }[] = [];
  const nothing = zeros(network, batch - rows, MODEL_SIZES[configuration.size].hidden);
  const drawn: Tensor[] = [];
  const divergences: Tensor[] = [];

  /** Latents of a tick: inferred where anything was seen, expected elsewhere; nothing before the first sensed tick. */
  const latentsOf = (tick: number, features: Tensor): Tensor => {
    const expected = expectLatents(network, features);
    let probabilities = expected;
    if (evidence !== null && tick < shownTicks) {
      const part = (x: Tensor): Tensor => slice(x, 0, tick * rows, (tick + 1) * rows);
      const inferred = inferLatents(network, features, part(evidence));
      probabilities = mix(expected, inferred, repeatRows(network, part(anySeen!)));
      divergences.push(multiply(latentDivergence(network, inferred, expected), part(anySeen!)));
    }
    const noise = slice(uniform, 0, tick * rows * variables, (tick + 1) * rows * variables);
    const draw = drawLatents(network, probabilities, noise);
    return multiply(draw, slice(known, 0, tick * rows, (tick + 1) * rows));
  };

  return {
    take(tick: number, features: Tensor, states: BodyStates, truth: BodyStates) {
      const latents = latentsOf(tick, slice(features, 0, 0, rows));
      drawn.push(latents);
      const all = rows === batch ? latents : concat([latents, noLatents(network, batch - rows)], 0);
      if (embeddings === null || guessed === null || tick >= shownTicks) {
        return { latents: all, embedding: null, states };
      }
      const part = slice(embeddings, 0, tick * rows, (tick + 1) * rows);
      const guesses = guessStates(network, slice(features, 0, 0, rows), part);
      measured.push({ guess: guesses, truth: mapStates(truth, (x) => slice(x, 0, 0, bodies)) });
      const where = slice(guessed, 0, tick * bodies, (tick + 1) * bodies);
      return {
        latents: all,
        embedding: nothing === null ? part : concat([part, nothing], 0),
        // How bodies move is not learned from states that are guessed: a bad guess can send them anywhere.
        states: withGuesses(states, mapStates(guesses, stopGradient), where),
      };
    },
    finish(predictions: readonly TickPrediction[]): readonly PartialLoss[] {
      drawn.push(latentsOf(ticks, slice(predictions.at(-1)!.features, 0, 0, rows)));
      const ofRows = (x: (prediction: TickPrediction) => Tensor): Tensor =>
        concat(
          predictions.map((prediction) => slice(x(prediction), 0, 0, rows)),
          0,
        );
      const inputs = {
        features: ofRows(({ features }) => features),
        latents: concat(drawn.slice(1), 0),
        // What the senses show must not bend the bodies' motion.
        poses: stopGradient(ofRows(({ states }) => posesOf(network, states))),
      };
      const parts = configuration.channels.map((channel): PartialLoss => {
        const last = isSensed(channel)
          ? graph.input(`${channel.name}/last`, [ticks * rows, channelWidth(channel)])
          : null;
        const target = graph.input(channel.name, [ticks * rows, targetWidth(channel)]);
        const counts = graph.input(`${channel.name}/counts`, [ticks * rows, 1]);
        const { loss, metrics } = channelLoss(
          network,
          channel,
          decode(network, channel, inputs, last),
          target,
          counts,
        );
        return {
          loss: multiply(loss, channel.form === 'picture' ? PICTURE_WEIGHT : CHANNEL_WEIGHT),
          metrics,
        };
      });
      if (guessCounts !== null) {
        const stacked = (which: 'guess' | 'truth'): BodyStates =>
          stackStates(measured.map((one) => one[which]));
        const { loss, metrics } = guessLoss(network, stacked('guess'), stacked('truth'), guessCounts);
        parts.push({ loss: multiply(loss, GUESS_WEIGHT), metrics });
      }
      if (divergences.length === 0) return parts;
      const nats = mean(concat(divergences, 0));
      return [...parts, { loss: multiply(nats, DIVERGENCE_WEIGHT), metrics: { latentNats: nats } }];
    },
  };
}

/** 1 where either is 1. */
function either(a: Tensor | null, b: Tensor): Tensor {
  return a === null ? b : subtract(add(a, b), multiply(a, b));
}

/** [rows, 1] -> [rows * latents, 1] */
function repeatRows({ graph, configuration }: Network, x: Tensor): Tensor {
  const { latents } = MODEL_SIZES[configuration.size];
  return reshape(matmul(x, graph.constant(1, [1, latents])), [-1, 1]);
}

function zeros({ graph }: Network, rows: number, width: number): Tensor | null {
  return rows === 0 ? null : graph.constant(0, [rows, width]);
}

/** Puts guessed states in the place of the first rows, where `guessed` is 1. */
function withGuesses(states: BodyStates, guesses: BodyStates, guessed: Tensor): BodyStates {
  const rows = guessed.shape[0]!;
  return mapStates(states, (x, name) => {
    const guess = mix(slice(x, 0, 0, rows), guesses[name], guessed);
    return rows === x.shape[0] ? guess : concat([guess, slice(x, 0, rows)], 0);
  });
}

function actionInput({ graph, configuration, batch }: Network, ticks: number): Tensor | null {
  const { action } = configuration;
  return action === null ? null : graph.input('action', [ticks * batch, action.width + 1]);
}

function stateInputs({ graph, configuration, batch }: Network, ticks: number, suffix: string): BodyStates {
  const rows = ticks * batch * configuration.bodies;
  const input = (name: keyof typeof STATE_INPUTS): Tensor =>
    graph.input(`${name}${suffix}`, [rows, STATE_INPUTS[name]]);
  return {
    position: input('position'),
    orientation: input('orientation'),
    linearVelocity: input('linearVelocity'),
    angularVelocity: input('angularVelocity'),
  };
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
  return mapStates(observed, (x, name) => mix(predicted[name], x, seen));
}

function stackStates(ticks: readonly BodyStates[]): BodyStates {
  return mapStates(ticks[0]!, (_, name) =>
    concat(
      ticks.map((states) => states[name]),
      0,
    ),
  );
}
