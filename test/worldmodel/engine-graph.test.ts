import { describe, expect, it } from 'vitest';
import { reshape, sum } from '../../worldmodel/engine/broadcast.js';
import { equal, greater, greaterOrEqual, less, lessOrEqual } from '../../worldmodel/engine/comparison.js';
import {
  add,
  cast,
  exp,
  multiply,
  sign,
  square,
  stopGradient,
  subtract,
} from '../../worldmodel/engine/elementwise.js';
import { countFlops } from '../../worldmodel/engine/flops.js';
import { gradients, reachable } from '../../worldmodel/engine/gradient.js';
import { createGraph, type Tensor } from '../../worldmodel/engine/graph.js';
import { concat, gatherRows, unstack } from '../../worldmodel/engine/layout.js';
import { linear } from '../../worldmodel/engine/matrix.js';
import { toOnnx } from '../../worldmodel/engine/onnx.js';
import { decodeModel } from '../../worldmodel/engine/onnx-proto.js';
import { argMax, max, mean, oneHot } from '../../worldmodel/engine/reduction.js';
import { createSession, loadSession } from '../../worldmodel/engine/session.js';
import { buildTrainingStep } from '../../worldmodel/engine/training.js';

async function evaluate(y: Tensor, inputs: Record<string, Float32Array> = {}): Promise<number[]> {
  const session = await createSession({ y }, { threads: 1 });
  const results = await session.run(inputs);
  await session.release();
  return Array.from(results.y as ArrayLike<number | bigint>, Number);
}

function operators(...tensors: Tensor[]): string[] {
  return reachable(tensors).map((node) => node.operator);
}

describe('operations without gradient', () => {
  it('compute their values', async () => {
    const g = createGraph();
    const x = g.constant([-1, 0, 2, 2], [2, 2]);
    expect(await evaluate(sign(x))).toEqual([-1, 0, 1, 1]);
    expect(await evaluate(cast(greater(x, 0), 'float32'))).toEqual([0, 0, 1, 1]);
    expect(await evaluate(greaterOrEqual(x, 0))).toEqual([0, 1, 1, 1]);
    expect(await evaluate(less(x, 0))).toEqual([1, 0, 0, 0]);
    expect(await evaluate(lessOrEqual(x, 0))).toEqual([1, 1, 0, 0]);
    expect(await evaluate(equal(x, 2))).toEqual([0, 0, 1, 1]);
    expect(await evaluate(argMax(x, 1))).toEqual([1, 0]);
    expect(await evaluate(argMax(x, 0))).toEqual([1, 1]);
    expect(await evaluate(oneHot(argMax(x, 1), 3))).toEqual([0, 1, 0, 1, 0, 0]);
  });

  it('hold gradients back', async () => {
    const g = createGraph();
    const x = g.parameter('x', [2], Float32Array.of(3, 5));
    const [gradient] = gradients(sum(multiply(stopGradient(square(x)), x)), [x]);
    expect(await evaluate(gradient!)).toEqual([9, 25]);
    const [none] = gradients(sum(add(sign(x), cast(greater(x, 0), 'float32'))), [x]);
    expect(none!.source?.kind).toBe('constant');
    expect(await evaluate(none!)).toEqual([0, 0]);
  });
});

