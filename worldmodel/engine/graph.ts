import { UmweltError } from '../../core/errors.js';

/** What a tensor's elements are. Gradients exist for float32 alone. */
export type DataType = 'float32' | 'int64' | 'bool';

/** Elements of a tensor, row-major: Float32Array (float32), BigInt64Array (int64), Uint8Array of 0 and 1 (bool). */
export type TensorData = Float32Array | BigInt64Array | Uint8Array;

/** What an ONNX attribute may hold here: a float is written `{ float }`, a plain number is an integer. */
export type Attribute = number | string | { readonly float: number } | readonly number[];

/** Where a tensor without producer comes from. */
export type Source =
  | { readonly kind: 'input' }
  /** Learned (`parameter`) or kept between steps by an optimiser (`state`); `initial` is row-major and not copied. */
  | { readonly kind: 'parameter' | 'state'; readonly initial: () => Float32Array }
  | { readonly kind: 'constant'; readonly data: TensorData };

/** A value in a graph: plain data, never a buffer. */
export interface Tensor {
  readonly graph: Graph;
  /** Position in the order of creation; inputs always come before what is computed from them. */
  readonly id: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DataType;
  /** The node whose output `outputIndex` this is; undefined for sources. */
  readonly producer: GraphNode | undefined;
  readonly outputIndex: number;
  readonly source: Source | undefined;
}

/** One ONNX operation. */
export interface GraphNode {
  readonly operator: string;
  /** Empty for standard ONNX, `com.microsoft` for ONNX Runtime's own. */
  readonly domain: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly rule: GradientRule | undefined;
}

/**
 * A part of the gradient of one tensor. The forms other than a tensor wait until all parts are known, so that the
 * same weight used at many ticks costs one large product instead of many small ones.
 */
export type Contribution =
  | Tensor
  /** transpose(left) x right over the last two axes. */
  | { readonly kind: 'product'; readonly left: Tensor; readonly right: Tensor }
  /** left x right of two matrices, transposed where told; one kernel adds it to the other parts. */
  | {
      readonly kind: 'addend';
      readonly left: Tensor;
      readonly right: Tensor;
      readonly transposeA: boolean;
      readonly transposeB: boolean;
    }
  /** The sum over all rows, for a bias that was added to each row of a matrix [R, D]. */
  | { readonly kind: 'row-sum'; readonly rows: Tensor }
  /** Zero but for the part from `start` along `axis`. */
  | { readonly kind: 'slice'; readonly part: Tensor; readonly axis: number; readonly start: number };

/**
 * Gives, from the gradients of a node's outputs (undefined where the loss does not depend on one), one function an
 * input; only those that are needed are called. `undefined` stands for a gradient of zero.
 */
export type GradientRule = (
  outputGradients: readonly (Tensor | undefined)[],
  node: GraphNode,
) => readonly ((() => Contribution | undefined) | undefined)[];

