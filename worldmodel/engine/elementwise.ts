import { UmweltError } from '../../core/errors.js';
import { broadcastShapes, expand, sumTo } from './broadcast.js';
import { equal, greaterOrEqual, lessOrEqual } from './comparison.js';
import { type Contribution, type DataType, requireType, sameShape, type Tensor } from './graph.js';
import { binary, isTensorOperand, type Operand, tensorOf, unary } from './operand.js';

/** Adds two tensors element by element, with broadcasting. @throws UmweltError `shape-mismatch`. */
export function add(a: Operand, b: Operand): Tensor {
  if (isConstant(a, 0) && isTensorOperand(b)) return b;
  if (isConstant(b, 0) && isTensorOperand(a)) return a;
  return binary('Add', a, b, (g, x, y) => [() => sumRowsTo(g, x.shape), () => sumRowsTo(g, y.shape)]);
}

/** Subtracts b from a, with broadcasting. @throws UmweltError `shape-mismatch`. */
export function subtract(a: Operand, b: Operand): Tensor {
  if (isConstant(b, 0) && isTensorOperand(a)) return a;
  return binary('Sub', a, b, (g, x, y) => [
    () => sumRowsTo(g, x.shape),
    () => negate(sumTo(fill(g, x, y), y.shape)),
  ]);
}

/** Multiplies two tensors element by element, with broadcasting. @throws UmweltError `shape-mismatch`. */
export function multiply(a: Operand, b: Operand): Tensor {
  if (isConstant(a, 1) && isTensorOperand(b)) return b;
  if (isConstant(b, 1) && isTensorOperand(a)) return a;
  return binary('Mul', a, b, (g, x, y) => [
    () => sumTo(multiply(g, y), x.shape),
    () => sumTo(multiply(g, x), y.shape),
  ]);
}

/** Divides a by b, with broadcasting. @throws UmweltError `shape-mismatch`. */
export function divide(a: Operand, b: Operand): Tensor {
  if (typeof b === 'number' && typeof a !== 'number') return multiply(a, 1 / b);
  return binary('Div', a, b, (g, x, y, out) => [
    () => sumTo(divide(g, y), x.shape),
    () => negate(sumTo(multiply(divide(g, y), out), y.shape)),
  ]);
}

/** Takes the larger of two tensors, with broadcasting; where they are equal the gradient goes to a. */
export function maximum(a: Operand, b: Operand): Tensor {
  return extremum('Max', a, b, greaterOrEqual);
}

/** Takes the smaller of two tensors, with broadcasting; where they are equal the gradient goes to a. */
export function minimum(a: Operand, b: Operand): Tensor {
  return extremum('Min', a, b, lessOrEqual);
}

/** Chooses a where the mask is 1 and b where it is 0, with broadcasting. `mask` is bool. */
export function where(mask: Tensor, a: Operand, b: Operand): Tensor {
  const x = tensorOf(a, mask.graph);
  const y = tensorOf(b, mask.graph);
  requireType('where', 'bool', mask);
  requireType('where', 'float32', x, y);
  const shape = broadcastShapes('where', mask.shape, broadcastShapes('where', x.shape, y.shape));
  return mask.graph.emit({
    operator: 'Where',
    inputs: [mask, x, y],
    outputs: [{ shape }],
    rule: ([g]) => [
      undefined,
      () => sumTo(where(mask, g!, 0), x.shape),
      () => sumTo(where(mask, 0, g!), y.shape),
    ],
  })[0]!;
}

/** Limits every element to [min, max]; outside, the gradient is 0. */
export function clip(x: Tensor, min: number, max: number): Tensor {
  if (!(min <= max)) {
    throw new UmweltError('invalid-input', { min, max }, `clip: expected min <= max, got ${min} and ${max}`);
  }
  requireType('clip', 'float32', x);
  return x.graph.emit({
    operator: 'Clip',
    inputs: [x, x.graph.constant(min), x.graph.constant(max)],
    outputs: [{ shape: x.shape }],
    rule: ([g], node) => [() => where(equal(node.outputs[0]!, x), g!, 0), undefined, undefined],
  })[0]!;
}

