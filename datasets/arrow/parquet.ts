import { stat } from 'node:fs/promises';
import { StructRow, type Table, tableFromIPC, Vector } from 'apache-arrow';
import { type ReaderOptions, readParquet, readSchema } from 'parquet-wasm';
import { describeCause, UmweltError } from '../../core/errors.js';
import { ioError, readWholeFile } from '../files.js';

/** What a cell holds. Lists of numbers are typed arrays, int64 bigint; bytes are Uint8Array. */
export type ParquetValue =
  | null
  | number
  | bigint
  | boolean
  | string
  | ArrayBufferView
  | readonly ParquetValue[]
  | { readonly [name: string]: ParquetValue };

export type ParquetRow = Readonly<Record<string, ParquetValue>>;

/** A Parquet file in memory. */
export interface ParquetFile {
  readonly rows: number;
  /** Names of its columns, in order. */
  readonly columns: readonly string[];
  /**
   * Reads rows from `from` up to, not including, `to`, some unpacked at a time.
   *
   * @throws UmweltError `malformed-file` naming the rows, or the column that is not there.
   */
  read(columns: readonly string[], from: number, to: number): Generator<ParquetRow>;
}

const MAGIC = 'PAR1';
const TAIL_BYTES = 8;
/** LeRobot's files have up to 100 MB; a file is in memory, twice, while its rows are read. */
const LARGEST_FILE_BYTES = 512 * 2 ** 20;
/** Rows are unpacked in pieces of about this size as they lie in the file. */
const PIECE_BYTES = 8 * 2 ** 20;
const MOST_ROWS = 4096;

/**
 * Opens a Parquet file (parquet-wasm, https://parquet.apache.org/docs/file-format/).
 *
 * The file is read whole: parquet-wasm's reader of pieces ends the process at a broken file, where this one throws.
 *
 * @param name of the file, for errors.
 * @throws UmweltError `malformed-file`, `not-found`, `io`.
 */
export async function openParquet(path: string, name: string): Promise<ParquetFile> {
  await requireSize(path, name);
  const bytes = await readWholeFile(path);
  requireEnds(bytes, name);
  const columns = parsing(name, 'footer', () =>
    tableFromIPC(readSchema(bytes).intoIPCStream()).schema.fields.map((field) => field.name),
  );
  const first = columns[0];
  if (first === undefined) throw malformed(name, 'footer', 'there are no columns');
  const rows = parsing(name, `column "${first}"`, () => tableOf(bytes, { columns: [first] }).numRows);
  return {
    rows,
    columns,
    *read(wanted, from, to) {
      const missing = wanted.find((column) => !columns.includes(column));
      if (missing !== undefined) throw malformed(name, 'footer', `there is no column "${missing}"`);
      const step = Math.min(MOST_ROWS, Math.max(1, Math.floor((PIECE_BYTES * rows) / bytes.byteLength)));
      for (let at = from; at < Math.min(to, rows); at += step) {
        const count = Math.min(step, to - at, rows - at);
        const place = `rows ${at} to ${at + count - 1}`;
        const options = { columns: [...wanted], offset: at, limit: count };
        const table = parsing(name, place, () => tableOf(bytes, options));
        if (table.numRows !== count) throw malformed(name, place, `found ${table.numRows} rows of ${count}`);
        yield* rowsOf(table, wanted, name, place);
      }
    },
  };
}

async function requireSize(path: string, name: string): Promise<void> {
  const { size } = await stat(path).catch((cause) => {
    throw ioError('read', path, cause);
  });
  if (size <= LARGEST_FILE_BYTES) return;
  throw malformed(
    name,
    `byte ${size}`,
    `Parquet files up to ${LARGEST_FILE_BYTES} bytes are read: write smaller ones`,
  );
}

function requireEnds(bytes: Uint8Array, name: string): void {
  const ends = [bytes.subarray(0, MAGIC.length), bytes.subarray(-MAGIC.length)];
  if (bytes.length < 12 || ends.some((end) => Buffer.from(end).toString('latin1') !== MAGIC)) {
    throw malformed(
      name,
      `byte ${bytes.length}`,
      `it does not begin and end with ${MAGIC}; it may be cut short`,
    );
  }
  const at = bytes.length - TAIL_BYTES;
  const footer = new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0, true);
  if (footer > at - MAGIC.length) {
    throw malformed(name, `byte ${at}`, `a footer of ${footer} bytes in a file of ${bytes.length}`);
  }
}

function tableOf(bytes: Uint8Array, options: ReaderOptions): Table {
  return tableFromIPC(readParquet(bytes, options).intoIPCStream());
}

function* rowsOf(
  table: Table,
  columns: readonly string[],
  name: string,
  place: string,
): Generator<ParquetRow> {
  const vectors = columns.map((column) => {
    const vector = table.getChild(column);
    if (vector === null) throw malformed(name, 'footer', `there is no column "${column}"`);
    return [column, vector] as const;
  });
  for (let row = 0; row < table.numRows; row++) {
    try {
      yield Object.fromEntries(vectors.map(([column, vector]) => [column, plain(vector.get(row))]));
    } catch (cause) {
      throw malformed(name, place, describeCause(cause));
    }
  }
}

function plain(value: unknown): ParquetValue {
  if (value instanceof Vector) {
    const list: unknown = value.nullCount === 0 ? value.toArray() : null;
    return ArrayBuffer.isView(list) ? list : Array.from(value, plain);
  }
  if (value instanceof StructRow) {
    return Object.fromEntries(Object.entries(value.toJSON()).map(([key, item]) => [key, plain(item)]));
  }
  return (value ?? null) as ParquetValue;
}

function parsing<T>(name: string, place: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw malformed(name, place, describeCause(cause));
  }
}

function malformed(path: string, place: string, reason: string): UmweltError {
  return new UmweltError('malformed-file', { path, place, reason }, `${path}, ${place}: ${reason}`);
}
