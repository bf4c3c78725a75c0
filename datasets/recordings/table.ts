import { type CsvError, parse } from 'csv-parse/sync';
import { describeCause, UmweltError } from '../../core/errors.js';
import { malformed, requireLater } from './malformed.js';

/** Longest line that is read: a longer one is no table of numbers. */
const LONGEST_LINE_CHARACTERS = 65_536;
/** What a spreadsheet, C, Python and MATLAB write; not the empty cell, `0x10` or `Infinity`, which `Number` takes. */
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** What a delimiter-separated file must look like. */
export interface TableForm<Name extends string, Text extends string = never> {
  /** Between two cells; spaces around a cell are dropped. */
  readonly delimiter: string;
  /** Columns of finite numbers that are taken, by name. Others are left alone, whatever they hold. */
  readonly numbers: readonly Name[];
  /** Columns that are taken as text. */
  readonly texts?: readonly Text[];
  /** The names of all columns in order, where the file has no line of names; without it the first line has them. */
  readonly names?: readonly string[];
  /** Longest line in characters; 65,536 by default. */
  readonly longestLine?: number;
}

/** The columns of one file. All have `rows` values. */
export interface Table<Name extends string, Text extends string = never> {
  /** Of the file, for messages. */
  readonly path: string;
  readonly rows: number;
  readonly numbers: Readonly<Record<Name, Float64Array>>;
  readonly texts: Readonly<Record<Text, readonly string[]>>;
  /** Line of the file that each row ends on, counted from 1. */
  readonly lines: readonly number[];
}

/**
 * Reads delimiter-separated text. Empty lines are passed over; quoted cells, a byte order mark and all ends of lines are
 * understood (csv-parse).
 *
 * @param bytes of the whole file, UTF-8; not changed.
 * @param path of the file, for errors.
 * @throws UmweltError `malformed-file` naming the line and the column: a column that is missing or there twice, a line with
 *   more or fewer cells than there are columns, a cell that is no finite number, a line that is too long, no rows.
 */
export function readTable<Name extends string, Text extends string = never>(
  bytes: Uint8Array,
  path: string,
  form: TableForm<Name, Text>,
): Table<Name, Text> {
  const lines: number[] = [];
  const numbers = form.numbers.map((name) => ({ name, at: -1, values: [] as number[] }));
  const texts = (form.texts ?? []).map((name) => ({ name, at: -1, values: [] as string[] }));
  let width = 0;
  const header = (names: readonly string[]): void => {
    width = names.length;
    for (const column of [...numbers, ...texts]) column.at = placeOf(column.name, names, path);
  };
  if (form.names !== undefined) header(form.names);
  eachRecord(bytes, path, form, (cells, line) => {
    if (width === 0) return header(cells);
    if (cells.length !== width)
      throw malformed(path, `line ${line}`, `expected ${width} cells, got ${cells.length}`);
    for (const { name, at, values } of numbers) values.push(finite(cells[at]!, path, line, name));
    for (const { at, values } of texts) values.push(cells[at]!);
    lines.push(line);
  });
  if (lines.length === 0)
    throw malformed(path, `line ${width === 0 || form.names !== undefined ? 1 : 2}`, 'there are no rows');
  return {
    path,
    rows: lines.length,
    numbers: Object.fromEntries(
      numbers.map(({ name, values }) => [name, Float64Array.from(values)]),
    ) as Record<Name, Float64Array>,
    texts: Object.fromEntries(texts.map(({ name, values }) => [name, values])) as unknown as Record<
      Text,
      readonly string[]
    >,
    lines,
  };
}

/**
 * Turns a column of times into nanoseconds from its first row, to the nearest.
 *
 * @param perSecond how many of the column's units are a second: 1000 for milliseconds.
 * @throws UmweltError `malformed-file` where a time does not come after the one before it, or is out of all range.
 */
export function timesFromStart<Name extends string>(
  table: Table<Name, string>,
  column: Name,
  perSecond: number,
): BigInt64Array {
  const times = table.numbers[column];
  const start = times[0]!;
  const result = new BigInt64Array(times.length);
  for (let row = 0; row < times.length; row++) {
    const place = `line ${table.lines[row]}, column ${column}`;
    if (row > 0) requireLater(times[row]!, times[row - 1]!, table.path, place);
    const timeNs = Math.round(((times[row]! - start) / perSecond) * 1e9);
    // Beyond 104 days a double does not hold every nanosecond.
    if (!Number.isSafeInteger(timeNs))
      throw malformed(
        table.path,
        place,
        `expected a time within 104 days of the first, ${start}, got ${times[row]}`,
      );
    result[row] = BigInt(timeNs);
    if (row > 0) requireLater(result[row]!, result[row - 1]!, table.path, place);
  }
  return result;
}

function placeOf(name: string, names: readonly string[], path: string): number {
  const place = names.indexOf(name);
  if (place === -1) throw malformed(path, 'line 1', `there is no column ${name}`);
  if (names.lastIndexOf(name) !== place) throw malformed(path, 'line 1', `there are two columns ${name}`);
  return place;
}

function finite(cell: string, path: string, line: number, column: string): number {
  const value = NUMBER.test(cell) ? Number(cell) : Number.NaN;
  if (Number.isFinite(value)) return value;
  const shown = JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}...` : cell);
  throw malformed(path, `line ${line}, column ${column}`, `expected a finite number, got ${shown}`);
}

/** Calls back for each line that is not empty, with its cells. */
function eachRecord(
  bytes: Uint8Array,
  path: string,
  { delimiter, longestLine = LONGEST_LINE_CHARACTERS }: TableForm<string, string>,
  take: (cells: readonly string[], line: number) => void,
): void {
  try {
    parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      bom: true,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      max_record_size: longestLine,
      // Nothing is kept of the cells: a table is as large as its numbers.
      on_record: (cells: string[], { lines }) => {
        take(cells, lines);
        return null;
      },
    });
  } catch (cause) {
    if (cause instanceof UmweltError) throw cause;
    const line = (cause as Partial<CsvError> & { lines?: number }).lines;
    throw malformed(path, line === undefined ? 'somewhere' : `line ${line}`, describeCause(cause));
  }
}
