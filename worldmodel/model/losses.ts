import { relu, softplus } from '../engine/activation.js';
import { reshape, sum } from '../engine/broadcast.js';
import {
  abs,
  add,
  divide,
  exp,
  log,
  multiply,
  negate,
  sqrt,
  square,
  stopGradient,
  subtract,
} from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { slice } from '../engine/layout.js';
import { matmul } from '../engine/matrix.js';
import { logSoftmax, mean } from '../engine/reduction.js';
import { type ChannelDistribution, patchSpreads } from './channels.js';
import { type ChannelConfiguration, channelWidth } from './configuration.js';
import { type BodyStates, rotationMatrices, squaredChord } from './kinematics.js';
import type { Network } from './layers.js';
import { powerSpectrum } from './spectrum.js';

/** A part of the loss and what to report of it, scalars. */
export interface PartialLoss {
  readonly loss: Tensor;
  readonly metrics: Readonly<Record<string, Tensor>>;
}

/** Errors of this size count as one; larger ones grow linearly, so that chaotic sequences do not rule the gradient. */
const SCALE = { position: 0.05, rotation: 0.5, linearVelocity: 0.5, angularVelocity: 5 } as const;
const WEIGHT = { position: 1, rotation: 1, linearVelocity: 0.5, angularVelocity: 0.5 } as const;
const SPREAD_WEIGHT = 0.05;
/** Keeps the slope of a root finite. */
const SMALLEST_SQUARE = 1e-5;
/** Brings differences of log power near one. */
const SPECTRUM_WEIGHT = 0.1;
/** Power below which a spectral line is silent, scaled. */
const SILENCE = 1e-3;

/**
 * Measures predicted states: pseudo-Huber errors train the means, the likelihood of the errors that the means leave trains
 * the spreads (its gradient does not reach the means).
 *
 * @param logVariances [rows, 4]; @param counts [rows, 1], 1 where a state counts.
 */
export function stateLoss(
  { constants }: Network,
  predicted: BodyStates,
  target: BodyStates,
  logVariances: Tensor,
  counts: Tensor,
): PartialLoss {
  const average = averageOver(counts);
  const metrics: Record<string, Tensor> = {};
  const parts: Tensor[] = [];
  for (const [index, { name, squared, dimensions }] of squaredErrors(
    predicted,
    target,
    constants,
  ).entries()) {
    parts.push(multiply(average(pseudoHuber(squared, SCALE[name])), WEIGHT[name]));
    const logVariance = slice(logVariances, 1, index, index + 1);
    const spread = likelihood(multiply(squared, 1 / dimensions), logVariance);
    parts.push(multiply(average(spread), SPREAD_WEIGHT));
    metrics[`${name}Rms`] = sqrt(average(squared));
  }
  return { loss: parts.reduce((total, part) => add(total, part)), metrics };
}

/** Measures states that were told from the senses alone; @param counts [rows, 1], 1 where a state counts. */
export function guessLoss(
  { constants }: Network,
  guessed: BodyStates,
  target: BodyStates,
  counts: Tensor,
): PartialLoss {
  const average = averageOver(counts);
  const errors = squaredErrors(guessed, target, constants);
  const parts = errors.map(({ name, squared }) =>
    multiply(average(pseudoHuber(squared, SCALE[name])), WEIGHT[name]),
  );
  return {
    loss: parts.reduce((total, part) => add(total, part)),
    metrics: { guessedPositionRms: sqrt(average(errors[0]!.squared)) },
  };
}

/** sqrt(1 + squared / scale^2) - 1 */
function pseudoHuber(squared: Tensor, scale: number): Tensor {
  return subtract(sqrt(add(multiply(squared, 1 / (scale * scale)), 1)), 1);
}

/**
 * Measures what a channel's decoder predicts.
 *
 * @param target [rows, width] scaled; `reward`: two-hot [rows, bins]; @param counts [rows, 1], 1 where it was sensed.
 */
