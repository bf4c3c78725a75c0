import { join } from 'node:path';
import { readWholeFile } from '../files.js';
import { malformed, requireFinite } from './malformed.js';
import { readNpy } from './npy.js';

/** Larger than every number of a segment (the largest are milliseconds since 1970), small enough that nothing overflows. */
const LARGEST = 1e13;

/** The files of one segment. Reads each once, when it is asked for. */
export interface SegmentFiles {
  readonly folder: string;
  /** What places begin with, in the folder. */
  readonly prefix: string;
}

/** Rows of numbers, with the device's time of each. */
export interface SegmentLog {
  /** Of the values, for messages. */
  readonly path: string;
  readonly rows: number;
  readonly columns: number;
  /** [rows], s since the device was started; never backwards. */
  readonly times: Float64Array;
  /** [rows, columns], row-major. */
  readonly values: Float64Array;
}

/**
 * Reads a log of `processed_log`: `<place>/t` and `<place>/value`.
 *
 * @param used columns that must be finite; all by default. The radar's others are NaN by design.
 * @throws UmweltError `not-found`; `malformed-file` naming file and row.
 */
export async function readLog(
  files: SegmentFiles,
  place: string,
  columns: number,
  used?: readonly number[],
): Promise<SegmentLog> {
  return readRows(files, `processed_log/${place}/t`, `processed_log/${place}/value`, columns, used);
}

/**
 * Reads an array of times and an array of as many rows.
 *
 * @throws UmweltError `not-found`; `malformed-file` naming file and row: another shape, a number that is not finite, time that
 *   runs backwards. Equal times are taken: messages that arrive together are stamped together.
 */
export async function readRows(
  { folder, prefix }: SegmentFiles,
  timesAt: string,
  valuesAt: string,
  columns: number,
  used: readonly number[] = Array.from({ length: columns }, (_, column) => column),
): Promise<SegmentLog> {
  const read = async (place: string) =>
    readNpy(await readWholeFile(join(folder, prefix + place)), prefix + place);
  const times = await read(timesAt);
  const { shape, values } = await read(valuesAt);
  const [timesPath, path] = [prefix + timesAt, prefix + valuesAt];
  if (times.shape.length !== 1)
    throw malformed(timesPath, 'header', `expected times of shape (rows,), got (${times.shape.join(', ')})`);
  const rows = times.shape[0]!;
  const flat = columns === 1 && shape.length === 1;
  if (shape[0] !== rows || !(flat || (shape.length === 2 && shape[1] === columns)))
    throw malformed(
      path,
      'header',
      `expected shape (${rows}, ${columns}) as there are ${rows} times, got (${shape.join(', ')})`,
    );
  requireForward(times.values, timesPath);
  for (let row = 0; row < rows; row++)
    for (const column of used) requireBounded(values[row * columns + column]!, path, row, column);
  return { path, rows, columns, times: times.values, values };
}

function requireBounded(value: number, path: string, row: number, column: number): void {
  if (Math.abs(requireFinite(value, path, `row ${row}, column ${column}`)) <= LARGEST) return;
  throw malformed(path, `row ${row}, column ${column}`, `expected a number up to ${LARGEST}, got ${value}`);
}

function requireForward(times: Float64Array, path: string): void {
  for (let row = 0; row < times.length; row++) {
    requireFinite(times[row]!, path, `row ${row}`);
    if (row > 0 && times[row]! < times[row - 1]!)
      throw malformed(
        path,
        `row ${row}`,
        `time must not run backwards, got ${times[row]} after ${times[row - 1]}`,
      );
  }
}
