import { reshape } from './broadcast.js';
import { add, multiply, square, subtract } from './elementwise.js';
import {
  type Contribution,
  type GradientRule,
  requireType,
  sameShape,
  shapeMismatch,
  type Tensor,
} from './graph.js';
import { mean } from './reduction.js';

/**
 * Normalises the last axis to mean 0 and variance 1, then scales and shifts: y = scale (x - mean) / sd + bias.
 *
 * @param scale [D]; @param bias [D]; x [.., D].
 * @throws UmweltError `shape-mismatch`.
 */
export function layerNormalisation(x: Tensor, scale: Tensor, bias: Tensor, epsilon = 1e-5): Tensor {
  requireLastAxis('layerNormalisation', x, scale);
  requireLastAxis('layerNormalisation', x, bias);
  return x.graph.emit({
    operator: 'LayerNormalization',
    inputs: [x, scale, bias],
    outputs: [{ shape: x.shape }],
    attributes: { axis: -1, epsilon: { float: epsilon } },
    rule: ([g]) => [
      () => {
        const [unit, inverse] = standardise(x, epsilon);
        return throughStandardisation(multiply(g!, scale), unit!, inverse!, true);
      },
      () => rowSum(multiply(g!, standardise(x, epsilon)[0]!), scale),
      () => rowSum(g!, bias),
    ],
  })[0]!;
}

/**
 * Divides the last axis by its root mean square, then scales: y = scale x / sqrt(mean x^2 + epsilon).
 *
 * @param scale [D]; x [.., D]. Zhang, Sennrich: Root mean square layer normalization, 2019.
 * @throws UmweltError `shape-mismatch`.
 */
export function rmsNormalisation(x: Tensor, scale: Tensor, epsilon = 1e-5): Tensor {
  requireLastAxis('rmsNormalisation', x, scale);
  return x.graph.emit({
    operator: 'SimplifiedLayerNormalization',
    inputs: [x, scale],
    outputs: [{ shape: x.shape }],
    attributes: { axis: -1, epsilon: { float: epsilon } },
    rule: ([g]) => [
      () => {
        const [unit, inverse] = toUnitPower(x, epsilon);
        return throughStandardisation(multiply(g!, scale), unit!, inverse!, false);
      },
      () => rowSum(multiply(g!, toUnitPower(x, epsilon)[0]!), scale),
    ],
  })[0]!;
}

/** (x - mean) / sd, and 1 / sd [.., 1]. */
function standardise(x: Tensor, epsilon: number): readonly Tensor[] {
  const width = x.shape.at(-1)!;
  const kept = [...x.shape.slice(0, -1), 1];
  const [unit, , inverse] = x.graph.emit({
    operator: 'LayerNormalization',
    inputs: [x, x.graph.constant(1, [width]), x.graph.constant(0, [width])],
    outputs: [{ shape: x.shape }, { shape: kept }, { shape: kept }],
    attributes: { axis: -1, epsilon: { float: epsilon } },
    rule: standardisationRule(true, width),
  });
  return [unit!, inverse!];
}

/** x / rms, and 1 / rms [.., 1]. */
function toUnitPower(x: Tensor, epsilon: number): readonly Tensor[] {
  const width = x.shape.at(-1)!;
  return x.graph.emit({
    operator: 'SimplifiedLayerNormalization',
    inputs: [x, x.graph.constant(1, [width])],
    outputs: [{ shape: x.shape }, { shape: [...x.shape.slice(0, -1), 1] }],
    attributes: { axis: -1, epsilon: { float: epsilon } },
    rule: standardisationRule(false, width),
  });
}

/** Both outputs have derivatives, so that gradients of gradients exist. */
function standardisationRule(centred: boolean, width: number): GradientRule {
  return (gradients, node) => {
    const unit = node.outputs[0]!;
    const inverse = node.outputs.at(-1)!;
    const ofUnit = gradients[0];
    const ofInverse = gradients[node.outputs.length - 1];
    const through = ofUnit && throughStandardisation(ofUnit, unit, inverse, centred);
    const direct = ofInverse && multiply(multiply(ofInverse, multiply(square(inverse), -1 / width)), unit);
    return [() => (through && direct ? add(through, direct) : (through ?? direct))];
  };
}

/** (g - mean g - unit mean(g unit)) / sd, without the second term where nothing was centred. */
function throughStandardisation(g: Tensor, unit: Tensor, inverse: Tensor, centred: boolean): Tensor {
  const along = multiply(unit, mean(multiply(g, unit), [-1], true));
  const rest = centred ? subtract(subtract(g, mean(g, [-1], true)), along) : subtract(g, along);
  return multiply(rest, inverse);
}

function rowSum(g: Tensor, target: Tensor): Contribution {
  return { kind: 'row-sum', rows: reshape(g, [-1, target.shape[0]!]) };
}

function requireLastAxis(operation: string, x: Tensor, scale: Tensor): void {
  requireType(operation, 'float32', x, scale);
  if (sameShape(scale.shape, [x.shape.at(-1)!])) return;
  throw shapeMismatch(operation, x.shape, scale.shape, 'x [.., D] needs a scale and bias of shape [D]');
}
