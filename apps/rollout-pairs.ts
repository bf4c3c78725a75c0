import type { Episode, FieldDescription, StreamData, TypedArray } from '../datasets/contract.js';
import { DEVIATION_SUFFIX } from '../worldmodel/observation/senses.js';
import { product } from './sheet-layout.js';

/** One field of a dream beside what happened, at some of the dream's rows. */
export interface FieldPair {
  readonly field: FieldDescription;
  /** [rows] since the context's end. */
  readonly timesS: Float64Array;
  /** [rows, width] as the model could have sensed it; NaN where nothing was. */
  readonly real: Float64Array;
  /** [rows, width] */
  readonly predicted: Float64Array;
  /** [rows, width]; null where the dream does not say. */
  readonly deviation: Float64Array | null;
}

/** Times that lie this close are one, s. */
const SAME_TIME_S = 1e-6;

/** Names of the fields of a dreamt stream that are means, without those of deviations. */
export function meanFields({ description: { fields } }: StreamData): FieldDescription[] {
  return fields.filter(({ name }) => !name.endsWith(DEVIATION_SUFFIX));
}

/**
 * Puts what happened beside a dreamt field.
 *
 * State is taken at the row's time, a picture is the last one by then, averaged to the dream's size (depth by its inverse);
 * readings are averaged over the tick that the row ends, as the model takes them. Quaternions turn to the predicted half.
 *
 * @param real the same stream as it was sensed; undefined where it was not.
 * @param rows of the dream.
 */
export function pairField(
  dream: StreamData,
  real: StreamData | undefined,
  field: FieldDescription,
  contextEndS: number,
  rows: readonly number[],
): FieldPair {
  const width = product(field.shape);
  const take = (values: TypedArray): Float64Array => {
    const taken = new Float64Array(rows.length * width);
    for (const [index, row] of rows.entries())
      taken.set(values.subarray(row * width, (row + 1) * width), index * width);
    return taken;
  };
  const predicted = take(dream.values[field.name]!);
  const deviation = dream.values[field.name + DEVIATION_SUFFIX];
  const timesS = Float64Array.from(rows, (row) => Number(dream.timeNs[row]) / 1e9);
  const sensed = new Float64Array(rows.length * width).fill(Number.NaN);
  const known = real?.description.fields.find(({ name }) => name === field.name);
  if (real !== undefined && real.rows > 0 && known !== undefined) {
    for (const [index, timeS] of timesS.entries()) {
      const row = sensedRow(real, known, field, timeS, 1 / dream.description.rateHz);
      if (row !== null) sensed.set(row, index * width);
    }
  }
  if (field.name === 'orientation') turnToSameHalf(sensed, predicted);
  return {
    field,
    timesS: timesS.map((timeS) => timeS - contextEndS),
    real: sensed,
    predicted,
    deviation: deviation === undefined ? null : take(deviation),
  };
}

/** What was sensed of a field in the tick that ends at a time; null after the end of the recording. */
function sensedRow(
  real: StreamData,
  known: FieldDescription,
  field: FieldDescription,
  timeS: number,
  tickS: number,
): Float64Array | null {
  const { description, rows, timeNs, values } = real;
  const secondsOf = (row: number): number => Number(timeNs[row]) / 1e9;
  const last = lastRowBy(timeNs, timeS + SAME_TIME_S);
  if (last < 0 || timeS > secondsOf(rows - 1) + 1 / description.rateHz) return null;
  const width = product(known.shape);
  const at = (row: number): TypedArray => values[field.name]!.subarray(row * width, (row + 1) * width);
  if (isSpatial(field)) return averaged(at(last), known, field);
  if (width !== product(field.shape)) return null;
  if (description.kind === 'truth') return Float64Array.from(at(last));
  const first = Math.min(last, lastRowBy(timeNs, timeS - tickS + SAME_TIME_S) + 1);
  const mean = new Float64Array(width);
  for (let row = first; row <= last; row++) {
    for (const [component, value] of at(row).entries()) mean[component]! += value / (last - first + 1);
  }
  return mean;
}

/** The last row at or before a time, by bisection; -1 when there is none. */
function lastRowBy(timeNs: BigInt64Array, timeS: number): number {
  let low = 0;
  let high = timeNs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Number(timeNs[middle]) / 1e9 <= timeS) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function isSpatial({ name }: FieldDescription): boolean {
  return name === 'colour' || name === 'depthM';
}

/** Averages a picture to another size. */
function averaged(values: TypedArray, from: FieldDescription, to: FieldDescription): Float64Array {
  const [height = 1, width = 1, depth = 1] = from.shape;
  const [tall = 1, wide = 1] = to.shape;
  // The far background of depth counts as nothing near, and must not swallow a cell.
  const isDepth = to.name === 'depthM';
  const result = new Float64Array(tall * wide * depth);
  for (let y = 0; y < tall; y++) {
    const [top, bottom] = cells(y, tall, height);
    for (let x = 0; x < wide; x++) {
      const [left, right] = cells(x, wide, width);
      const share = 1 / ((bottom - top) * (right - left));
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          for (let channel = 0; channel < depth; channel++) {
            const value = values[(row * width + column) * depth + channel]!;
            result[(y * wide + x) * depth + channel]! += share * (isDepth ? 1 / (1 + value) : value);
          }
        }
      }
    }
  }
  return isDepth ? result.map((nearness) => 1 / nearness - 1) : result;
}

/** Which of `from` cells lie under one of `to` cells: from the first up to the second, at least one. */
function cells(index: number, to: number, from: number): readonly [number, number] {
  const first = Math.floor((index * from) / to);
  return [first, Math.max(first + 1, Math.floor(((index + 1) * from) / to))];
}

/** q and -q are one rotation: the real one takes the sign that is nearer to the predicted one. */
function turnToSameHalf(real: Float64Array, predicted: Float64Array): void {
  for (let at = 0; at + 3 < real.length; at += 4) {
    let cosine = 0;
    for (let i = at; i < at + 4; i++) cosine += real[i]! * predicted[i]!;
    if (cosine < 0) for (let i = at; i < at + 4; i++) real[i]! *= -1;
  }
}

/** What is known of a stream in an episode by name. */
export function streamOf({ streams }: Episode, name: string): StreamData | undefined {
  return Object.hasOwn(streams, name) ? streams[name] : undefined;
}
