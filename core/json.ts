import { UmweltError } from './errors.js';

/**
 * Writes plain data as JSON in one form only: keys sorted by UTF-16 code unit, no white space, numbers in the shortest
 * decimal that reads back (ECMAScript's Number::toString; -0 becomes 0), properties that are undefined left out.
 *
 * As RFC 8785 (JSON Canonicalization Scheme).
 *
 * @throws UmweltError `invalid-input` at NaN, infinities, bigint, functions, symbols, undefined in an array, cycles and
 * objects that are not plain (Map, Date, typed arrays).
 */
export function canonicalJson(value: unknown): string {
  return write(value, '', []);
}

function write(value: unknown, path: string, above: readonly object[]): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw refusal(path, 'a finite number', String(value));
      return JSON.stringify(value);
    case 'object':
      break;
    default:
      throw refusal(path, 'plain JSON data', `a value of type ${typeof value}`);
  }
  if (value === null) return 'null';
  if (above.includes(value)) throw refusal(path, 'a tree', 'a reference back to its own parent');
  const parents = [...above, value];
  if (Array.isArray(value)) {
    return `[${value.map((item, i) => write(item, `${path}[${i}]`, parents)).join(',')}]`;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw refusal(path, 'plain JSON data', `an instance of ${value.constructor.name}`);
  }
  const members = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([key, item]) => `${JSON.stringify(key)}:${write(item, path === '' ? key : `${path}.${key}`, parents)}`,
    );
  return `{${members.join(',')}}`;
}

function refusal(path: string, expected: string, got: string): UmweltError {
  const where = path === '' ? 'canonical JSON' : `canonical JSON at ${path}`;
  return new UmweltError(
    'invalid-input',
    { path, expected, got },
    `${where}: expected ${expected}, got ${got}`,
  );
}
