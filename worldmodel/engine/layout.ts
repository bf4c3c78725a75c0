import { UmweltError } from '../../core/errors.js';
import { expand, reshape } from './broadcast.js';
import { requireType, resolveAxis, sameShape, shapeMismatch, sizeOf, type Tensor } from './graph.js';

/**
 * Reorders the axes (reverses them by default), as NumPy's transpose.
 *
 * @throws UmweltError `shape-mismatch` when `permutation` does not name each axis once.
 */
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  const rank = x.shape.length;
  const perm = permutation ?? x.shape.map((_, i) => rank - 1 - i);
  if (![...perm].sort((a, b) => a - b).every((axis, i) => axis === i) || perm.length !== rank) {
    throw new UmweltError(
      'shape-mismatch',
      { operation: 'transpose', permutation: perm, shape: x.shape },
      `transpose: expected each axis of shape [${x.shape.join(', ')}] once, got [${perm.join(', ')}]`,
    );
  }
  if (perm.every((axis, i) => axis === i)) return x;
  const inverse = perm.map((_, i) => perm.indexOf(i));
  return x.graph.emit({
    operator: 'Transpose',
    inputs: [x],
    outputs: [{ shape: perm.map((axis) => x.shape[axis]!), dtype: x.dtype }],
    attributes: { perm },
    rule: ([g]) => [() => transpose(g!, inverse)],
  })[0]!;
}

/**
 * Joins tensors along an existing axis.
 *
 * @throws UmweltError `shape-mismatch` when they differ in another axis.
 */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (first === undefined) {
    throw new UmweltError('invalid-input', {}, 'concat: expected at least one tensor, got none');
  }
  const along = resolveAxis('concat', axis, first.shape);
  for (const part of parts) {
    const agree = part.shape.every((extent, i) => i === along || extent === first.shape[i]);
    if (part.shape.length !== first.shape.length || !agree) {
      throw shapeMismatch('concat', first.shape, part.shape, `only axis ${along} may differ`);
    }
    requireType('concat', first.dtype, part);
  }
  const whole = wholeOf(parts, along);
  if (whole !== undefined) return whole;
  const starts: number[] = [];
  let total = 0;
  for (const part of parts) {
    starts.push(total);
    total += part.shape[along]!;
  }
  return first.graph.emit({
    operator: 'Concat',
    inputs: parts,
    outputs: [{ shape: withExtent(first.shape, along, total), dtype: first.dtype }],
    attributes: { axis: along },
    rule: ([g]) => {
      // One split costs less than a slice for each of several parts.
      const extents = parts.map((part) => part.shape[along]!);
      const isLearned = parts.filter((part) => part.source?.kind !== 'constant').length > 1;
      return parts.map(
        (_, i) => () =>
          isLearned ? split(g!, along, extents)[i]! : slice(g!, along, starts[i]!, starts[i]! + extents[i]!),
      );
    },
  })[0]!;
}

/** Joins tensors of one shape along a new axis. @throws UmweltError `shape-mismatch` when shapes differ. */
export function stack(parts: readonly Tensor[], axis: number): Tensor {
  const first = parts[0];
  if (first === undefined) {
    throw new UmweltError('invalid-input', {}, 'stack: expected at least one tensor, got none');
  }
  const at = resolveAxis('stack', axis, [...first.shape, 1]);
  const shape = [...first.shape.slice(0, at), 1, ...first.shape.slice(at)];
  for (const part of parts) {
    if (!sameShape(part.shape, first.shape)) throw shapeMismatch('stack', first.shape, part.shape);
  }
  if (at === 0 && first.shape.length > 0) return reshape(concat(parts, 0), [parts.length, ...first.shape]);
  return concat(
    parts.map((part) => reshape(part, shape)),
    at,
  );
}

/**
 * Takes the part from `start` up to, not including, `end` along an axis; negative positions count from the end.
 *
 * Slices of one tensor that do not overlap get their gradients joined in one operation.
 *
 * @throws UmweltError `shape-mismatch` when the part is empty or outside.
 */
