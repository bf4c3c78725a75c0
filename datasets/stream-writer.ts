import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { createFileEncoder, type FileEncoder } from './arrow/encode.js';
import type { FileEntry, SensorSample, StreamDescription } from './contract.js';
import { DigestedFile } from './files.js';
import type { ShardRecord } from './layout.js';
import { createRowBuffer } from './row-buffer.js';

/** Rows are written when they pass this size, so that a long episode of a large camera does not fill the memory. */
const BATCH_BYTES = 32 * 2 ** 20;

/** Where one stream's episodes are in its file. */
type StreamIndex = ShardRecord['index'][string];

/** Writes one stream of one shard, episode by episode; `close` or `abandon` must be called once. */
export interface StreamWriter {
  readonly stream: StreamDescription;
  /** @throws UmweltError `shape-mismatch`, `invalid-input`. */
  append(sample: SensorSample): void;
  /** Whether the rows have piled up past the limit. */
  readonly full: boolean;
  /** Writes the rows that are here; more of the same episode may follow. @throws UmweltError `io`. */
  relieve(episode: number): Promise<void>;
  /** Writes what is left of an episode, at least one batch. @throws UmweltError `io`. */
  endEpisode(episode: number): Promise<void>;
  /** @throws UmweltError `io`. */
  close(): Promise<{ readonly entry: FileEntry; readonly index: StreamIndex }>;
  abandon(): Promise<void>;
}

/**
 * Starts `<folder>/<stream>.arrow`.
 *
 * @param recordedFolder what the file's entry calls the folder.
 * @throws UmweltError `io`.
 */
export async function createStreamWriter(
  folder: string,
  recordedFolder: string,
  stream: StreamDescription,
): Promise<StreamWriter> {
  const name = `${stream.name}.arrow`;
  const file = await DigestedFile.create(join(folder, name));
  const encoder = createFileEncoder(stream);
  const schema = await writeHead(file, encoder);
  const buffer = createRowBuffer(stream);
  const episodes: StreamIndex['episodes'][number][] = [];
  let current = { offset: file.bytes, bytes: 0, crc32: 0, rows: 0 };

  const writeBatch = async (episode: number, last: boolean): Promise<void> => {
    const chunks = encoder.batch(buffer.block(episode));
    const checksum = chunks.reduce((sum, chunk) => crc32(chunk, sum), current.crc32);
    await file.append(chunks);
    const { offset, rows } = current;
    current = { offset, bytes: file.bytes - offset, crc32: checksum, rows: rows + buffer.rows };
    buffer.clear(last);
  };

  return {
    stream,
    append: (sample) => buffer.append(sample),
    get full() {
      return buffer.bytes >= BATCH_BYTES;
    },
    relieve: (episode) => writeBatch(episode, false),
    async endEpisode(episode) {
      if (buffer.rows > 0 || current.bytes === 0) await writeBatch(episode, true);
      else buffer.clear(true);
      episodes.push(current);
      current = { offset: file.bytes, bytes: 0, crc32: 0, rows: 0 };
    },
    async close() {
      await file.append(encoder.end());
      return { entry: await file.close(`${recordedFolder}/${name}`), index: { schema, episodes } };
    },
    abandon: () => file.abandon(),
  };
}

async function writeHead(file: DigestedFile, encoder: FileEncoder): Promise<StreamIndex['schema']> {
  const { chunks, schemaOffset } = encoder.begin();
  const head = Buffer.concat(chunks);
  await file.append([head]);
  return {
    offset: schemaOffset,
    bytes: head.byteLength - schemaOffset,
    crc32: crc32(head.subarray(schemaOffset)),
  };
}
