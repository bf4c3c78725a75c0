import { UmweltError } from '../../core/errors.js';
import { broadcastShapes, expand } from './broadcast.js';
import {
  type Attribute,
  type Contribution,
  type DataType,
  type GradientRule,
  type Graph,
  requireType,
  type Tensor,
} from './graph.js';

/** A tensor, or a number that stands for a constant of shape []. */
export type Operand = Tensor | number;

/** Tells a tensor from a number. */
export function isTensorOperand(x: Operand): x is Tensor {
  return typeof x !== 'number';
}

/** Makes a number a constant of the graph. */
export function tensorOf(operand: Operand, graph: Graph): Tensor {
  return typeof operand === 'number' ? graph.constant(operand) : operand;
}

/** Emits an operation of one operand, with its derivative as a function of gradient, operand and result. */
export function unary(
  operator: string,
  x: Tensor,
  derivative: ((g: Tensor, x: Tensor, y: Tensor) => Tensor) | undefined,
  attributes: Record<string, Attribute> = {},
): Tensor {
  requireType(operationOf(operator), 'float32', x);
  const origin = unexpanded(x);
  if (origin !== x) return expand(unary(operator, origin, derivative, attributes), x.shape);
  const rule: GradientRule | undefined =
    derivative && (([g], node) => [() => derivative(g!, x, node.outputs[0]!)]);
  return x.graph.emit({
    operator,
    inputs: [x],
    outputs: [{ shape: x.shape }],
    attributes,
    ...(rule && { rule }),
  })[0]!;
}

type BinaryRule = (
  g: Tensor,
  x: Tensor,
  y: Tensor,
  out: Tensor,
) => [(() => Contribution) | undefined, (() => Contribution) | undefined];

/** Emits an operation of two operands with broadcasting. @throws UmweltError `shape-mismatch`. */
export function binary(
  operator: string,
  a: Operand,
  b: Operand,
  rule?: BinaryRule,
  dtype?: DataType,
): Tensor {
  const operation = operationOf(operator);
  const graph = graphOf(operation, a, b);
  let x = tensorOf(a, graph);
  let y = tensorOf(b, graph);
  requireType(operation, rule === undefined ? x.dtype : 'float32', x, y);
  const shape = broadcastShapes(operation, x.shape, y.shape);
  x = unexpanded(x);
  y = unexpanded(y);
  const small = broadcastShapes(operation, x.shape, y.shape);
  const result = graph.emit({
    operator,
    inputs: [x, y],
    outputs: [{ shape: small, dtype: dtype ?? x.dtype }],
    ...(rule && { rule: ([g], node) => rule(g!, x, y, node.outputs[0]!) }),
  })[0]!;
  return expand(result, shape);
}

/** What ONNX calls otherwise than this engine. */
const OPERATIONS: Readonly<Record<string, string>> = {
  Sub: 'subtract',
  Mul: 'multiply',
  Div: 'divide',
  Max: 'maximum',
  Min: 'minimum',
  Neg: 'negate',
  Identity: 'stopGradient',
};

function operationOf(operator: string): string {
  return OPERATIONS[operator] ?? `${operator.charAt(0).toLowerCase()}${operator.slice(1)}`;
}

/** Looks through a broadcast: computing before it costs less, and most operations broadcast by themselves. */
function unexpanded(x: Tensor): Tensor {
  return x.producer?.operator === 'Expand' ? x.producer.inputs[0]! : x;
}

function graphOf(operation: string, ...operands: readonly Operand[]): Graph {
  const tensor = operands.find(isTensorOperand);
  if (tensor !== undefined) return tensor.graph;
  throw new UmweltError(
    'invalid-input',
    { operation },
    `${operation}: expected at least one tensor, got numbers`,
  );
}
