import { UmweltError } from '../../core/errors.js';
import { reachable } from './gradient.js';
import { type Attribute, type GraphNode, sizeOf, type Tensor, type TensorData } from './graph.js';
import { ATTRIBUTE_TYPES, ELEMENT_TYPES, encodeModel, encodeTensor } from './onnx-proto.js';
import type { Provider } from './provider.js';
import { isWrongOnWebgpu, rewriteForWebgpu } from './webgpu.js';

/** Version of the standard operators written; of ONNX Runtime's own; and of the file format. */
const OPSET_VERSION = 21;
const CONTRIB_VERSION = 1;
const IR_VERSION = 10;

/** How `toOnnx` treats parameters and state. */
export interface OnnxOptions {
  /** `inputs` feeds them at every run (training); `constants` (default) stores them in the file. */
  readonly weights?: 'inputs' | 'constants';
  /** Values by parameter name in place of the initial ones; row-major, read only. */
  readonly values?: Readonly<Record<string, Float32Array>>;
  /** Key and value pairs to store in the model's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** What the model will run on; matters to gradients of `rmsNormalisation` on `webgpu` alone. */
  readonly provider?: Provider;
}

/** What leaves the batch of a model open: made by `toOnnxForAnyBatch`. */
export interface Opening {
  /** Extent of an input or output on an axis: its name where the batch decides it. */
  extent(tensor: Tensor, axis: number): number | string;
  /** Names what a node reads in place of a constant of the graph. */
  inputName(node: GraphNode, index: number): string | undefined;
  /** Tells whether anything still reads a constant. */
  isStored(tensor: Tensor): boolean;
  /** Come first in the model; in the form of onnx.proto. */
  readonly nodes: readonly object[];
  readonly initializers: readonly object[];
}

/**
 * Writes the part of a graph that the given outputs depend on as an ONNX model (opset 21; some operators are ONNX
 * Runtime's own). The same graph gives the same bytes.
 *
 * @param outputs tensors by the name that they get in the model.
 * @param opening leaves the batch open; `toOnnxForAnyBatch` makes it.
 * @throws UmweltError `shape-mismatch` when a value in `options.values` has another size than its parameter.
 */
export function toOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  options: OnnxOptions = {},
  opening?: Opening,
): Uint8Array {
  const { weights = 'constants', values = {}, metadata = {}, provider } = options;
  const nodes = reachable(Object.values(outputs));
  const sources = sourcesOf(outputs, nodes);
  const { names, copies } = nameTensors(outputs, sources);
  const nameOf = (tensor: Tensor): string => names.get(tensor) ?? tensor.name;
  const inputs = sources.filter((source) => isFed(source, weights));
  const encode = (node: GraphNode): readonly object[] => {
    const encoded = encodeNode(node, nameOf, opening);
    return provider === 'webgpu' && isWrongOnWebgpu(node) ? rewriteForWebgpu(encoded) : [encoded];
  };
  const initializers = sources.filter(
    (source) => !isFed(source, weights) && (opening?.isStored(source) ?? true),
  );
  const encodeStored = (tensor: Tensor): object =>
    encodeTensor(tensor.name, tensor.shape, tensor.dtype, valuesOf(tensor, values[tensor.name]));
  return encodeModel({
    ir_version: IR_VERSION,
    producer_name: 'umwelt',
    opset_import: [
      { domain: '', version: OPSET_VERSION },
      { domain: 'com.microsoft', version: CONTRIB_VERSION },
    ],
    metadata_props: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'umwelt',
      node: [
        ...(opening?.nodes ?? []),
        ...nodes.flatMap(encode),
        ...copies.map(([name, tensor]) => ({ op_type: 'Identity', input: [nameOf(tensor)], output: [name] })),
      ],
      initializer: [...initializers.map(encodeStored), ...(opening?.initializers ?? [])],
      input: inputs.map((tensor) => encodeValueInfo(tensor.name, tensor, opening)),
      output: Object.entries(outputs).map(([name, tensor]) => encodeValueInfo(name, tensor, opening)),
    },
  });
}

/** Lists the inputs, parameters, state and constants that the outputs depend on, in order of creation. */
export function sourcesOf(
  outputs: Readonly<Record<string, Tensor>>,
  nodes = reachable(Object.values(outputs)),
): readonly Tensor[] {
  const all = [...nodes.flatMap((node) => node.inputs), ...Object.values(outputs)];
  return [...new Set(all)].filter((tensor) => tensor.source !== undefined).sort((a, b) => a.id - b.id);
}

/** Returns the values of a tensor that a model stores: those given, or the initial ones. */
export function valuesOf(tensor: Tensor, given: Float32Array | undefined): TensorData {
  const source = tensor.source!;
  if (source.kind === 'input') {
    throw new UmweltError('internal', { tensor: tensor.name }, `"${tensor.name}" is an input without values`);
  }
  const data = source.kind === 'constant' ? source.data : (given ?? source.initial());
  if (data.length !== sizeOf(tensor.shape)) {
    throw new UmweltError(
      'shape-mismatch',
      { tensor: tensor.name, shape: tensor.shape, length: data.length },
      `"${tensor.name}" of shape [${tensor.shape.join(', ')}] holds ${sizeOf(tensor.shape)} values, got ${data.length}`,
    );
  }
  return data;
}

function isFed(tensor: Tensor, weights: 'inputs' | 'constants'): boolean {
  const kind = tensor.source!.kind;
  return kind === 'input' || (kind !== 'constant' && weights === 'inputs');
}

/** Gives each output its name; one that is a source, or has a name already, gets a copy instead. */
function nameTensors(
  outputs: Readonly<Record<string, Tensor>>,
  sources: readonly Tensor[],
): { readonly names: ReadonlyMap<Tensor, string>; readonly copies: readonly (readonly [string, Tensor])[] } {
  const taken = new Set(sources.map((source) => source.name));
  const names = new Map<Tensor, string>();
  const copies: (readonly [string, Tensor])[] = [];
  for (const [name, tensor] of Object.entries(outputs)) {
    if (taken.has(name)) {
      throw new UmweltError(
        'invalid-input',
        { name },
        `toOnnx: the output "${name}" has the name of an input or parameter; choose another`,
      );
    }
    if (tensor.source === undefined && !names.has(tensor)) names.set(tensor, name);
    else copies.push([name, tensor]);
  }
  return { names, copies };
}

function encodeNode(node: GraphNode, nameOf: (tensor: Tensor) => string, opening: Opening | undefined) {
  return {
    op_type: node.operator,
    domain: node.domain,
    name: node.outputs[0]!.name,
    input: node.inputs.map((tensor, index) => opening?.inputName(node, index) ?? nameOf(tensor)),
    output: node.outputs.map(nameOf),
    attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
  };
}

function encodeAttribute(name: string, value: Attribute): EncodedAttribute {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPES.integer, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPES.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPES.float, f: value.float };
  return { name, type: ATTRIBUTE_TYPES.integers, ints: value };
}

interface EncodedAttribute {
  readonly name: string;
  readonly type: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly f?: number;
  readonly ints?: readonly number[];
}

function encodeValueInfo(name: string, tensor: Tensor, opening: Opening | undefined): object {
  const dim = tensor.shape.map((fixed, axis) => {
    const extent = opening?.extent(tensor, axis) ?? fixed;
    return typeof extent === 'number' ? { dim_value: extent } : { dim_param: extent };
  });
  return { name, type: { tensor_type: { elem_type: ELEMENT_TYPES[tensor.dtype], shape: { dim } } } };
}
