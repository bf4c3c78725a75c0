import { randomStream } from '../core/random.js';
import { square } from '../worldmodel/engine/elementwise.js';
import { countFlops, PRODUCTS } from '../worldmodel/engine/flops.js';
import { gradients, reachable } from '../worldmodel/engine/gradient.js';
import { createGraph, sizeOf, type Tensor } from '../worldmodel/engine/graph.js';
import { concat, slice } from '../worldmodel/engine/layout.js';
import { mean } from '../worldmodel/engine/reduction.js';
import { createSession } from '../worldmodel/engine/session.js';
import { MODEL_SIZES, type ModelConfiguration } from '../worldmodel/model/configuration.js';
import { CORES } from '../worldmodel/model/cores.js';
import { createNetwork } from '../worldmodel/model/layers.js';
import type { BenchResult } from './contract.js';

const TICKS = 24;
const BATCH = 96;
const THREADS = 2;
const ROUNDS = 12;
const CALLS = 12;

const CONFIGURATION: ModelConfiguration = {
  size: 'small',
  core: 'recurrent',
  ensemble: 1,
  tickHz: 37,
  hasState: true,
  bodies: 1,
  symmetry: 'plane',
  channels: [],
  action: null,
  stateRange: { lowM: [0, 0, 0], highM: [1, 1, 1], speedMps: 1, spinRadps: 1 },
};

/**
 * Time of forward and backward pass of `small`'s recurrent core over 24 ticks of 96 sequences, beside the time of its matrix
 * products alone (the same shapes, in one graph, without what lies between them).
 */
export async function benchTrainCore(): Promise<BenchResult> {
  const outputs = coreOutputs();
  const whole = await createSession(outputs, { threads: THREADS, weights: 'inputs' });
  const products = await createSession(productsOf(outputs), { threads: THREADS });
  const ms: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const feeds = [whole, products].map(({ inputs }) =>
    Object.fromEntries(inputs.map(({ name, shape }) => [name, noise(name, sizeOf(shape))])),
  );
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, session] of [whole, products].entries()) {
      const start = performance.now();
      for (let call = 0; call < CALLS; call++) await session.run(feeds[index]!);
      if (round > 0) ms[index] = Math.min(ms[index]!, (performance.now() - start) / CALLS);
    }
  }
  await whole.release();
  await products.release();
  const gflops = countFlops(outputs) / ms[0] / 1e6;
  return {
    name: 'train.core.ratio',
    value: ms[0],
    unit: `ms, forward and backward (${gflops.toFixed(0)} GFLOP/s)`,
    reference: 'its matrix products alone, ms',
    reference_value: ms[1],
    ratio: ms[0] / ms[1],
  };
}

function coreOutputs(): Record<string, Tensor> {
  const { hidden } = MODEL_SIZES.small;
  const network = createNetwork(createGraph(), CONFIGURATION, BATCH, 0);
  const { graph } = network;
  const inputs = graph.input('inputs', [TICKS * BATCH, hidden]);
  let carried = graph.constant(0, [BATCH, hidden]);
  for (let tick = 0; tick < TICKS; tick++) {
    const input = slice(inputs, 0, tick * BATCH, (tick + 1) * BATCH);
    carried = CORES.recurrent.step(network, carried, input, null).carried;
  }
  const parameters = graph.parameters();
  const [ofInputs, ...ofParameters] = gradients(mean(square(carried)), [inputs, ...parameters]);
  const named = ofParameters.map((gradient, index) => [`gradient${index}`, gradient] as const);
  return { ofInputs: ofInputs!, ...Object.fromEntries(named) };
}

/** The graph's products on inputs of the same shapes. */
function productsOf(outputs: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const graph = createGraph();
  const inputs = new Map<string, Tensor>();
  const input = (shape: readonly number[], place: number): Tensor => {
    const name = `${place}:${shape.join('x')}`;
    const known = inputs.get(name) ?? graph.input(name, shape);
    inputs.set(name, known);
    return known;
  };
  const corners: Tensor[] = [];
  for (const [index, node] of reachable(Object.values(outputs)).entries()) {
    if (!PRODUCTS.has(node.operator)) continue;
    // Each product gets a first operand of its own: equal nodes would be stored, and computed, once.
    const operands = node.inputs.map(({ shape }, place) => input(shape, place === 0 ? index * 3 : place));
    const product = graph.emit({
      operator: node.operator,
      domain: node.domain,
      inputs: operands,
      outputs: node.outputs.map(({ shape }) => ({ shape })),
      attributes: node.attributes,
    })[0]!;
    // One number of each is kept, so that buffers are used again as they are in the whole.
    corners.push(slice(slice(product, 0, 0, 1), 1, 0, 1));
  }
  return { corners: concat(corners, 0) };
}

function noise(name: string, length: number): Float32Array {
  const random = randomStream(1, 'bench', name);
  return Float32Array.from({ length }, () => 0.1 * random.normal());
}
