import type { FieldDescription, TypedArray } from '../contract.js';
import type { MessageObject } from './mcap-protobuf.js';
import { bytesAt, field, frameOf, numberAt, type Reading, single, textAt } from './mcap-reading.js';

/** How pixels are packed: bytes a pixel and where red, green and blue are in them. */
const COLOURS: Readonly<Record<string, readonly [bytes: number, red: number, green: number, blue: number]>> =
  {
    rgb8: [3, 0, 1, 2],
    bgr8: [3, 2, 1, 0],
    '8UC3': [3, 2, 1, 0],
    rgba8: [4, 0, 1, 2],
    bgra8: [4, 2, 1, 0],
    mono8: [1, 0, 0, 0],
    '8UC1': [1, 0, 0, 0],
  };
/** Pictures of something else than light, kept as numbers. */
const NUMBERS: Readonly<Record<string, FieldDescription['dataType']>> = {
  mono16: 'uint16',
  '16UC1': 'uint16',
  '32FC1': 'float32',
};

/**
 * Reads a foxglove.RawImage: colour pictures as sRGB, others (16-bit, float) as their numbers.
 *
 * @throws Error when the encoding is another, or the data are shorter than the picture.
 */
export function rawImage(message: MessageObject): Reading {
  const [width, height, step] = [
    sizeAt(message, 'width'),
    sizeAt(message, 'height'),
    sizeAt(message, 'step'),
  ];
  const encoding = textAt(message, 'encoding');
  const data = bytesAt(message, 'data');
  const packed = COLOURS[encoding];
  const dataType = NUMBERS[encoding];
  if (packed === undefined && dataType === undefined) {
    const known = [...Object.keys(COLOURS), ...Object.keys(NUMBERS)].join(', ');
    throw new Error(`encoding "${encoding}": expected ${known}`);
  }
  const pixelBytes = packed?.[0] ?? (dataType === 'uint16' ? 2 : 4);
  if (step < width * pixelBytes || step * height > data.byteLength) {
    throw new Error(`${data.byteLength} bytes in rows of ${step} are no ${width} x ${height} ${encoding}`);
  }
  const metadata = { frame: frameOf(message), encoding };
  if (packed !== undefined) {
    const description = packed[0] === 1 ? 'brightness, three times' : 'red, green, blue; top row first';
    const fields = [field('colour', 'uint8', [height, width, 3], 'sRGB', description)];
    return single(
      'camera',
      fields,
      () => ({ colour: colourOf(data, width, height, step, packed) }),
      metadata,
    );
  }
  const fields = [field('value', dataType!, [height, width], 'as recorded', `${encoding}; top row first`)];
  return single(
    'camera',
    fields,
    () => ({ value: numbersOf(data, width, height, step, dataType!) }),
    metadata,
  );
}

function sizeAt(message: MessageObject, name: string): number {
  const size = numberAt(message, name);
  if (Number.isInteger(size) && size > 0 && size < 2 ** 31) return size;
  throw new Error(`"${name}" is ${size}: expected a whole number above 0`);
}

function colourOf(
  data: Uint8Array,
  width: number,
  height: number,
  step: number,
  [bytes, red, green, blue]: (typeof COLOURS)[string],
): Uint8Array {
  const colour = new Uint8Array(width * height * 3);
  let to = 0;
  for (let row = 0; row < height; row++) {
    for (let from = row * step; from < row * step + width * bytes; from += bytes) {
      colour[to++] = data[from + red]!;
      colour[to++] = data[from + green]!;
      colour[to++] = data[from + blue]!;
    }
  }
  return colour;
}

function numbersOf(
  data: Uint8Array,
  width: number,
  height: number,
  step: number,
  dataType: FieldDescription['dataType'],
): TypedArray {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const numbers = dataType === 'uint16' ? new Uint16Array(width * height) : new Float32Array(width * height);
  for (let index = 0; index < numbers.length; index++) {
    const place = Math.floor(index / width) * step + (index % width) * numbers.BYTES_PER_ELEMENT;
    numbers[index] = dataType === 'uint16' ? view.getUint16(place, true) : view.getFloat32(place, true);
  }
  return numbers;
}
