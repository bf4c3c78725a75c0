import { add, erf, exp, multiply, sign, square, subtract } from './elementwise.js';
import { requireType, type Tensor } from './graph.js';
import { unary } from './operand.js';

/** Hyperbolic tangent. */
export function tanh(x: Tensor): Tensor {
  return unary('Tanh', x, (g, _, y) => multiply(g, subtract(1, square(y))));
}

/** 1 / (1 + e^-x) */
export function sigmoid(x: Tensor): Tensor {
  return unary('Sigmoid', x, (g, _, y) => multiply(g, multiply(y, subtract(1, y))));
}

/** log(1 + e^x), exact far below 0 too; 10 ns an element, so for large tensors prefer another positive function. */
export function softplus(x: Tensor): Tensor {
  return unary('Softplus', x, (g) => multiply(g, sigmoid(x)));
}

/** max(x, 0), with gradient 0 at 0. */
export function relu(x: Tensor): Tensor {
  return unary('Relu', x, (g, _, y) => multiply(g, sign(y)));
}

/** x sigmoid(x), known as SiLU or swish; one kernel of ONNX Runtime. */
export function silu(x: Tensor): Tensor {
  requireType('silu', 'float32', x);
  return x.graph.emit({
    operator: 'QuickGelu',
    domain: 'com.microsoft',
    inputs: [x],
    outputs: [{ shape: x.shape }],
    attributes: { alpha: { float: 1 } },
    // With s = sigmoid(x) and y = x s, the derivative s + y (1 - s) is s + y - y s.
    rule: ([g], node) => [
      () => {
        const s = sigmoid(x);
        return multiply(g!, add(s, multiply(node.outputs[0]!, subtract(1, s))));
      },
    ],
  })[0]!;
}

/** x times the normal distribution function of x (exact GELU). */
export function gelu(x: Tensor): Tensor {
  return unary('Gelu', x, (g) => {
    const distribution = multiply(add(erf(multiply(x, Math.SQRT1_2)), 1), 0.5);
    const density = multiply(exp(multiply(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return multiply(g, add(distribution, multiply(x, density)));
  });
}
