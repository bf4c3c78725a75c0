import type { FieldDescription, TypedArray } from '../contract.js';
import { isObject } from './mcap-fields.js';
import type { MessageObject, MessageValue } from './mcap-protobuf.js';

type Values = Readonly<Record<string, TypedArray>>;

/** What one message says to one stream. */
export interface Reading {
  /** Tells the streams of a channel apart where it carries several (transforms of many frames); else empty. */
  readonly part: string;
  readonly kind: string;
  /** For rows of `items` items, where the number varies (points of a scan). */
  fields(items: number): readonly FieldDescription[];
  /** How many items this message has; 0 where the shape is fixed. */
  readonly items: number;
  /** The same in every message of the stream. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** For rows of `items` items; what is beyond this message's is 0. */
  values(items: number): Values | Promise<Values>;
}

/** Describes a field in one line. */
export function field(
  name: string,
  dataType: FieldDescription['dataType'],
  shape: readonly number[],
  unit: string,
  description: string,
): FieldDescription {
  return { name, dataType, shape, unit, description };
}

/** Makes a reading of one stream of fixed shape. */
export function single(
  kind: string,
  fields: readonly FieldDescription[],
  values: Reading['values'],
  metadata: Reading['metadata'] = {},
): Reading {
  return { part: '', kind, fields: () => fields, items: 0, metadata, values };
}

/** @throws Error naming what is missing. */
export function numberAt(message: MessageObject, ...path: readonly string[]): number {
  const value = at(message, path);
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Error(`"${path.join('.')}" is ${shown(value)}: expected a finite number`);
}

/** @throws Error naming what is missing. */
export function textAt(message: MessageObject, ...path: readonly string[]): string {
  const value = at(message, path);
  if (typeof value === 'string') return value;
  throw new Error(`"${path.join('.')}" is ${shown(value)}: expected text`);
}

/** The frame that a message is in; empty where an older schema has none. */
export function frameOf(message: MessageObject): string {
  const value = at(message, ['frame_id']);
  return typeof value === 'string' ? value : '';
}

/** Bytes of a protobuf message, or base64 text of a JSON one. @throws Error naming what is missing. */
export function bytesAt(message: MessageObject, ...path: readonly string[]): Uint8Array {
  const value = at(message, path);
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'string') return new Uint8Array(Buffer.from(value, 'base64'));
  throw new Error(`"${path.join('.')}" is ${shown(value)}: expected bytes`);
}

/** @throws Error naming what is missing. */
export function listAt(message: MessageObject, ...path: readonly string[]): readonly MessageValue[] {
  const value = at(message, path);
  if (Array.isArray(value)) return value;
  throw new Error(`"${path.join('.')}" is ${shown(value)}: expected a list`);
}

/** Numbers of a list; those that are not finite (JSON has none: null) are NaN. @throws Error naming what is missing. */
export function numbersAt(message: MessageObject, ...path: readonly string[]): Float64Array {
  return Float64Array.from(listAt(message, ...path), (value) =>
    typeof value === 'number' ? value : Number.NaN,
  );
}

/** The value at a path; undefined where a part of it is missing. */
export function at(message: MessageObject, path: readonly string[]): MessageValue | undefined {
  let value: MessageValue | undefined = message;
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

/** @throws Error naming what is missing. */
export function vectorAt(message: MessageObject, ...path: readonly string[]): [number, number, number] {
  return [numberAt(message, ...path, 'x'), numberAt(message, ...path, 'y'), numberAt(message, ...path, 'z')];
}

function shown(value: MessageValue | undefined): string {
  if (value === undefined) return 'missing';
  return typeof value === 'object' ? 'something else' : JSON.stringify(value);
}
