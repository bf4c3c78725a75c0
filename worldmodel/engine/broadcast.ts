import { UmweltError } from '../../core/errors.js';
import { requireType, resolveAxis, sameShape, shapeMismatch, sizeOf, type Tensor } from './graph.js';

/**
 * Gives a tensor another shape with the same elements in the same order; one extent may be -1 (inferred).
 *
 * @throws UmweltError `shape-mismatch` when the number of elements differs.
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  const target = inferExtent(x.shape, shape);
  if (sameShape(target, x.shape)) return x;
  const origin = x.producer?.operator === 'Reshape' ? x.producer.inputs[0]! : x;
  if (sameShape(target, origin.shape)) return origin;
  const dims = x.graph.constant(BigInt64Array.from(target, BigInt));
  return x.graph.emit({
    operator: 'Reshape',
    inputs: [origin, dims],
    outputs: [{ shape: target, dtype: x.dtype }],
    rule: ([g]) => [() => reshape(g!, origin.shape), undefined],
  })[0]!;
}

/**
 * Repeats a tensor along axes of extent 1 (and new leading axes) to fill a shape, as NumPy's broadcast_to.
 *
 * @throws UmweltError `shape-mismatch` when an axis has neither extent 1 nor the wanted extent.
 */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShapes('expand', x.shape, shape), shape))
    throw shapeMismatch('expand', x.shape, shape);
  const dims = x.graph.constant(BigInt64Array.from(shape, BigInt));
  return x.graph.emit({
    operator: 'Expand',
    inputs: [x, dims],
    outputs: [{ shape, dtype: x.dtype }],
    rule: ([g]) => [() => sumTo(g!, x.shape), undefined],
  })[0]!;
}

/**
 * Adds up a tensor over the given axes (all by default).
 *
 * @param keepDims keeps each summed axis with extent 1.
 * @throws UmweltError `shape-mismatch` for an axis that does not exist.
 */
export function sum(x: Tensor, axes?: readonly number[], keepDims = false): Tensor {
  requireType('sum', 'float32', x);
  const over = resolveAxes('sum', axes, x.shape);
  const kept = x.shape.map((extent, i) => (over.includes(i) ? 1 : extent));
  const shape = keepDims ? kept : x.shape.filter((_, i) => !over.includes(i));
  const real = over.filter((axis) => x.shape[axis] !== 1);
  if (real.length === 0) return reshape(x, shape);
  const parts = partsOfRows(x.shape, over);
  if (parts > 1) {
    const rows = sizeOf(x.shape.slice(0, over.length)) / parts;
    return reshape(sum(sum(reshape(x, [parts, rows, ...x.shape.slice(over.length)]), [1]), [0]), shape);
  }
  return x.graph.emit({
    operator: 'ReduceSum',
    inputs: [x, x.graph.constant(BigInt64Array.from(over, BigInt))],
    outputs: [{ shape }],
    attributes: { keepdims: keepDims ? 1 : 0 },
    rule: ([g]) => [() => expand(reshape(g!, kept), x.shape), undefined],
  })[0]!;
}

/** From this many rows on it pays to add them up in parts. */
const MANY_ROWS = 64;

/**
 * Chooses in how many parts to add up rows. ONNX Runtime 1.30 adds rows into one (a bias's gradient) twice as fast on one
 * thread, and several times as fast on two, where each of a few parts is added up first.
 */
function partsOfRows(shape: readonly number[], over: readonly number[]): number {
  const isLeading = over.length < shape.length && over.every((axis, i) => axis === i);
  const rows = sizeOf(shape.slice(0, over.length));
  if (!isLeading || rows < MANY_ROWS || sizeOf(shape) === rows) return 1;
  return [8, 4, 2, 7, 5, 3].find((parts) => rows % parts === 0) ?? 1;
}

/**
 * Sums a gradient over the axes along which a tensor of `shape` was broadcast: the transpose of `expand`.
 *
 * @throws UmweltError `shape-mismatch` when a tensor of `shape` does not broadcast to the gradient's.
 */
export function sumTo(gradient: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(gradient.shape, shape)) return gradient;
  if (!sameShape(broadcastShapes('sumTo', gradient.shape, shape), gradient.shape)) {
    throw shapeMismatch('sumTo', gradient.shape, shape, 'the second must broadcast to the first');
  }
  const lead = gradient.shape.length - shape.length;
  const axes = gradient.shape
    .map((_, i) => i)
    .filter((i) => i < lead || (shape[i - lead] === 1 && gradient.shape[i] !== 1));
  return reshape(sum(gradient, axes, true), shape);
}

/**
 * Returns the shape of an elementwise operation on two shapes, by NumPy's rule.
 *
 * @throws UmweltError `shape-mismatch` when two extents differ and neither is 1.
 */
export function broadcastShapes(
  operation: string,
  a: readonly number[],
  b: readonly number[],
): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw shapeMismatch(operation, a, b, 'extents must be equal or 1, aligned from the last axis');
    }
    return left === 1 ? right : left;
  });
}

/** Resolves a list of axes (all when absent) to distinct ones in ascending order. */
export function resolveAxes(
  operation: string,
  axes: readonly number[] | undefined,
  shape: readonly number[],
): readonly number[] {
  if (axes === undefined) return shape.map((_, i) => i);
  return [...new Set(axes.map((axis) => resolveAxis(operation, axis, shape)))].sort((a, b) => a - b);
}

function inferExtent(from: readonly number[], to: readonly number[]): readonly number[] {
  const size = sizeOf(from);
  const known = to.reduce((product, extent) => (extent === -1 ? product : product * extent), 1);
  const target = to.map((extent) => (extent === -1 ? size / known : extent));
  const valid = target.every((extent) => Number.isInteger(extent) && extent > 0);
  if (valid && sizeOf(target) === size && to.filter((extent) => extent === -1).length <= 1) return target;
  throw new UmweltError(
    'shape-mismatch',
    { operation: 'reshape', from, to },
    `reshape: shape [${from.join(', ')}] of ${size} elements cannot become [${to.join(', ')}]; keep the number of elements`,
  );
}
