import { UmweltError } from '../../core/errors.js';
import { reshape, sum } from './broadcast.js';
import { add, subtract } from './elementwise.js';
import { type Contribution, type GraphNode, isTensor, type Tensor } from './graph.js';
import { concat } from './layout.js';
import { matmul } from './matrix.js';

/**
 * Adds the gradients of a scalar to the graph, by reverse-mode differentiation, and returns one for each target.
 *
 * Only what lies between targets and loss is differentiated. A weight used at many ticks gets one product over the
 * rows of all ticks. A target that the loss does not depend on gets zeros. The result is made of ordinary nodes and can
 * be differentiated again.
 *
 * @param loss float32 of one element.
 * @param targets parameters, inputs or any tensors of the same graph.
 * @throws UmweltError `shape-mismatch` when the loss has more than one element.
 */
export function gradients(loss: Tensor, targets: readonly Tensor[]): readonly Tensor[] {
  if (loss.shape.some((extent) => extent !== 1) || loss.dtype !== 'float32') {
    throw new UmweltError(
      'shape-mismatch',
      { loss: loss.name, shape: loss.shape, dtype: loss.dtype },
      `gradients: expected a float32 loss of one element, got ${loss.dtype} [${loss.shape.join(', ')}]; use sum or mean`,
    );
  }
  const order = nodesBetween(targets, loss);
  const contributions = new Map<Tensor, Contribution[]>();
  const settled = new Map<Tensor, Tensor>();
  const settle = (tensor: Tensor): Tensor | undefined => {
    const parts = contributions.get(tensor);
    if (parts === undefined) return undefined;
    let gradient = settled.get(tensor);
    if (gradient === undefined) {
      gradient = combine(parts, tensor);
      settled.set(tensor, gradient);
    }
    return gradient;
  };
  contributions.set(loss, [loss.graph.constant(1, loss.shape)]);
  for (let i = order.nodes.length - 1; i >= 0; i--) {
    const node = order.nodes[i]!;
    if (node.rule === undefined) continue;
    const outputGradients = node.outputs.map(settle);
    if (outputGradients.every((gradient) => gradient === undefined)) continue;
    const rules = node.rule(outputGradients, node);
    for (const [k, input] of node.inputs.entries()) {
      if (!order.active.has(input)) continue;
      const contribution = rules[k]?.();
      if (contribution === undefined) continue;
      const known = contributions.get(input);
      if (known === undefined) contributions.set(input, [contribution]);
      else known.push(contribution);
    }
  }
  return targets.map((target) => settle(target) ?? loss.graph.constant(0, target.shape));
}

/** Finds the tensors that depend on a target and that the loss depends on, and their nodes from first to last. */
function nodesBetween(
  targets: readonly Tensor[],
  loss: Tensor,
): { readonly nodes: readonly GraphNode[]; readonly active: ReadonlySet<Tensor> } {
  const needed = reachable([loss]);
  const active = new Set<Tensor>(targets);
  const nodes: GraphNode[] = [];
  for (const node of needed) {
    if (!node.inputs.some((input) => active.has(input))) continue;
    for (const output of node.outputs) active.add(output);
    nodes.push(node);
  }
  return { nodes, active };
}

/** Lists every node that the given tensors depend on, each after the nodes that it depends on. */
export function reachable(tensors: readonly Tensor[]): readonly GraphNode[] {
  const found = new Set<GraphNode>();
  const pending = [...tensors];
  for (let tensor = pending.pop(); tensor !== undefined; tensor = pending.pop()) {
    if (tensor.producer === undefined || found.has(tensor.producer)) continue;
    found.add(tensor.producer);
    pending.push(...tensor.producer.inputs);
  }
  return [...found].sort((a, b) => a.outputs[0]!.id - b.outputs[0]!.id);
}

/** Adds up the parts of a gradient; parts of one kind are joined first, and products add what is there by then. */
function combine(parts: readonly Contribution[], target: Tensor): Tensor {
  const terms: Tensor[] = [];
  const products: Extract<Contribution, { kind: 'product' }>[] = [];
  const addends: Extract<Contribution, { kind: 'addend' }>[] = [];
  const slices: Slice[] = [];
  const rows: Tensor[] = [];
  for (const part of parts) {
    if (isTensor(part)) terms.push(part);
    else if (part.kind === 'product') products.push(part);
    else if (part.kind === 'addend') addends.push(part);
    else if (part.kind === 'slice') slices.push(part);
    else rows.push(part.rows);
  }
  terms.push(...joinSlices(slices, target));
  if (rows.length > 0) terms.push(sum(joinRows(rows), [0]));
  let total = addTerms(terms.map((term) => reshape(term, target.shape)));
  if (products.length > 0) {
    const left = joinRows(products.map((product) => product.left));
    const right = joinRows(products.map((product) => product.right));
    total = matmul(left, right, { transposeA: true, ...(total && { add: total }) });
  }
  for (const { left, right, transposeA, transposeB } of addends) {
    total = matmul(left, right, { transposeA, transposeB, ...(total && { add: total }) });
  }
  return total!;
}

/** Adds the negative ones last, by a subtraction that takes the place of negation and addition. */
function addTerms(terms: readonly Tensor[]): Tensor | undefined {
  const isNegative = (term: Tensor): boolean => term.producer?.operator === 'Neg';
  const [first, ...rest] = [...terms.filter((term) => !isNegative(term)), ...terms.filter(isNegative)];
  return rest.reduce(
    (total, term) => (isNegative(term) ? subtract(total!, term.producer!.inputs[0]!) : add(total!, term)),
    first,
  );
}

type Slice = Extract<Contribution, { kind: 'slice' }>;

function joinRows(parts: readonly Tensor[]): Tensor {
  return concat(parts, -2);
}

/** Joins slices that do not overlap, with zeros between; a slice that overlaps opens another layer. */
function joinSlices(slices: readonly Slice[], target: Tensor): Tensor[] {
  const layers: Slice[][] = [];
  for (const part of [...slices].sort((a, b) => a.axis - b.axis || a.start - b.start)) {
    const open = layers.find((layer) => {
      const last = layer.at(-1)!;
      return last.axis === part.axis && last.start + last.part.shape[last.axis]! <= part.start;
    });
    if (open === undefined) layers.push([part]);
    else open.push(part);
  }
  return layers.map((layer) => {
    const axis = layer[0]!.axis;
    const pieces: Tensor[] = [];
    let at = 0;
    const zerosUntil = (end: number): void => {
      if (end === at) return;
      pieces.push(
        target.graph.constant(
          0,
          target.shape.map((extent, i) => (i === axis ? end - at : extent)),
        ),
      );
    };
    for (const { part, start } of layer) {
      zerosUntil(start);
      pieces.push(part);
      at = start + part.shape[axis]!;
    }
    zerosUntil(target.shape[axis]!);
    return concat(pieces, axis);
  });
}
