import { silu } from '../engine/activation.js';
import { reshape, sum } from '../engine/broadcast.js';
import { greater } from '../engine/comparison.js';
import {
  add,
  cast,
  log,
  maximum,
  multiply,
  stopGradient,
  straightThrough,
  subtract,
} from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { linear, matmul } from '../engine/matrix.js';
import { softmax } from '../engine/reduction.js';
import { MODEL_SIZES } from './configuration.js';
import { dense, ensembleLayers, type Network, weightOf } from './layers.js';

/** Share of the uniform distribution that keeps every class possible. */
const UNIFORM_SHARE = 0.01;
/** A divergence below this many nats is not trained away (DreamerV3). */
const FREE_NATS = 1;
const REPRESENTATION_SHARE = 0.1;

/** What the model expects of the latent state before it senses a tick: probabilities [rows * latents, classes]. */
export function expectLatents(network: Network, features: Tensor): Tensor {
  const { hidden, latents, classes } = MODEL_SIZES[network.configuration.size];
  const logits = ensembleLayers(network, 'latent/expected', features, features.shape[0]!, {
    width: hidden,
    outputs: latents * classes,
    scale: 1,
  });
  return probabilities(network, logits);
}

/** The part of `inferLatents` that depends on the senses alone: for all ticks in one product, [rows, hidden]. */
export function prepareEvidence(network: Network, embedding: Tensor): Tensor {
  const { hidden } = MODEL_SIZES[network.configuration.size];
  return dense(network, 'latent/evidence', embedding, hidden);
}

/** The latent state in the light of what was sensed: probabilities [rows * latents, classes]. */
export function inferLatents(network: Network, features: Tensor, evidence: Tensor): Tensor {
  const { hidden, latents, classes } = MODEL_SIZES[network.configuration.size];
  const weight = weightOf(network, 'latent/past', [features.shape[1]!, hidden]);
  const trunk = silu(linear(features, weight, evidence));
  return probabilities(network, dense(network, 'latent/inferred', trunk, latents * classes));
}

function probabilities(network: Network, logits: Tensor): Tensor {
  const { classes } = MODEL_SIZES[network.configuration.size];
  const plain = softmax(reshape(logits, [-1, classes]));
  return add(multiply(plain, 1 - UNIFORM_SHARE), UNIFORM_SHARE / classes);
}

/**
 * Draws one class a categorical by inverting its distribution function, with straight-through gradients.
 *
 * @param probabilities [rows * latents, classes]; @param uniform [rows * latents, 1], in [0, 1).
 * @returns [rows, latents * classes] of zeros and ones.
 */
export function drawLatents(network: Network, probabilities: Tensor, uniform: Tensor): Tensor {
  const { latents, classes } = MODEL_SIZES[network.configuration.size];
  const upTo = new Float32Array(classes * classes);
  const first = new Float32Array(classes * classes);
  for (let row = 0; row < classes; row++) {
    upTo.fill(1, row * classes + row, (row + 1) * classes);
    first[row * classes + row] = 1;
    if (row + 1 < classes) first[row * classes + row + 1] = -1;
  }
  const { graph } = network;
  const cumulative = matmul(stopGradient(probabilities), graph.constant(upTo, [classes, classes]));
  const reached = cast(greater(cumulative, uniform), 'float32');
  const drawn = matmul(reached, graph.constant(first, [classes, classes]));
  return reshape(straightThrough(drawn, probabilities), [-1, latents * classes]);
}

/** The expected latent state, without drawing: [rows, latents * classes]. */
export function meanLatents(network: Network, probabilities: Tensor): Tensor {
  const { latents, classes } = MODEL_SIZES[network.configuration.size];
  return reshape(probabilities, [-1, latents * classes]);
}

/**
 * How far what was inferred lies from what was expected, in nats a row, [rows, 1]: the expectation is drawn to the inferred
 * state ten times as strongly as the other way (KL balancing), and below one nat neither moves.
 */
export function latentDivergence(network: Network, inferred: Tensor, expected: Tensor): Tensor {
  const { latents, classes } = MODEL_SIZES[network.configuration.size];
  const between = (p: Tensor, q: Tensor): Tensor => {
    const terms = multiply(p, subtract(log(p), log(q)));
    return maximum(sum(reshape(terms, [-1, latents * classes]), [1], true), FREE_NATS);
  };
  return add(
    between(stopGradient(inferred), expected),
    multiply(between(inferred, stopGradient(expected)), REPRESENTATION_SHARE),
  );
}
