import type { Tensor } from './graph.js';
import { binary, type Operand } from './operand.js';

/** a > b, as bool. */
export function greater(a: Operand, b: Operand): Tensor {
  return compare('Greater', a, b);
}

/** a >= b, as bool. */
export function greaterOrEqual(a: Operand, b: Operand): Tensor {
  return compare('GreaterOrEqual', a, b);
}

/** a < b, as bool. */
export function less(a: Operand, b: Operand): Tensor {
  return compare('Less', a, b);
}

/** a <= b, as bool. */
export function lessOrEqual(a: Operand, b: Operand): Tensor {
  return compare('LessOrEqual', a, b);
}

/** a = b, as bool. */
export function equal(a: Operand, b: Operand): Tensor {
  return compare('Equal', a, b);
}

function compare(operator: string, a: Operand, b: Operand): Tensor {
  return binary(operator, a, b, undefined, 'bool');
}
