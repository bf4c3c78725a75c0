import { lax, nn, numpy as np, scipySpecial } from '@jax-js/jax';
import * as activation from '../../worldmodel/engine/activation.js';
import * as attention from '../../worldmodel/engine/attention.js';
import * as broadcast from '../../worldmodel/engine/broadcast.js';
import * as comparison from '../../worldmodel/engine/comparison.js';
import * as elementwise from '../../worldmodel/engine/elementwise.js';
import type { Tensor } from '../../worldmodel/engine/graph.js';
import * as layout from '../../worldmodel/engine/layout.js';
import * as matrix from '../../worldmodel/engine/matrix.js';
import * as normalisation from '../../worldmodel/engine/normalisation.js';
import type { Operand } from '../../worldmodel/engine/operand.js';
import * as reduction from '../../worldmodel/engine/reduction.js';

/** An operation, applied by the engine and by jax-js. */
export interface GradientCase {
  readonly operation: string;
  readonly note?: string;
  readonly shapes: readonly (readonly number[])[];
  /** Where the inputs are drawn from; [-1.5, 1.5] by default. */
  readonly range?: readonly [number, number];
  readonly build: (...x: Tensor[]) => Tensor;
  readonly oracle: (...x: np.Array[]) => np.Array;
}

/** Every exported function of the operation modules, which each needs a case. */
export const OPERATIONS: Readonly<Record<string, unknown>> = {
  ...attention,
  ...broadcast,
  ...elementwise,
  ...activation,
  ...comparison,
  ...layout,
  ...matrix,
  ...normalisation,
  ...reduction,
};

/** Exports that make no node. */
export const HELPERS = ['broadcastShapes', 'resolveAxes'];

/** An operation that lets no gradient through, of one tensor. */
export interface ValueCase {
  readonly operation: string;
  readonly build: (x: Tensor) => Tensor;
  readonly oracle: (x: np.Array) => np.Array;
}

const e = { ...elementwise, ...activation, ...comparison };
const m23 = [2, 3];

const compare = (
  operation: string,
  build: (a: Tensor, b: Operand) => Tensor,
  oracle: (a: np.Array, b: number) => np.Array,
): ValueCase => ({ operation, build: (x) => build(x, 0.5), oracle: (x) => oracle(x, 0.5) });

/** One case for each operation without gradient; their input holds [-1.5, 0, 0.5, 0.5, 1, -0.25] in [2, 3]. */
export const VALUE_CASES: readonly ValueCase[] = [
  compare('greater', e.greater, np.greater),
  compare('greaterOrEqual', e.greaterOrEqual, np.greaterEqual),
  compare('less', e.less, np.less),
  compare('lessOrEqual', e.lessOrEqual, np.lessEqual),
  compare('equal', e.equal, np.equal),
  { operation: 'sign', build: e.sign, oracle: np.sign },
  { operation: 'stopGradient', build: e.stopGradient, oracle: (x) => x },
  {
    operation: 'cast',
    build: (x) => e.cast(e.greater(x, 0), 'float32'),
    oracle: (x) => np.greater(x, 0).astype(np.float32),
  },
  { operation: 'argMax', build: (x) => reduction.argMax(x, 1), oracle: (x) => np.argmax(x, 1) },
  { operation: 'argMax', build: (x) => reduction.argMax(x, 0), oracle: (x) => np.argmax(x, 0) },
  {
    operation: 'oneHot',
    build: (x) => reduction.oneHot(reduction.argMax(x, -1), 4),
    oracle: (x) => nn.oneHot(np.argmax(x, -1), 4),
  },
];

function unary(
  operation: string,
  build: (x: Tensor) => Tensor,
  oracle: (x: np.Array) => np.Array,
  range?: readonly [number, number],
): GradientCase {
  return { operation, shapes: [m23], build, oracle, ...(range && { range }) };
}

function binary(
  operation: string,
  build: (a: Tensor, b: Tensor) => Tensor,
  oracle: (a: np.Array, b: np.Array) => np.Array,
  range?: readonly [number, number],
): GradientCase[] {
  const shapes = [
    [m23, m23],
    [m23, [3]],
    [[2, 1], m23],
    [
      [4, 1, 3],
      [2, 1],
    ],
    [[], m23],
  ];
  return shapes.map((pair) => ({
    operation,
    note: `[${pair[0]}] and [${pair[1]}]`,
    shapes: pair,
    build,
    oracle,
    ...(range && { range }),
  }));
}

