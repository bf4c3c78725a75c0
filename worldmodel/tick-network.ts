import { add } from './engine/elementwise.js';
import type { Tensor } from './engine/graph.js';
import { createGraph } from './engine/graph.js';
import { toOnnx } from './engine/onnx.js';
import type { TrainingState } from './engine/training.js';
import { channelWidth, MODEL_SIZES, type ModelConfiguration } from './model/configuration.js';
import { createNetwork } from './model/layers.js';
import { decode, encode, guessStates, posesOf, predict } from './model/network.js';
import { blend, STATE_INPUTS } from './model/sequence.js';

/**
 * Builds the network of one tick and one sequence as an ONNX file.
 *
 * Inputs: `hidden` [1, hidden], the state `position` [bodies, 3], `orientation` [bodies, 4], `linearVelocity`,
 * `angularVelocity`, `observed` [1, 1] (1 where that state was observed, 0 where it is the model's own), per channel
 * `<name>` [1, width] (scaled) with `<name>/seen` [1, 1], and, with any channel, `guessed` [1, 1]: 1 where the state
 * must be told from the senses. Outputs, one tick later:
 * `hidden/next`, `<state>/next`, `logVariances` [bodies, 4], and per channel `<name>/mean` and `<name>/logVariance`.
 */
export function tickNetwork(configuration: ModelConfiguration, weights: TrainingState): Uint8Array {
  const graph = createGraph();
  const network = createNetwork(graph, configuration, 1, 0);
  const { hidden: width } = MODEL_SIZES[configuration.size];
  const hidden = graph.input('hidden', [1, width]);
  const input = (name: keyof typeof STATE_INPUTS): Tensor =>
    graph.input(name, [configuration.bodies, STATE_INPUTS[name]]);
  const given = {
    position: input('position'),
    orientation: input('orientation'),
    linearVelocity: input('linearVelocity'),
    angularVelocity: input('angularVelocity'),
  };
  const embeddings = configuration.channels.map((channel) =>
    encode(
      network,
      channel,
      graph.input(channel.name, [1, channelWidth(channel)]),
      graph.input(`${channel.name}/seen`, [1, 1]),
    ),
  );
  const embedding = embeddings.length === 0 ? null : embeddings.reduce((total, one) => add(total, one));
  const prediction = predict(network, {
    hidden,
    states:
      embedding === null
        ? given
        : blend(guessStates(network, hidden, embedding), given, graph.input('guessed', [1, 1])),
    observed: graph.input('observed', [1, 1]),
    embedding,
  });
  const outputs: Record<string, Tensor> = {
    'hidden/next': prediction.hidden,
    logVariances: prediction.logVariances,
  };
  for (const name of Object.keys(STATE_INPUTS) as (keyof typeof STATE_INPUTS)[]) {
    outputs[`${name}/next`] = prediction.states[name];
  }
  const poses = posesOf(network, prediction.states);
  for (const channel of configuration.channels) {
    const { mean, logVariance } = decode(network, channel, prediction.hidden, poses);
    outputs[`${channel.name}/mean`] = mean;
    outputs[`${channel.name}/logVariance`] = logVariance;
  }
  return toOnnx(outputs, { values: weights });
}
