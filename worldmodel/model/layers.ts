import { randomStream } from '../../core/random.js';
import type { Graph, Tensor } from '../engine/graph.js';
import { linear } from '../engine/matrix.js';
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

/** Makes (or finds) a dense layer's parameters: weights are uniform with variance scale^2 / inputs, biases zero. */
export function layer(
  { graph, seed }: Network,
  name: string,
  inputs: number,
  outputs: number,
  scale = 1,
): Layer {
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

/** Applies a dense layer of that name to the last axis. */
export function dense(network: Network, name: string, x: Tensor, outputs: number, scale = 1): Tensor {
  const { weight, bias } = layer(network, name, x.shape.at(-1)!, outputs, scale);
  return linear(x, weight, bias);
}