function layerNorm(x: np.Array, scale: np.Array, bias: np.Array): np.Array {
  return nn.standardize(x, -1, { epsilon: 1e-5 }).mul(scale).add(bias);
}

function rmsNorm(x: np.Array, scale: np.Array): np.Array {
  const power = np.mean(np.square(x.ref), -1, { keepdims: true }).add(1e-5);
  return x.div(np.sqrt(power)).mul(scale);
}

const ELEMENTWISE: readonly GradientCase[] = [
  ...binary('add', e.add, np.add),
  ...binary('subtract', e.subtract, np.subtract),
  ...binary('multiply', e.multiply, np.multiply),
  ...binary('divide', e.divide, np.divide, [0.5, 2]),
  ...binary('maximum', e.maximum, np.maximum),
  ...binary('minimum', e.minimum, np.minimum),
  unary(
    'add',
    (x) => e.add(2.5, x),
    (x) => x.add(2.5),
  ),
  unary(
    'subtract',
    (x) => e.subtract(2.5, x),
    (x) => np.subtract(2.5, x),
  ),
  unary(
    'divide',
    (x) => e.divide(2.5, x),
    (x) => np.divide(2.5, x),
    [0.5, 2],
  ),
  unary(
    'divide',
    (x) => e.divide(x, 4),
    (x) => x.div(4),
  ),
  unary(
    'multiply',
    (x) => e.multiply(x, x),
    (x) => np.square(x),
  ),
  unary('negate', e.negate, np.negative),
  unary('exp', e.exp, np.exp),
  unary('log', e.log, np.log, [0.3, 2]),
  unary('sqrt', e.sqrt, np.sqrt, [0.3, 2]),
  unary('square', e.square, np.square),
  unary(
    'power',
    (x) => e.power(x, 3),
    (x) => np.power(x, 3),
    [0.3, 2],
  ),
  unary(
    'power',
    (x) => e.power(x, -0.5),
    (x) => np.power(x, -0.5),
    [0.3, 2],
  ),
  unary('power', (x) => e.power(x, 2), np.square),
  unary('abs', e.abs, np.abs, [0.2, 1.5]),
  unary('abs', e.abs, np.abs, [-1.5, -0.2]),
  unary('sin', e.sin, np.sin),
  unary('cos', e.cos, np.cos),
  unary('tanh', e.tanh, np.tanh),
  unary('sigmoid', e.sigmoid, nn.sigmoid),
  unary('softplus', e.softplus, nn.softplus),
  unary('relu', e.relu, nn.relu, [-1.5, -0.2]),
  unary('relu', e.relu, nn.relu, [0.2, 1.5]),
  unary('silu', e.silu, nn.silu),
  unary('gelu', e.gelu, (x) => nn.gelu(x, { approximate: false })),
  unary('erf', e.erf, scipySpecial.erf),
  unary(
    'clip',
    (x) => e.clip(x, -0.5, 0.75),
    (x) => np.clip(x, -0.5, 0.75),
  ),
  {
    operation: 'where',
    shapes: [m23, [3]],
    build: (a, b) => e.where(e.greater(a, 0.1), e.square(a), b),
    oracle: (a, b) => np.where(np.greater(a.ref, 0.1), np.square(a), b),
  },
  {
    operation: 'straightThrough',
    note: 'value of the first, gradient of the second',
    shapes: [m23, m23],
    build: (hard, soft) => e.straightThrough(hard, e.square(soft)),
    oracle: (hard, soft) => np.square(soft.ref).add(lax.stopGradient(hard.sub(np.square(soft)))),
  },
];

