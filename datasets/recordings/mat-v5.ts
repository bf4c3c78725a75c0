import { constants, inflateSync } from 'node:zlib';
import { ByteCursor } from './byte-cursor.js';
import { malformed } from './malformed.js';
import { type MatNumberType, readMatNumbers, sizeOfMatType } from './mat-numbers.js';

/** A value in a MAT file: an array of real numbers, or a cell array of values. Both column-major, as MATLAB has them. */
export type MatValue =
  | { readonly kind: 'numbers'; readonly dimensions: readonly number[]; readonly values: Float64Array }
  | { readonly kind: 'cells'; readonly dimensions: readonly number[]; readonly cells: readonly MatValue[] };

/** What a variable may take when its zlib stream is undone, bytes: many times the largest that is published. */
export const MOST_INFLATED_BYTES = 256 * 1024 * 1024;
/** Deflate never makes more than this many bytes of one. */
const MOST_DEFLATE_RATIO = 1032;

const HEADER_BYTES = 128;
const VERSION_5 = 0x0100;
const MATRIX = 14;
const COMPRESSED = 15;
const CELL_CLASS = 1;
const DOUBLE_CLASS = 6;
const LAST_NUMBER_CLASS = 15;
const COMPLEX = 0x08;
const MOST_DEPTH = 4;
const MOST_DIMENSIONS = 8;

/**
 * Reads variables of a MAT-file of level 5 (MATLAB's `save -v6` and `-v7`), of either byte order, compressed or not: real
 * number arrays and cell arrays of them. Other variables are passed over. Runs nothing and follows no reference.
 *
 * Source: MathWorks, MAT-File Format (R2023b), level 5.
 *
 * @param names variables that are wanted; all of them must be there.
 * @throws UmweltError `malformed-file` naming the file and the byte.
 */
export function readMatVariables(
  bytes: Uint8Array,
  path: string,
  names: readonly string[],
): ReadonlyMap<string, MatValue> {
  const cursor = openMat(bytes, path);
  const found = new Map<string, MatValue>();
  while (cursor.left > 0) {
    const place = cursor.place;
    const { type, data } = readElement(cursor);
    const element = type === COMPRESSED ? inflated(data, place) : { type, data, place };
    if (element.type !== MATRIX) {
      throw malformed(path, place, `expected a variable (type ${MATRIX}), got type ${element.type}`);
    }
    const head = readHead(element.data, element.place);
    if (!names.includes(head.name)) continue;
    if (found.has(head.name)) throw malformed(path, place, `there are two variables "${head.name}"`);
    found.set(head.name, readValue(head, element.data, element.place, 0));
  }
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) {
    throw malformed(path, 'variables', `expected ${names.join(', ')}, missing ${missing.join(', ')}`);
  }
  return found;
}

/** Reads the header: 124 bytes of text and offsets, the version, and `MI` as a 16-bit number of the writer's byte order. */
function openMat(bytes: Uint8Array, path: string): ByteCursor {
  if (bytes.byteLength < HEADER_BYTES) {
    throw malformed(path, 'header', `expected ${HEADER_BYTES} bytes, there are ${bytes.byteLength}`);
  }
  const mark = String.fromCharCode(bytes[126]!, bytes[127]!);
  if (mark !== 'IM' && mark !== 'MI') {
    throw malformed(path, 'byte 126', `expected the mark IM or MI of a MAT-file of level 5, got ${mark}`);
  }
  const cursor = new ByteCursor(bytes, path, mark === 'IM');
  cursor.take(HEADER_BYTES - 4);
  const version = cursor.uint16();
  cursor.take(2);
  if (version !== VERSION_5) {
    throw malformed(path, 'byte 124', `expected version 0x0100, got 0x${version.toString(16)}`);
  }
  return cursor;
}

interface Element {
  readonly type: number;
  readonly data: ByteCursor;
}

/** A tag and its data: 8 bytes of tag and data padded to 8, or, in the small form, up to 4 bytes of data in the tag itself. */
function readElement(cursor: ByteCursor): Element {
  const place = cursor.place;
  const first = cursor.uint32();
  const smallBytes = first >>> 16;
  if (smallBytes !== 0) {
    if (smallBytes > 4)
      throw malformed(cursor.path, place, `a small element cannot hold ${smallBytes} bytes`);
    const data = cursor.part(4).part(smallBytes);
    return { type: first & 0xffff, data };
  }
  const length = cursor.uint32();
  const data = cursor.part(length);
  // The last element of a file may lack its padding, and a compressed one has none.
  if (first !== COMPRESSED) cursor.take(Math.min(cursor.left, (8 - (length % 8)) % 8));
  return { type: first, data };
}