describe('the graph', () => {
  it('stores equal nodes and constants once', () => {
    const g = createGraph();
    const x = g.input('x', [2]);
    expect(exp(multiply(x, 3))).toBe(exp(multiply(x, 3)));
    expect(g.constant([1, 2])).toBe(g.constant(Float32Array.of(1, 2)));
    expect(g.constant([1, 2])).not.toBe(g.constant([1, 2], [2, 1]));
    expect(g.parameter('w', [1], () => new Float32Array(1))).toBe(
      g.parameter('w', [1], () => new Float32Array(1)),
    );
  });

  it('writes only what the outputs depend on, to the same bytes each time', () => {
    const build = () => {
      const g = createGraph();
      const x = g.parameter('x', [3], Float32Array.of(1, 2, 3));
      exp(x);
      return toOnnx({ y: gradients(sum(square(x)), [x])[0]! }, { metadata: { who: 'test' } });
    };
    expect(build()).toEqual(build());
    const { graph, metadata_props } = decodeModel(build()) as {
      graph: { node: { op_type: string }[]; initializer: { name: string }[] };
      metadata_props: unknown[];
    };
    expect(graph.node.map((node) => node.op_type)).not.toContain('Exp');
    expect(graph.initializer.map(({ name }) => name)).toContain('x');
    expect(metadata_props).toEqual([{ key: 'who', value: 'test' }]);
  });

  it('adds the weight gradients of all ticks in one product, and a split costs one join', () => {
    const g = createGraph();
    const w = g.parameter('w', [4, 4], () => new Float32Array(16));
    const b = g.parameter('b', [4], () => new Float32Array(4));
    const ticks = unstack(g.input('x', [5, 2, 4]), 0);
    let h: Tensor = g.constant(0.5, [2, 4]);
    for (const tick of ticks) h = exp(linear(add(h, tick), w, b));
    const [gradient] = gradients(mean(h), [w]);
    const products = reachable([gradient!]).filter((node) => node.operator === 'Gemm');
    expect(products.filter((node) => node.attributes.transA === 1)).toHaveLength(1);
    expect(operators(gradients(mean(h), [b])[0]!).filter((name) => name === 'ReduceSum')).toHaveLength(1);
    const x = g.input('whole', [5, 2]);
    const squares = unstack(x, 0).map((row, i) => multiply(square(row), i));
    const joined = operators(gradients(sum(squares.reduce(add)), [x])[0]!);
    expect(joined.filter((name) => name === 'Concat')).toHaveLength(1);
  });

  it('adds the parts of a gradient in the products that make them, and cuts a join in one node', () => {
    const g = createGraph();
    const h = g.input('h', [4, 3]);
    const w = (name: string) => g.parameter(name, [3, 3], () => new Float32Array(9));
    const loss = mean(exp(add(add(linear(h, w('a')), exp(linear(h, w('b')))), square(h))));
    const nodes = reachable(gradients(loss, [h])).map(
      ({ operator, inputs }) => `${operator} ${inputs.length}`,
    );
    expect(nodes.filter((node) => node === 'Gemm 3')).toHaveLength(2);
    const mixed = add(h, multiply(g.input('gate', [4, 3]), subtract(exp(g.input('other', [4, 3])), h)));
    const slopes = operators(gradients(sum(square(mixed)), [h])[0]!);
    expect(slopes).not.toContain('Neg');
    const parts = [exp(h), square(h), multiply(h, 3)];
    const whole = operators(...gradients(sum(square(concat(parts, 0))), [h]));
    expect(whole.filter((name) => name === 'Split')).toHaveLength(1);
    expect(whole).not.toContain('Slice');
    const sequence = operators(...unstack(reshape(g.input('rows', [6, 2]), [3, 2, 2]), 0));
    expect(sequence).toEqual(['Split']);
  });

  it('counts the products of forward and backward pass', () => {
    const g = createGraph();
    const w = (i: number, m: number, n: number) =>
      g.parameter(`w${i}`, [m, n], () => new Float32Array(m * n));
    const hidden = exp(linear(g.input('x', [10, 3]), w(0, 3, 5)));
    const { outputs } = buildTrainingStep({
      loss: mean(square(linear(hidden, w(1, 5, 2)))),
      learningRate: 1,
    });
    const first = 2 * 10 * 3 * 5;
    const second = 2 * 10 * 5 * 2;
    expect(countFlops(outputs)).toBe(2 * first + 3 * second);
  });

  it('gives the whole gradient to each of several largest elements', async () => {
    const g = createGraph();
    const x = g.parameter('x', [3], Float32Array.of(1, 4, 4));
    expect(await evaluate(gradients(max(x), [x])[0]!)).toEqual([0, 1, 1]);
  });
});

describe('sessions', () => {
  it('read back what toOnnx writes, with other values where given', async () => {
    const g = createGraph();
    const w = g.parameter('w', [2, 1], Float32Array.of(1, 1));
    const y = linear(g.input('x', [1, 2]), w);
    const session = await loadSession(toOnnx({ y, w2: w }, { values: { w: Float32Array.of(2, 3) } }));
    expect(session.inputs).toEqual([{ name: 'x', shape: [1, 2], dtype: 'float32' }]);
    expect(session.outputs.map(({ name }) => name)).toEqual(['y', 'w2']);
    const results = await session.run({ x: Float32Array.of(10, 1) });
    expect([...(results.y as Float32Array), ...(results.w2 as Float32Array)]).toEqual([23, 2, 3]);
    await session.release();
    expect(() => toOnnx({ y }, { values: { w: new Float32Array(3) } })).toThrow(
      expect.objectContaining({ code: 'shape-mismatch' }),
    );
    expect(() => toOnnx({ x: y })).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it('look rows up by positions that are fed, and refuse those outside', async () => {
    const g = createGraph();
    const table = g.parameter('table', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
    const picked = gatherRows(table, g.input('places', [4], 'int64'));
    const [slope] = gradients(sum(multiply(picked, g.input('weight', [4, 1]))), [table]);
    const session = await createSession({ picked, slope: slope! }, { threads: 2 });
    const weight = Float32Array.of(1, 10, 100, 1000);
    const results = await session.run({ places: BigInt64Array.of(2n, 0n, 2n, -1n), weight });
    expect(Array.from(results.picked!, Number)).toEqual([5, 6, 1, 2, 5, 6, 5, 6]);
    expect(Array.from(results.slope!, Number)).toEqual([10, 10, 0, 0, 1101, 1101]);
    const outside = session.run({ places: BigInt64Array.of(0n, 1n, 2n, 3n), weight });
    await expect(outside).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringMatching(/idx=3/),
    });
    await session.release();
  });

  it('refuse bytes that are no model, types that do not fit, and no threads', async () => {
    await expect(loadSession(new Uint8Array([1, 2, 3]))).rejects.toMatchObject({ code: 'malformed-file' });
    const g = createGraph();
    const outputs = { y: exp(g.input('x', [2])) };
    await expect(createSession(outputs, { threads: 0 })).rejects.toMatchObject({ code: 'invalid-input' });
    const session = await createSession(outputs);
    await expect(session.run({ x: new BigInt64Array(2) })).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(session.run({})).rejects.toMatchObject({ code: 'invalid-input' });
    await session.release();
  });
});
