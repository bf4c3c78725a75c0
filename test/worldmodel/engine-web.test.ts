import * as web from 'onnxruntime-web';
import { beforeAll, describe, expect, it } from 'vitest';
import { silu, tanh } from '../../worldmodel/engine/activation.js';
import { reachable } from '../../worldmodel/engine/gradient.js';
import { createGraph, type Tensor } from '../../worldmodel/engine/graph.js';
import { split } from '../../worldmodel/engine/layout.js';
import { linear } from '../../worldmodel/engine/matrix.js';
import { rmsNormalisation } from '../../worldmodel/engine/normalisation.js';
import { toOnnx } from '../../worldmodel/engine/onnx.js';
import { toOnnxForAnyBatch } from '../../worldmodel/engine/open-batch.js';
import { softmax } from '../../worldmodel/engine/reduction.js';
import { loadSession } from '../../worldmodel/engine/session.js';
import { buildEveryCase, drawValues, worstDifference } from './engine-every.js';

/** Both run on the same processor, but with other kernels. */
const TOLERANCE = 2e-5;

beforeAll(() => {
  web.env.wasm.numThreads = 1;
});

type Results = Record<string, Float32Array>;

async function runInNode(model: Uint8Array, inputs: Results): Promise<Results> {
  const session = await loadSession(model, { threads: 1 });
  const results = await session.run(inputs);
  await session.release();
  return results as Results;
}

async function runInWeb(
  model: Uint8Array,
  inputs: Results,
  shapes: Readonly<Record<string, readonly number[]>>,
): Promise<Results> {
  const session = await web.InferenceSession.create(model, { executionProviders: ['wasm'] });
  const feeds = Object.fromEntries(
    session.inputNames.map((name) => [name, new web.Tensor('float32', inputs[name]!, shapes[name]!)]),
  );
  const results = await session.run(feeds);
  await session.release();
  return Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]));
}

describe('onnxruntime-web', () => {
  it("computes every operation and its gradient with onnxruntime-node's values", async () => {
    const { outputs, inputs } = buildEveryCase();
    const operators = new Set(reachable(Object.values(outputs)).map(({ operator }) => operator));
    for (const own of [
      'QuickGelu',
      'SimplifiedLayerNormalization',
      'FusedMatMul',
      'Gelu',
      'CumSum',
      'Gemm',
    ]) {
      expect(operators).toContain(own);
    }
    const sources = reachable(Object.values(outputs)).flatMap((node) => node.inputs);
    const shapes = Object.fromEntries(sources.map(({ name, shape }) => [name, shape]));
    const model = toOnnx(outputs);
    const { where, difference } = worstDifference(
      await runInWeb(model, inputs, shapes),
      await runInNode(model, inputs),
    );
    expect(difference, where).toBeLessThan(TOLERANCE);
  });

  it('takes any batch of a graph that leaves it open', async () => {
    const build = (batch: number): Record<string, Tensor> => {
      const graph = createGraph();
      const x = graph.input('x', [batch, 6]);
      const weight = graph.parameter('w', [6, 8], () => drawValues('w', [6, 8]));
      const [a, b] = split(silu(linear(x, weight)), 1, 2) as [Tensor, Tensor];
      return { y: softmax(a), z: tanh(rmsNormalisation(b, graph.constant(1, [4]))) };
    };
    const model = toOnnxForAnyBatch(build);
    for (const batch of [1, 5]) {
      const x = drawValues(`x${batch}`, [batch, 6]);
      const results = await runInWeb(model, { x }, { x: [batch, 6] });
      expect(results.y).toHaveLength(batch * 4);
      const { where, difference } = worstDifference(results, await runInNode(toOnnx(build(batch)), { x }));
      expect(difference, where).toBeLessThan(TOLERANCE);
    }
  });
});
