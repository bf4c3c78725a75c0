import { ByteCursor } from './byte-cursor.js';
import { malformed } from './malformed.js';

/** What every .npy file begins with. */
const MAGIC = '\x93NUMPY';
/** A header of plain numbers has some 120 bytes; a longer one is no array of numbers. */
const LONGEST_HEADER_BYTES = 4096;
const MOST_DIMENSIONS = 32;

const HEADER =
  /^\s*\{\s*(?:'(?:descr|fortran_order|shape)'\s*:\s*(?:'[^'\\]*'|True|False|\([\d\s,L]*\))\s*,?\s*){3}\}\s*$/;

/** An array of numbers. */
export interface NpyArray {
  /** [] is a single number. */
  readonly shape: readonly number[];
  /** Row-major, whatever the order in the file. Owned by the caller. */
  readonly values: Float64Array;
}

/** Reads one number at a byte. */
type ReadAt = (view: DataView, at: number, littleEndian: boolean) => number;

/** By kind and bytes, as in the `descr` of the header. */
const ELEMENTS: Readonly<Record<string, readonly [bytes: number, read: ReadAt]>> = {
  b1: [1, (view, at) => (view.getUint8(at) === 0 ? 0 : 1)],
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i2: [2, (view, at, little) => view.getInt16(at, little)],
  u2: [2, (view, at, little) => view.getUint16(at, little)],
  i4: [4, (view, at, little) => view.getInt32(at, little)],
  u4: [4, (view, at, little) => view.getUint32(at, little)],
  i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
  u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
  f4: [4, (view, at, little) => view.getFloat32(at, little)],
  f8: [8, (view, at, little) => view.getFloat64(at, little)],
};

/**
 * Reads an array of numbers as NumPy's `save` writes it (NEP 1; versions 1, 2 and 3 of the format; either order of bytes and of
 * axes). Integers beyond 2^53 and everything that is not a number (text, records, pickled objects) are refused; nothing of the
 * header is evaluated, and nothing is allocated before its size is checked against the file's.
 *
 * @param bytes of the whole file; not changed.
 * @param path of the file, for errors.
 * @throws UmweltError `malformed-file` naming the byte.
 */
export function readNpy(bytes: Uint8Array, path: string): NpyArray {
  const cursor = new ByteCursor(bytes, path, true);
  if (cursor.text(MAGIC.length) !== MAGIC)
    throw malformed(path, 'byte 0', 'expected the magic of a .npy file, \\x93NUMPY');
  const major = cursor.uint8();
  cursor.uint8();
  if (major < 1 || major > 3)
    throw malformed(path, 'byte 6', `expected version 1, 2 or 3 of the .npy format, got ${major}`);
  const headerBytes = major === 1 ? cursor.uint16() : cursor.uint32();
  if (headerBytes > LONGEST_HEADER_BYTES)
    throw malformed(
      path,
      'byte 8',
      `expected a header of at most ${LONGEST_HEADER_BYTES} bytes, got ${headerBytes}`,
    );
  const headerAt = cursor.place;
  const { descr, fortran, shape } = parseHeader(cursor.text(headerBytes), path, headerAt);
  const [order, kind] = [descr.slice(0, 1), descr.slice(1)];
  const element = ELEMENTS[kind];
  if (element === undefined || !'<>|='.includes(order) || (order === '|' && element[0] > 1))
    throw malformed(path, headerAt, `expected numbers such as '<f8', '<f4' or '<i4', got '${descr}'`);
  const count = shape.reduce((product, length) => product * length, 1);
  if (!Number.isSafeInteger(count) || count * element[0] !== cursor.left)
    throw malformed(
      path,
      cursor.place,
      `expected the ${count} numbers of ${element[0]} bytes that the shape (${shape.join(', ')}) says, there are ${cursor.left} bytes`,
    );
  const firstByte = cursor.place;
  const values = decode(cursor.take(cursor.left), element, order !== '>');
  if (kind === 'i8' || kind === 'u8') requireSafe(values, path, firstByte);
  return { shape, values: fortran && shape.length > 1 ? rowMajor(values, shape) : values };
}

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

/** Takes the three facts out of the Python dictionary without evaluating it. */
function parseHeader(text: string, path: string, place: string): Header {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const lengths = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  if (!HEADER.test(text) || descr === undefined || fortran === undefined || lengths === undefined)
    throw malformed(
      path,
      place,
      `expected a header with descr, fortran_order and shape of plain numbers, got ${JSON.stringify(text.slice(0, 80))}`,
    );
  const parts = lengths.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map((part) => (/^\d+L?$/.test(part) ? Number.parseInt(part, 10) : Number.NaN));
  if (shape.length > MOST_DIMENSIONS || !shape.every(Number.isSafeInteger))
    throw malformed(path, place, `expected a shape of whole numbers, got (${lengths.slice(0, 80)})`);
  return { descr, fortran: fortran === 'True', shape };
}

function decode(
  bytes: Uint8Array,
  [size, read]: (typeof ELEMENTS)[string],
  littleEndian: boolean,
): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(bytes.byteLength / size);
  for (let index = 0; index < values.length; index++) values[index] = read(view, index * size, littleEndian);
  return values;
}

function requireSafe(values: Float64Array, path: string, place: string): void {
  const bad = values.findIndex((value) => !Number.isSafeInteger(value));
  if (bad >= 0)
    throw malformed(path, place, `expected integers below 2^53, number ${bad} is about ${values[bad]}`);
}

/** Copies an array whose first axis runs fastest into one whose last does. */
function rowMajor(values: Float64Array, shape: readonly number[]): Float64Array {
  const result = new Float64Array(values.length);
  const index = new Array<number>(shape.length).fill(0);
  for (let to = 0; to < values.length; to++) {
    let from = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) from = from * shape[axis]! + index[axis]!;
    result[to] = values[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return result;
}
