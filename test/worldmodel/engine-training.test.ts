import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import { tanh } from '../../worldmodel/engine/activation.js';
import { sum } from '../../worldmodel/engine/broadcast.js';
import { log, multiply, sqrt, square, subtract } from '../../worldmodel/engine/elementwise.js';
import { createGraph, type Graph, type Tensor } from '../../worldmodel/engine/graph.js';
import { linear } from '../../worldmodel/engine/matrix.js';
import {
  adamW,
  clipAdaptively,
  clipByGlobalNorm,
  laprop,
  type OptimiserUpdate,
  warmupCosine,
} from '../../worldmodel/engine/optimiser.js';
import { mean } from '../../worldmodel/engine/reduction.js';
import { createSession } from '../../worldmodel/engine/session.js';
import { compileTrainingStep, type TrainingStep } from '../../worldmodel/engine/training.js';

const ROWS = 8;
const WIDTH = 3;

function values(count: number, name: string): Float32Array {
  const random = randomStream(3, name);
  return Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
}

/** y = x w + b, mean squared error. */
function regression(): { readonly graph: Graph; readonly loss: Tensor } {
  const graph = createGraph();
  const w = graph.parameter('w', [WIDTH, 1], values(WIDTH, 'w'));
  const b = graph.parameter('b', [1], new Float32Array(1));
  const predicted = linear(graph.input('x', [ROWS, WIDTH]), w, b);
  return { graph, loss: mean(square(subtract(predicted, graph.input('y', [ROWS, 1])))) };
}

const x = values(ROWS * WIDTH, 'x');
const y = values(ROWS, 'y');

/** The same gradient by hand, in float64: [w0, w1, w2, b]. */
function gradientByHand(theta: readonly number[]): number[] {
  const result = theta.map(() => 0);
  for (let row = 0; row < ROWS; row++) {
    const features = [...x.subarray(row * WIDTH, (row + 1) * WIDTH), 1];
    const error = features.reduce((total, feature, i) => total + feature * theta[i]!, 0) - y[row]!;
    for (const [i, feature] of features.entries()) result[i]! += (2 * error * feature) / ROWS;
  }
  return result;
}

/** Large, so that its place in the equation shows. */
const EPSILON = 0.1;

type Moments = { m: number; v: number };

/** One scalar's step, from the papers' equations. */
const BY_HAND: Record<
  string,
  (s: Moments, g: number, w: number, t: number, lr: number, decay: number) => number
> = {
  adamW(s, g, w, t, lr, decay) {
    s.m = 0.9 * s.m + 0.1 * g;
    s.v = 0.999 * s.v + 0.001 * g * g;
    const mHat = s.m / (1 - 0.9 ** t);
    const vHat = s.v / (1 - 0.999 ** t);
    return w - lr * (mHat / (Math.sqrt(vHat) + EPSILON) + decay * w);
  },
  laprop(s, g, w, t, lr, decay) {
    s.v = 0.99 * s.v + 0.01 * g * g;
    s.m = 0.9 * s.m + (0.1 * g) / (Math.sqrt(s.v / (1 - 0.99 ** t)) + EPSILON);
    return w - lr * (s.m / (1 - 0.9 ** t) + decay * w);
  },
};

const schedule = (step: number): number => warmupCosine(step, { peak: 0.05, warmupSteps: 4, totalSteps: 30 });

