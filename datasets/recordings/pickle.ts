import { UmweltError } from '../../core/errors.js';

/**
 * What a pickle may hold here. Nothing in it is ever called or constructed: a name is looked up in the caller's list, and
 * what stands for it is the caller's.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleName
  | readonly PickleValue[]
  | ReadonlyMap<PickleValue, PickleValue>
  | Foreign;

/** A global that is on the allow-list. */
export interface PickleName {
  readonly name: string;
}

/** What a caller's hook returned: a tensor, a storage. */
export interface Foreign {
  readonly foreign: unknown;
}

/** Says whether a value is a global's name. */
export function isPickleName(value: PickleValue | undefined): value is PickleName {
  return typeof value === 'object' && value !== null && 'name' in value;
}

/** Says whether a value is what a hook returned. */
export function isForeign(value: PickleValue | undefined): value is Foreign {
  return typeof value === 'object' && value !== null && 'foreign' in value;
}

/** What a caller lets a pickle do. Hooks throw through `fail`. */
export interface PickleRules {
  /** `module name` of each global that may be named. */
  readonly names: ReadonlySet<string>;
  /** Stands in for calling a named global. */
  reduce(name: string, args: readonly PickleValue[], fail: Fail): PickleValue;
  /** Stands in for an object that is stored outside the pickle. */
  persistent(id: PickleValue, fail: Fail): PickleValue;
}

/** Throws `malformed-file` with the file and the byte offset. */
export type Fail = (reason: string) => never;

/** Reads a byte string front to back; every read is checked against the end. */
export interface Cursor {
  readonly offset: number;
  readonly left: number;
  take(length: number): Uint8Array;
  view(length: number): DataView;
  fail: Fail;
}

/** Starts reading `bytes`; `path` is what errors call them. */
export function createCursor(bytes: Uint8Array, path: string): Cursor {
  let offset = 0;
  const fail: Fail = (reason) => {
    throw new UmweltError(
      'malformed-file',
      { path, offset, reason },
      `${path}, byte ${offset}: ${reason}; the file is damaged or is not the one that was published`,
    );
  };
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - offset) {
      fail(`${length} more bytes were expected, the file ends after ${bytes.length - offset}`);
    }
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  return {
    get offset() {
      return offset;
    },
    get left() {
      return bytes.length - offset;
    },
    take,
    view(length) {
      const part = take(length);
      return new DataView(part.buffer, part.byteOffset, length);
    },
    fail,
  };
}

const LONGEST_TEXT = 4096;
const LONGEST_INTEGER = 16;
const MOST_OPERATIONS = 20_000;
const MOST_VALUES = 10_000;

interface Machine {
  readonly cursor: Cursor;
  readonly rules: PickleRules;
  stack: PickleValue[];
  /** Stacks below the marks. */
  readonly marks: PickleValue[][];
  readonly memo: Map<number, PickleValue>;
}

/**
 * Reads one pickle (protocol 2) without ever running what it names.
 *
 * Only the operations that torch's legacy format needs are known; everything else is an error, as are sizes beyond fixed
 * bounds. Format: CPython's Lib/pickletools.py.
 *
 * @throws UmweltError `malformed-file` with the byte offset.
 */
export function readPickle(cursor: Cursor, rules: PickleRules): PickleValue {
  const machine: Machine = { cursor, rules, stack: [], marks: [], memo: new Map() };
  for (let count = 0; count < MOST_OPERATIONS; count++) {
    const code = byte(cursor);
    if (code === STOP) {
      if (machine.stack.length !== 1 || machine.marks.length > 0)
        cursor.fail('the pickle ends in the middle');
      return machine.stack[0]!;
    }
    const operation = OPERATIONS[code];
    if (operation === undefined) {
      return cursor.fail(`pickle operation 0x${code.toString(16).padStart(2, '0')} is not allowed`);
    }
    operation(machine);
    if (machine.stack.length > MOST_VALUES || machine.marks.length > MOST_VALUES)
      cursor.fail('the pickle nests too deep');
  }
  return cursor.fail(`a pickle of more than ${MOST_OPERATIONS} operations`);
}

const STOP = 0x2e;