export function channelLoss(
  network: Network,
  channel: ChannelConfiguration,
  predicted: ChannelDistribution,
  target: Tensor,
  counts: Tensor,
): PartialLoss {
  const average = averageOver(counts);
  switch (channel.form) {
    case 'reward': {
      const loss = average(negate(sum(multiply(target, logSoftmax(predicted.mean)), [1], true)));
      return { loss, metrics: { [`${channel.name}Nll`]: loss } };
    }
    case 'end': {
      const loss = average(crossEntropy(predicted.mean, target));
      return { loss, metrics: { [`${channel.name}Nll`]: loss } };
    }
    case 'wave':
      return waveLoss(channel, predicted, target, average);
    default: {
      const squared = spreadGroups(network, channel, square(subtract(predicted.mean, target)));
      // The root of each row's mean square: rows that cannot be known (nothing was shown) must not drown those that can.
      const rms = average(sqrt(add(mean(squared, [1], true), SMALLEST_SQUARE)));
      const spread = average(mean(likelihood(squared, predicted.logVariance!), [1], true));
      const loss = add(rms, multiply(spread, SPREAD_WEIGHT));
      return { loss, metrics: { [`${channel.name}Rms`]: rms } };
    }
  }
}

/**
 * Phases cannot be foreseen, so a wave is held to its power spectrum over the tick (log power of every line) and only a little to
 * its samples.
 */
function waveLoss(
  channel: ChannelConfiguration,
  predicted: ChannelDistribution,
  target: Tensor,
  average: (x: Tensor) => Tensor,
): PartialLoss {
  const rows = target.shape[0]!;
  const microphones = channel.shape[0]!;
  const samples = channelWidth(channel) / microphones;
  const logPower = (x: Tensor): Tensor => log(add(powerSpectrum(reshape(x, [-1, samples])), SILENCE));
  const difference = abs(subtract(logPower(predicted.mean), logPower(target)));
  const spectral = average(mean(reshape(difference, [rows, -1]), [1], true));
  const squared = mean(reshape(square(subtract(predicted.mean, target)), [rows, microphones, samples]), [2]);
  const spread = average(mean(likelihood(squared, predicted.logVariance!), [1], true));
  const meanSquare = average(mean(squared, [1], true));
  const loss = add(multiply(spectral, SPECTRUM_WEIGHT), multiply(add(meanSquare, spread), SPREAD_WEIGHT));
  return { loss, metrics: { [`${channel.name}LogSpectral`]: spectral } };
}

/** Mean squares of the components that share a log-variance, [rows, spreads]. */
function spreadGroups(network: Network, channel: ChannelConfiguration, squared: Tensor): Tensor {
  if (channel.form !== 'picture') return squared;
  const groups = patchSpreads(network);
  const patches = reshape(squared, [-1, groups.shape[0]!]);
  return reshape(matmul(patches, groups), [squared.shape[0]!, -1]);
}

function averageOver(counts: Tensor): (x: Tensor) => Tensor {
  const total = add(sum(counts), 1e-6);
  return (x) => divide(sum(multiply(x, counts)), total);
}

/** Degrees of freedom: few, so that one blow that was not foreseen does not outweigh a thousand quiet ticks. */
const FREEDOM = 4;

/**
 * Negative log-likelihood of Student's t without its constant; the gradient reaches the log-variance alone, and stays bounded however
 * far off a prediction is (a Gaussian's broke trainings: one diverged sequence ruled the step).
 */
function likelihood(squared: Tensor, logVariance: Tensor): Tensor {
  const misfit = multiply(multiply(stopGradient(squared), exp(negate(logVariance))), 1 / FREEDOM);
  return add(multiply(log(add(misfit, 1)), (FREEDOM + 1) / 2), multiply(logVariance, 0.5));
}

/** -t log p - (1 - t) log(1 - p), p = sigmoid(logit), exact for large logits. */
function crossEntropy(logit: Tensor, target: Tensor): Tensor {
  return add(subtract(relu(logit), multiply(logit, target)), softplus(negate(abs(logit))));
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
