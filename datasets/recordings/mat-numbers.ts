import type { ByteCursor } from './byte-cursor.js';

/** Types of stored numbers by their code in a MAT-file. An array of doubles may be stored as any that holds its values. */
const READERS = {
  1: { bytes: 1, read: (cursor: ByteCursor) => (cursor.uint8() << 24) >> 24 },
  2: { bytes: 1, read: (cursor: ByteCursor) => cursor.uint8() },
  3: { bytes: 2, read: (cursor: ByteCursor) => cursor.int16() },
  4: { bytes: 2, read: (cursor: ByteCursor) => cursor.uint16() },
  5: { bytes: 4, read: (cursor: ByteCursor) => cursor.int32() },
  6: { bytes: 4, read: (cursor: ByteCursor) => cursor.uint32() },
  7: { bytes: 4, read: (cursor: ByteCursor) => cursor.float32() },
  9: { bytes: 8, read: (cursor: ByteCursor) => cursor.float64() },
  12: { bytes: 8, read: (cursor: ByteCursor) => Number(BigInt.asIntN(64, cursor.uint64())) },
  13: { bytes: 8, read: (cursor: ByteCursor) => Number(cursor.uint64()) },
} as const;

/** A code of numbers in a MAT-file: 1 int8, 2 uint8, 3 int16 ... 7 single, 9 double, 12 int64, 13 uint64. */
export type MatNumberType = keyof typeof READERS;

/** Returns the bytes of one number; undefined where the code is not of numbers. */
export function sizeOfMatType(type: number): number | undefined {
  return Object.hasOwn(READERS, type) ? READERS[type as MatNumberType].bytes : undefined;
}

/**
 * Reads numbers of one type; whole numbers beyond 2^53 are rounded.
 *
 * @param count how many; the caller has checked that they are there.
 * @throws UmweltError `malformed-file` where they are not.
 */
export function readMatNumbers(cursor: ByteCursor, type: MatNumberType, count: number): Float64Array {
  const values = new Float64Array(count);
  const { read } = READERS[type];
  for (let i = 0; i < count; i++) values[i] = read(cursor);
  return values;
}
