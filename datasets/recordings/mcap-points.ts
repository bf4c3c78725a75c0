import type { Vec3 } from '../../core/math/vector.js';
import type { DataType, TypedArray } from '../contract.js';
import type { MessageObject } from './mcap-protobuf.js';
import { bytesAt, field, frameOf, listAt, numberAt, type Reading, textAt } from './mcap-reading.js';

type Get = (view: DataView, at: number) => number;

/** foxglove.PackedElementField.NumericType: bytes, how it is read, and what holds it. */
const TYPES: Readonly<Record<number, readonly [bytes: number, get: Get, dataType: DataType]>> = {
  1: [1, (view, at) => view.getUint8(at), 'uint8'],
  2: [1, (view, at) => view.getInt8(at), 'int32'],
  3: [2, (view, at) => view.getUint16(at, true), 'uint16'],
  4: [2, (view, at) => view.getInt16(at, true), 'int32'],
  5: [4, (view, at) => view.getUint32(at, true), 'float64'],
  6: [4, (view, at) => view.getInt32(at, true), 'int32'],
  7: [4, (view, at) => view.getFloat32(at, true), 'float32'],
  8: [8, (view, at) => view.getFloat64(at, true), 'float64'],
};
const ARRAYS = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;
const MOST_FIELDS = 64;

interface Column {
  readonly name: string;
  readonly offset: number;
  readonly get: Get;
  readonly dataType: DataType;
}

/**
 * Reads a foxglove.PointCloud: the first `count` points of a row are this message's, moved by its pose; points whose position
 * is not finite are dropped. Other columns keep their names and types (uint32 as float64).
 *
 * @throws Error when a column lies outside a point, or there is no position.
 */
export function pointCloud(message: MessageObject, move: (point: Vec3) => Vec3): Reading {
  const stride = numberAt(message, 'point_stride');
  const data = bytesAt(message, 'data');
  if (!Number.isInteger(stride) || stride < 1) throw new Error(`"point_stride" is ${stride}`);
  const columns = columnsOf(message, stride);
  const axes = ['x', 'y', 'z'].map((axis) => columns.find(({ name }) => name === axis));
  if (axes[0] === undefined || axes[1] === undefined) throw new Error('there are no fields "x" and "y"');
  const others = columns.filter((column) => !axes.includes(column));
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const starts: number[] = [];
  for (let start = 0; start + stride <= data.byteLength; start += stride) {
    if (axes.every((axis) => axis === undefined || Number.isFinite(axis.get(view, start + axis.offset)))) {
      starts.push(start);
    }
  }
  return {
    part: '',
    kind: 'lidar',
    items: Math.max(1, starts.length),
    metadata: { frame: frameOf(message) },
    fields: (items) => [
      field('count', 'int32', [], '1', 'points in this row; what follows them is 0'),
      field('pointM', 'float32', [items, 3], 'm', 'x y z in the frame of metadata.frame'),
      ...others.map(({ name, dataType }) =>
        field(name, dataType, [items], 'as recorded', `${name} of each point`),
      ),
    ],
    values(items) {
      const pointM = new Float32Array(items * 3);
      for (const [index, start] of starts.entries()) {
        const [x, y, z] = axes.map((axis) => (axis === undefined ? 0 : axis.get(view, start + axis.offset)));
        pointM.set(move([x!, y!, z!]), index * 3);
      }
      const values: Record<string, TypedArray> = { count: Int32Array.of(starts.length), pointM };
      for (const { name, dataType, get, offset } of others) {
        const list = new ARRAYS[dataType](items);
        for (const [index, start] of starts.entries()) list[index] = get(view, start + offset);
        values[name] = list;
      }
      return values;
    },
  };
}

function columnsOf(message: MessageObject, stride: number): readonly Column[] {
  const fields = listAt(message, 'fields') as readonly MessageObject[];
  if (fields.length > MOST_FIELDS) throw new Error(`${fields.length} fields a point`);
  const columns = fields.map((one) => {
    const name = textAt(one, 'name');
    const offset = numberAt(one, 'offset');
    const type = TYPES[numberAt(one, 'type')];
    if (type === undefined) throw new Error(`field "${name}" has a type that is not known`);
    if (!Number.isInteger(offset) || offset < 0 || offset + type[0] > stride) {
      throw new Error(`field "${name}" lies outside a point of ${stride} bytes`);
    }
    return { name, offset, get: type[1], dataType: type[2] };
  });
  if (new Set(['count', 'pointM', ...columns.map(({ name }) => name)]).size === columns.length + 2)
    return columns;
  throw new Error('two fields have one name');
}
