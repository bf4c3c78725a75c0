import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import zstd from '@foxglove/wasm-zstd';
import { McapStreamReader, type McapTypes } from '@mcap/core';
import { describeCause, UmweltError } from '../../core/errors.js';
import { ioError } from '../files.js';
import { unpackLz4 } from './lz4-frame.js';
import { malformed } from './malformed.js';

/** Largest record, and largest chunk once it is unpacked. Writers make chunks of a few megabytes. */
const LARGEST_BYTES = 256 * 2 ** 20;
/** An LZ4 block stores a run at 255 bytes a byte; a zstd block of four bytes stores at most 128 KiB. */
const LARGEST_RATIO = { lz4: 255, zstd: 2 ** 15 } as const;
const SKIP_BYTES = 2 ** 20;
const MAGIC_BYTES = 8;
/** Opcode and length. */
const HEAD_BYTES = 9;
const OPCODE = { attachment: 0x09, messageIndex: 0x07, dataEnd: 0x0f } as const;

/** A record that says something about the recording, with where it lies. */
export interface McapRecord {
  readonly record: McapTypes.TypedMcapRecord;
  /** Byte of the record, or of the chunk that holds it. */
  readonly place: string;
}

/**
 * Reads an MCAP file front to back, one record (or chunk) in memory. Chunks are unpacked (lz4, zstd) and checked by their
 * CRC, the data section by its own where the writer stored one. Indexes are not used, attachments are passed over.
 *
 * https://mcap.dev/spec, by @mcap/core. A message's data are valid until the next record.
 *
 * @param name of the file, for errors.
 * @throws UmweltError `malformed-file` naming the byte; `not-found`, `io`.
 */
export async function* readMcap(path: string, name: string): AsyncGenerator<McapRecord> {
  await zstd.isLoaded;
  const file = await opened(path);
  try {
    const { size } = await file.stat().catch((cause) => {
      throw ioError('read', path, cause);
    });
    yield* records({ file, path, name, size });
  } finally {
    await file.close();
  }
}

interface OpenFile {
  readonly file: FileHandle;
  readonly path: string;
  readonly name: string;
  readonly size: number;
}

async function* records(source: OpenFile): AsyncGenerator<McapRecord> {
  const { name, size } = source;
  const reader = new McapStreamReader({ decompressHandlers: unpackers(name) });
  const magic = await read(source, 0, MAGIC_BYTES);
  let sum = crc32(magic);
  let inData = true;
  yield* parsed(reader, magic, name, 0);
  for (let at = MAGIC_BYTES; at < size - MAGIC_BYTES; ) {
    const head = await read(source, at, HEAD_BYTES);
    const opcode = head[0]!;
    const length = lengthIn(head, source, at);
    if (inData && opcode === OPCODE.dataEnd) {
      requireSum(await read(source, at + HEAD_BYTES, length), sum, name, at);
      inData = false;
    }
    if (opcode === OPCODE.attachment || opcode === OPCODE.messageIndex) {
      sum = await skip(source, at, at + HEAD_BYTES + length, sum);
    } else {
      requireSize(length, `record`, name, at);
      const whole = await read(source, at, HEAD_BYTES + length);
      sum = crc32(whole, sum);
      yield* parsed(reader, whole, name, at);
    }
    at += HEAD_BYTES + length;
  }
  yield* parsed(reader, await read(source, size - MAGIC_BYTES, MAGIC_BYTES), name, size - MAGIC_BYTES);
  if (!reader.done())
    throw malformed(name, `byte ${size}`, 'the file ends before its footer; it is cut short');
}

function* parsed(
  reader: McapStreamReader,
  bytes: Uint8Array,
  name: string,
  at: number,
): Generator<McapRecord> {
  const place = `byte ${at}`;
  const next = (): McapTypes.TypedMcapRecord | undefined => {
    try {
      return reader.nextRecord();
    } catch (cause) {
      throw cause instanceof UmweltError ? cause : malformed(name, place, describeCause(cause));
    }
  };
  if (reader.done()) throw malformed(name, place, 'there are bytes after the footer');
  reader.append(bytes);
  for (let record = next(); record !== undefined; record = next()) yield { record, place };
  // A record whose head and body disagree would otherwise be completed by the bytes of the next one.
  if (reader.bytesRemaining() > 0) throw malformed(name, place, 'a record does not fill its length');
}

function lengthIn(head: Uint8Array, { name, size }: OpenFile, at: number): number {
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(1, true);
  const left = size - MAGIC_BYTES - at - HEAD_BYTES;
  if (length > BigInt(Math.max(0, left))) {
    throw malformed(
      name,
      `byte ${at}`,
      `a record of ${length} bytes, but only ${left} are left; it may be cut short`,
    );
  }
  return Number(length);
}

function requireSize(length: number, what: string, name: string, at: number): void {
  if (length <= LARGEST_BYTES) return;
  throw malformed(
    name,
    `byte ${at}`,
    `a ${what} of ${length} bytes; up to ${LARGEST_BYTES} are read: write smaller chunks (\`mcap compress --chunk-size\`)`,
  );
}

function requireSum(body: Uint8Array, sum: number, name: string, at: number): void {
  const expected = body.length < 4 ? 0 : new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  if (expected === 0 || expected === sum) return;
  throw malformed(
    name,
    `byte ${at}`,
    `the data section has CRC ${sum}, its end says ${expected}: bytes have changed`,
  );
}

function unpackers(name: string): McapTypes.DecompressHandlers {
  const unpack =
    (kind: keyof typeof LARGEST_RATIO, decompress: (bytes: Uint8Array, size: number) => Uint8Array) =>
    (bytes: Uint8Array, size: bigint): Uint8Array => {
      const most = Math.min(LARGEST_BYTES, bytes.byteLength * LARGEST_RATIO[kind]);
      if (size > BigInt(most)) {
        throw malformed(
          name,
          'chunk',
          `${bytes.byteLength} bytes of ${kind} cannot be ${size}; up to ${most} are read`,
        );
      }
      const unpacked = decompress(bytes, Number(size));
      if (BigInt(unpacked.byteLength) === size) return unpacked;
      throw malformed(name, 'chunk', `it unpacks to ${unpacked.byteLength} bytes, not to ${size}`);
    };
  return {
    lz4: unpack('lz4', (bytes, size) => unpackLz4(bytes, size, `${name}, chunk`)),
    zstd: unpack('zstd', zstd.decompress),
  };
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    throw ioError('read', path, cause);
  }
}

async function read({ file, path, name, size }: OpenFile, at: number, length: number): Promise<Uint8Array> {
  if (at + length > size)
    throw malformed(name, `byte ${at}`, `expected ${length} more bytes, there are ${size - at}`);
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done).catch((cause) => {
      throw ioError('read', path, cause);
    });
    if (bytesRead === 0)
      throw malformed(name, `byte ${at + done}`, 'the file became shorter while it was read');
    done += bytesRead;
  }
  return bytes;
}

async function skip(source: OpenFile, from: number, to: number, sum: number): Promise<number> {
  let result = sum;
  for (let at = from; at < to; at += SKIP_BYTES) {
    result = crc32(await read(source, at, Math.min(SKIP_BYTES, to - at)), result);
  }
  return result;
}