describe('a training step', () => {
  it.each<[string, OptimiserUpdate]>([
    ['adamW', adamW],
    ['laprop', laprop],
  ])('with %s follows an independent implementation for 30 steps', async (name, optimiser) => {
    const { loss } = regression();
    const weightDecay = 0.1;
    const session = await compileTrainingStep({
      loss,
      optimiser,
      optimiserOptions: { weightDecay, epsilon: EPSILON },
      learningRate: schedule,
      threads: 1,
    });
    let theta = [...values(WIDTH, 'w'), 0];
    const moments = theta.map(() => ({ m: 0, v: 0 }));
    for (let t = 1; t <= 30; t++) {
      await session.step({ x, y });
      const g = gradientByHand(theta);
      theta = theta.map((w, i) =>
        BY_HAND[name]!(moments[i]!, g[i]!, w, t, schedule(t), i < WIDTH ? weightDecay : 0),
      );
      const learned = session.parameters();
      const ours = [...learned.w!, ...learned.b!];
      for (const [i, w] of theta.entries()) expect(Math.abs(ours[i]! - w)).toBeLessThan(2e-5);
    }
    expect(session.steps()).toBe(30);
    await session.release();
  });

  it('lowers the loss of a regression to its least-squares value', async () => {
    const { loss } = regression();
    const session = await compileTrainingStep({ loss, learningRate: 0.05 });
    const first = (await session.step({ x, y })).loss!;
    for (let i = 0; i < 600; i++) await session.step({ x, y });
    const last = (await session.step({ x, y })).loss!;
    expect(last).toBeLessThan(first);
    const { w, b } = session.parameters();
    for (const g of gradientByHand([...w!, ...b!])) expect(Math.abs(g)).toBeLessThan(1e-4);
    await session.release();
  });

  it('reports the loss and metrics of before the update', async () => {
    const { loss } = regression();
    const session = await compileTrainingStep({
      loss,
      metrics: { double: multiply(loss, 2) },
      learningRate: 0.1,
    });
    const { loss: before, double } = await session.step({ x, y });
    const theta = [...values(WIDTH, 'w'), 0];
    let expected = 0;
    for (let row = 0; row < ROWS; row++) {
      const features = [...x.subarray(row * WIDTH, (row + 1) * WIDTH), 1];
      expected += (features.reduce((total, f, i) => total + f * theta[i]!, 0) - y[row]!) ** 2 / ROWS;
    }
    expect(before).toBeCloseTo(expected, 5);
    expect(double).toBeCloseTo(2 * expected, 5);
    await session.release();
  });
});

/** A network that is large enough for threads to share an operation. */
function network(): TrainingStep {
  const graph = createGraph();
  let h = graph.input('x', [64, 48]);
  for (const layer of [0, 1]) {
    const weight = graph.parameter(`w${layer}`, [48, 48], () => values(48 * 48, `w${layer}`));
    h = tanh(linear(h, weight, graph.parameter(`b${layer}`, [48], new Float32Array(48))));
  }
  return {
    loss: mean(square(subtract(h, graph.input('y', [64, 48])))),
    optimiser: laprop,
    clip: (gradients, parameters) => clipAdaptively(gradients, parameters),
    learningRate: schedule,
    threads: 2,
  };
}

const batchOf = (step: number) => ({ x: values(64 * 48, `x${step}`), y: values(64 * 48, `y${step}`) });

async function trained(steps: number): Promise<Record<string, Float32Array>> {
  const session = await compileTrainingStep(network());
  for (let i = 0; i < steps; i++) await session.step(batchOf(i));
  const state = session.state();
  await session.release();
  return state;
}

