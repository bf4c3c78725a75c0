import type { ParquetValue } from '../arrow/parquet.js';
import type { DataType, StreamDescription, TypedArray } from '../contract.js';
import type { LerobotFeature } from './lerobot-info.js';

const NUMBERS: Readonly<Record<string, DataType>> = {
  bool: 'uint8',
  uint8: 'uint8',
  uint16: 'uint16',
  int8: 'int32',
  int16: 'int32',
  int32: 'int32',
  uint32: 'float64',
  int64: 'float64',
  uint64: 'float64',
  float16: 'float32',
  float32: 'float32',
  float64: 'float64',
};
const ARRAYS = {
  uint8: Uint8Array,
  uint16: Uint16Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** Columns that say where a row is, not what was recorded. */
export const PLACE_FEATURES: readonly string[] = [
  'timestamp',
  'frame_index',
  'episode_index',
  'index',
  'task_index',
];

/** What becomes of a feature: a stream, or the reason why it becomes none. */
export type FeaturePlan =
  | {
      readonly feature: LerobotFeature;
      readonly as: 'numbers' | 'picture' | 'video';
      readonly stream: StreamDescription;
    }
  | { readonly feature: LerobotFeature; readonly as: 'nothing'; readonly reason: string };

/** Decides what becomes of a feature. */
export function planFeature(feature: LerobotFeature, fps: number): FeaturePlan {
  const { name, dtype } = feature;
  const stream = { name: streamName(name), rateHz: fps, samplesPerRow: 1 };
  if (dtype === 'image' || dtype === 'video') {
    const size = pictureSize(feature);
    if (size === null)
      return { feature, as: 'nothing', reason: `no picture has shape [${feature.shape.join(', ')}]` };
    return {
      feature,
      as: dtype === 'image' ? 'picture' : 'video',
      stream: { ...stream, kind: 'camera', fields: [colour(size)], metadata: { feature: name } },
    };
  }
  const dataType = NUMBERS[dtype];
  if (dataType === undefined) return { feature, as: 'nothing', reason: `dtype "${dtype}" holds no numbers` };
  const description = `${name} as recorded (${dtype})`;
  const fields = [{ name: 'value', dataType, shape: feature.shape, unit: 'as recorded', description }];
  return {
    feature,
    as: 'numbers',
    stream: { ...stream, kind: kindOf(name), fields, metadata: { feature: name, ...componentsOf(feature) } },
  };
}

function kindOf(name: string): string {
  if (name === 'action' || name.startsWith('action.')) return 'action';
  return name === 'observation.state' || name.startsWith('observation.state.') ? 'state' : 'generic';
}

/** Names of the dimensions: a list, or (v2.0) an object with one. */
function componentsOf({ names, shape }: LerobotFeature): Readonly<Record<string, unknown>> {
  const list = Array.isArray(names) ? names : Object.values(names ?? {}).find(Array.isArray);
  const count = shape.reduce((a, b) => a * b, 1);
  if (!Array.isArray(list) || list.length !== count || !list.every((name) => typeof name === 'string')) {
    return names === undefined || names === null ? {} : { names };
  }
  return { components: list.map((label) => ({ label, unit: 'as recorded' })) };
}

/** Height and width, by the names of the dimensions where they tell, else by which one can be colours. */
function pictureSize({ shape, names }: LerobotFeature): { height: number; width: number } | null {
  const [a, b, c] = shape;
  if (shape.length !== 3 || a === undefined || b === undefined || c === undefined) return null;
  const first = Array.isArray(names) ? String(names[0]) : '';
  const isColour = (size: number): boolean => size === 3 || size === 1;
  const channelsFirst = /^c/i.test(first) || (!/^h/i.test(first) && isColour(a) && !isColour(c));
  if (!isColour(channelsFirst ? a : c)) return null;
  return channelsFirst ? { height: b, width: c } : { height: a, width: b };
}

function colour({ height, width }: { height: number; width: number }): StreamDescription['fields'][number] {
  const description = 'red, green, blue; top row first, left column first';
  return { name: 'colour', dataType: 'uint8', shape: [height, width, 3], unit: 'sRGB', description };
}

/** A name that can be a file's. */
function streamName(feature: string): string {
  const name = feature.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, 100);
  return /^[A-Za-z0-9_]/.test(name) ? name : `_${name}`.slice(0, 100);
}

/**
 * Turns a cell into the numbers of a stream's row.
 *
 * @throws Error saying what is wrong: another count than the feature's shape has, a value that is missing or not finite.
 */
export function numbersIn(value: ParquetValue | undefined, stream: StreamDescription): TypedArray {
  const { dataType, shape } = stream.fields[0]!;
  const count = shape.reduce((a, b) => a * b, 1);
  const numbers = new ARRAYS[dataType](count);
  let filled = 0;
  const visit = (item: ParquetValue | undefined): void => {
    if (ArrayBuffer.isView(item)) for (const one of item as Float64Array | BigInt64Array) put(one);
    else if (Array.isArray(item)) for (const one of item) visit(one);
    else put(item);
  };
  const put = (item: unknown): void => {
    const number =
      typeof item === 'number'
        ? item
        : typeof item === 'bigint' || typeof item === 'boolean'
          ? Number(item)
          : Number.NaN;
    if (!Number.isFinite(number)) throw new Error(`expected a finite number, got ${String(item)}`);
    if (filled < count) numbers[filled] = number;
    filled++;
  };
  visit(value);
  if (filled !== count) throw new Error(`expected ${count} numbers, got ${filled}`);
  return numbers;
}
