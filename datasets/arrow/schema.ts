import {
  type DataType as ArrowType,
  Field,
  FixedSizeList,
  Float,
  Float32,
  Float64,
  Int,
  Int32,
  Int64,
  type Precision,
  Schema,
  Uint8,
  Uint16,
  Uint32,
} from 'apache-arrow';
import { UmweltError } from '../../core/errors.js';
import type { DataType, FieldDescription, StreamDescription, TypedArray } from '../contract.js';

/** Index of the episode that a row belongs to, uint32. */
export const EPISODE_COLUMN = 'episode';
/** Time of a row since the episode began, int64 nanoseconds: exact, and an integer to every reader. */
export const TIME_COLUMN = 'time_ns';

const EXTENSION_NAME = 'ARROW:extension:name';
const EXTENSION_METADATA = 'ARROW:extension:metadata';
const FIXED_SHAPE_TENSOR = 'arrow.fixed_shape_tensor';

type ArrayConstructor = new (length: number) => TypedArray;

const ARROW_TYPES: Readonly<Record<DataType, () => ArrowType>> = {
  uint8: () => new Uint8(),
  uint16: () => new Uint16(),
  int32: () => new Int32(),
  float32: () => new Float32(),
  float64: () => new Float64(),
};

/** The typed array that holds each element type. */
export const ARRAYS: Readonly<Record<DataType, ArrayConstructor>> = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** Returns how many elements one sample of a field has: 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Returns the Arrow type of one element. */
export function elementType(dataType: DataType): ArrowType {
  return ARROW_TYPES[dataType]();
}

/**
 * Builds the Arrow schema of a stream: `episode`, `time_ns`, then its fields. A tensor is a fixed-size list that carries
 * the canonical extension `arrow.fixed_shape_tensor` (https://arrow.apache.org/docs/format/CanonicalExtensions.html).
 */
export function schemaOf(stream: StreamDescription): Schema {
  const columns = [
    column(EPISODE_COLUMN, new Uint32(), { unit: '1', description: 'index of the episode' }),
    column(TIME_COLUMN, new Int64(), { unit: 'ns', description: 'simulated time since the episode began' }),
    ...stream.fields.map(fieldOf),
  ];
  return new Schema(
    columns,
    new Map([
      ['umwelt.stream', stream.name],
      ['umwelt.kind', stream.kind],
      ['umwelt.rate_hz', String(stream.rateHz)],
      ['umwelt.samples_per_row', String(stream.samplesPerRow)],
    ]),
  );
}

function fieldOf(field: FieldDescription): Field {
  const { name, dataType, shape, unit, description } = field;
  const facts = { unit, description };
  if (shape.length === 0) return column(name, elementType(dataType), facts);
  const items = new Field('item', elementType(dataType), false);
  return column(name, new FixedSizeList(elementCount(shape), items), {
    [EXTENSION_NAME]: FIXED_SHAPE_TENSOR,
    [EXTENSION_METADATA]: JSON.stringify({ shape }),
    ...facts,
  });
}

function column(name: string, type: ArrowType, metadata: Readonly<Record<string, string>>): Field {
  return new Field(name, type, false, new Map(Object.entries(metadata)));
}

/**
 * Checks that a file's schema is the one that the stream's description asks for.
 *
 * @throws UmweltError `shape-mismatch` naming the file, the column and both types.
 */
export function requireSchema(actual: Schema, stream: StreamDescription, path: string): void {
  const expected = schemaOf(stream).fields.map(signature);
  const found = actual.fields.map(signature);
  for (let index = 0; index < Math.max(expected.length, found.length); index++) {
    if (expected[index] === found[index]) continue;
    throw new UmweltError(
      'shape-mismatch',
      { path, stream: stream.name, column: index, expected: expected[index], actual: found[index] },
      `${path}: column ${index} is ${found[index] ?? 'missing'}, but the manifest says ` +
        `${expected[index] ?? 'that there is none'}; manifest.json and the file do not belong together`,
    );
  }
}

function signature(field: Field): string {
  const tensor = field.metadata.get(EXTENSION_NAME) === FIXED_SHAPE_TENSOR;
  const shape = tensor ? ` shape ${shapeIn(field.metadata.get(EXTENSION_METADATA))}` : '';
  return `"${field.name}" ${typeName(field.type)}${field.nullable ? ' nullable' : ''}${shape}`;
}

function typeName(type: ArrowType): string {
  if (type instanceof FixedSizeList) return `${typeName(type.valueType)} x ${type.listSize}`;
  if (type instanceof Int) return `${type.isSigned ? 'int' : 'uint'}${type.bitWidth}`;
  if (type instanceof Float) return { 0: 'float16', 1: 'float32', 2: 'float64' }[type.precision as Precision];
  return String(type);
}

function shapeIn(metadata: string | undefined): string {
  try {
    return JSON.stringify(JSON.parse(metadata ?? '').shape);
  } catch {
    return 'unreadable';
  }
}
