import { basename } from 'node:path';
import { maskedCrc32c } from '../../core/crc32c.js';
import { readPiece, withFile } from './file-pieces.js';
import { malformed } from './malformed.js';

/** Length uint64 and its checksum uint32, little-endian. */
const HEADER_BYTES = 12;
const FOOTER_BYTES = 4;
/** No record of a robot's episode is longer; it is read whole. */
export const LONGEST_RECORD_BYTES = 512 * 2 ** 20;

/** Where a record's data lie in its file. */
export interface RecordPlace {
  readonly index: number;
  /** Bytes from the start of the file to the data. */
  readonly first: number;
  readonly bytes: number;
}

/**
 * Finds the records of a TFRecord file by their headers alone: the data are not read.
 *
 * @throws UmweltError `malformed-file` naming the record when a length does not match its checksum or goes beyond the file;
 *   `not-found`; `io`.
 */
export async function findRecords(path: string): Promise<readonly RecordPlace[]> {
  return withFile(path, async (file) => {
    const { size } = await file.stat();
    const name = basename(path);
    const places: RecordPlace[] = [];
    for (let at = 0; at < size; ) {
      const index = places.length;
      const header = await readPiece(file, at, HEADER_BYTES, name, placeOf(index));
      requireChecksum(header.subarray(0, 8), header.readUInt32LE(8), name, index, 'length');
      const bytes = Number(header.readBigUInt64LE(0));
      const left = size - at - HEADER_BYTES - FOOTER_BYTES;
      if (bytes > left)
        throw malformed(name, placeOf(index), `expected ${bytes} bytes, there are ${left} left`);
      if (bytes > LONGEST_RECORD_BYTES) {
        throw malformed(name, placeOf(index), `expected at most ${LONGEST_RECORD_BYTES} bytes, got ${bytes}`);
      }
      places.push({ index, first: at + HEADER_BYTES, bytes });
      at += HEADER_BYTES + bytes + FOOTER_BYTES;
    }
    return places;
  });
}

/**
 * Reads the data of one record.
 *
 * @throws UmweltError `malformed-file` naming the record when they do not match their checksum; `not-found`; `io`.
 */
export async function readRecord(path: string, { index, first, bytes }: RecordPlace): Promise<Uint8Array> {
  return withFile(path, async (file) => {
    const name = basename(path);
    const data = await readPiece(file, first, bytes + FOOTER_BYTES, name, placeOf(index));
    requireChecksum(data.subarray(0, bytes), data.readUInt32LE(bytes), name, index, 'data');
    return data.subarray(0, bytes);
  });
}

/** Says where a record is, for messages. */
export function placeOf(index: number): string {
  return `record ${index}`;
}

function requireChecksum(
  bytes: Uint8Array,
  expected: number,
  name: string,
  index: number,
  what: string,
): void {
  const actual = maskedCrc32c(bytes);
  if (actual === expected) return;
  throw malformed(
    name,
    placeOf(index),
    `the checksum of the ${what} is ${actual.toString(16)}, the file says ${expected.toString(16)}: the file is damaged`,
  );
}
