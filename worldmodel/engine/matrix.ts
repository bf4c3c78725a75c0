import type { UmweltError } from '../../core/errors.js';
import { broadcastShapes, reshape, sumTo } from './broadcast.js';
import { add } from './elementwise.js';
import { type Contribution, requireType, sameShape, shapeMismatch, type Tensor } from './graph.js';

/** Which operands of a product are transposed in their last two axes, and what is added. */
export interface MatmulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** What to add to the product, of its shape; costs nothing where it is a matrix. */
  readonly add?: Tensor;
}

/**
 * Multiplies matrices over the last two axes, [.., m, k] x [.., k, n] -> [.., m, n], without copying a transposed one.
 *
 * Leading axes must be equal, or b must be a plain matrix, in which case the rows of a are taken together.
 *
 * @throws UmweltError `shape-mismatch` when inner extents or leading axes differ.
 */
export function matmul(a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor {
  const { transposeA = false, transposeB = false, add: added } = options;
  requireType('matmul', 'float32', a, b, added ?? a);
  if (a.shape.length < 2 || b.shape.length < 2) {
    throw shapeMismatch('matmul', a.shape, b.shape, 'both need two axes or more');
  }
  if (a.shape.length > 2 && b.shape.length === 2 && !transposeA) {
    const addedRows = added && { add: reshape(added, [-1, added.shape.at(-1) ?? 1]) };
    const rows = matmul(reshape(a, [-1, a.shape.at(-1)!]), b, { transposeB, ...addedRows });
    return reshape(rows, [...a.shape.slice(0, -1), rows.shape[1]!]);
  }
  if (a.shape.length === 2 && b.shape.length === 2) {
    const shape = [lastTwo(a, transposeA)[0], lastTwo(b, transposeB)[1]];
    if (added !== undefined && !sameShape(added.shape, shape)) throw cannotAdd(shape, added);
    return gemm(a, b, transposeA, transposeB, added);
  }
  const product = batchedProduct(a, b, transposeA, transposeB);
  if (added !== undefined && !sameShape(added.shape, product.shape)) throw cannotAdd(product.shape, added);
  return added === undefined ? product : add(product, added);
}

function cannotAdd(product: readonly number[], added: Tensor): UmweltError {
  return shapeMismatch('matmul', product, added.shape, 'what is added needs the shape of the product');
}

/**
 * Applies a dense layer, y = x weight + bias: x [.., k], weight [k, n], bias [n] -> [.., n], in one kernel.
 *
 * @param bias may also be a full [.., n], so that a sum of layers costs no addition: linear(h, u, linear(x, w, b)).
 * @throws UmweltError `shape-mismatch`.
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  requireType('linear', 'float32', x, weight, bias ?? x);
  if (weight.shape.length !== 2 || x.shape.at(-1) !== weight.shape[0]) {
    throw shapeMismatch('linear', x.shape, weight.shape, 'x [.., k] needs a weight [k, n]');
  }
  const width = weight.shape[1]!;
  const shape = [...x.shape.slice(0, -1), width];
  if (bias !== undefined && !sameShape(bias.shape, [width]) && !sameShape(bias.shape, shape)) {
    throw shapeMismatch('linear', weight.shape, bias.shape, 'a weight [k, n] needs a bias [n]');
  }
  const rows = reshape(x, [-1, weight.shape[0]!]);
  const added = bias !== undefined && bias.shape.length > 2 ? reshape(bias, [-1, width]) : bias;
  return reshape(gemm(rows, weight, false, false, added), shape);
}

/**
 * Applies one dense layer a block: x [batch, blocks * k], weight [blocks, k, n], bias [blocks * n] -> [batch, blocks * n].
 *
 * @throws UmweltError `shape-mismatch`.
 */
export function blockLinear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [blocks = 0, k = 0, n = 0] = weight.shape;
  requireType('blockLinear', 'float32', x, weight, bias ?? x);
  if (x.shape.length !== 2 || weight.shape.length !== 3 || x.shape[1] !== blocks * k) {
    throw shapeMismatch(
      'blockLinear',
      x.shape,
      weight.shape,
      'x [batch, blocks * k] needs a weight [blocks, k, n]',
    );
  }
  if (bias !== undefined && !sameShape(bias.shape, [blocks * n])) {
    throw shapeMismatch(
      'blockLinear',
      weight.shape,
      bias.shape,
      'a weight [blocks, k, n] needs a bias [blocks * n]',
    );
  }
  const batch = x.shape[0]!;
  const product = batchedProduct(swapLeading(reshape(x, [batch, blocks, k])), weight, false, false);
  const joined = reshape(swapLeading(product), [batch, blocks * n]);
  return bias === undefined ? joined : add(joined, bias);
}