/** -x */
export function negate(x: Tensor): Tensor {
  return unary('Neg', x, (g) => negate(g));
}

/** e^x */
export function exp(x: Tensor): Tensor {
  return unary('Exp', x, (g, _, y) => multiply(g, y));
}

/** Natural logarithm. */
export function log(x: Tensor): Tensor {
  return unary('Log', x, (g) => divide(g, x));
}

/** Square root; its gradient at 0 is infinite. */
export function sqrt(x: Tensor): Tensor {
  return unary('Sqrt', x, (g, _, y) => divide(multiply(g, 0.5), y));
}

/** x^2 */
export function square(x: Tensor): Tensor {
  requireType('square', 'float32', x);
  return binary('Mul', x, x, (g) => [() => multiply(multiply(g, 2), x), undefined]);
}

/** Raises every element to a constant power. */
export function power(x: Tensor, exponent: number): Tensor {
  requireType('power', 'float32', x);
  if (exponent === 1) return x;
  if (exponent === 2) return square(x);
  return x.graph.emit({
    operator: 'Pow',
    inputs: [x, x.graph.constant(exponent)],
    outputs: [{ shape: x.shape }],
    rule: ([g]) => [() => multiply(multiply(g!, exponent), power(x, exponent - 1)), undefined],
  })[0]!;
}

/** |x|, with gradient 0 at 0. */
export function abs(x: Tensor): Tensor {
  return unary('Abs', x, (g) => multiply(g, sign(x)));
}

/** -1, 0 or 1; its gradient is 0. */
export function sign(x: Tensor): Tensor {
  return unary('Sign', x, undefined);
}

/** Sine of radians. */
export function sin(x: Tensor): Tensor {
  return unary('Sin', x, (g) => multiply(g, cos(x)));
}

/** Cosine of radians. */
export function cos(x: Tensor): Tensor {
  return unary('Cos', x, (g) => negate(multiply(g, sin(x))));
}

/** Error function. */
export function erf(x: Tensor): Tensor {
  return unary('Erf', x, (g) => multiply(multiply(g, 2 / Math.sqrt(Math.PI)), exp(negate(square(x)))));
}

/** Passes the value on and holds the gradient back. */
export function stopGradient(x: Tensor): Tensor {
  return unary('Identity', x, undefined);
}

/** Gives the value of `hard` and the gradient of `soft` (straight-through estimator, Bengio et al. 2013). */
export function straightThrough(hard: Tensor, soft: Tensor): Tensor {
  if (!sameShape(hard.shape, soft.shape)) broadcastShapes('straightThrough', hard.shape, soft.shape);
  return add(soft, stopGradient(subtract(hard, soft)));
}

/** Converts between types: bool to float32 gives 0 and 1. No gradient flows. */
export function cast(x: Tensor, dtype: DataType): Tensor {
  if (x.dtype === dtype) return x;
  const to: Record<DataType, number> = { float32: 1, int64: 7, bool: 9 };
  return x.graph.emit({
    operator: 'Cast',
    inputs: [x],
    outputs: [{ shape: x.shape, dtype }],
    attributes: { to: to[dtype] },
  })[0]!;
}

function extremum(
  operator: string,
  a: Operand,
  b: Operand,
  first: (a: Operand, b: Operand) => Tensor,
): Tensor {
  return binary(operator, a, b, (g, x, y) => [
    () => sumTo(where(first(x, y), g, 0), x.shape),
    () => sumTo(where(first(x, y), 0, g), y.shape),
  ]);
}

/** The bias of a matrix waits for the other ticks' rows; anything else is summed at once. */
function sumRowsTo(g: Tensor, shape: readonly number[]): Contribution {
  const isBias = g.shape.length === 2 && shape.length === 1 && shape[0] === g.shape[1];
  return isBias ? { kind: 'row-sum', rows: g } : sumTo(g, shape);
}

function fill(g: Tensor, x: Tensor, y: Tensor): Tensor {
  return expand(g, broadcastShapes('subtract', x.shape, y.shape));
}

function isConstant(x: Operand, value: number): boolean {
  if (typeof x === 'number') return x === value;
  return x.shape.length === 0 && x.source?.kind === 'constant' && x.source.data[0] === value;
}