const SHAPING: readonly GradientCase[] = [
  unary(
    'reshape',
    (x) => e.square(broadcast.reshape(x, [3, -1])),
    (x) => np.square(x.reshape([3, 2])),
  ),
  {
    operation: 'expand',
    shapes: [[2, 1, 3]],
    build: (x) => broadcast.expand(x, [4, 2, 5, 3]),
    oracle: (x) => np.broadcastTo(x, [4, 2, 5, 3]),
  },
  {
    operation: 'sumTo',
    shapes: [[4, 2, 3]],
    build: (x) => e.square(broadcast.sumTo(x, [2, 1])),
    oracle: (x) => np.square(np.sum(x, [0, 2]).reshape([2, 1])),
  },
  {
    operation: 'transpose',
    shapes: [[2, 3, 4]],
    build: (x) => e.square(layout.transpose(x, [2, 0, 1])),
    oracle: (x) => np.square(np.transpose(x, [2, 0, 1])),
  },
  unary(
    'transpose',
    (x) => e.square(layout.transpose(x)),
    (x) => np.square(np.transpose(x)),
  ),
  {
    operation: 'concat',
    shapes: [m23, [2, 2]],
    build: (a, b) => e.square(layout.concat([a, b, a], 1)),
    oracle: (a, b) => np.square(np.concatenate([a.ref, b, a], 1)),
  },
  {
    operation: 'stack',
    shapes: [m23, m23],
    build: (a, b) => e.square(layout.stack([a, b], -1)),
    oracle: (a, b) => np.square(np.stack([a, b], -1)),
  },
  {
    operation: 'slice',
    note: 'one, with zeros before and after',
    shapes: [[5, 3]],
    build: (x) => e.square(layout.slice(x, 0, 1, -2)),
    oracle: (x) => np.square(x.slice([1, 3])),
  },
  {
    operation: 'slice',
    note: 'of joined parts, exactly and across',
    shapes: [
      [2, 2],
      [2, 3],
    ],
    build: (a, b) => {
      const whole = layout.concat([a, b], 1);
      const across = layout.slice(whole, 1, 1, 3);
      return e.add(e.multiply(layout.slice(whole, 1, 0, 2), across), e.square(layout.slice(whole, 1, 2, 4)));
    },
    oracle: (a, b) => {
      const whole = np.concatenate([a.ref, b.ref], 1);
      return a.mul(whole.slice([], [1, 3])).add(np.square(b.slice([], [0, 2])));
    },
  },
  {
    operation: 'slice',
    note: 'several, overlapping and on two axes',
    shapes: [[5, 3]],
    build: (x) => {
      const rows = [layout.slice(x, 0, 0, 2), layout.slice(x, 0, 1, 3), layout.slice(x, 0, 3, 5)];
      const joined = rows.map((row, i) => e.multiply(e.square(row), i + 1)).reduce(e.add);
      return e.add(joined, e.square(layout.slice(broadcast.sum(x, [0], true), 1, 0, 1)));
    },
    oracle: (x) => {
      const rows = [x.ref.slice([0, 2]), x.ref.slice([1, 3]), x.ref.slice([3, 5])];
      const joined = rows.map((row, i) => np.square(row).mul(i + 1)).reduce((a, b) => a.add(b));
      return joined.add(np.square(np.sum(x, 0, { keepdims: true }).slice([], [0, 1])));
    },
  },
  {
    operation: 'split',
    note: 'one part unused',
    shapes: [[2, 6]],
    build: (x) => {
      const [a, , b] = layout.split(x, 1, [2, 2, 2]);
      return e.multiply(a!, e.exp(b!));
    },
    oracle: (x) => x.ref.slice([], [0, 2]).mul(np.exp(x.slice([], [4, 6]))),
  },
  {
    operation: 'split',
    note: 'put together again, in order and not',
    shapes: [[2, 4]],
    build: (x) => {
      const [a, b] = layout.split(x, 1, 2);
      const whole = layout.concat([a!, b!], 1);
      return e.multiply(layout.concat([b!, a!], 1), e.square(whole));
    },
    oracle: (x) => np.concatenate([x.ref.slice([], [2, 4]), x.ref.slice([], [0, 2])], 1).mul(np.square(x)),
  },
  {
    operation: 'unstack',
    shapes: [[3, 2, 2]],
    build: (x) => {
      const [a, b, c] = layout.unstack(x, 0);
      return e.add(e.multiply(a!, b!), e.square(c!));
    },
    oracle: (x) => {
      const [a, b, c] = np.unstack(x, 0);
      return a!.mul(b!).add(np.square(c!));
    },
  },
  {
    operation: 'gather',
    note: 'with repeats',
    shapes: [[2, 4, 2]],
    build: (x) => e.square(layout.gather(x, 1, [3, 0, 3])),
    oracle: (x) => np.square(np.take(x, np.array([3, 0, 3], { dtype: np.int32 }), 1)),
  },
];

const PICKED = [2, 0, 2, 3, 2, 1];