function swapLeading(x: Tensor): Tensor {
  const [a, b, c] = x.shape as [number, number, number];
  return x.graph.emit({
    operator: 'Transpose',
    inputs: [x],
    outputs: [{ shape: [b, a, c] }],
    attributes: { perm: [1, 0, 2] },
    rule: ([g]) => [() => swapLeading(g!)],
  })[0]!;
}

function gemm(a: Tensor, b: Tensor, transA: boolean, transB: boolean, bias?: Tensor): Tensor {
  const [m, inner] = transA ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [inner2, n] = transB ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (inner !== inner2)
    throw shapeMismatch('matmul', a.shape, b.shape, `inner extents ${inner} and ${inner2}`);
  return a.graph.emit({
    operator: 'Gemm',
    inputs: bias === undefined ? [a, b] : [a, b, bias],
    outputs: [{ shape: [m, n] }],
    attributes: { transA: transA ? 1 : 0, transB: transB ? 1 : 0 },
    rule: ([g]) => [
      () => gradientOfLeft(g!, b, transA, transB),
      () => gradientOfRight(g!, a, transA, transB),
      () => (bias!.shape.length === 1 ? { kind: 'row-sum', rows: g! } : g),
    ],
  })[0]!;
}

function batchedProduct(a: Tensor, b: Tensor, transA: boolean, transB: boolean): Tensor {
  const [m, inner] = lastTwo(a, transA);
  const [inner2, n] = lastTwo(b, transB);
  if (inner !== inner2)
    throw shapeMismatch('matmul', a.shape, b.shape, `inner extents ${inner} and ${inner2}`);
  const lead = broadcastShapes('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const plain = !transA && !transB;
  return a.graph.emit({
    operator: plain ? 'MatMul' : 'FusedMatMul',
    domain: plain ? '' : 'com.microsoft',
    inputs: [a, b],
    outputs: [{ shape: [...lead, m, n] }],
    attributes: plain ? {} : { transA: transA ? 1 : 0, transB: transB ? 1 : 0 },
    rule: ([g]) => [
      () => sumToOperand(gradientOfLeft(g!, b, transA, transB), a),
      () => sumToOperand(gradientOfRight(g!, a, transA, transB), b),
    ],
  })[0]!;
}

/** Sums over leading axes along which an operand was broadcast. */
function sumToOperand(contribution: Contribution, operand: Tensor): Contribution {
  if (!('kind' in contribution)) return sumTo(contribution, operand.shape);
  if (contribution.kind !== 'product') return contribution;
  const { left, right } = contribution;
  const size = operand.shape.length;
  if (left.shape.length === size && sameShape(left.shape.slice(0, -2), operand.shape.slice(0, -2))) {
    if (sameShape(right.shape.slice(0, -2), operand.shape.slice(0, -2))) return contribution;
  }
  return sumTo(matmul(left, right, { transposeA: true }), operand.shape);
}

function gradientOfLeft(g: Tensor, b: Tensor, transA: boolean, transB: boolean): Contribution {
  if (g.shape.length === 2 && b.shape.length === 2) {
    return transA
      ? { kind: 'addend', left: b, right: g, transposeA: transB, transposeB: true }
      : { kind: 'addend', left: g, right: b, transposeA: false, transposeB: !transB };
  }
  return transA
    ? matmul(b, g, { transposeA: transB, transposeB: true })
    : matmul(g, b, { transposeB: !transB });
}

function gradientOfRight(g: Tensor, a: Tensor, transA: boolean, transB: boolean): Contribution {
  if (!transA && !transB) return { kind: 'product', left: a, right: g };
  if (g.shape.length === 2 && a.shape.length === 2) {
    return transB
      ? { kind: 'addend', left: g, right: a, transposeA: true, transposeB: transA }
      : { kind: 'addend', left: a, right: g, transposeA: false, transposeB: false };
  }
  return transB
    ? matmul(g, a, { transposeA: true, transposeB: transA })
    : matmul(a, g, { transposeA: !transA });
}

function lastTwo(x: Tensor, transposed: boolean): [number, number] {
  const rows = x.shape.at(-2)!;
  const columns = x.shape.at(-1)!;
  return transposed ? [columns, rows] : [rows, columns];
}
