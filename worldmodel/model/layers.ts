import { randomStream } from '../../core/random.js';
import { silu } from '../engine/activation.js';
import { expand, reshape } from '../engine/broadcast.js';
import { add, multiply, subtract } from '../engine/elementwise.js';
import { type Graph, sizeOf, type Tensor } from '../engine/graph.js';
import { transpose } from '../engine/layout.js';
import { linear, matmul } from '../engine/matrix.js';
import { mean } from '../engine/reduction.js';
import type { ModelConfiguration } from './configuration.js';
import { type KinematicConstants, kinematicConstants } from './kinematics.js';

/** A network in a graph: its parameters are created on first use, by name, from a seed. */
export interface Network {
  readonly graph: Graph;
  readonly configuration: ModelConfiguration;
  /** Sequences side by side. */
  readonly batch: number;
  readonly constants: KinematicConstants;
  readonly seed: number;
  /**
   * How the ensemble's heads share the sequences. `shared`: they are dealt out in turn, so that every head sees some of each kind
   * (training, and samples). `averaged`: every sequence goes to all heads, whose answers are averaged (one prediction).
   */
  readonly heads: 'shared' | 'averaged';
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
  heads: Network['heads'] = 'shared',
): Network {
  const constants = kinematicConstants(graph, batch * configuration.bodies, configuration.tickHz);
  return { graph, configuration, batch, constants, seed, heads };
}

/** Draws weights that are uniform with variance scale^2 / inputs. */
function initialWeights(
  seed: number,
  name: string,
  inputs: number,
  count: number,
  scale: number,
): Float32Array {
  const stream = randomStream(seed, 'weights', name);
  const bound = scale * Math.sqrt(3 / inputs);
  return Float32Array.from({ length: count }, () => (2 * stream.uniform() - 1) * bound);
}

/** Makes (or finds) a weight whose rows are inputs, [..., inputs, outputs]. */
export function weightOf(
  { graph, seed }: Network,
  name: string,
  shape: readonly number[],
  scale = 1,
): Tensor {
  return graph.parameter(`${name}/weight`, shape, () =>
    initialWeights(seed, name, shape.at(-2)!, sizeOf(shape), scale),
  );
}

/** Makes (or finds) a dense layer's parameters; the bias begins at `bias`. */
export function layer(
  network: Network,
  name: string,
  inputs: number,
  outputs: number,
  scale = 1,
  bias = 0,
): Layer {
  return {
    weight: weightOf(network, name, [inputs, outputs], scale),
    bias: network.graph.parameter(`${name}/bias`, [outputs], () => new Float32Array(outputs).fill(bias)),
  };
}

/** Applies a dense layer of that name to the last axis. */
export function dense(
  network: Network,
  name: string,
  x: Tensor,
  outputs: number,
  scale = 1,
  bias = 0,
): Tensor {
  const { weight, bias: shift } = layer(network, name, x.shape.at(-1)!, outputs, scale, bias);
  return linear(x, weight, shift);
}

/**
 * Applies two layers of which every head of the ensemble has its own: x [sequences * rows, inputs] -> [sequences * rows, outputs].
 *
 * Layers of heads have no biases: what goes in has already passed a layer that has.
 *
 * @param sequences in `shared` use they must divide evenly among the heads.
 */
export function ensembleLayers(
  network: Network,
  name: string,
  x: Tensor,
  sequences: number,
  { width, outputs, scale }: { readonly width: number; readonly outputs: number; readonly scale: number },
): Tensor {
  const heads = network.configuration.ensemble;
  const [rows, inputs] = x.shape as [number, number];
  const first = weightOf(network, `${name}/1`, [heads, inputs, width]);
  const second = weightOf(network, `${name}/2`, [heads, width, outputs], scale);
  const isShared = network.heads === 'shared' && heads > 1;
  const shared = isShared
    ? reshape(dealt(x, [sequences / heads, heads], rows / sequences), [heads, rows / heads, inputs])
    : expand(reshape(x, [1, rows, inputs]), [heads, rows, inputs]);
  const answers = matmul(silu(matmul(shared, first)), second);
  if (!isShared) return heads === 1 ? reshape(answers, [rows, outputs]) : mean(answers, [0]);
  const gathered = dealt(reshape(answers, [rows, outputs]), [heads, sequences / heads], rows / sequences);
  return reshape(gathered, [rows, outputs]);
}

/** Swaps the two axes that the sequences are counted along: [a b rows, width] -> [b, a, rows * width]. */
function dealt(x: Tensor, [a, b]: readonly [number, number], rows: number): Tensor {
  return transpose(reshape(x, [a, b, rows * x.shape[1]!]), [1, 0, 2]);
}

/** Weighs a by 1 - gate and b by gate. */
export function mix(a: Tensor, b: Tensor, gate: Tensor): Tensor {
  return add(a, multiply(gate, subtract(b, a)));
}
