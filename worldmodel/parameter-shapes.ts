import { createGraph } from './engine/graph.js';
import type { ModelConfiguration } from './model/configuration.js';
import { createNetwork } from './model/layers.js';
import { sequenceLoss } from './model/sequence.js';

/** Lists the shape of every learned tensor of a model by name, those that only training uses among them. */
export function parameterShapes(
  configuration: ModelConfiguration,
): Readonly<Record<string, readonly number[]>> {
  // Parameters do not depend on the batch; heads share its rows, so there must be one a head.
  const sequences = configuration.ensemble;
  const network = createNetwork(createGraph(), configuration, sequences, 0);
  sequenceLoss(network, { ticks: 2, sensedSequences: sequences });
  return Object.fromEntries(network.graph.parameters().map(({ name, shape }) => [name, shape]));
}
