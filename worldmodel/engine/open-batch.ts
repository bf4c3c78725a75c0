import { reachable } from './gradient.js';
import { type GraphNode, sameShape, type Tensor } from './graph.js';
import { type OnnxOptions, type Opening, toOnnx } from './onnx.js';
import {
  batchFrom,
  fixesBatch,
  multipleOf,
  nameExtent,
  type Replacements,
  replaceConstant,
} from './open-constants.js';

/** Two batch sizes to build with: primes that no other extent of a model is likely to have. */
const SIZES = [1009, 2003] as const;

/** Makes tensors by the name that they get in the model, for a batch of that size, in a graph of their own. */
export type BuildForBatch = (batch: number) => Readonly<Record<string, Tensor>>;

/**
 * Writes a graph as an ONNX model whose batch is open: one file for every batch size.
 *
 * The graph is built twice, with two sizes; where they differ, the batch decides. Extents of inputs and outputs that are k
 * times the batch become open (`batch`, `2 * batch`), shapes that operations are told become computed ones, and constants that
 * repeat themselves along the batch are stored once and repeated.
 *
 * @param build the same function for both sizes; calls `createGraph` itself.
 * @throws UmweltError `shape-mismatch` where an operation fixes the batch otherwise: names it and what it holds.
 */
export function toOnnxForAnyBatch(build: BuildForBatch, options: OnnxOptions = {}): Uint8Array {
  const [outputs, others] = [build(SIZES[0]), build(SIZES[1])];
  const [names, otherNames] = [outputs, others].map((built) => Object.keys(built).join(', '));
  if (names !== otherNames) throw fixesBatch('the graph', `has the outputs ${names} or ${otherNames}`);
  return toOnnx(outputs, options, openingOf(outputs, others));
}

/** Finds what the batch decides, from the same model in two sizes. */
function openingOf(
  outputs: Readonly<Record<string, Tensor>>,
  others: Readonly<Record<string, Tensor>>,
): Opening {
  const nodes = reachable(Object.values(outputs));
  const twins = reachable(Object.values(others));
  const twinOf = new Map<Tensor, Tensor>();
  const replaced = new Map<GraphNode, ReadonlyMap<number, string>>();
  const stored = new Set<Tensor>();
  const made: Replacements = { nodes: [], initializers: [] };
  for (const [i, node] of nodes.entries()) {
    const twin = twins[i];
    requireTwin(node, twin);
    const names = new Map<number, string>();
    for (const [k, tensor] of node.inputs.entries()) {
      const other = twin.inputs[k]!;
      if (tensor.source?.kind !== 'constant') requireSameOrigin(node, tensor, other, twinOf);
      else if (isSameConstant(tensor, other)) stored.add(tensor);
      else names.set(k, replaceConstant(node, twin, k, SIZES, made));
    }
    replaced.set(node, names);
    for (const [k, output] of node.outputs.entries()) twinOf.set(output, twin.outputs[k]!);
  }
  if (twins.length > nodes.length)
    throw fixesBatch(twins[nodes.length]!.operator, 'is there for one size alone');
  for (const [name, tensor] of Object.entries(outputs)) {
    twinOf.set(tensor, others[name]!);
    if (tensor.source !== undefined) stored.add(tensor);
  }
  return {
    extent: (tensor, axis) => extentOf(tensor, twinOf.get(tensor)!, axis),
    inputName: (node, index) => replaced.get(node)!.get(index),
    isStored: (tensor) => tensor.source?.kind !== 'constant' || stored.has(tensor),
    nodes: [...readBatch(twinOf), ...made.nodes],
    initializers: made.initializers,
  };
}

function readBatch(twinOf: ReadonlyMap<Tensor, Tensor>): readonly object[] {
  for (const [tensor, twin] of twinOf) {
    const axis = tensor.shape.findIndex((extent, i) => extent !== twin.shape[i]);
    const times = multipleOf(tensor.shape[axis] ?? 0, twin.shape[axis] ?? 0, SIZES);
    if (tensor.source?.kind === 'input' && times !== undefined) return batchFrom(tensor.name, axis, times);
  }
  throw fixesBatch('the graph', 'has no input with an extent that is a multiple of the batch');
}

function extentOf(tensor: Tensor, twin: Tensor, axis: number): number | string {
  const [extent, other] = [tensor.shape[axis]!, twin.shape[axis]!];
  if (extent === other) return extent;
  const times = multipleOf(extent, other, SIZES);
  if (times !== undefined) return nameExtent(times);
  throw fixesBatch(`"${tensor.name}"`, `has the extent ${extent} or ${other} on axis ${axis}`);
}

/** Both graphs come from one function, so that nodes stand in the same order. */
function requireTwin(node: GraphNode, twin: GraphNode | undefined): asserts twin is GraphNode {
  const describe = (one: GraphNode | undefined): string =>
    one === undefined
      ? 'nothing'
      : `${one.operator} of ${one.inputs.length} to ${one.outputs.length} tensors ${JSON.stringify(one.attributes)}`;
  if (twin !== undefined && node.domain === twin.domain && describe(node) === describe(twin)) return;
  throw fixesBatch(node.operator, `is ${describe(node)} or ${describe(twin)}`);
}

function requireSameOrigin(
  node: GraphNode,
  tensor: Tensor,
  other: Tensor,
  twinOf: Map<Tensor, Tensor>,
): void {
  if (tensor.producer !== undefined) {
    if (twinOf.get(tensor) === other) return;
    throw fixesBatch(node.operator, `reads "${tensor.name}" or "${other.name}"`);
  }
  const { source: from } = tensor;
  const isSame = from?.kind === other.source?.kind && tensor.name === other.name;
  if (!isSame || (from?.kind !== 'input' && !sameShape(tensor.shape, other.shape))) {
    const shapes = `[${tensor.shape.join(', ')}] or [${other.shape.join(', ')}]`;
    throw fixesBatch(node.operator, `reads the ${from?.kind} "${tensor.name}" ${shapes}`);
  }
  twinOf.set(tensor, other);
}

function isSameConstant(tensor: Tensor, other: Tensor): boolean {
  const [a, b] = [tensor.source, other.source];
  if (a?.kind !== 'constant' || b?.kind !== 'constant' || tensor.dtype !== other.dtype) return false;
  return sameShape(tensor.shape, other.shape) && a.data.every((value, i) => value === b.data[i]);
}
