import { UmweltError } from '../../core/errors.js';
import { type DataType, type GraphNode, sameShape, sizeOf, type Tensor, type TensorData } from './graph.js';
import { ATTRIBUTE_TYPES, encodeTensor } from './onnx-proto.js';

/** What stands in for the constants of a graph that fix its batch, in the form of onnx.proto. */
export interface Replacements {
  readonly nodes: object[];
  readonly initializers: object[];
}

/** The model's tensor that holds the size of the batch, int64 [1]. */
const BATCH = 'batch/size';

/** Makes the error of what cannot be written for any batch. */
export function fixesBatch(operation: string, what: string): UmweltError {
  return new UmweltError(
    'shape-mismatch',
    { operation },
    `open batch: ${operation} ${what}, depending on the size of the batch; keep it independent of the batch, or export each size by itself with toOnnx`,
  );
}

/** Returns k where an extent is k times the batch in both sizes. */
export function multipleOf(
  extent: number,
  other: number,
  sizes: readonly [number, number],
): number | undefined {
  const times = extent / sizes[0];
  return Number.isInteger(times) && times > 0 && other === times * sizes[1] ? times : undefined;
}

/** Names an open extent of k times the batch. */
export function nameExtent(times: number): string {
  return times === 1 ? 'batch' : `${times} * batch`;
}

/** Reads what `nameExtent` wrote; undefined for any other name. */
export function readExtent(name: string): number | undefined {
  const match = /^(?:([1-9]\d*) \* )?batch$/.exec(name);
  return match === null ? undefined : Number(match[1] ?? 1);
}

/** Makes the nodes that find the size of the batch from the shape of an input. */
export function batchFrom(input: string, axis: number, times: number): readonly object[] {
  const integer = (name: string, i: number): object => ({ name, type: ATTRIBUTE_TYPES.integer, i });
  const attribute = [integer('start', axis), integer('end', axis + 1)];
  const value = { name: 'value_ints', type: ATTRIBUTE_TYPES.integers, ints: [times] };
  return [
    { op_type: 'Shape', input: [input], output: ['batch/rows'], attribute },
    { op_type: 'Constant', output: ['batch/times'], attribute: [value] },
    { op_type: 'Div', input: ['batch/rows', 'batch/times'], output: [BATCH] },
  ];
}

/**
 * Writes what a constant is for any batch, and returns its name.
 *
 * @param twin the same node in the graph of the second size.
 * @throws UmweltError `shape-mismatch` where the batch decides the constant in another way than by repeating it.
 */
export function replaceConstant(
  node: GraphNode,
  twin: GraphNode,
  index: number,
  sizes: readonly [number, number],
  made: Replacements,
): string {
  const [tensor, other] = [node.inputs[index]!, twin.inputs[index]!];
  const name = `batch/${node.outputs[0]!.name}_${index}`;
  if (tensor.dtype !== 'int64' || tensor.shape.length !== 1 || !sameShape(tensor.shape, other.shape)) {
    return replaceRepeated(node, tensor, other, sizes, name, made);
  }
  const told = [...dataOf(tensor)].map(Number);
  const toldOther = [...dataOf(other)].map(Number);
  const wild = node.operator === 'Reshape' ? wildcards(node, twin, told, toldOther) : undefined;
  if (wild !== undefined) {
    made.initializers.push(integers(name, wild));
    return name;
  }
  const times = told.map((extent, i) =>
    extent === toldOther[i] ? 0 : multipleOf(extent, toldOther[i]!, sizes),
  );
  if (times.includes(undefined)) {
    throw fixesBatch(node.operator, `is told [${told.join(', ')}] or [${toldOther.join(', ')}]`);
  }
  computeShape(
    name,
    times as number[],
    told.map((extent, i) => (times[i] === 0 ? extent : 0)),
    made,
  );
  return name;
}

/** What `Reshape` can find out by itself: 0 copies an extent, one -1 takes what is left. */
function wildcards(
  node: GraphNode,
  twin: GraphNode,
  told: readonly number[],
  toldOther: readonly number[],
): readonly number[] | undefined {
  const [from, fromOther] = [node.inputs[0]!.shape, twin.inputs[0]!.shape];
  const wild = told.map((extent, i) => {
    if (extent === toldOther[i]) return extent;
    return from[i] === extent && fromOther[i] === toldOther[i] ? 0 : -1;
  });
  return wild.filter((extent) => extent === -1).length <= 1 ? wild : undefined;
}

/** Stores once what repeats itself along the batch, every k slices of k * batch, and repeats it. */
function replaceRepeated(
  node: GraphNode,
  tensor: Tensor,
  other: Tensor,
  sizes: readonly [number, number],
  name: string,
  made: Replacements,
): string {
  const axis = tensor.shape.findIndex((extent, i) => extent !== other.shape[i]);
  const times = multipleOf(tensor.shape[axis] ?? 0, other.shape[axis] ?? 0, sizes);
  const once = tensor.shape.map((extent, i) => (i === axis ? (times ?? extent) : extent));
  const fits =
    times !== undefined &&
    sameShape(
      other.shape,
      once.map((extent, i) => (i === axis ? extent * sizes[1] : extent)),
    );
  const inner = sizeOf(once.slice(Math.max(axis, 0)));
  const values = dataOf(tensor);
  /** The position in the stored part that an element repeats. */
  const kept = (i: number, whole: Tensor): number => {
    const stretch = sizeOf(whole.shape.slice(axis));
    return Math.floor(i / stretch) * stretchOf(tensor, axis) + (i % inner);
  };
  const repeats = (whole: Tensor): boolean =>
    dataOf(whole).every((value: number | bigint, i: number) => value === values[kept(i, whole)]);
  if (!fits || !repeats(tensor) || !repeats(other)) {
    const shapes = `[${tensor.shape.join(', ')}] or [${other.shape.join(', ')}]`;
    throw fixesBatch(node.operator, `reads a constant ${shapes} that does not repeat itself`);
  }
  const stored = values.filter(
    (_: number | bigint, i: number) => i % stretchOf(tensor, axis) < inner,
  ) as TensorData;
  made.initializers.push(encodeTensor(`${name}/once`, once, tensor.dtype, stored));
  computeShape(
    `${name}/repeats`,
    once.map((_, i) => (i === axis ? 1 : 0)),
    once.map((_, i) => (i === axis ? 0 : 1)),
    made,
  );
  made.nodes.push({ op_type: 'Tile', input: [`${name}/once`, `${name}/repeats`], output: [name] });
  return name;
}

/** Writes times * batch + fixed. */
function computeShape(
  name: string,
  times: readonly number[],
  fixed: readonly number[],
  made: Replacements,
): void {
  made.initializers.push(integers(`${name}/times`, times), integers(`${name}/fixed`, fixed));
  made.nodes.push(
    { op_type: 'Mul', input: [BATCH, `${name}/times`], output: [`${name}/open`] },
    { op_type: 'Add', input: [`${name}/open`, `${name}/fixed`], output: [name] },
  );
}

function stretchOf(tensor: Tensor, axis: number): number {
  return sizeOf(tensor.shape.slice(axis));
}

function integers(name: string, values: readonly number[]): object {
  return encodeTensor(name, [values.length], 'int64' satisfies DataType, BigInt64Array.from(values, BigInt));
}

function dataOf(tensor: Tensor): TensorData {
  if (tensor.source?.kind === 'constant') return tensor.source.data;
  throw new UmweltError('internal', { tensor: tensor.name }, `"${tensor.name}" is no constant`);
}
