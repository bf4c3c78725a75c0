import type { GraphNode } from './graph.js';
import { ATTRIBUTE_TYPES } from './onnx-proto.js';

/**
 * Tells whether WebGPU would compute a node wrongly: ONNX Runtime 1.30 stores the mean, not 1 / rms, as the second output of
 * SimplifiedLayerNormalization there. Only gradients of `rmsNormalisation` read it.
 */
export function isWrongOnWebgpu(node: GraphNode): boolean {
  return node.operator === 'SimplifiedLayerNormalization' && node.outputs.length === 2;
}

/**
 * Writes such a node as ones that WebGPU computes rightly, in the form of onnx.proto: 1 / rms = 1 / sqrt(mean x^2 + epsilon).
 *
 * @param node as `toOnnx` writes it.
 */
export function rewriteForWebgpu(node: {
  readonly name: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly { readonly name: string; readonly f?: number }[];
}): readonly object[] {
  const [x] = node.input;
  const [unit, inverse] = node.output;
  const epsilon = node.attribute.find(({ name }) => name === 'epsilon')!.f!;
  const named = (part: string): string => `${node.name}/${part}`;
  const constant = (part: string, attribute: object): object => ({
    op_type: 'Constant',
    output: [named(part)],
    attribute: [attribute],
  });
  const apply = (op_type: string, input: readonly (string | undefined)[], output = op_type): object => ({
    op_type,
    name: named(op_type),
    input,
    output: [output === op_type ? named(output) : output],
  });
  return [
    { ...node, output: [unit] },
    constant('axes', { name: 'value_ints', type: ATTRIBUTE_TYPES.integers, ints: [-1] }),
    constant('epsilon', { name: 'value_float', type: ATTRIBUTE_TYPES.float, f: epsilon }),
    apply('Mul', [x, x]),
    apply('ReduceMean', [named('Mul'), named('axes')]),
    apply('Add', [named('ReduceMean'), named('epsilon')]),
    apply('Sqrt', [named('Add')]),
    apply('Reciprocal', [named('Sqrt')], inverse!),
  ];
}
