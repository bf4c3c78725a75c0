import {
  Binary,
  Bool,
  type DataType,
  Field,
  FixedSizeList,
  Float32,
  Float64,
  Int64,
  List,
  Struct,
  Table,
  tableToIPC,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { Compression, Table as ParquetTable, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';

/** Column types of Parquet files that tests write. */
export const TYPES = {
  int64: new Int64(),
  float32: new Float32(),
  float64: new Float64(),
  bool: new Bool(),
  text: new Utf8(),
  texts: new List(new Field('item', new Utf8(), true)),
  list: new List(new Field('item', new Float32(), true)),
  matrix: new List(new Field('item', new List(new Field('item', new Float32(), true)), true)),
  /** As Hugging Face's datasets store a picture. */
  image: new Struct([new Field('bytes', new Binary(), true), new Field('path', new Utf8(), true)]),
  fixed: (size: number) => new FixedSizeList(size, new Field('item', new Float32(), true)),
} as const;

/** Writes a real Parquet file: columns by name, each with its type and values. */
export function parquetFile(
  columns: Readonly<Record<string, readonly [type: DataType, values: readonly unknown[]]>>,
  options: { readonly rowsPerGroup?: number; readonly compression?: Compression } = {},
): Uint8Array {
  const vectors = Object.entries(columns).map(([name, [type, values]]) => [
    name,
    vectorFromArray(values, type),
  ]);
  const table = ParquetTable.fromIPCStream(tableToIPC(new Table(Object.fromEntries(vectors)), 'stream'));
  const properties = new WriterPropertiesBuilder()
    .setCompression(options.compression ?? Compression.SNAPPY)
    .setMaxRowGroupSize(options.rowsPerGroup ?? 1000)
    .build();
  return writeParquet(table, properties);
}
