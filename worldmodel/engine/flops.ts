import { reachable } from './gradient.js';
import { sizeOf, type Tensor } from './graph.js';

/** Operators that are matrix products. */
export const PRODUCTS: ReadonlySet<string> = new Set(['Gemm', 'MatMul', 'FusedMatMul']);

/**
 * Counts the floating-point operations of all matrix products that the outputs depend on: 2 m n k a matrix.
 *
 * Given the outputs of `buildTrainingStep`, that is forward and backward pass; everything else is not counted.
 */
export function countFlops(outputs: Readonly<Record<string, Tensor>>): number {
  let total = 0;
  for (const { operator, inputs, outputs: results, attributes } of reachable(Object.values(outputs))) {
    if (!PRODUCTS.has(operator)) continue;
    const inner = inputs[0]!.shape.at(attributes.transA === 1 ? -2 : -1)!;
    total += 2 * sizeOf(results[0]!.shape) * inner;
  }
  return total;
}
