import {
  type DataType as ArrowType,
  type Data,
  Field,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Uint8,
  Uint16,
  Uint32,
  Utf8,
} from 'apache-arrow';
import { describeCause, UmweltError } from '../../core/errors.js';
import type { TypedArray } from '../contract.js';

const MAGIC = 'ARROW1';

/** One column of a small table: text, or numbers of one type. */
export interface TableColumn {
  readonly name: string;
  /** SI unit, `1` where there is none. */
  readonly unit?: string;
  readonly values: readonly string[] | TypedArray | Uint32Array;
}

/**
 * Encodes columns of equal length as the bytes of an Arrow IPC file with one record batch.
 *
 * @param metadata written into the schema.
 * @throws UmweltError `shape-mismatch` when columns differ in length.
 */
export function encodeTable(
  columns: readonly TableColumn[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const rows = columns[0]?.values.length ?? 0;
  for (const { name, values } of columns) {
    if (values.length === rows) continue;
    throw new UmweltError(
      'shape-mismatch',
      { column: name, expected: rows, actual: values.length },
      `column "${name}" has ${values.length} rows, the first column has ${rows}: all must have as many`,
    );
  }
  const children = columns.map(({ values }) => dataOf(values));
  const fields = columns.map(
    ({ name, unit }, index) =>
      new Field(name, children[index]!.type, false, new Map(unit === undefined ? [] : [['unit', unit]])),
  );
  const schema = new Schema(fields, new Map(Object.entries(metadata)));
  const struct = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children });
  return tableToIPC(new Table([new RecordBatch(schema, struct)]), 'file');
}

/**
 * Reads what `encodeTable` wrote. Numbers may be views on `bytes`.
 *
 * @throws UmweltError `malformed-file` naming `path` when the bytes are not an Arrow table of text and numbers.
 */
export function decodeTable(bytes: Uint8Array, path: string): readonly TableColumn[] {
  try {
    requireMagic(bytes);
    const table = tableFromIPC(bytes);
    return table.schema.fields.map((field, index) => {
      const vector = table.getChildAt(index)!;
      const values: unknown = vector.toArray();
      const unit = field.metadata.get('unit');
      return {
        name: field.name,
        ...(unit === undefined ? {} : { unit }),
        values: field.type instanceof Utf8 ? Array.from(vector as Iterable<string>) : (values as TypedArray),
      };
    });
  } catch (cause) {
    throw new UmweltError(
      'malformed-file',
      { path },
      `${path} is not an Arrow table: ${describeCause(cause)}`,
      cause,
    );
  }
}

/** apache-arrow takes what has no magic at either end for an empty stream. */
function requireMagic(bytes: Uint8Array): void {
  const ends = [bytes.subarray(0, MAGIC.length), bytes.subarray(-MAGIC.length)];
  if (bytes.length < 3 * MAGIC.length || ends.some((end) => Buffer.from(end).toString('latin1') !== MAGIC)) {
    throw new Error(`it does not begin and end with ${MAGIC}; it may be cut short`);
  }
}

function dataOf(values: TableColumn['values']): Data {
  if (Array.isArray(values)) return textData(values);
  const numbers = values as TypedArray | Uint32Array;
  return makeData({
    type: numberType(numbers),
    length: numbers.length,
    nullCount: 0,
    data: numbers,
  } as never);
}

function textData(values: readonly string[]): Data {
  const encoded = values.map((text) => Buffer.from(text, 'utf8'));
  const valueOffsets = new Int32Array(values.length + 1);
  for (const [index, text] of encoded.entries()) valueOffsets[index + 1] = valueOffsets[index]! + text.length;
  const data = new Uint8Array(Buffer.concat(encoded));
  return makeData({ type: new Utf8(), length: values.length, nullCount: 0, valueOffsets, data });
}

function numberType(values: TypedArray | Uint32Array): ArrowType {
  if (values instanceof Float64Array) return new Float64();
  if (values instanceof Float32Array) return new Float32();
  if (values instanceof Int32Array) return new Int32();
  if (values instanceof Uint32Array) return new Uint32();
  if (values instanceof Uint16Array) return new Uint16();
  return new Uint8();
}
