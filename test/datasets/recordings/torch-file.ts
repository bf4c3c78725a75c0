/** Pieces of a pickle, written by hand so that tests can also write wrong ones. */
export const pickle = {
  int: (value: number): Buffer => {
    const bytes = Buffer.alloc(5);
    bytes[0] = 0x4a;
    bytes.writeInt32LE(value, 1);
    return bytes;
  },
  text: (value: string): Buffer => {
    const body = Buffer.from(value);
    const head = Buffer.alloc(5);
    head[0] = 0x58;
    head.writeUInt32LE(body.length, 1);
    return Buffer.concat([head, body]);
  },
  global: (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`),
  tuple: (...items: Uint8Array[]): Buffer => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]),
  whole: (...parts: Uint8Array[]): Buffer =>
    Buffer.concat([Buffer.from([0x80, 2]), ...parts, Buffer.from('.')]),
  none: Buffer.from('N'),
  true: Buffer.from([0x88]),
  false: Buffer.from([0x89]),
  reduce: Buffer.from('R'),
  persistentId: Buffer.from('Q'),
  emptyTuple: Buffer.from(')'),
} as const;

export interface TorchFileOptions {
  readonly shape: readonly number[];
  readonly stride?: readonly number[];
  readonly offset?: number;
  readonly float32?: boolean;
  /** What the tensor says its storage holds; the number of values by default. */
  readonly elements?: number;
  readonly littleEndian?: boolean;
  /** In place of the pickle that holds the tensor. */
  readonly object?: Uint8Array;
}

const MAGIC = Buffer.from('80028a0a6cfc9c46f9206aa850192e', 'hex');

/** Writes a tensor as torch.save did before 1.6. */
export function torchFile(values: readonly number[], options: TorchFileOptions): Buffer {
  const { shape, float32 = false, elements = values.length } = options;
  const storage = Buffer.concat([
    pickle.tuple(
      pickle.text('storage'),
      pickle.global('torch', float32 ? 'FloatStorage' : 'DoubleStorage'),
      pickle.text('1'),
      pickle.text('cpu'),
      pickle.int(elements),
      pickle.none,
    ),
    pickle.persistentId,
  ]);
  const tensor = pickle.whole(
    pickle.global('torch._utils', '_rebuild_tensor_v2'),
    pickle.tuple(
      storage,
      pickle.int(options.offset ?? 0),
      pickle.tuple(...shape.map(pickle.int)),
      pickle.tuple(...(options.stride ?? rowMajor(shape)).map(pickle.int)),
      pickle.false,
      pickle.global('collections', 'OrderedDict'),
      pickle.emptyTuple,
      pickle.reduce,
    ),
    pickle.reduce,
  );
  const count = Buffer.alloc(8);
  count.writeBigInt64LE(BigInt(elements));
  const data = float32 ? Float32Array.from(values) : Float64Array.from(values);
  return Buffer.concat([
    MAGIC,
    pickle.whole(pickle.int(1001)),
    pickle.whole(
      Buffer.from('}'),
      pickle.text('little_endian'),
      options.littleEndian === false ? pickle.false : pickle.true,
      Buffer.from('s'),
    ),
    options.object ?? tensor,
    pickle.whole(Buffer.from(']'), pickle.text('1'), Buffer.from('a')),
    count,
    Buffer.from(data.buffer),
  ]);
}

function rowMajor(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
}