describe('training', () => {
  it('gives the same bytes when run twice', async () => {
    expect(await trained(12)).toEqual(await trained(12));
  });

  it('resumes to the same bytes as an uninterrupted run', async () => {
    const half = await trained(7);
    const session = await compileTrainingStep(network());
    await session.step(batchOf(99));
    session.load(half);
    expect(session.steps()).toBe(7);
    for (let i = 7; i < 12; i++) await session.step(batchOf(i));
    expect(session.state()).toEqual(await trained(12));
    await session.release();
  });

  it('takes one step back to the same bytes, and no more', async () => {
    const session = await compileTrainingStep(network());
    await session.step(batchOf(0));
    const before = session.state();
    await session.step(batchOf(1));
    session.undo();
    expect(session.state()).toEqual(before);
    expect(() => session.undo()).toThrow(expect.objectContaining({ code: 'invalid-input' }));
    await session.release();
  });

  it('returns a loss that is not finite, and can step back from it', async () => {
    const graph = createGraph();
    const w = graph.parameter('w', [2], Float32Array.of(1, 2));
    const loss = sum(log(multiply(w, graph.input('x', [2]))));
    const session = await compileTrainingStep({ loss, learningRate: 0.1 });
    expect((await session.step({ x: Float32Array.of(1, -1) })).loss).toBeNaN();
    session.undo();
    expect(session.parameters()).toEqual({ w: Float32Array.of(1, 2) });
    expect((await session.step({ x: Float32Array.of(1, 1) })).loss).toBeCloseTo(Math.log(2), 6);
    await session.release();
  });

  it('tells by its norm of a gradient that is not finite where the loss is, and can step back from it', async () => {
    const graph = createGraph();
    const w = graph.parameter('w', [2], Float32Array.of(1, 4));
    // The slope of a root is infinite at 0, its value is not.
    const loss = sum(sqrt(multiply(w, graph.input('x', [2]))));
    const session = await compileTrainingStep({ loss, learningRate: 0.1 });
    const broken = await session.step({ x: Float32Array.of(0, 1) });
    expect(broken.loss).toBe(2);
    expect(Number.isFinite(broken.gradientNorm)).toBe(false);
    expect(session.parameters().w!.every(Number.isFinite)).toBe(false);
    session.undo();
    expect(session.parameters()).toEqual({ w: Float32Array.of(1, 4) });
    const { gradientNorm } = await session.step({ x: Float32Array.of(1, 1) });
    expect(gradientNorm).toBeCloseTo(Math.hypot(0.5, 0.25), 6);
    await session.release();
  });

  it('refuses a metric with a name of its own', async () => {
    const { loss } = regression();
    const compiled = compileTrainingStep({ loss, metrics: { gradientNorm: loss }, learningRate: 0.1 });
    await expect(compiled).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('keeps weights when a batch is refused', async () => {
    const session = await compileTrainingStep(network());
    const before = session.state();
    const { x: good } = batchOf(0);
    await expect(session.step({ x: good })).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(session.step({ x: good, y: good.subarray(1) })).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
    await expect(session.step({ x: good, y: good, z: good })).rejects.toMatchObject({
      code: 'invalid-input',
    });
    expect(session.state()).toEqual(before);
    await session.release();
  });

  it('refuses the state of another model', async () => {
    const session = await compileTrainingStep(network());
    const state = session.state();
    const { w0: _, ...incomplete } = state;
    for (const wrong of [incomplete, { ...state, b0: new Float32Array(3) }]) {
      expect(() => session.load(wrong)).toThrow(expect.objectContaining({ code: 'shape-mismatch' }));
    }
    expect(session.state()).toEqual(state);
    await session.release();
  });

  it('leaves tensors that are not among the parameters as they are', async () => {
    const { graph, loss } = regression();
    const [w] = graph.parameters();
    const session = await compileTrainingStep({ loss, parameters: [w!], learningRate: 0.1 });
    await session.step({ x, y });
    expect(Object.keys(session.parameters())).toEqual(['w']);
    await session.release();
  });
});

describe('clipping', () => {
  const gradientData = [Float32Array.of(3, 0), Float32Array.of(0, 4, 0)];

  async function clipped(clip: (g: Tensor[], p: Tensor[]) => readonly Tensor[]): Promise<number[][]> {
    const graph = createGraph();
    const gs = gradientData.map((data) => graph.constant(data));
    const ps = [graph.constant([0, 2]), graph.constant([0, 0, 0])];
    const [a, b] = clip(gs, ps);
    const session = await createSession({ a: a!, b: b! }, { threads: 1 });
    const results = await session.run({});
    await session.release();
    return [results.a, results.b].map((data) => [...(data as Float32Array)]);
  }

  it('scales all gradients together to the global norm', async () => {
    const [a, b] = await clipped((g) => clipByGlobalNorm(g, 1));
    expect(a![0]).toBeCloseTo(0.6, 6);
    expect(b![1]).toBeCloseTo(0.8, 6);
    expect(await clipped((g) => clipByGlobalNorm(g, 10))).toEqual(gradientData.map((data) => [...data]));
  });

  it('scales each gradient to its parameter, with a floor for zeros', async () => {
    const [a, b] = await clipped((g, p) => clipAdaptively(g, p, 0.3, 1e-3));
    expect(a![0]).toBeCloseTo(0.6, 6);
    expect(b![1]).toBeCloseTo(0.3e-3, 9);
  });
});

describe('warmupCosine', () => {
  it('rises, falls and stays', () => {
    const shape = { peak: 2, warmupSteps: 10, totalSteps: 110, final: 0.5 };
    expect([1, 5, 10, 60, 110, 500].map((step) => warmupCosine(step, shape))).toEqual([
      0.2, 1, 2, 1.25, 0.5, 0.5,
    ]);
  });
});
