import {
  type Cursor,
  createCursor,
  type Fail,
  isForeign,
  isPickleName,
  type PickleRules,
  type PickleValue,
  readPickle,
} from './pickle.js';

/** A dense tensor, row-major. */
export interface TorchTensor {
  readonly shape: readonly number[];
  readonly dataType: 'float32' | 'float64';
  /** [...shape], whatever the file's own type. Owned by the receiver. */
  readonly values: Float64Array;
}

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL_VERSION = 1001;
const MOST_DIMENSIONS = 8;
const MOST_STORAGES = 64;

const STORAGE_TYPES = {
  'torch FloatStorage': { dataType: 'float32', bytes: 4 },
  'torch DoubleStorage': { dataType: 'float64', bytes: 8 },
} as const;
const REBUILD_TENSOR = 'torch._utils _rebuild_tensor_v2';
const ORDERED_DICT = 'collections OrderedDict';

interface Storage {
  readonly key: string;
  readonly type: (typeof STORAGE_TYPES)[keyof typeof STORAGE_TYPES];
  readonly elements: number;
}

interface TensorView {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

/**
 * Reads a file that torch wrote in its legacy format (before 1.6: five pickles, then the storages) and that holds one
 * tensor of float32 or float64.
 *
 * Nothing in the file is executed: operations and names outside a short allow-list are errors, and no array is made before
 * the file is known to hold its bytes. Format: torch/serialization.py, `_legacy_save` and `_legacy_load`.
 *
 * @param path what errors call the file.
 * @throws UmweltError `malformed-file` with the byte offset, for anything else.
 */
export function readTorchTensor(bytes: Uint8Array, path: string): TorchTensor {
  const cursor = createCursor(bytes, path);
  requireHeader(cursor);
  const storages = new Map<string, Storage>();
  const root = readPickle(cursor, tensorRules(storages));
  const view = isForeign(root) && isView(root.foreign) ? root.foreign : null;
  if (view === null) return cursor.fail('one tensor was expected, the file holds something else');
  const keys = readPickle(cursor, NOTHING_NAMED);
  const parts = new Map<Storage, DataView>();
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = storages.get(key as string);
    if (storage === undefined) return cursor.fail('the list of storages names one that the tensor does not');
    parts.set(storage, readStorage(cursor, storage));
  }
  const data = parts.get(view.storage);
  if (data === undefined) return cursor.fail("the tensor's storage is not in the file");
  if (cursor.left > 0) cursor.fail(`${cursor.left} bytes follow the last storage`);
  return gather(view, data);
}

const NOTHING_NAMED: PickleRules = {
  names: new Set(),
  reduce: (name, _args, fail) => fail(`${name} cannot be reduced here`),
  persistent: (_id, fail) => fail('a storage is named where none can be'),
};

function requireHeader(cursor: Cursor): void {
  if (readPickle(cursor, NOTHING_NAMED) !== MAGIC)
    cursor.fail('not a legacy torch file: its magic number is another');
  if (readPickle(cursor, NOTHING_NAMED) !== PROTOCOL_VERSION) {
    cursor.fail(`not the torch protocol ${PROTOCOL_VERSION}`);
  }
  const system = readPickle(cursor, NOTHING_NAMED);
  if (!(system instanceof Map) || system.get('little_endian') !== true) {
    cursor.fail('written on a big-endian machine, or not by torch');
  }
}

function tensorRules(storages: Map<string, Storage>): PickleRules {
  return {
    names: new Set([...Object.keys(STORAGE_TYPES), REBUILD_TENSOR, ORDERED_DICT]),
    reduce(name, args, fail) {
      if (name === ORDERED_DICT && args.length === 0) return new Map();
      if (name === REBUILD_TENSOR) return { foreign: tensorView(args, fail) };
      return fail(`${name} cannot be called with ${args.length} arguments`);
    },
    persistent(id, fail) {
      const storage = storageNamed(id, fail);
      const known = storages.get(storage.key) ?? storage;
      if (known.type !== storage.type || known.elements !== storage.elements) {
        fail(`storage ${storage.key} is described twice, differently`);
      }
      if (storages.size >= MOST_STORAGES) fail(`more than ${MOST_STORAGES} storages`);
      storages.set(known.key, known);
      return { foreign: known };
    },
  };
}

/** A persistent id is ('storage', type, key, location, elements, None). */
function storageNamed(id: PickleValue, fail: Fail): Storage {
  if (!Array.isArray(id) || id.length !== 6 || id[0] !== 'storage') return fail('a storage was expected');
  const [, type, key, , elements, view] = id as PickleValue[];
  if (!isPickleName(type) || !(type.name in STORAGE_TYPES)) return fail('a storage of an unknown type');
  if (typeof key !== 'string' || !isCount(elements)) return fail('a storage without a key or a size');
  if (view !== null) return fail('views of storages are not supported');
  return { key, type: STORAGE_TYPES[type.name as keyof typeof STORAGE_TYPES], elements };
}

/** _rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks) */
function tensorView(args: readonly PickleValue[], fail: Fail): TensorView {
  const [storage, offset, shape, stride] = args;
  if (args.length !== 6 || !isForeign(storage) || !isStorage(storage.foreign)) {
    return fail('a tensor without a storage');
  }
  if (!isCount(offset) || !isCounts(shape) || !isCounts(stride) || shape.length !== stride.length) {
    return fail('a tensor whose offset, size or stride are not counts');
  }
  if (shape.length > MOST_DIMENSIONS) return fail(`a tensor of ${shape.length} dimensions`);
  const { elements } = storage.foreign;
  const size = shape.reduce((product, length) => product * length, 1);
  const last = shape.reduce((index, length, axis) => index + (length - 1) * stride[axis]!, offset);
  if (size > elements || (size > 0 && last >= elements)) {
    return fail(
      `a tensor of ${size} elements, the last at ${last}, does not fit in a storage of ${elements}`,
    );
  }
  return { storage: storage.foreign, offset, shape, stride };
}

function readStorage(cursor: Cursor, storage: Storage): DataView {
  const elements = cursor.view(8).getBigInt64(0, true);
  if (elements !== BigInt(storage.elements)) {
    cursor.fail(`storage ${storage.key} has ${elements} elements, the tensor says ${storage.elements}`);
  }
  return cursor.view(storage.elements * storage.type.bytes);
}

function gather(view: TensorView, data: DataView): TorchTensor {
  const { shape, stride, offset, storage } = view;
  const { dataType, bytes } = storage.type;
  const values = new Float64Array(shape.reduce((product, length) => product * length, 1));
  for (let element = 0; element < values.length; element++) {
    let rest = element;
    let index = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += (rest % shape[axis]!) * stride[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    values[element] =
      dataType === 'float32' ? data.getFloat32(index * bytes, true) : data.getFloat64(index * bytes, true);
  }
  return { shape, dataType, values };
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isCount);
}

function isStorage(value: unknown): value is Storage {
  return typeof value === 'object' && value !== null && 'elements' in value;
}

function isView(value: unknown): value is TensorView {
  return typeof value === 'object' && value !== null && 'stride' in value;
}
