import { describe, expect, it } from 'vitest';
import * as activation from '../../worldmodel/engine/activation.js';
import { attention } from '../../worldmodel/engine/attention.js';
import { expand, reshape, sum, sumTo } from '../../worldmodel/engine/broadcast.js';
import * as comparison from '../../worldmodel/engine/comparison.js';
import * as elementwise from '../../worldmodel/engine/elementwise.js';
import { gradients } from '../../worldmodel/engine/gradient.js';
import { createGraph, type Tensor } from '../../worldmodel/engine/graph.js';
import {
  concat,
  gather,
  gatherRows,
  slice,
  split,
  stack,
  transpose,
  unstack,
} from '../../worldmodel/engine/layout.js';
import { blockLinear, linear, matmul } from '../../worldmodel/engine/matrix.js';
import { layerNormalisation, rmsNormalisation } from '../../worldmodel/engine/normalisation.js';
import {
  argMax,
  cumulativeSum,
  logSoftmax,
  logSumExp,
  max,
  mean,
  oneHot,
  softmax,
} from '../../worldmodel/engine/reduction.js';
import { compileTrainingStep } from '../../worldmodel/engine/training.js';
import { HELPERS, OPERATIONS } from './engine-cases.js';

const e = { ...elementwise, ...activation, ...comparison };

const g = createGraph();
const a = g.input('a', [2, 3]);
const b = g.input('b', [4, 5]);
const v = g.input('v', [7]);
const scalar = g.input('scalar', []);
const mask = g.input('mask', [2, 3], 'bool');
const whole = g.input('whole', [2], 'int64');

type Misuse = readonly [operation: string, act: () => unknown];

/** Operands that do not fit together: the message names the operation and both shapes. */
const TWO_SHAPES: readonly Misuse[] = [
  ['add', () => e.add(a, b)],
  ['subtract', () => e.subtract(a, v)],
  ['multiply', () => e.multiply(v, b)],
  ['divide', () => e.divide(b, a)],
  ['maximum', () => e.maximum(a, b)],
  ['minimum', () => e.minimum(a, v)],
  ['greater', () => e.greater(a, b)],
  ['greaterOrEqual', () => e.greaterOrEqual(a, b)],
  ['less', () => e.less(a, b)],
  ['lessOrEqual', () => e.lessOrEqual(a, b)],
  ['equal', () => e.equal(a, b)],
  ['where', () => e.where(mask, a, b)],
  ['where', () => e.where(mask, v, 0)],
  ['straightThrough', () => e.straightThrough(a, b)],
  ['matmul', () => matmul(a, b)],
  ['matmul', () => matmul(a, a)],
  ['matmul', () => matmul(v, a)],
  ['matmul', () => matmul(a, a, { transposeB: true, add: v })],
  ['matmul', () => matmul(a, a, { transposeB: true, add: b })],
  ['matmul', () => matmul(g.input('batched', [2, 2, 3]), g.input('other', [2, 3, 3]), { add: b })],
  ['matmul', () => matmul(g.input('m1', [2, 3, 4]), g.input('m2', [5, 4, 3]))],
  ['linear', () => linear(a, b)],
  ['linear', () => linear(a, g.input('w', [3, 4]), v)],
  ['blockLinear', () => blockLinear(a, g.input('blocks', [2, 3, 3]))],
  ['blockLinear', () => blockLinear(a, g.input('fits', [3, 1, 2]), v)],
  ['attention', () => attention(a, b, b)],
  ['attention', () => attention(b, b, a)],
  ['attention', () => attention(a, g.input('one', [1, 3]), g.input('value', [1, 3]), { causal: true })],
  ['concat', () => concat([a, b], 0)],
  ['concat', () => concat([a, v], 0)],
  ['stack', () => stack([a, b], 0)],
  ['split', () => split(a, 1, [1, 1])],
  ['split', () => split(a, 1, 2)],
  ['reshape', () => reshape(a, [4, 2])],
  ['reshape', () => reshape(a, [-1, 4])],
  ['expand', () => expand(a, [3, 3])],
  ['sumTo', () => sumTo(a, [4, 3])],
  ['layerNormalisation', () => layerNormalisation(a, v, v)],
  ['layerNormalisation', () => layerNormalisation(a, g.input('scale', [3]), v)],
  ['rmsNormalisation', () => rmsNormalisation(a, v)],
  ['transpose', () => transpose(a, [0, 0])],
  ['transpose', () => transpose(a, [0])],
  ['oneHot', () => oneHot(whole, 0)],
];