const COMPUTED: readonly GradientCase[] = [
  ...[false, true].flatMap((reverse): GradientCase[] =>
    [0, -1].map((axis) => ({
      operation: 'cumulativeSum',
      note: `${axis} ${reverse}`,
      shapes: [[3, 2, 4]],
      build: (x) => e.square(reduction.cumulativeSum(x, axis, reverse)),
      oracle: (x) => {
        const sums = np.cumsum(reverse ? np.flip(x, axis) : x, axis);
        return np.square(reverse ? np.flip(sums, axis) : sums);
      },
    })),
  ),
  {
    operation: 'gatherRows',
    note: 'matrix of positions, with repeats',
    shapes: [[5, 2, 2]],
    build: (table) => e.square(layout.gatherRows(table, positions(table, PICKED, [2, 3]))),
    oracle: (table) => {
      const rows = np.take(table, np.array(PICKED, { dtype: np.int32 }), 0);
      return np.square(rows.reshape([2, 3, 2, 2]));
    },
  },
  {
    operation: 'gatherRows',
    note: 'one axis, computed positions',
    shapes: [[4], [3, 4]],
    build: (table, x) => e.exp(layout.gatherRows(table, reduction.argMax(x, 1))),
    oracle: (table, x) => np.exp(np.take(table, np.argmax(x, 1), 0)),
  },
  ...[false, true].flatMap((causal): GradientCase[] =>
    [4, 5].map((keys) => ({
      operation: 'attention',
      note: `causal ${causal}, 4 queries, ${keys} keys`,
      shapes: [
        [2, 4, 3],
        [2, keys, 3],
        [2, keys, 2],
      ],
      build: (q, k, v) => attention.attention(q, k, v, { causal }),
      oracle: (q, k, v) => {
        const scores = np.matmul(q, np.matrixTranspose(k)).div(Math.sqrt(3));
        const seen = np.tril(np.ones([4, keys]), causal ? keys - 4 : keys);
        const weights = nn.softmax(np.where(np.equal(seen, 1), scores, -1e30), -1);
        return np.matmul(weights, v);
      },
    })),
  ),
];

function positions(x: Tensor, values: readonly number[], shape: readonly number[]): Tensor {
  return x.graph.constant(BigInt64Array.from(values, BigInt), shape);
}

function flip(transposed: boolean, x: np.Array): np.Array {
  return transposed ? np.matrixTranspose(x) : x;
}

const PRODUCTS: readonly GradientCase[] = [
  ...[false, true].flatMap((transposeA) =>
    [false, true].flatMap((transposeB): GradientCase[] =>
      [[], [3]].map((lead) => ({
        operation: 'matmul',
        note: `[${lead}] ${transposeA} ${transposeB}`,
        shapes: [
          [...lead, ...(transposeA ? [4, 2] : [2, 4])],
          [...lead, ...(transposeB ? [3, 4] : [4, 3])],
        ],
        build: (a, b) => matrix.matmul(a, b, { transposeA, transposeB }),
        oracle: (a, b) => np.matmul(flip(transposeA, a), flip(transposeB, b)),
      })),
    ),
  ),
  ...[[], [2]].map(
    (lead): GradientCase => ({
      operation: 'matmul',
      note: `[${lead}] added to another`,
      shapes: [
        [...lead, 2, 3],
        [3, 2],
        [...lead, 2, 2],
      ],
      build: (a, b, c) => matrix.matmul(a, b, { add: e.square(c) }),
      oracle: (a, b, c) => np.matmul(a, b).add(np.square(c)),
    }),
  ),
  {
    operation: 'matmul',
    note: 'a matrix for all',
    shapes: [
      [2, 2, 3],
      [3, 2],
    ],
    build: (a, b) => matrix.matmul(a, b),
    oracle: (a, b) => np.matmul(a, b),
  },
  {
    operation: 'matmul',
    note: 'broadcast batch',
    shapes: [
      [1, 2, 3],
      [4, 3, 2],
    ],
    build: (a, b) => matrix.matmul(a, b),
    oracle: (a, b) => np.matmul(a, b),
  },
  {
    operation: 'matmul',
    note: 'one weight at several ticks',
    shapes: [
      [2, 3],
      [3, 3],
    ],
    build: (x, w) => {
      let h = x;
      for (let i = 0; i < 3; i++) h = e.tanh(matrix.matmul(h, w));
      return h;
    },
    oracle: (x, w) => {
      let h = x;
      for (let i = 0; i < 3; i++) h = np.tanh(np.matmul(h, w.ref));
      return h;
    },
  },
  {
    operation: 'linear',
    shapes: [[2, 3], [3, 4], [4]],
    build: (x, w, b) => matrix.linear(e.tanh(matrix.linear(x, w, b)), layout.transpose(w)),
    oracle: (x, w, b) => np.matmul(np.tanh(np.matmul(x, w.ref).add(b)), np.transpose(w)),
  },
  {
    operation: 'linear',
    note: 'three axes',
    shapes: [[2, 2, 3], [3, 4], [4]],
    build: (x, w, b) => matrix.linear(x, w, b),
    oracle: (x, w, b) => np.matmul(x, w).add(b),
  },
  {
    operation: 'linear',
    note: 'added to another layer',
    shapes: [
      [2, 2, 3],
      [3, 4],
      [2, 2, 4],
    ],
    build: (x, w, b) => matrix.linear(x, w, e.square(b)),
    oracle: (x, w, b) => np.matmul(x, w).add(np.square(b)),
  },
  {
    operation: 'linear',
    note: 'added to another layer of rows',
    shapes: [
      [2, 3],
      [3, 4],
      [2, 4],
    ],
    build: (x, w, b) => matrix.linear(x, w, b),
    oracle: (x, w, b) => np.matmul(x, w).add(b),
  },
  {
    operation: 'blockLinear',
    shapes: [[3, 4], [2, 2, 3], [6]],
    build: (x, w, b) => matrix.blockLinear(x, w, b),
    oracle: (x, w, b) => {
      const blocks = np.transpose(x.reshape([3, 2, 2]), [1, 0, 2]);
      return np.transpose(np.matmul(blocks, w), [1, 0, 2]).reshape([3, 6]).add(b);
    },
  },
];

