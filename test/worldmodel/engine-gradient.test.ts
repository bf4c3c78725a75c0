import { grad, init, numpy as np } from '@jax-js/jax';
import { beforeAll, describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import { sum } from '../../worldmodel/engine/broadcast.js';
import { add, cast, multiply, square } from '../../worldmodel/engine/elementwise.js';
import { gradients } from '../../worldmodel/engine/gradient.js';
import { createGraph, sizeOf, type Tensor } from '../../worldmodel/engine/graph.js';
import { createSession } from '../../worldmodel/engine/session.js';
import { GRADIENT_CASES, type GradientCase, HELPERS, OPERATIONS, VALUE_CASES } from './engine-cases.js';

/** A power of two, so that x + h and x - h are exact enough; the error of the difference is of order h^2. */
const STEP = 2 ** -7;
const DIFFERENCE_TOLERANCE = 3e-3;
const ORACLE_TOLERANCE = 2e-5;

/** Whose gradients have rules that differ from the operation's own. */
const TWICE = [
  'attention',
  'blockLinear',
  'cumulativeSum',
  'gather',
  'gatherRows',
  'layerNormalisation',
  'linear',
  'rmsNormalisation',
  'silu',
  'softmax',
  'unstack',
];

function drawn(name: string, shape: readonly number[], [min, max]: readonly [number, number]): Float32Array {
  const random = randomStream(7, name);
  return Float32Array.from({ length: sizeOf(shape) }, () => min + (max - min) * random.uniform());
}

function titleOf({ operation, note, shapes }: GradientCase): string {
  return `${operation} ${note ?? shapes.map((shape) => `[${shape}]`).join(' ')}`;
}

/** A scalar that weighs every element of a result differently. */
function weigh(y: Tensor, name: string): { readonly loss: Tensor; readonly weights: Float32Array } {
  const weights = drawn(`${name}/weights`, y.shape, [0.5, 1.5]);
  return { loss: sum(multiply(y, y.graph.constant(weights, y.shape))), weights };
}

/** Depends on every input, so that a model has them all even where a gradient is constant. */
function keepAll(xs: readonly Tensor[]): Tensor {
  return xs.map((x) => sum(x)).reduce(add);
}

async function differences(
  evaluate: (inputs: Record<string, Float32Array>) => Promise<number>,
  inputs: Record<string, Float32Array>,
  name: string,
): Promise<number[]> {
  const result: number[] = [];
  const x = inputs[name]!;
  for (let i = 0; i < x.length; i++) {
    const at = async (offset: number): Promise<number> => {
      const moved = x.slice();
      moved[i]! += offset;
      return evaluate({ ...inputs, [name]: moved });
    };
    result.push(((await at(STEP)) - (await at(-STEP))) / (2 * STEP));
  }
  return result;
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++) {
    const error = Math.abs(actual[i]! - expected[i]!) / (1 + Math.abs(expected[i]!));
    expect(error, `element ${i}: ${actual[i]} against ${expected[i]}`).toBeLessThan(tolerance);
  }
}

beforeAll(async () => {
  await init('wasm');
});

describe('every operation', () => {
  it('has a case, and one with gradient unless it lets none through', () => {
    const covered = new Set([...GRADIENT_CASES, ...VALUE_CASES].map(({ operation }) => operation));
    expect(Object.keys(OPERATIONS).sort()).toEqual([...covered, ...HELPERS].sort());
  });
});

describe('operations without gradient', () => {
  it.each(VALUE_CASES.map((entry) => [entry.operation, entry] as const))('%s', async (_, entry) => {
    const data = Float32Array.of(-1.5, 0, 0.5, 0.5, 1, -0.25);
    const x = createGraph().input('x', [2, 3]);
    const y = entry.build(x);
    const [gradient] = gradients(sum(multiply(cast(y, 'float32'), 2)), [x]);
    expect(gradient!.source, 'a constant').toMatchObject({ kind: 'constant', data: new Float32Array(6) });
    const session = await createSession({ y, keep: sum(x) }, { threads: 1 });
    const { y: actual } = await session.run({ x: data });
    await session.release();
    const expected = entry.oracle(np.array(data.slice()).reshape([2, 3]));
    expect(expected.shape).toEqual(y.shape);
    expect(Array.from(actual!, Number)).toEqual(Array.from(await expected.data(), Number));
  });
});

describe('gradients', () => {
  it.each(GRADIENT_CASES.map((entry) => [titleOf(entry), entry] as const))('%s', async (title, entry) => {
    const graph = createGraph();
    const names = entry.shapes.map((_, i) => `x${i}`);
    const xs = entry.shapes.map((shape, i) => graph.input(names[i]!, shape));
    const y = entry.build(...xs);
    const { loss, weights } = weigh(y, title);
    const outputs = Object.fromEntries(gradients(loss, xs).map((g, i) => [`g${i}`, g]));
    const values = entry.shapes.map((shape, i) => drawn(`${title}/${i}`, shape, entry.range ?? [-1.5, 1.5]));
    const inputs = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    const session = await createSession({ y, loss, ...outputs, keep: keepAll(xs) }, { threads: 1 });
    const results = await session.run(inputs);

    const toArray = (i: number): np.Array => np.array(values[i]!.slice()).reshape([...entry.shapes[i]!]);
    const oracle = (...x: np.Array[]): np.Array =>
      np.sum(entry.oracle(...x).mul(np.array(weights.slice()).reshape([...y.shape])));
    const argnums = values.map((_, i) => i);
    const expected = grad(oracle, { argnums })(...values.map((_, i) => toArray(i))) as np.Array[];
    const value = await entry.oracle(...values.map((_, i) => toArray(i))).data();
    expectClose(results.y as Float32Array, value as Float32Array, ORACLE_TOLERANCE);
    for (const [i, name] of names.entries()) {
      const gradient = results[`g${i}`] as Float32Array;
      expect(xs[i]!.shape).toEqual(entry.shapes[i]);
      expectClose(gradient, (await expected[i]!.data()) as Float32Array, ORACLE_TOLERANCE);
      if (entry.operation === 'straightThrough') continue;
      const evaluate = async (moved: Record<string, Float32Array>): Promise<number> =>
        Number((await session.run(moved)).loss![0]);
      expectClose(gradient, await differences(evaluate, inputs, name), DIFFERENCE_TOLERANCE);
    }
    await session.release();
  });

  it.each(
    GRADIENT_CASES.filter(({ operation }) => TWICE.includes(operation)).map(
      (entry) => [titleOf(entry), entry] as const,
    ),
  )('of gradients: %s', async (title, entry) => {
    const graph = createGraph();
    const xs = entry.shapes.map((shape, i) => graph.input(`x${i}`, shape));
    const inner = weigh(entry.build(...xs), title).loss;
    const norm = gradients(inner, xs)
      .map((g) => sum(square(g)))
      .reduce(add);
    const outer = gradients(norm, xs);
    const session = await createSession({
      norm,
      keep: keepAll(xs),
      ...Object.fromEntries(outer.map((g, i) => [`g${i}`, g])),
    });
    const inputs = Object.fromEntries(
      entry.shapes.map((shape, i) => [`x${i}`, drawn(`${title}/${i}`, shape, [-1.5, 1.5])]),
    );
    const results = await session.run(inputs);
    for (const [i] of xs.entries()) {
      const evaluate = async (moved: Record<string, Float32Array>): Promise<number> =>
        Number((await session.run(moved)).norm![0]);
      expectClose(results[`g${i}`] as Float32Array, await differences(evaluate, inputs, `x${i}`), 2e-2);
    }
    await session.release();
  });
});