/** An axis or position that a tensor does not have: the message names the operation, the shape and what was given. */
const ONE_SHAPE: readonly Misuse[] = [
  ['sum', () => sum(a, [2])],
  ['mean', () => mean(a, [-3])],
  ['max', () => max(a, [0.5])],
  ['argMax', () => argMax(a, 2)],
  ['logSumExp', () => logSumExp(a, 2)],
  ['softmax', () => softmax(scalar)],
  ['logSoftmax', () => logSoftmax(scalar)],
  ['cumulativeSum', () => cumulativeSum(a, 2)],
  ['slice', () => slice(a, 1, 2, 2)],
  ['slice', () => slice(a, 1, 0, 4)],
  ['slice', () => slice(a, 2, 0, 1)],
  ['split', () => split(a, 2, 1)],
  ['unstack', () => unstack(a, 2)],
  ['stack', () => stack([a], 4)],
  ['concat', () => concat([a], 2)],
  ['gather', () => gather(a, 0, [2])],
  ['gather', () => gather(a, 2, [0])],
  ['gatherRows', () => gatherRows(scalar, whole)],
];

/** A type that an operation does not work on: the message names the operation and both types. */
const TYPES: readonly Misuse[] = [
  ['abs', () => e.abs(mask)],
  ['cos', () => e.cos(mask)],
  ['erf', () => e.erf(mask)],
  ['exp', () => e.exp(mask)],
  ['gelu', () => e.gelu(mask)],
  ['log', () => e.log(mask)],
  ['negate', () => e.negate(mask)],
  ['relu', () => e.relu(mask)],
  ['sigmoid', () => e.sigmoid(mask)],
  ['sign', () => e.sign(mask)],
  ['silu', () => e.silu(mask)],
  ['sin', () => e.sin(mask)],
  ['softplus', () => e.softplus(mask)],
  ['sqrt', () => e.sqrt(mask)],
  ['square', () => e.square(mask)],
  ['stopGradient', () => e.stopGradient(mask)],
  ['tanh', () => e.tanh(mask)],
  ['power', () => e.power(mask, 3)],
  ['clip', () => e.clip(mask, 0, 1)],
  ['add', () => e.add(mask, mask)],
  ['equal', () => e.equal(a, mask)],
  ['where', () => e.where(a, a, a)],
  ['where', () => e.where(mask, mask, a)],
  ['concat', () => concat([a, mask], 0)],
  ['matmul', () => matmul(a, mask)],
  ['linear', () => linear(mask, b)],
  ['sum', () => sum(mask)],
  ['mean', () => mean(mask)],
  ['max', () => max(whole)],
  ['argMax', () => argMax(whole, 0)],
  ['oneHot', () => oneHot(a, 3)],
  ['gatherRows', () => gatherRows(a, a)],
  ['cumulativeSum', () => cumulativeSum(whole, 0)],
  ['rmsNormalisation', () => rmsNormalisation(mask, v)],
];

/** `cast` takes whatever there is. */
const TAKES_EVERYTHING = ['cast'];

function expectError(act: () => unknown, pattern: RegExp): void {
  expect(act).toThrow(
    expect.objectContaining({
      name: 'UmweltError',
      code: 'shape-mismatch',
      message: expect.stringMatching(pattern),
    }),
  );
}

describe('operands that do not fit', () => {
  it('are tested for every operation that can fail', () => {
    const tested = new Set([...TWO_SHAPES, ...ONE_SHAPE, ...TYPES].map(([operation]) => operation));
    expect([...tested, ...TAKES_EVERYTHING, ...HELPERS].sort()).toEqual(Object.keys(OPERATIONS).sort());
  });

  it.each(TWO_SHAPES)('%s names itself and both shapes', (operation, act) => {
    expectError(act, new RegExp(`^${operation}: .*\\[.*\\].*\\[.*\\]`));
  });

  it.each(ONE_SHAPE)('%s names itself, the shape and what was given', (operation, act) => {
    expectError(act, new RegExp(`^${operation}: expected .*shape \\[.*\\], got .`));
  });

  it.each(TYPES)('%s names itself and both types', (operation, act) => {
    expectError(
      act,
      new RegExp(`^${operation}: expected (float32|int64|bool), got (float32|int64|bool) in ".*"; use cast`),
    );
  });
});

describe('other misuse', () => {
  it.each<[string, () => unknown]>([
    ['an extent of 0', () => g.input('empty', [0, 3])],
    ['initial values of another size', () => g.parameter('short', [2], new Float32Array(3))],
    [
      'a second declaration',
      () => [2, 3].map((size) => g.parameter('p', [size], () => new Float32Array(size))),
    ],
    ['a loss of several elements', () => gradients(a, [a])],
    ['a loss of another type', () => gradients(g.input('flag', [], 'bool'), [a])],
  ])('%s is refused', (_, act) => {
    expectError(act, /./);
  });

  it('a metric of several elements is refused', async () => {
    const step = { loss: sum(a), metrics: { a }, parameters: [a] as Tensor[], learningRate: 1 };
    await expect(compileTrainingStep(step)).rejects.toMatchObject({ code: 'shape-mismatch' });
  });

  it.each<[string, () => unknown]>([
    ['a name taken', () => g.input('a', [1])],
    ['a tensor of another graph', () => e.add(a, createGraph().input('a', [2, 3]))],
    ['reversed limits', () => e.clip(a, 1, 0)],
    ['nothing to join', () => concat([], 0)],
    ['nothing to stack', () => stack([], 0)],
    ['numbers alone', () => e.add(1, 2)],
  ])('%s is refused', (_, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });
});