export function slice(x: Tensor, axis: number, start: number, end = x.shape.at(axis)!): Tensor {
  const along = resolveAxis('slice', axis, x.shape);
  const extent = x.shape[along]!;
  const from = start < 0 ? start + extent : start;
  const to = end < 0 ? end + extent : end;
  if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0 || to > extent || from >= to) {
    throw new UmweltError(
      'shape-mismatch',
      { operation: 'slice', axis, start, end, shape: x.shape },
      `slice: expected 0 <= start < end <= ${extent} on axis ${axis} of shape [${x.shape.join(', ')}], got ${start} and ${end}`,
    );
  }
  if (from === 0 && to === extent) return x;
  const known = partOf(x, along, from, to);
  if (known !== undefined) return known;
  const integer = (value: number): Tensor => x.graph.constant(BigInt64Array.of(BigInt(value)));
  return x.graph.emit({
    operator: 'Slice',
    inputs: [x, integer(from), integer(to), integer(along)],
    outputs: [{ shape: withExtent(x.shape, along, to - from), dtype: x.dtype }],
    rule: ([g]) => [
      () => ({ kind: 'slice', part: g!, axis: along, start: from }),
      undefined,
      undefined,
      undefined,
    ],
  })[0]!;
}

/**
 * Cuts a tensor along an axis into parts of the given extents, or into that many equal parts.
 *
 * @throws UmweltError `shape-mismatch` when the extents do not add up.
 */
export function split(x: Tensor, axis: number, extents: number | readonly number[]): readonly Tensor[] {
  const along = resolveAxis('split', axis, x.shape);
  const extent = x.shape[along]!;
  const sizes =
    typeof extents === 'number' ? Array.from({ length: extents }, () => extent / extents) : [...extents];
  const valid = sizes.every((size) => Number.isInteger(size) && size > 0);
  if (!valid || sizes.reduce((total, size) => total + size, 0) !== extent) {
    throw shapeMismatch('split', x.shape, sizes, `the extents must add up to ${extent} on axis ${along}`);
  }
  if (sizes.length === 1) return [x];
  return x.graph.emit({
    operator: 'Split',
    inputs: [x, x.graph.constant(BigInt64Array.from(sizes, BigInt))],
    outputs: sizes.map((size) => ({ shape: withExtent(x.shape, along, size), dtype: x.dtype })),
    attributes: { axis: along },
    rule: (gradients, node) => [
      () =>
        concat(
          node.outputs.map((part, i) => gradients[i] ?? x.graph.constant(0, part.shape)),
          along,
        ),
      undefined,
    ],
  });
}

/** Cuts a tensor along an axis into its elements, without that axis: the steps of a sequence. */
export function unstack(x: Tensor, axis: number): readonly Tensor[] {
  const along = resolveAxis('unstack', axis, x.shape);
  const shape = x.shape.filter((_, i) => i !== along);
  // Rows of the first two axes taken together need no reshape of each part.
  const isLeading = along === 0 && shape.length > 0;
  const whole = isLeading ? reshape(x, [x.shape[0]! * shape[0]!, ...shape.slice(1)]) : x;
  return split(whole, along, x.shape[along]!).map((part) => reshape(part, shape));
}

/**
 * Picks elements along an axis by constant positions (repeats allowed).
 *
 * @throws UmweltError `shape-mismatch` for a position outside the axis.
 */
export function gather(x: Tensor, axis: number, indices: readonly number[]): Tensor {
  const along = resolveAxis('gather', axis, x.shape);
  const extent = x.shape[along]!;
  if (indices.length === 0 || !indices.every((i) => Number.isInteger(i) && i >= 0 && i < extent)) {
    throw new UmweltError(
      'shape-mismatch',
      { operation: 'gather', indices, axis, shape: x.shape },
      `gather: expected positions between 0 and ${extent - 1} on axis ${axis} of shape [${x.shape.join(', ')}], got [${indices.join(', ')}]`,
    );
  }
  return x.graph.emit({
    operator: 'Gather',
    inputs: [x, x.graph.constant(BigInt64Array.from(indices, BigInt))],
    outputs: [{ shape: withExtent(x.shape, along, indices.length), dtype: x.dtype }],
    attributes: { axis: along },
    rule: ([g]) => [() => scatterAdd(g!, along, indices, x.shape), undefined],
  })[0]!;
}

