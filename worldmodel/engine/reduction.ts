import { UmweltError } from '../../core/errors.js';
import { expand, reshape, resolveAxes, sum } from './broadcast.js';
import { equal } from './comparison.js';
import { add, exp, log, multiply, stopGradient, subtract, where } from './elementwise.js';
import { requireType, resolveAxis, type Tensor } from './graph.js';

/** Averages a tensor over the given axes (all by default). @throws UmweltError `shape-mismatch`. */
export function mean(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  requireType('mean', 'float32', x);
  const over = resolveAxes('mean', axes, x.shape);
  const kept = x.shape.map((extent, i) => (over.includes(i) ? 1 : extent));
  const shape = keepDims ? kept : x.shape.filter((_, i) => !over.includes(i));
  const count = over.reduce((product, axis) => product * x.shape[axis]!, 1);
  if (count === 1) return reshape(x, shape);
  return x.graph.emit({
    operator: 'ReduceMean',
    inputs: [x, x.graph.constant(BigInt64Array.from(over, BigInt))],
    outputs: [{ shape }],
    attributes: { keepdims: keepDims ? 1 : 0 },
    rule: ([g]) => [() => expand(multiply(reshape(g!, kept), 1 / count), x.shape), undefined],
  })[0]!;
}

/** Takes the largest element over the given axes; where several are equal each gets the whole gradient. */
export function max(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  requireType('max', 'float32', x);
  const over = resolveAxes('max', axes, x.shape);
  const kept = x.shape.map((extent, i) => (over.includes(i) ? 1 : extent));
  const shape = keepDims ? kept : x.shape.filter((_, i) => !over.includes(i));
  return x.graph.emit({
    operator: 'ReduceMax',
    inputs: [x, x.graph.constant(BigInt64Array.from(over, BigInt))],
    outputs: [{ shape }],
    attributes: { keepdims: keepDims ? 1 : 0 },
    rule: ([g], node) => [
      () => where(equal(x, reshape(node.outputs[0]!, kept)), reshape(g!, kept), 0),
      undefined,
    ],
  })[0]!;
}

/**
 * Adds up the elements before and at each position along an axis.
 *
 * @param reverse those at and after it instead.
 * @throws UmweltError `shape-mismatch` for an axis that does not exist.
 */
export function cumulativeSum(x: Tensor, axis: number, reverse = false): Tensor {
  requireType('cumulativeSum', 'float32', x);
  const along = resolveAxis('cumulativeSum', axis, x.shape);
  return x.graph.emit({
    operator: 'CumSum',
    inputs: [x, x.graph.constant(BigInt64Array.of(BigInt(along)), [])],
    outputs: [{ shape: x.shape }],
    attributes: { reverse: reverse ? 1 : 0 },
    rule: ([g]) => [() => cumulativeSum(g!, along, !reverse), undefined],
  })[0]!;
}

/** log sum e^x along an axis, without overflow. */
export function logSumExp(x: Tensor, axis: number, keepDims = false): Tensor {
  requireType('logSumExp', 'float32', x);
  const along = resolveAxis('logSumExp', axis, x.shape);
  const peak = stopGradient(max(x, [along], true));
  const total = add(log(sum(exp(subtract(x, peak)), [along], true)), peak);
  return keepDims ? total : reshape(total, x.shape.toSpliced(along, 1));
}

/** e^x / sum e^x along the last axis. @throws UmweltError `shape-mismatch` for a tensor without axes. */
export function softmax(x: Tensor): Tensor {
  requireLastAxis('softmax', x);
  return x.graph.emit({
    operator: 'Softmax',
    inputs: [x],
    outputs: [{ shape: x.shape }],
    attributes: { axis: -1 },
    rule: ([g], node) => [
      () => {
        const y = node.outputs[0]!;
        return multiply(y, subtract(g!, sum(multiply(g!, y), [-1], true)));
      },
    ],
  })[0]!;
}

/** log softmax along the last axis. @throws UmweltError `shape-mismatch` for a tensor without axes. */
export function logSoftmax(x: Tensor): Tensor {
  requireLastAxis('logSoftmax', x);
  return x.graph.emit({
    operator: 'LogSoftmax',
    inputs: [x],
    outputs: [{ shape: x.shape }],
    attributes: { axis: -1 },
    rule: ([g]) => [() => subtract(g!, multiply(softmax(x), sum(g!, [-1], true)))],
  })[0]!;
}

/** Position of the largest element along an axis, int64; the first of several. No gradient flows. */
export function argMax(x: Tensor, axis: number): Tensor {
  requireType('argMax', 'float32', x);
  const along = resolveAxis('argMax', axis, x.shape);
  return x.graph.emit({
    operator: 'ArgMax',
    inputs: [x],
    outputs: [{ shape: x.shape.toSpliced(along, 1), dtype: 'int64' }],
    attributes: { axis: along, keepdims: 0 },
  })[0]!;
}

/**
 * Turns int64 positions [..] into float32 rows [.., depth] of 0 with a single 1. No gradient flows.
 *
 * @throws UmweltError `shape-mismatch` for positions of another type or a depth below 1.
 */
export function oneHot(indices: Tensor, depth: number): Tensor {
  requireType('oneHot', 'int64', indices);
  if (!Number.isInteger(depth) || depth < 1) {
    throw new UmweltError(
      'shape-mismatch',
      { operation: 'oneHot', depth, shape: indices.shape },
      `oneHot: expected a depth of 1 or more for positions [${indices.shape.join(', ')}], got [${depth}]`,
    );
  }
  const graph = indices.graph;
  return graph.emit({
    operator: 'OneHot',
    inputs: [indices, graph.constant(BigInt64Array.of(BigInt(depth))), graph.constant([0, 1])],
    outputs: [{ shape: [...indices.shape, depth] }],
    attributes: { axis: -1 },
  })[0]!;
}

function requireLastAxis(operation: string, x: Tensor): void {
  requireType(operation, 'float32', x);
  resolveAxis(operation, -1, x.shape);
}
