import {
  type Data,
  Field,
  FixedSizeList,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchWriter,
  type Schema,
  Struct,
  Uint32,
} from 'apache-arrow';
import type { StreamDescription, TypedArray } from '../contract.js';
import { elementCount, elementType, schemaOf } from './schema.js';

/** Rows of one stream in one episode; the arrays are read, never kept. */
export interface RowBlock {
  readonly rows: number;
  /** [rows], all equal. */
  readonly episode: Uint32Array;
  /** [rows] */
  readonly timeNs: BigInt64Array;
  /** In the order of the stream's fields, each [rows, ...shape]. */
  readonly values: readonly TypedArray[];
}

/** Turns blocks of rows into the bytes of an Arrow IPC file, front to back. */
export interface FileEncoder {
  /** The magic and the schema message; the latter starts at `schemaOffset`. */
  begin(): { readonly chunks: readonly Uint8Array[]; readonly schemaOffset: number };
  /** One record batch. The chunks are views on the block's arrays. */
  batch(block: RowBlock): readonly Uint8Array[];
  /** The end mark and the footer. */
  end(): readonly Uint8Array[];
}

/** Length of `ARROW1` and the padding after it. */
const MAGIC_BYTES = 8;

/** Starts an Arrow IPC file for a stream. */
export function createFileEncoder(stream: StreamDescription): FileEncoder {
  const schema = schemaOf(stream);
  const writer = new ChunkWriter();
  return {
    begin() {
      writer.start(schema);
      return { chunks: writer.take(), schemaOffset: MAGIC_BYTES };
    },
    batch(block) {
      writer.write(recordBatch(schema, stream, block));
      return writer.take();
    },
    end() {
      writer.finish();
      return writer.take();
    },
  };
}

function recordBatch(schema: Schema, stream: StreamDescription, block: RowBlock): RecordBatch {
  const { rows } = block;
  const columns: Data[] = [
    makeData({ type: new Uint32(), length: rows, nullCount: 0, data: block.episode }),
    makeData({ type: new Int64(), length: rows, nullCount: 0, data: block.timeNs }),
    ...stream.fields.map((field, index) => {
      const size = elementCount(field.shape);
      const type = elementType(field.dataType);
      const elements = makeData({
        type,
        length: rows * size,
        nullCount: 0,
        data: block.values[index]!,
      } as never);
      if (field.shape.length === 0) return elements;
      const list = new FixedSizeList(size, new Field('item', type, false));
      return makeData({ type: list, length: rows, nullCount: 0, child: elements });
    }),
  ];
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rows, nullCount: 0, children: columns }),
  );
}

/**
 * Arrow's file writer with two differences: it hands out what it writes instead of queueing it, so that no more than a
 * batch is in memory; and it repeats the schema at the file's head as the format asks, so that the head and any run of
 * batches read as a stream.
 */
class ChunkWriter extends RecordBatchFileWriter {
  #chunks: Uint8Array[] = [];

  start(schema: Schema): void {
    this.reset(undefined, schema);
  }

  take(): Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }

  protected override _write(chunk: ArrayBufferView): this {
    if (!this._started || chunk.byteLength === 0) return this;
    this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this._position += chunk.byteLength;
    return this;
  }

  protected override _writeSchema(schema: Schema): this {
    super._writeSchema(schema);
    // biome-ignore lint/complexity/useLiteralKeys: the grandparent's method is protected.
    return RecordBatchWriter.prototype['_writeSchema'].call(this, schema) as this;
  }
}
