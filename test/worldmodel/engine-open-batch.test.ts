import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import { sigmoid, silu, tanh } from '../../worldmodel/engine/activation.js';
import { expand, reshape, sum } from '../../worldmodel/engine/broadcast.js';
import { add, multiply } from '../../worldmodel/engine/elementwise.js';
import { createGraph, type Graph, sizeOf, type Tensor } from '../../worldmodel/engine/graph.js';
import { concat, slice, split, transpose, unstack } from '../../worldmodel/engine/layout.js';
import { blockLinear, linear, matmul } from '../../worldmodel/engine/matrix.js';
import { layerNormalisation, rmsNormalisation } from '../../worldmodel/engine/normalisation.js';
import { toOnnx } from '../../worldmodel/engine/onnx.js';
import { decodeModel } from '../../worldmodel/engine/onnx-proto.js';
import { toOnnxForAnyBatch } from '../../worldmodel/engine/open-batch.js';
import { argMax, mean, oneHot, softmax } from '../../worldmodel/engine/reduction.js';
import { createSession, loadSession } from '../../worldmodel/engine/session.js';

const [TICKS, HEADS, WIDTH] = [5, 2, 8];

function values(name: string, shape: readonly number[]): Float32Array {
  const random = randomStream(5, name);
  return Float32Array.from({ length: sizeOf(shape) }, () => 2 * random.uniform() - 1);
}

function weight(graph: Graph, name: string, shape: readonly number[]): Tensor {
  return graph.parameter(name, shape, () => values(name, shape));
}

/** Attention over ticks, blocks, quaternions, latents: what models do with the batch, and inputs of two bodies each. */
function network(batch: number): Record<string, Tensor> {
  const graph = createGraph();
  const x = graph.input('x', [batch, TICKS, WIDTH]);
  const bodies = graph.input('bodies', [2 * batch, 3]);
  const ticks = graph.input('ticks', [TICKS, batch, 1]);
  const tokens = layerNormalisation(
    linear(x, weight(graph, 'in', [WIDTH, WIDTH])),
    graph.constant(1, [WIDTH]),
    graph.constant(0, [WIDTH]),
  );
  const heads = transpose(reshape(tokens, [batch, TICKS, HEADS, WIDTH / HEADS]), [0, 2, 1, 3]);
  const weights = softmax(matmul(heads, heads, { transposeB: true }));
  const joined = reshape(transpose(matmul(weights, heads), [0, 2, 1, 3]), [batch, TICKS * WIDTH]);
  const gated = blockLinear(joined, weight(graph, 'blocks', [4, 10, 4]));
  const [a, b] = split(gated, 1, 2);
  const pushed = matmul(reshape(bodies, [batch * 2, 1, 3]), weight(graph, 'push', [1, 3, 3]));
  const upright = graph.constant([0, 0, 1, 0, 1, 0], [2, 3]);
  const eachTime = Array.from({ length: batch }, () => [0, 0, 1, 0, 1, 0]).flat();
  const tilted = add(reshape(pushed, [2 * batch, 3]), graph.constant(eachTime, [2 * batch, 3]));
  const carried = concat([tanh(multiply(a!, sigmoid(b!))), graph.constant(0.5, [batch, 2])], 1);
  const places = expand(reshape(upright, [1, 2, 3]), [batch, 2, 3]);
  const hard = oneHot(argMax(a!, 1), WIDTH);
  const rows = reshape(transpose(ticks, [1, 0, 2]), [batch * TICKS, 1]);
  const mixed = silu(linear(rows, weight(graph, 'row', [1, WIDTH]), reshape(x, [batch * TICKS, WIDTH])));
  const wide = expand(reshape(slice(mixed, 1, 0, 1), [batch, 1, TICKS]), [batch, 3, TICKS]);
  return {
    carried: rmsNormalisation(carried, graph.constant(1, [WIDTH + 2])),
    tilted,
    places: multiply(places, reshape(tilted, [batch, 2, 3])),
    hard,
    wide,
    average: mean(mixed, [0]),
    last: unstack(reshape(mixed, [batch, TICKS, WIDTH]), 1).at(-1)!,
    total: sum(x),
  };
}

const inputsOf = (batch: number) => ({
  x: values(`x${batch}`, [batch, TICKS, WIDTH]),
  bodies: values(`bodies${batch}`, [2 * batch, 3]),
  ticks: values(`ticks${batch}`, [TICKS, batch, 1]),
});