/** What an operation emits. */
export interface NodeSpecification {
  readonly operator: string;
  readonly domain?: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly { readonly shape: readonly number[]; readonly dtype?: DataType }[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Absent: no gradient flows through (comparisons, stopGradient). */
  readonly rule?: GradientRule;
}

/** Row-major values of a parameter, or a function that makes them. */
export type Initial = Float32Array | (() => Float32Array);

/** A graph under construction. Equal nodes and equal constants are stored once. */
export interface Graph {
  /** Declares a value that is fed at every run, [..shape]. @throws UmweltError `invalid-input` for a name taken. */
  input(name: string, shape: readonly number[], dtype?: DataType): Tensor;
  /**
   * Declares (or returns, when the name and shape are known) a learned float32 tensor.
   *
   * @param initial row-major values, or a function that makes them; read when a session starts, never written to.
   * @throws UmweltError `shape-mismatch` when values or an earlier declaration have another size.
   */
  parameter(name: string, shape: readonly number[], initial: Initial): Tensor;
  /** Declares a float32 tensor that an optimiser keeps between steps. */
  state(name: string, shape: readonly number[], initial: Initial): Tensor;
  /** Adds a constant: one number for every element, or row-major values (copied). */
  constant(value: number | TensorData | readonly number[], shape?: readonly number[]): Tensor;
  /** Adds a node and returns its outputs. Operations call this; models call operations. */
  emit(specification: NodeSpecification): readonly Tensor[];
  /** Every learned tensor declared so far, in order. */
  parameters(): readonly Tensor[];
}

/** Starts an empty graph. */
export function createGraph(): Graph {
  const named = new Map<string, Tensor>();
  const constants = new Map<string, Tensor>();
  const nodes = new Map<string, readonly Tensor[]>();
  let nextId = 0;

  const addSource = (name: string, shape: readonly number[], dtype: DataType, source: Source): Tensor =>
    makeTensor({ graph, id: nextId++, name, shape, dtype, producer: undefined, outputIndex: 0, source });

  const declare = (name: string, shape: readonly number[], dtype: DataType, source: Source): Tensor => {
    requireShape(name, shape);
    if (named.has(name)) {
      throw new UmweltError('invalid-input', { name }, `graph: the name "${name}" is taken; choose another`);
    }
    const tensor = addSource(name, shape, dtype, source);
    named.set(name, tensor);
    return tensor;
  };

  const declareKept = (
    kind: 'parameter' | 'state',
    name: string,
    shape: readonly number[],
    initial: Initial,
  ): Tensor => {
    const known = named.get(name);
    if (known === undefined) return declare(name, shape, 'float32', keptSource(kind, name, shape, initial));
    if (known.source?.kind === kind && sameShape(known.shape, shape)) return known;
    throw shapeMismatch(`${kind} "${name}"`, known.shape, shape);
  };

  const graph: Graph = {
    input: (name, shape, dtype = 'float32') => declare(name, shape, dtype, { kind: 'input' }),
    parameter: (name, shape, initial) => declareKept('parameter', name, shape, initial),
    state: (name, shape, initial) => declareKept('state', name, shape, initial),
    constant(value, shape) {
      const data = constantData(value, shape);
      const dims = shape ?? (typeof value === 'number' ? [] : [data.length]);
      requireLength('constant', data.length, dims);
      const dtype = dataTypeOf(data);
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
      const key = `${dtype}[${dims}]${bytes}`;
      const tensor =
        constants.get(key) ?? addSource(`constant_${nextId}`, dims, dtype, { kind: 'constant', data });
      constants.set(key, tensor);
      return tensor;
    },
    emit(specification) {
      const { operator, domain = '', inputs, attributes = {}, rule } = specification;
      for (const tensor of inputs) requireSameGraph(operator, tensor, graph);
      const arity = specification.outputs.length;
      const key = `${domain}.${operator}(${inputs.map((t) => t.id)})${JSON.stringify(attributes)}${arity}`;
      const known = nodes.get(key);
      if (known !== undefined) return known;
      const outputs: Tensor[] = [];
      const producer: GraphNode = { operator, domain, inputs: [...inputs], outputs, attributes, rule };
      for (const [outputIndex, { shape, dtype = 'float32' }] of specification.outputs.entries()) {
        const id = nextId++;
        const name = `${operator}_${id}`;
        outputs.push(makeTensor({ graph, id, name, shape, dtype, producer, outputIndex, source: undefined }));
      }
      nodes.set(key, outputs);
      return outputs;
    },
    parameters: () => [...named.values()].filter((tensor) => tensor.source?.kind === 'parameter'),
  };
  return graph;
}

/** Returns the number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** Tells whether two shapes are equal. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, i) => extent === b[i]);
}

/** Tells a tensor from the other forms of a contribution. */
export function isTensor(contribution: Contribution): contribution is Tensor {
  return !('kind' in contribution);
}

/** Makes the error of an operation whose operands do not fit together. */
export function shapeMismatch(
  operation: string,
  left: readonly number[],
  right: readonly number[],
  hint = 'make the shapes agree',
): UmweltError {
  return new UmweltError(
    'shape-mismatch',
    { operation, left, right },
    `${operation}: shapes [${left.join(', ')}] and [${right.join(', ')}] do not fit together; ${hint}`,
  );
}

/**
 * Requires the type that an operation works on.
 *
 * @throws UmweltError `shape-mismatch` that names the operation and both types.
 */
export function requireType(operation: string, dtype: DataType, ...tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    if (tensor.dtype === dtype) continue;
    throw new UmweltError(
      'shape-mismatch',
      { operation, expected: dtype, dtype: tensor.dtype },
      `${operation}: expected ${dtype}, got ${tensor.dtype} in "${tensor.name}"; use cast`,
    );
  }
}

/**
 * Resolves an axis that may count from the end.
 *
 * @throws UmweltError `shape-mismatch` when the tensor has no such axis.
 */
export function resolveAxis(operation: string, axis: number, shape: readonly number[]): number {
  const resolved = axis < 0 ? axis + shape.length : axis;
  if (Number.isInteger(axis) && resolved >= 0 && resolved < shape.length) return resolved;
  throw new UmweltError(
    'shape-mismatch',
    { operation, axis, shape },
    `${operation}: expected an axis between ${-shape.length} and ${shape.length - 1} of shape [${shape.join(', ')}], got ${axis}`,
  );
}

/** Freezes the shape, and hides what would make printing a tensor (test failures, debuggers) print the whole graph. */
function makeTensor(tensor: Tensor): Tensor {
  const made = { ...tensor, shape: Object.freeze([...tensor.shape]) };
  for (const key of ['graph', 'producer']) Object.defineProperty(made, key, { enumerable: false });
  return made;
}

function keptSource(
  kind: 'parameter' | 'state',
  name: string,
  shape: readonly number[],
  initial: Initial,
): Source {
  if (typeof initial === 'function') return { kind, initial };
  requireLength(`${kind} "${name}"`, initial.length, shape);
  return { kind, initial: () => initial };
}

function constantData(value: number | TensorData | readonly number[], shape?: readonly number[]): TensorData {
  if (typeof value === 'number') return new Float32Array(sizeOf(shape ?? [])).fill(value);
  if (value instanceof Float32Array || value instanceof BigInt64Array || value instanceof Uint8Array) {
    return value.slice();
  }
  return Float32Array.from(value);
}

function dataTypeOf(data: TensorData): DataType {
  if (data instanceof Float32Array) return 'float32';
  return data instanceof BigInt64Array ? 'int64' : 'bool';
}

function requireShape(name: string, shape: readonly number[]): void {
  if (shape.every((extent) => Number.isInteger(extent) && extent > 0)) return;
  throw new UmweltError(
    'shape-mismatch',
    { name, shape },
    `"${name}": expected a shape of whole numbers above 0, got [${shape.join(', ')}]`,
  );
}

function requireLength(name: string, length: number, shape: readonly number[]): void {
  if (length === sizeOf(shape)) return;
  throw new UmweltError(
    'shape-mismatch',
    { name, length, shape },
    `${name}: shape [${shape.join(', ')}] holds ${sizeOf(shape)} values, got ${length}`,
  );
}

function requireSameGraph(operator: string, tensor: Tensor, graph: Graph): void {
  if (tensor.graph === graph) return;
  throw new UmweltError(
    'invalid-input',
    { operator, tensor: tensor.name },
    `${operator}: the tensor "${tensor.name}" belongs to another graph; build the model once for each graph`,
  );
}
