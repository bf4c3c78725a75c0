import { type Data, type RecordBatch, type Table, tableFromIPC } from 'apache-arrow';
import { describeCause, UmweltError } from '../../core/errors.js';
import type { StreamData, StreamDescription, TypedArray } from '../contract.js';
import { ARRAYS, elementCount, requireSchema } from './schema.js';

/**
 * Reads a schema message followed by record batches (a part of an Arrow file) into one episode's rows.
 *
 * The result's arrays are views on `bytes` where one batch holds all rows, copies where several do.
 *
 * @param rows how many rows the batches must hold together.
 * @throws UmweltError `malformed-file` when the bytes are not such messages, `shape-mismatch` when the schema is another.
 */
export function decodeRows(
  bytes: Uint8Array,
  stream: StreamDescription,
  rows: number,
  path: string,
): StreamData {
  const { schema, batches } = parse(bytes, path);
  requireSchema(schema, stream, path);
  const found = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  if (found !== rows) throw malformed(path, `expected ${rows} rows, found ${found}`);
  const column = <A extends TypedArray | BigInt64Array>(
    index: number,
    size: number,
    make: new (length: number) => A,
  ): A => joined(batches, index, size, make, path);
  const timeNs = column(1, 1, BigInt64Array);
  const values: Record<string, TypedArray> = {};
  stream.fields.forEach((field, index) => {
    values[field.name] = column(index + 2, elementCount(field.shape), ARRAYS[field.dataType]);
  });
  return { description: stream, rows, timeNs, values };
}

function parse(bytes: Uint8Array, path: string): Table {
  try {
    return tableFromIPC(bytes);
  } catch (cause) {
    throw malformed(path, describeCause(cause), cause);
  }
}

function joined<A extends TypedArray | BigInt64Array>(
  batches: readonly RecordBatch[],
  column: number,
  size: number,
  make: new (length: number) => A,
  path: string,
): A {
  const parts = batches.map((batch) => {
    const data: Data = batch.data.children[column]!;
    const values: unknown = (data.children.length > 0 ? data.children[0]! : data).values;
    const length = batch.numRows * size;
    if (!(values instanceof make) || values.length < length) {
      throw malformed(path, `column ${column} is shorter than its ${batch.numRows} rows`);
    }
    return values.subarray(0, length) as A;
  });
  if (parts.length === 1) return parts[0]!;
  const whole = new make(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part as never, offset);
    offset += part.length;
  }
  return whole;
}

function malformed(path: string, reason: string, cause?: unknown): UmweltError {
  return new UmweltError(
    'malformed-file',
    { path, reason },
    `${path} is not the Arrow file that was written: ${reason}`,
    cause,
  );
}
