import type { FieldDescription, TypedArray } from '../contract.js';
import type { MessageObject, MessageValue } from './mcap-protobuf.js';

/** A number or a regular array of numbers in a message. */
export interface NumericField {
  /** Path in the message, joined by dots: `pose.position.x`, `joints.0.effort`. */
  readonly name: string;
  /** [] for a number; an array of three has [3]. */
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

export interface FlatMessage {
  readonly numbers: readonly NumericField[];
  /** Paths of what is no number: text, bytes, empty and ragged lists. */
  readonly left: readonly string[];
}

/** More separate columns than any sensor has; longer lists of numbers are one column. */
const MOST_FIELDS = 1024;
const DEEPEST = 32;

/**
 * Takes the numbers out of a message, in the message's order: booleans are 0 and 1, times (`sec` with `nsec` or `nanosec`,
 * `seconds` with `nanos`) one number of seconds, lists of numbers one array.
 *
 * @throws Error when there are more than 1024 numbers outside lists, or messages nested deeper than 32.
 */
export function flatten(message: MessageObject): FlatMessage {
  const numbers: NumericField[] = [];
  const left: string[] = [];
  let visited = 0;
  const visit = (value: MessageValue, path: readonly string[]): void => {
    const name = path.join('.');
    if (path.includes('__proto__')) throw new Error('a field is called "__proto__"');
    if (path.length > DEEPEST) throw new Error(`"${name}" is nested more than ${DEEPEST} deep`);
    if (++visited > 16 * MOST_FIELDS || numbers.length > MOST_FIELDS) {
      throw new Error(`more than ${MOST_FIELDS} separate numbers: it is not a sensor's message`);
    }
    const numeric = numericOf(value);
    if (numeric !== null) numbers.push({ name, ...numeric });
    else if (Array.isArray(value) || isObject(value)) {
      const parts = Object.entries(value);
      for (const [key, item] of parts) visit(item, [...path, key]);
      if (parts.length === 0) left.push(name);
    } else left.push(name);
  };
  for (const [key, item] of Object.entries(message)) visit(item, [key]);
  return { numbers, left };
}

function numericOf(value: MessageValue): Omit<NumericField, 'name'> | null {
  const single = numberOf(value);
  if (single !== null) return { shape: [], values: Float64Array.of(single) };
  if (!Array.isArray(value) || value.length === 0) return null;
  const first: MessageValue = value[0]!;
  const numbers = new Float64Array(value.length);
  if (numberOf(first) !== null) {
    for (let i = 0; i < value.length; i++) {
      const item = numberOf(value[i]!);
      if (item === null) return null;
      numbers[i] = item;
    }
    return { shape: [value.length], values: numbers };
  }
  return matrixOf(value);
}

/** A list of lists of equal length. */
function matrixOf(value: readonly MessageValue[]): Omit<NumericField, 'name'> | null {
  const width = Array.isArray(value[0]) ? value[0].length : 0;
  if (width === 0) return null;
  const numbers = new Float64Array(value.length * width);
  for (const [row, items] of value.entries()) {
    if (!Array.isArray(items) || items.length !== width) return null;
    for (let column = 0; column < width; column++) {
      const item = numberOf(items[column] as MessageValue);
      if (item === null) return null;
      numbers[row * width + column] = item;
    }
  }
  return { shape: [value.length, width], values: numbers };
}

function numberOf(value: MessageValue): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  const time = timeOf(value);
  return time === null ? null : time.seconds + time.nanoseconds / 1e9;
}

/** Reads a time or duration as ROS, Foxglove or protobuf write it; null for anything else. */
export function timeOf(
  value: MessageValue | undefined,
): { readonly seconds: number; readonly nanoseconds: number } | null {
  if (!isObject(value) || Object.keys(value).length !== 2) return null;
  const seconds = value.sec ?? value.secs ?? value.seconds;
  const nanoseconds = value.nsec ?? value.nsecs ?? value.nanosec ?? value.nanos;
  if (typeof seconds !== 'number' || typeof nanoseconds !== 'number') return null;
  return { seconds, nanoseconds };
}

/** Says whether a value is a message, not a list, bytes or text. */
export function isObject(value: MessageValue | undefined): value is MessageObject {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

/** Describes what `flatten` found, as a stream's fields. */
export function fieldsOf(numbers: readonly NumericField[]): readonly FieldDescription[] {
  return numbers.map(({ name, shape }) => ({
    // Every table has columns of these names already.
    name: name === 'episode' || name === 'time_ns' ? `${name}_` : name,
    dataType: 'float64',
    shape,
    unit: 'as recorded',
    description: `the message's ${name}`,
  }));
}

/** The values by the names that `fieldsOf` gave. */
export function valuesOf(
  numbers: readonly NumericField[],
  fields: readonly FieldDescription[],
): Record<string, TypedArray> {
  return Object.fromEntries(numbers.map(({ values }, index) => [fields[index]!.name, values]));
}
