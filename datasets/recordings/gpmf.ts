import { ByteCursor } from './byte-cursor.js';
import { malformed } from './malformed.js';

/** One item of GoPro's metadata: a key, and numbers, text or further items. */
export interface GpmfItem {
  readonly key: string;
  /** Where it begins, for messages. */
  readonly place: string;
  /** Values a row (an axis each). */
  readonly width: number;
  /** [rows * width]; empty for text and for types that are not numbers. */
  readonly numbers: Float64Array;
  /** Latin-1. */
  readonly text: string;
  readonly items: readonly GpmfItem[];
}

const HEADER_BYTES = 8;
/** Devices hold streams, streams hold items; nothing is nested deeper. */
const DEEPEST = 8;

type ReadNumber = (cursor: ByteCursor) => number;

/** Types that are numbers, by their letter: bytes of each and how it is read. */
const NUMBERS: Readonly<Record<string, readonly [bytes: number, read: ReadNumber]>> = {
  b: [1, (cursor) => (cursor.uint8() << 24) >> 24],
  B: [1, (cursor) => cursor.uint8()],
  s: [2, (cursor) => cursor.int16()],
  S: [2, (cursor) => cursor.uint16()],
  l: [4, (cursor) => cursor.int32()],
  L: [4, (cursor) => cursor.uint32()],
  f: [4, (cursor) => cursor.float32()],
  d: [8, (cursor) => cursor.float64()],
  j: [8, (cursor) => Number(BigInt.asIntN(64, cursor.uint64()))],
  J: [8, (cursor) => Number(cursor.uint64())],
};

/**
 * Reads the items of one packet of GoPro's metadata (GPMF: key of four letters, type, size of a row, rows, big-endian, padded to four
 * bytes; github.com/gopro/gpmf-parser).
 *
 * @param first byte of the packet in the file, for messages.
 * @throws UmweltError `malformed-file` naming the byte where a length goes beyond what holds it.
 */
export function readGpmf(bytes: Uint8Array, path: string, first: number): readonly GpmfItem[] {
  return itemsIn(new ByteCursor(bytes, path, false, first), 0);
}

function itemsIn(cursor: ByteCursor, depth: number): readonly GpmfItem[] {
  if (depth > DEEPEST) throw malformed(cursor.path, cursor.place, `items are nested deeper than ${DEEPEST}`);
  const items: GpmfItem[] = [];
  while (cursor.left >= HEADER_BYTES) {
    const { place } = cursor;
    const key = cursor.text(4);
    // Zeros fill a packet up.
    if (key === '\0\0\0\0') break;
    const type = String.fromCharCode(cursor.uint8());
    const bytesARow = cursor.uint8();
    const bytes = bytesARow * cursor.uint16();
    const content = cursor.part(bytes);
    cursor.take(Math.min(cursor.left, (4 - (bytes % 4)) % 4));
    items.push({ key, place, ...contentOf(content, type, bytesARow, depth) });
  }
  return items;
}

function contentOf(
  content: ByteCursor,
  type: string,
  bytesARow: number,
  depth: number,
): Pick<GpmfItem, 'width' | 'numbers' | 'text' | 'items'> {
  const nothing = { width: 0, numbers: new Float64Array(0), text: '', items: [] };
  if (type === '\0') return { ...nothing, items: itemsIn(content, depth + 1) };
  if (type === 'c' || type === 'U' || type === 'F') return { ...nothing, text: content.text(content.left) };
  const number = NUMBERS[type];
  if (number === undefined || bytesARow === 0) return nothing;
  const [bytes, read] = number;
  if (bytesARow % bytes !== 0) {
    const reason = `a row of ${bytesARow} bytes does not hold whole numbers of type ${type}`;
    throw malformed(content.path, content.place, reason);
  }
  const numbers = Float64Array.from({ length: content.left / bytes }, () => read(content));
  return { ...nothing, width: bytesARow / bytes, numbers };
}