const OPERATIONS: Readonly<Record<number, (machine: Machine) => void>> = {
  128: ({ cursor }) => {
    const protocol = byte(cursor);
    if (protocol !== 2) cursor.fail(`pickle protocol 2 was expected, got ${protocol}`);
  },
  40: (m) => {
    m.marks.push(m.stack);
    m.stack = [];
  },
  78: (m) => push(m, null),
  136: (m) => push(m, true),
  137: (m) => push(m, false),
  75: (m) => push(m, byte(m.cursor)),
  77: (m) => push(m, m.cursor.view(2).getUint16(0, true)),
  74: (m) => push(m, m.cursor.view(4).getInt32(0, true)),
  138: (m) => push(m, longInteger(m.cursor)),
  88: (m) => push(m, text(m.cursor)),
  125: (m) => push(m, new Map()),
  93: (m) => push(m, []),
  41: (m) => push(m, []),
  116: (m) => push(m, closeMark(m)),
  133: (m) => push(m, popMany(m, 1)),
  134: (m) => push(m, popMany(m, 2)),
  135: (m) => push(m, popMany(m, 3)),
  113: (m) => memoise(m, byte(m.cursor)),
  114: (m) => memoise(m, m.cursor.view(4).getUint32(0, true)),
  104: (m) => recall(m, byte(m.cursor)),
  106: (m) => recall(m, m.cursor.view(4).getUint32(0, true)),
  97: (m) => extend(m, popMany(m, 1)),
  101: (m) => extend(m, closeMark(m)),
  115: (m) => setItems(m, popMany(m, 2)),
  117: (m) => setItems(m, closeMark(m)),
  99: (m) => push(m, globalName(m)),
  82: (m) => {
    const [callee, args] = popMany(m, 2) as [PickleValue, PickleValue];
    if (!isPickleName(callee) || !Array.isArray(args)) {
      return m.cursor.fail('only a named global with a tuple of arguments may be reduced');
    }
    push(m, m.rules.reduce(callee.name, args, m.cursor.fail));
  },
  81: (m) => push(m, m.rules.persistent(popMany(m, 1)[0]!, m.cursor.fail)),
};

// The value is worked out before the stack is looked at: closing a mark puts another stack in its place.
function push(m: Machine, value: PickleValue): void {
  m.stack.push(value);
}

function byte(cursor: Cursor): number {
  return cursor.take(1)[0]!;
}

function popMany(m: Machine, count: number): PickleValue[] {
  if (m.stack.length < count) m.cursor.fail('the pickle takes a value that it never pushed');
  return m.stack.splice(m.stack.length - count, count);
}

function closeMark(m: Machine): PickleValue[] {
  const items = m.stack;
  const below = m.marks.pop();
  if (below === undefined) return m.cursor.fail('the pickle closes a mark that it never set');
  m.stack = below;
  return items;
}

function top(m: Machine): PickleValue {
  const value = m.stack.at(-1);
  return value === undefined ? m.cursor.fail('the pickle uses a value that it never pushed') : value;
}

function memoise(m: Machine, key: number): void {
  if (m.memo.size >= MOST_VALUES) m.cursor.fail('the pickle remembers too many values');
  m.memo.set(key, top(m));
}

function recall(m: Machine, key: number): void {
  const value = m.memo.get(key);
  if (value === undefined) m.cursor.fail(`the pickle recalls value ${key}, which it never stored`);
  m.stack.push(value);
}

function extend(m: Machine, items: readonly PickleValue[]): void {
  const list = top(m);
  if (Array.isArray(list)) list.push(...items);
  else m.cursor.fail('the pickle appends to what is not a list');
}

function setItems(m: Machine, items: readonly PickleValue[]): void {
  const map = top(m);
  if (!(map instanceof Map) || items.length % 2 !== 0)
    m.cursor.fail('the pickle sets items of what is not a dict');
  for (let index = 0; index < items.length; index += 2) map.set(items[index]!, items[index + 1]!);
}

function text(cursor: Cursor): string {
  const length = cursor.view(4).getUint32(0, true);
  if (length > LONGEST_TEXT) cursor.fail(`a text of ${length} bytes, longer than ${LONGEST_TEXT}`);
  return Buffer.from(cursor.take(length)).toString('utf8');
}

function longInteger(cursor: Cursor): bigint {
  const length = byte(cursor);
  if (length > LONGEST_INTEGER) cursor.fail(`an integer of ${length} bytes, longer than ${LONGEST_INTEGER}`);
  const bytes = cursor.take(length);
  const unsigned = bytes.reduceRight((value, part) => (value << 8n) | BigInt(part), 0n);
  return BigInt.asIntN(8 * length, unsigned);
}

function globalName(m: Machine): PickleName {
  const name = `${line(m.cursor)} ${line(m.cursor)}`;
  if (!m.rules.names.has(name))
    m.cursor.fail(`the pickle names ${JSON.stringify(name)}, which is not allowed`);
  return { name };
}

function line(cursor: Cursor): string {
  let read = '';
  for (let count = 0; count <= 100; count++) {
    const code = byte(cursor);
    if (code === 0x0a) return read;
    read += String.fromCharCode(code);
  }
  return cursor.fail('a name of more than 100 characters');
}