/**
 * Picks rows of a table by positions that are computed or fed: table [n, ..d], int64 indices [..i] -> [..i, ..d] (an
 * embedding). The gradient of rows that are picked several times is added up, always in the same order.
 *
 * A negative position counts from the end; one outside the table fails with `invalid-input` when the graph runs.
 *
 * @throws UmweltError `shape-mismatch` for a table without axes or positions that are not int64.
 */
export function gatherRows(table: Tensor, indices: Tensor): Tensor {
  requireType('gatherRows', 'float32', table);
  requireType('gatherRows', 'int64', indices);
  resolveAxis('gatherRows', 0, table.shape);
  return table.graph.emit({
    operator: 'Gather',
    inputs: [table, indices],
    outputs: [{ shape: [...indices.shape, ...table.shape.slice(1)] }],
    attributes: { axis: 0 },
    rule: ([g]) => [() => scatterRows(g!, indices, table.shape), undefined],
  })[0]!;
}

/** Adds rows to the places of a table of zeros that they were picked from: the transpose of `gatherRows`. */
function scatterRows(rows: Tensor, indices: Tensor, shape: readonly number[]): Tensor {
  const { graph } = rows;
  const inner = shape.slice(1);
  const spread = [sizeOf(indices.shape), ...inner];
  const places = expand(reshape(indices, [spread[0]!, ...inner.map(() => 1)]), spread);
  return graph.emit({
    operator: 'ScatterElements',
    inputs: [graph.constant(0, shape), places, reshape(rows, spread)],
    outputs: [{ shape }],
    attributes: { axis: 0, reduction: 'add' },
    rule: ([g]) => [undefined, undefined, () => reshape(gatherRows(g!, indices), spread)],
  })[0]!;
}

/** Adds the parts of a gathered gradient back to where they were taken from. */
function scatterAdd(
  gradient: Tensor,
  axis: number,
  indices: readonly number[],
  shape: readonly number[],
): Tensor {
  const strided = shape.map((extent, i) => (i === axis ? indices.length : extent));
  const positions = new BigInt64Array(strided.reduce((product, extent) => product * extent, 1));
  const inner = strided.slice(axis + 1).reduce((product, extent) => product * extent, 1);
  for (let i = 0; i < positions.length; i++) {
    positions[i] = BigInt(indices[Math.floor(i / inner) % indices.length]!);
  }
  const graph = gradient.graph;
  return graph.emit({
    operator: 'ScatterElements',
    inputs: [graph.constant(0, shape), graph.constant(positions, strided), gradient],
    outputs: [{ shape }],
    attributes: { axis, reduction: 'add' },
    rule: ([g]) => [undefined, undefined, () => gather(g!, axis, indices)],
  })[0]!;
}

function withExtent(shape: readonly number[], axis: number, extent: number): readonly number[] {
  return shape.map((old, i) => (i === axis ? extent : old));
}

/** The tensor that `split` cut into exactly these parts, reshaped or not. */
function wholeOf(parts: readonly Tensor[], axis: number): Tensor | undefined {
  if (parts.length === 1) return parts[0];
  const node = parts[0]!.producer;
  if (node?.operator !== 'Split' || node.attributes.axis !== axis) return undefined;
  if (node.outputs.length !== parts.length) return undefined;
  return node.outputs.every((output, i) => output === parts[i]) ? node.inputs[0] : undefined;
}

/** The tensor that `concat` put at exactly this place. */
function partOf(x: Tensor, axis: number, from: number, to: number): Tensor | undefined {
  const node = x.producer;
  if (node?.operator !== 'Concat' || node.attributes.axis !== axis) return undefined;
  let start = 0;
  for (const part of node.inputs) {
    if (start === from) return start + part.shape[axis]! === to ? part : undefined;
    start += part.shape[axis]!;
  }
  return undefined;
}