describe('a graph for any batch', () => {
  it('gives what a graph for each batch gives', async () => {
    const open = await loadSession(toOnnxForAnyBatch(network), { threads: 1 });
    for (const batch of [1, 3, 17]) {
      const fixed = await createSession(network(batch), { threads: 1 });
      const expected = await fixed.run(inputsOf(batch));
      const results = await open.run(inputsOf(batch));
      expect(Object.keys(results)).toEqual(Object.keys(expected));
      for (const [name, value] of Object.entries(expected)) {
        expect(results[name]!.length, name).toBe(value.length);
        for (const [i, one] of value.entries()) {
          expect(Number(results[name]![i]), `${name} ${i}`).toBeCloseTo(Number(one), 5);
        }
      }
      await fixed.release();
    }
    await open.release();
  });

  it('names its open extents and stores no constant of a batch', async () => {
    const bytes = toOnnxForAnyBatch(network);
    expect(bytes).toEqual(toOnnxForAnyBatch(network));
    const session = await loadSession(bytes);
    expect(session.inputs).toEqual([
      { name: 'x', shape: [-1, TICKS, WIDTH], dtype: 'float32', timesBatch: 1 },
      { name: 'bodies', shape: [-1, 3], dtype: 'float32', timesBatch: 2 },
      { name: 'ticks', shape: [TICKS, -1, 1], dtype: 'float32', timesBatch: 1 },
    ]);
    expect(session.outputs.slice(0, 2)).toEqual([
      { name: 'carried', shape: [-1, WIDTH + 2], dtype: 'float32', timesBatch: 1 },
      { name: 'tilted', shape: [-1, 3], dtype: 'float32', timesBatch: 2 },
    ]);
    await session.release();
    const { graph } = decodeModel(bytes) as {
      graph: { initializer: { dims: number[] }[]; input: { type: unknown }[] };
    };
    expect(Math.max(...graph.initializer.map(({ dims }) => sizeOf(dims)))).toBeLessThanOrEqual(160);
    expect(JSON.stringify(graph.input)).toContain('"dim_param":"2 * batch"');
    expect(bytes.length).toBeLessThan(2 * toOnnx(network(1)).length);
  });

  it('refuses inputs of different batches, of half a batch and of none', async () => {
    const session = await loadSession(toOnnxForAnyBatch(network));
    const good = inputsOf(4);
    for (const [wrong, message] of [
      [{ bodies: new Float32Array(6) }, /"x" holds a batch of 4 and input "bodies" one of 1/],
      [
        { bodies: new Float32Array(9) },
        /"bodies" expects 6 for each element of a batch values \[2 \* batch, 3\]/,
      ],
      [{ x: new Float32Array(0) }, /"x" expects 40 for each element of a batch/],
    ] as const) {
      const error = { code: 'shape-mismatch', message: expect.stringMatching(message) };
      await expect(session.run({ ...good, ...wrong })).rejects.toMatchObject(error);
    }
    await session.release();
  });
});

describe('an operation that fixes the batch is named:', () => {
  it.each<[string, (x: Tensor, batch: number) => Tensor]>([
    ['Mul', (x, batch) => multiply(x, 1 / batch)],
    ['Split', (x) => unstack(x, 0)[0]!],
    ['Slice', (x, batch) => slice(x, 0, batch - 1)],
    ['Add', (x, batch) => add(x, x.graph.constant(values('c', [batch, 2]), [batch, 2]))],
    ['Add', (x, batch) => add(x, x.graph.parameter('p', [batch, 2], new Float32Array(2 * batch)))],
    ['Gemm', (x, batch) => (batch > 1500 ? multiply(x, 2) : linear(x, x.graph.constant(1, [2, 2])))],
    ['Reshape', (x, batch) => reshape(matmul(x, x, { transposeB: true }), [batch * batch])],
  ])('%s', (operation, apply) => {
    expect(() =>
      toOnnxForAnyBatch((batch) => ({ y: apply(createGraph().input('x', [batch, 2]), batch) })),
    ).toThrow(
      expect.objectContaining({
        code: 'shape-mismatch',
        message: expect.stringMatching(
          new RegExp(`^open batch: "?${operation}.* depending on the size of the batch; .*`),
        ),
      }),
    );
  });

  it('and so are outputs that differ and inputs that do not', () => {
    const x = () => createGraph().input('x', [2]);
    expect(() => toOnnxForAnyBatch((batch) => ({ [`y${batch}`]: x() }))).toThrow(/outputs y1009 or y2003/);
    expect(() => toOnnxForAnyBatch(() => ({ y: multiply(x(), 2) }))).toThrow(/no input/);
  });
});