function inflated(data: ByteCursor, place: string): Element & { readonly place: string } {
  const packed = data.take(data.left);
  const limit = Math.min(MOST_INFLATED_BYTES, packed.byteLength * MOST_DEFLATE_RATIO + 64);
  let bytes: Uint8Array;
  try {
    bytes = inflateSync(packed, { maxOutputLength: limit, finishFlush: constants.Z_FINISH });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw malformed(data.path, place, `the compressed variable cannot be undone: ${reason}`);
  }
  const inner = new ByteCursor(bytes, data.path, data.littleEndian);
  return { ...readElement(inner), place: `${place}, inflated` };
}

/** What comes before the contents of an array. */
interface ArrayHead {
  readonly arrayClass: number;
  readonly isComplex: boolean;
  readonly dimensions: readonly number[];
  readonly name: string;
  /** Product of the dimensions. */
  readonly count: number;
}

function readHead(data: ByteCursor, place: string): ArrayHead {
  const flags = readElement(data).data.uint32();
  const sizes = readElement(data).data;
  const rank = sizes.left / 4;
  if (!Number.isInteger(rank) || rank < 2 || rank > MOST_DIMENSIONS) {
    throw malformed(
      data.path,
      place,
      `expected 2 to ${MOST_DIMENSIONS} dimensions, got ${sizes.left} bytes of them`,
    );
  }
  const dimensions = Array.from({ length: rank }, () => sizes.int32());
  const count = dimensions.reduce((product, size) => product * size, 1);
  if (dimensions.some((size) => size < 0) || !Number.isSafeInteger(count)) {
    throw malformed(data.path, place, `these are no sizes: ${dimensions.join(' x ')}`);
  }
  const name = readElement(data).data;
  return {
    arrayClass: flags & 0xff,
    isComplex: ((flags >>> 8) & COMPLEX) !== 0,
    dimensions,
    name: name.text(name.left),
    count,
  };
}

function readValue(head: ArrayHead, data: ByteCursor, place: string, depth: number): MatValue {
  const { arrayClass, dimensions, count, name } = head;
  if (arrayClass === CELL_CLASS) {
    if (depth >= MOST_DEPTH) throw malformed(data.path, place, `cells lie more than ${MOST_DEPTH} deep`);
    // Each takes a tag at least, so that a number from the file never sets how much is made.
    if (count * 8 > data.left) {
      throw malformed(data.path, place, `${count} cells do not fit in ${data.left} bytes`);
    }
    const cells = Array.from({ length: count }, (_, i) =>
      readCell(data, `${place}, cell ${i} of ${name}`, depth),
    );
    return { kind: 'cells', dimensions, cells };
  }
  if (arrayClass < DOUBLE_CLASS || arrayClass > LAST_NUMBER_CLASS || head.isComplex) {
    const what = head.isComplex ? 'complex numbers' : `class ${arrayClass}`;
    throw malformed(data.path, place, `"${name}": expected cells or real numbers, got ${what}`);
  }
  const { type, data: numbers } = readElement(data);
  const size = sizeOfMatType(type);
  if (size === undefined || numbers.left !== count * size) {
    throw malformed(
      data.path,
      place,
      `"${name}": expected ${dimensions.join(' x ')} numbers, got ${numbers.left} bytes of type ${type}`,
    );
  }
  return { kind: 'numbers', dimensions, values: readMatNumbers(numbers, type as MatNumberType, count) };
}

/** An empty cell may be a tag without an array behind it. */
function readCell(data: ByteCursor, place: string, depth: number): MatValue {
  const { type, data: inner } = readElement(data);
  if (type !== MATRIX)
    throw malformed(data.path, place, `expected an array (type ${MATRIX}), got type ${type}`);
  if (inner.left === 0) return { kind: 'numbers', dimensions: [0, 0], values: new Float64Array(0) };
  return readValue(readHead(inner, place), inner, place, depth + 1);
}
