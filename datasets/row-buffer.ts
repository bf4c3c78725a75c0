import { UmweltError } from '../core/errors.js';
import type { RowBlock } from './arrow/encode.js';
import { ARRAYS, elementCount } from './arrow/schema.js';
import type { FieldDescription, SensorSample, StreamDescription, TypedArray } from './contract.js';

/** Rows of one stream that wait to be written. Arrays grow by doubling and are used again from batch to batch. */
export interface RowBuffer {
  readonly rows: number;
  /** Size of the rows in bytes. */
  readonly bytes: number;
  /**
   * Copies one sample.
   *
   * @throws UmweltError `shape-mismatch` when a field is missing, unknown, or of another type or length; `invalid-input`
   *   when its time is before the last one's, or the episode's start.
   */
  append(sample: SensorSample): void;
  /** Views on the rows, valid until the next `append`; `episode` is what every row of the block will say. */
  block(episode: number): RowBlock;
  /** Forgets the rows, and with `newEpisode` also the time that they must not go behind. */
  clear(newEpisode: boolean): void;
}

const FIRST_CAPACITY = 64;
/** What the first rows of a stream may take, where there are fewer than that. */
const FIRST_BYTES = 64 * 1024 * 1024;

/**
 * Makes an empty buffer for a stream.
 *
 * @throws UmweltError `invalid-input`, as `append` does, when its rows do not fit into memory.
 */
export function createRowBuffer(stream: StreamDescription): RowBuffer {
  const sizes = stream.fields.map((field) => elementCount(field.shape));
  const rowBytes = stream.fields.reduce(
    (sum, field, index) => sum + new ARRAYS[field.dataType](1).BYTES_PER_ELEMENT * sizes[index]!,
    12,
  );
  let capacity = Math.max(1, Math.min(FIRST_CAPACITY, Math.floor(FIRST_BYTES / rowBytes)));
  let rows = 0;
  let lastNs = 0n;
  let episodes = new Uint32Array(capacity);
  let times = new BigInt64Array(capacity);
  const allocate = (field: FieldDescription, index: number): TypedArray => {
    try {
      return new ARRAYS[field.dataType](capacity * sizes[index]!);
    } catch (cause) {
      const megabytes = Math.round((capacity * rowBytes) / 1e6);
      throw new UmweltError(
        'invalid-input',
        { stream: stream.name, field: field.name, rows: capacity, rowBytes },
        `stream "${stream.name}": expected rows that fit into memory, got ${capacity} of ${rowBytes} bytes (${megabytes} MB); ` +
          'take a smaller size, fewer channels, a lower rate or a shorter episode',
        cause,
      );
    }
  };
  let columns = stream.fields.map(allocate);

  const grow = (): void => {
    capacity *= 2;
    episodes = new Uint32Array(capacity);
    times = extended(times, new BigInt64Array(capacity));
    columns = columns.map((old, i) => extended(old, allocate(stream.fields[i]!, i)));
  };

  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return rows * rowBytes;
    },
    append(sample) {
      requireSample(sample, stream, sizes, lastNs);
      if (rows === capacity) grow();
      times[rows] = sample.timeNs;
      stream.fields.forEach((field, index) => {
        columns[index]!.set(sample.values[field.name]!, rows * sizes[index]!);
      });
      lastNs = sample.timeNs;
      rows++;
    },
    block(episode) {
      return {
        rows,
        episode: episodes.subarray(0, rows).fill(episode),
        timeNs: times.subarray(0, rows),
        values: columns.map((column, index) => column.subarray(0, rows * sizes[index]!)),
      };
    },
    clear(newEpisode) {
      rows = 0;
      if (newEpisode) lastNs = 0n;
    },
  };
}

function extended<A extends TypedArray | BigInt64Array>(old: A, fresh: A): A {
  fresh.set(old as never);
  return fresh;
}

function requireSample(
  sample: SensorSample,
  stream: StreamDescription,
  sizes: readonly number[],
  lastNs: bigint,
): void {
  if (sample.timeNs < lastNs) {
    throw new UmweltError(
      'invalid-input',
      { stream: stream.name, timeNs: String(sample.timeNs), lastNs: String(lastNs) },
      `stream "${stream.name}": a sample at ${sample.timeNs} ns came after ${lastNs} ns; samples must come in time order`,
    );
  }
  stream.fields.forEach((field, index) => {
    const values: unknown = sample.values[field.name];
    if (values instanceof ARRAYS[field.dataType] && values.length === sizes[index]) return;
    const got = ArrayBuffer.isView(values)
      ? `${values.constructor.name} of ${(values as TypedArray).length}`
      : String(values);
    throw sampleMismatch(stream, field.name, `${field.dataType} [${field.shape.join(', ')}]`, got);
  });
  if (Object.keys(sample.values).length === stream.fields.length) return;
  const extra = Object.keys(sample.values).find(
    (name) => !stream.fields.some((field) => field.name === name),
  );
  throw sampleMismatch(stream, String(extra), 'no such field', 'one');
}

function sampleMismatch(
  stream: StreamDescription,
  field: string,
  expected: string,
  got: string,
): UmweltError {
  return new UmweltError(
    'shape-mismatch',
    { stream: stream.name, field, expected, got },
    `stream "${stream.name}", field "${field}": expected ${expected}, got ${got}`,
  );
}
