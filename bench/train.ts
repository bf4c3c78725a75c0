import { availableParallelism } from 'node:os';
import { randomStream } from '../core/random.js';
import { relu } from '../worldmodel/engine/activation.js';
import { square, subtract } from '../worldmodel/engine/elementwise.js';
import { countFlops } from '../worldmodel/engine/flops.js';
import { createGraph, sizeOf } from '../worldmodel/engine/graph.js';
import { linear, matmul } from '../worldmodel/engine/matrix.js';
import { mean } from '../worldmodel/engine/reduction.js';
import { createSession, type Session } from '../worldmodel/engine/session.js';
import { buildTrainingStep, compileTrainingStep, type TrainingStep } from '../worldmodel/engine/training.js';
import type { BenchResult } from './contract.js';

const SIZE = 1024;
const ROUNDS = 12;
/** Each side works this long in a round before the other one takes over. */
const ROUND_MS = 250;

/** Measures a training step of the dense network 256-1024-1024-256, batch 512, AdamW, beside a plain matrix product. */
export async function benchTrainMlp(): Promise<BenchResult> {
  const batch = 512;
  const widths = [256, 1024, 1024, 256];
  const make = (): TrainingStep => {
    const graph = createGraph();
    let h = graph.input('x', [batch, widths[0]!]);
    for (let i = 0; i + 1 < widths.length; i++) {
      const shape = [widths[i]!, widths[i + 1]!];
      const weight = graph.parameter(`weight${i}`, shape, () =>
        uniform(shape, `weight${i}`, 1 / Math.sqrt(shape[0]!)),
      );
      h = linear(
        h,
        weight,
        graph.parameter(`bias${i}`, [shape[1]!], () => new Float32Array(shape[1]!)),
      );
      if (i + 2 < widths.length) h = relu(h);
    }
    const target = graph.input('target', [batch, widths.at(-1)!]);
    return { loss: mean(square(subtract(h, target))), learningRate: 1e-3 };
  };
  const flops = countFlops(buildTrainingStep(make()).outputs);
  const threads = availableParallelism();
  const session = await compileTrainingStep({ ...make(), threads });
  const inputs = { x: uniform([batch, 256], 'x', 1), target: uniform([batch, 256], 'target', 1) };
  try {
    return await besideMatmul('train.mlp.gflops', flops, () => session.step(inputs), threads);
  } finally {
    await session.release();
  }
}

/**
 * Measures repeated work of a known size beside a plain 1024 x 1024 x 1024 product in ONNX Runtime, in turns, and takes
 * the best round of each: the one that other work on the machine disturbed least.
 *
 * @param flops floating-point operations of one call of `work` (see `countFlops`).
 * @param threads what `work` uses too.
 */
export async function besideMatmul(
  name: string,
  flops: number,
  work: () => Promise<unknown>,
  threads: number,
): Promise<BenchResult> {
  const product = await openProduct(threads);
  const own: number[] = [];
  const reference: number[] = [];
  for (let round = -1; round < ROUNDS; round++) {
    const reached = await rate(product.run, product.flops);
    const done = await rate(work, flops);
    if (round < 0) continue;
    reference.push(reached);
    own.push(done);
  }
  await product.session.release();
  const value = Math.max(...own);
  const reference_value = Math.max(...reference);
  return {
    name,
    value,
    unit: 'GFLOP/s',
    reference: `${SIZE} x ${SIZE} x ${SIZE} product in ONNX Runtime, ${threads} threads, GFLOP/s`,
    reference_value,
    ratio: value / reference_value,
  };
}

/** Measures a plain 1024 x 1024 x 1024 product in ONNX Runtime, in GFLOP/s: the best of twelve rounds. */
export async function measureMatmulGflops(threads: number): Promise<number> {
  const product = await openProduct(threads);
  await rate(product.run, product.flops);
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rates.push(await rate(product.run, product.flops));
  await product.session.release();
  return Math.max(...rates);
}

async function openProduct(
  threads: number,
): Promise<{ readonly session: Session; readonly run: () => Promise<unknown>; readonly flops: number }> {
  const graph = createGraph();
  const shape = [SIZE, SIZE];
  const outputs = { product: matmul(graph.input('a', shape), graph.input('b', shape)) };
  const session = await createSession(outputs, { threads });
  const inputs = { a: uniform(shape, 'a', 1), b: uniform(shape, 'b', 1) };
  return { session, run: () => session.run(inputs), flops: countFlops(outputs) };
}

/** Runs work for a round and returns GFLOP/s. */
async function rate(work: () => Promise<unknown>, flops: number): Promise<number> {
  const start = performance.now();
  let calls = 0;
  let elapsedMs = 0;
  while (elapsedMs < ROUND_MS) {
    await work();
    calls++;
    elapsedMs = performance.now() - start;
  }
  return (calls * flops) / elapsedMs / 1e6;
}

function uniform(shape: readonly number[], name: string, bound: number): Float32Array {
  const random = randomStream(1, 'bench', name);
  return Float32Array.from({ length: sizeOf(shape) }, () => bound * (2 * random.uniform() - 1));
}
