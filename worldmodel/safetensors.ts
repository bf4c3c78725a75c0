import { z } from 'zod';
import { describeCause, UmweltError } from '../core/errors.js';

/** Named float32 tensors with a few facts beside them. */
export interface TensorFile {
  /** Row-major. */
  readonly tensors: Readonly<Record<string, Float32Array>>;
  /** By the name of its tensor; one that is left out is a vector. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The reference implementation refuses longer headers too. */
const MAX_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;
/** The data begins at a multiple of it, so that tensors can be mapped into memory in place. */
const ALIGNMENT = 8;
const METADATA = '__metadata__';
const DTYPE = 'F32';

/**
 * Writes the safetensors format (https://github.com/huggingface/safetensors#format): the header's length (u64, little
 * endian), the header as JSON padded with spaces, the tensors one after the other as F32.
 *
 * @throws UmweltError `shape-mismatch` when a shape does not hold as many numbers as its tensor; `invalid-input` for a
 *   shape without tensor and for a tensor of the reserved name `__metadata__`.
 */
export function encodeSafetensors({ tensors, shapes = {}, metadata }: TensorFile): Uint8Array {
  requireTensors(tensors, shapes);
  const entries: (readonly [string, unknown])[] = [[METADATA, metadata]];
  let dataBytes = 0;
  for (const [name, data] of Object.entries(tensors)) {
    const end = dataBytes + data.byteLength;
    entries.push([
      name,
      { dtype: DTYPE, shape: shapeOf(shapes, name, data), data_offsets: [dataBytes, end] },
    ]);
    dataBytes = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  bytes.set(json, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const data of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function requireTensors(
  tensors: TensorFile['tensors'],
  shapes: Readonly<Record<string, readonly number[]>>,
): void {
  if (Object.hasOwn(tensors, METADATA)) {
    throw new UmweltError(
      'invalid-input',
      { name: METADATA },
      `safetensors: the name "${METADATA}" is reserved by the format; give the tensor another`,
    );
  }
  const stray = Object.keys(shapes).find((name) => !Object.hasOwn(tensors, name));
  if (stray !== undefined) {
    throw new UmweltError(
      'invalid-input',
      { name: stray, expected: Object.keys(tensors) },
      `safetensors: there is a shape for "${stray}" but no such tensor`,
    );
  }
  for (const [name, data] of Object.entries(tensors)) {
    const shape = shapeOf(shapes, name, data);
    if (countOf(shape) === data.length) continue;
    throw new UmweltError(
      'shape-mismatch',
      { name, shape, length: data.length },
      `safetensors: "${name}" of shape [${shape.join(', ')}] holds ${countOf(shape)} numbers, got ${data.length}`,
    );
  }
}

function shapeOf(
  shapes: Readonly<Record<string, readonly number[]>>,
  name: string,
  data: Float32Array,
): readonly number[] {
  return Object.hasOwn(shapes, name) ? shapes[name]! : [data.length];
}

/**
 * Reads a safetensors file of F32 tensors, written by `encodeSafetensors` or by anything else.
 *
 * As the format demands, the tensors must fill the data exactly, without overlap or hole, and no name may occur twice.
 *
 * @param path names the file in errors. @returns copies: `bytes` may change afterwards.
 * @throws UmweltError `malformed-file` naming the file, and the tensor where one is at fault.
 */
export function decodeSafetensors(bytes: Uint8Array, path: string): Required<TensorFile> {
  const refuse = (reason: string): UmweltError => malformed(path, reason);
  const { header, dataStart } = readHeader(bytes, refuse);
  const { [METADATA]: metadata = {}, ...described } = header;
  const facts = z.record(z.string(), z.string()).safeParse(metadata);
  if (!facts.success) throw refuse(`its ${METADATA} is not a table of texts`);
  const entries = Object.entries(described).map(([name, entry]) => readEntry(name, entry, refuse));
  requireTiling(entries, bytes.length - dataStart, refuse);
  return {
    // A copy, aligned to its elements wherever the bytes lie.
    tensors: Object.fromEntries(
      entries.map(({ name, from, to }) => [
        name,
        new Float32Array(Uint8Array.from(bytes.subarray(dataStart + from, dataStart + to)).buffer),
      ]),
    ),
    shapes: Object.fromEntries(entries.map(({ name, shape }) => [name, shape])),
    metadata: facts.data,
  };
}

type Refuse = (reason: string) => UmweltError;

function readHeader(
  bytes: Uint8Array,
  refuse: Refuse,
): { readonly header: Readonly<Record<string, unknown>>; readonly dataStart: number } {
  if (bytes.length < LENGTH_BYTES) throw refuse('it is shorter than the length of a header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES)
    throw refuse(`its header claims ${length} bytes, more than a header may have`);
  const dataStart = LENGTH_BYTES + length;
  if (dataStart > bytes.length) throw refuse('it ends inside its header');
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart));
    header = JSON.parse(text);
  } catch (cause) {
    throw refuse(`its header is not JSON in UTF-8 (${describeCause(cause)})`);
  }
  if (!text.startsWith('{')) throw refuse('its header does not begin with "{"');
  const repeated = repeatedKey(text);
  if (repeated !== null) throw refuse(`its header has the name ${JSON.stringify(repeated)} twice`);
  return { header: header as Record<string, unknown>, dataStart };
}

/** Finds a key that occurs twice in one object of a valid JSON text, where JSON.parse keeps the last in silence. */
function repeatedKey(json: string): string | null {
  const open: Set<string>[] = [];
  let literal = '';
  for (const [token] of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}:]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (token !== ':') literal = token;
    else {
      const key: string = JSON.parse(literal);
      if (open.at(-1)!.has(key)) return key;
      open.at(-1)!.add(key);
    }
  }
  return null;
}

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** Where a tensor lies, in bytes from the beginning of the data. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: number;
  readonly to: number;
}

function readEntry(name: string, value: unknown, refuse: Refuse): Entry {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw refuse(`tensor "${name}" is described wrongly at ${path.join('.') || 'its root'}: ${message}`);
  }
  const { dtype, shape, data_offsets: offsets } = parsed.data;
  const [from, to] = offsets;
  if (dtype !== DTYPE) throw refuse(`tensor "${name}" holds ${dtype}; only ${DTYPE} can be read`);
  const expected = countOf(shape) * Float32Array.BYTES_PER_ELEMENT;
  if (to - from !== expected) {
    throw refuse(
      `tensor "${name}" of shape [${shape.join(', ')}] takes ${expected} bytes, its offsets ${from} to ${to} span ${to - from}`,
    );
  }
  return { name, shape, from, to };
}

function requireTiling(entries: readonly Entry[], dataBytes: number, refuse: Refuse): void {
  let end = 0;
  let before = 'the beginning';
  for (const { name, from, to } of [...entries].sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (to > dataBytes) {
      throw refuse(
        `tensor "${name}" ends at ${to}, beyond the ${dataBytes} bytes of data: the file is cut short`,
      );
    }
    if (from < end)
      throw refuse(`tensor "${name}" begins at ${from} and overlaps ${before}, which ends at ${end}`);
    if (from > end)
      throw refuse(`${from - end} bytes between ${before} and tensor "${name}" belong to nothing`);
    end = to;
    before = `tensor "${name}"`;
  }
  if (end < dataBytes) throw refuse(`${dataBytes - end} bytes after ${before} belong to nothing`);
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

function malformed(path: string, reason: string): UmweltError {
  return new UmweltError(
    'malformed-file',
    { path, reason },
    `${path} is not a readable safetensors file: ${reason}`,
  );
}
