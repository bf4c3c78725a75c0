import { deflateSync } from 'node:zlib';

/** What a test puts into a MAT-file: numbers column-major with their sizes, or cells. */
export type SampleMatValue =
  | { readonly rows: number; readonly columns: number; readonly values: readonly number[] }
  | { readonly cells: readonly SampleMatValue[] };

export interface MatFileOptions {
  readonly littleEndian?: boolean;
  readonly compressed?: boolean;
}

/** Writes a MAT-file of level 5 as MathWorks describes it: an independent second reading of the format. */
export function matFile(
  variables: Readonly<Record<string, SampleMatValue>>,
  { littleEndian = true, compressed = false }: MatFileOptions = {},
): Buffer {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file, made by a test', 'latin1');
  header.set(littleEndian ? [0x00, 0x01, 0x49, 0x4d] : [0x01, 0x00, 0x4d, 0x49], 124);
  const elements = Object.entries(variables).map(([name, value]) => {
    const element = matrix(name, value, littleEndian);
    if (!compressed) return element;
    const packed = deflateSync(element);
    return Buffer.concat([tag(15, packed.length, littleEndian), packed]);
  });
  return Buffer.concat([header, ...elements]);
}

function tag(type: number, length: number, littleEndian: boolean): Buffer {
  return uint32s([type, length], littleEndian);
}

function uint32s(values: readonly number[], littleEndian: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [i, value] of values.entries()) {
    if (littleEndian) bytes.writeInt32LE(value, i * 4);
    else bytes.writeInt32BE(value, i * 4);
  }
  return bytes;
}

function element(type: number, data: Buffer, littleEndian: boolean): Buffer {
  const padding = Buffer.alloc((8 - (data.length % 8)) % 8);
  return Buffer.concat([tag(type, data.length, littleEndian), data, padding]);
}

/** The form that puts up to 4 bytes into the tag, which MATLAB uses for short names. */
function smallElement(type: number, data: Buffer, littleEndian: boolean): Buffer {
  const head = uint32s([(data.length << 16) | type], littleEndian);
  return Buffer.concat([head, data, Buffer.alloc(4 - data.length)]);
}

function matrix(name: string, value: SampleMatValue, littleEndian: boolean): Buffer {
  const isCells = 'cells' in value;
  const [rows, columns] = isCells ? [value.cells.length, 1] : [value.rows, value.columns];
  const text = Buffer.from(name, 'latin1');
  const contents = isCells
    ? value.cells.map((cell) => matrix('', cell, littleEndian))
    : [element(9, doubles(value.values, littleEndian), littleEndian)];
  const parts = [
    element(6, uint32s([isCells ? 1 : 6, 0], littleEndian), littleEndian),
    element(5, uint32s([rows, columns], littleEndian), littleEndian),
    text.length > 0 && text.length <= 4
      ? smallElement(1, text, littleEndian)
      : element(1, text, littleEndian),
    ...contents,
  ];
  return element(14, Buffer.concat(parts), littleEndian);
}

function doubles(values: readonly number[], littleEndian: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [i, value] of values.entries()) {
    if (littleEndian) bytes.writeDoubleLE(value, i * 8);
    else bytes.writeDoubleBE(value, i * 8);
  }
  return bytes;
}
