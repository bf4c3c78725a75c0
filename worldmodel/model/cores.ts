import { sigmoid, silu, tanh } from '../engine/activation.js';
import { attention } from '../engine/attention.js';
import { reshape } from '../engine/broadcast.js';
import { add, multiply, subtract } from '../engine/elementwise.js';
import type { Tensor } from '../engine/graph.js';
import { concat, slice, split, transpose } from '../engine/layout.js';
import { blockLinear, linear } from '../engine/matrix.js';
import { rmsNormalisation } from '../engine/normalisation.js';
import { type CoreKind, MODEL_SIZES, type ModelConfiguration } from './configuration.js';
import { dense, mix, type Network, weightOf } from './layers.js';

/** Carries what is known of the past from tick to tick. */
export interface Core {
  /** Numbers carried for each sequence; all zero at the beginning. */
  carriedWidth(configuration: ModelConfiguration): number;
  /**
   * Takes in one tick.
   *
   * @param carried [batch, carriedWidth]; @param input [batch, hidden].
   * @param action [batch, action width + 1]; null where the model knows none.
   * @returns what to carry on, and what is known now, [batch, hidden].
   */
  step(
    network: Network,
    carried: Tensor,
    input: Tensor,
    action: Tensor | null,
  ): { readonly carried: Tensor; readonly features: Tensor };
}

/**
 * A gated recurrent unit whose reset gate acts on the candidate and whose update gate is biased to keep (Hafner et al. 2023,
 * DreamerV3), with recurrent weights in one block or several.
 */
const recurrent: Core = {
  carriedWidth: ({ size }) => MODEL_SIZES[size].hidden,
  step(network, carried, input) {
    const { hidden, blocks } = MODEL_SIZES[network.configuration.size];
    const fromInput = dense(network, 'recur/input', input, 3 * hidden);
    const gates =
      blocks === 1 ? fullGates(network, carried, fromInput) : blockGates(network, carried, fromInput);
    const [reset, candidate, update] = gates;
    const proposal = tanh(multiply(sigmoid(reset), candidate));
    const next = mix(carried, proposal, sigmoid(subtract(update, 1)));
    return { carried: next, features: next };
  },
};

function fullGates(network: Network, carried: Tensor, fromInput: Tensor): [Tensor, Tensor, Tensor] {
  const width = carried.shape[1]!;
  const weight = weightOf(network, 'recur/hidden', [width, 3 * width]);
  return split(linear(carried, weight, fromInput), 1, 3) as [Tensor, Tensor, Tensor];
}

function blockGates(network: Network, carried: Tensor, fromInput: Tensor): [Tensor, Tensor, Tensor] {
  const [batch, width] = carried.shape as [number, number];
  const { blocks } = MODEL_SIZES[network.configuration.size];
  const each = width / blocks;
  const weight = weightOf(network, 'recur/hidden', [blocks, each, 3 * each]);
  const fromHidden = reshape(blockLinear(carried, weight), [batch, blocks, 3, each]);
  const gates = split(add(fromHidden, reshape(fromInput, [batch, blocks, 3, each])), 2, 3);
  return gates.map((gate) => reshape(gate, [batch, width])) as [Tensor, Tensor, Tensor];
}

/** Ticks that the transformer looks back on. */
const HISTORY = 8;
const LAYERS = 2;
const ATTENTION_HEADS = 4;

/**
 * A causal transformer over the last ticks whose layers are conditioned on the action through adaptive normalisation that
 * begins as the identity (Peebles, Xie 2023: adaLN-zero). What it carries are the inputs of those ticks.
 */
const transformer: Core = {
  carriedWidth: ({ size }) => HISTORY * MODEL_SIZES[size].hidden,
  step(network, carried, input, action) {
    const { hidden } = MODEL_SIZES[network.configuration.size];
    const batch = input.shape[0]!;
    const next = concat([slice(carried, 1, hidden), input], 1);
    const places = network.graph.parameter(
      'history/places',
      [HISTORY, hidden],
      () => new Float32Array(HISTORY * hidden),
    );
    let tokens = add(reshape(next, [batch, HISTORY, hidden]), places);
    for (let index = 0; index < LAYERS; index++) {
      tokens = transformerLayer(network, `history/${index}`, tokens, action);
    }
    const last = reshape(slice(tokens, 1, HISTORY - 1), [batch, hidden]);
    return { carried: next, features: tanh(dense(network, 'history/last', last, hidden)) };
  },
};

/** Attention, then a dense part, both normalised, shifted, scaled and gated by the action. */
function transformerLayer(network: Network, name: string, tokens: Tensor, action: Tensor | null): Tensor {
  const [batch, ticks, width] = tokens.shape as [number, number, number];
  const modulation = modulationOf(network, name, action, width);
  const normalised = (x: Tensor, part: number): Tensor => {
    const scale = network.graph.constant(1, [width]);
    const unit = rmsNormalisation(x, scale);
    return add(multiply(unit, add(modulation[part]!, 1)), modulation[part + 1]!);
  };
  const attended = attend(network, name, normalised(tokens, 0));
  const first = add(tokens, multiply(attended, modulation[2]!));
  const rows = reshape(normalised(first, 3), [batch * ticks, width]);
  const wide = silu(dense(network, `${name}/wide`, rows, 2 * width));
  const narrow = reshape(dense(network, `${name}/narrow`, wide, width), [batch, ticks, width]);
  return add(first, multiply(narrow, modulation[5]!));
}

/** Scale, shift and gate of both parts, each [batch or 1, 1, width], all zero at first: a layer begins as the identity. */
function modulationOf(
  network: Network,
  name: string,
  action: Tensor | null,
  width: number,
): readonly Tensor[] {
  const bias = network.graph.parameter(
    `${name}/modulation/bias`,
    [6 * width],
    () => new Float32Array(6 * width),
  );
  const all =
    action === null
      ? reshape(bias, [1, 6 * width])
      : linear(
          silu(dense(network, `${name}/action`, action, width)),
          weightOf(network, `${name}/modulation`, [width, 6 * width], 0),
          bias,
        );
  return split(reshape(all, [-1, 1, 6 * width]), 2, 6);
}

/** Causal attention of several heads, [batch, ticks, width]. */
function attend(network: Network, name: string, x: Tensor): Tensor {
  const [batch, ticks, width] = x.shape as [number, number, number];
  const each = width / ATTENTION_HEADS;
  const rows = reshape(x, [batch * ticks, width]);
  const [query, key, value] = split(dense(network, `${name}/attend`, rows, 3 * width), 1, 3).map((part) =>
    transpose(reshape(part, [batch, ticks, ATTENTION_HEADS, each]), [0, 2, 1, 3]),
  ) as [Tensor, Tensor, Tensor];
  const attended = attention(query, key, value, { causal: true });
  const joined = reshape(transpose(attended, [0, 2, 1, 3]), [batch * ticks, width]);
  return reshape(dense(network, `${name}/joined`, joined, width), [batch, ticks, width]);
}

/** The cores by kind: one interface. */
export const CORES: Readonly<Record<CoreKind, Core>> = { recurrent, transformer };