const REDUCTIONS: readonly GradientCase[] = [
  ...([undefined, [0], [-1], [0, 2]] as const).flatMap((axes): GradientCase[] =>
    [false, true].flatMap((keepdims) => [
      {
        operation: 'sum',
        note: `${axes} ${keepdims}`,
        shapes: [[2, 3, 2]],
        build: (x) => e.square(broadcast.sum(x, axes, keepdims)),
        oracle: (x) => np.square(np.sum(x, axes as number[] | undefined, { keepdims })),
      },
      {
        operation: 'mean',
        note: `${axes} ${keepdims}`,
        shapes: [[2, 3, 2]],
        build: (x) => e.square(reduction.mean(x, axes, keepdims)),
        oracle: (x) => np.square(np.mean(x, axes as number[] | undefined, { keepdims })),
      },
    ]),
  ),
  ...[
    [64, 2],
    [9, 21, 2],
    [67, 2],
  ].map(
    (shape): GradientCase => ({
      operation: 'sum',
      note: `rows of [${shape}], in parts`,
      shapes: [shape],
      build: (x) => e.square(broadcast.sum(x, [...shape.keys()].slice(0, -1))),
      oracle: (x) => np.square(np.sum(x, [...shape.keys()].slice(0, -1))),
      range: [-0.2, 0.2],
    }),
  ),
  unary(
    'max',
    (x) => e.square(reduction.max(x, [1])),
    (x) => np.square(np.max(x, 1)),
  ),
  unary(
    'max',
    (x) => e.square(reduction.max(x)),
    (x) => np.square(np.max(x)),
  ),
  unary(
    'logSumExp',
    (x) => reduction.logSumExp(x, 1),
    (x) => nn.logsumexp(x, 1),
  ),
  unary(
    'logSumExp',
    (x) => reduction.logSumExp(x, 0, true),
    (x) => nn.logsumexp(x, 0, { keepdims: true }),
  ),
  unary('softmax', reduction.softmax, (x) => nn.softmax(x, -1)),
  unary('logSoftmax', reduction.logSoftmax, (x) => nn.logSoftmax(x, -1)),
  {
    operation: 'layerNormalisation',
    shapes: [[2, 2, 5], [5], [5]],
    build: (x, scale, bias) => normalisation.layerNormalisation(x, scale, bias),
    oracle: layerNorm,
  },
  {
    operation: 'rmsNormalisation',
    shapes: [[3, 5], [5]],
    build: (x, scale) => normalisation.rmsNormalisation(x, scale),
    oracle: rmsNorm,
  },
];

/** One case or more for each operation that has a gradient. */
export const GRADIENT_CASES: readonly GradientCase[] = [
  ...ELEMENTWISE,
  ...SHAPING,
  ...COMPUTED,
  ...PRODUCTS,
  ...REDUCTIONS,
];
