import { UmweltError } from '../../core/errors.js';

/** Named float32 vectors with a few facts beside them. */
export interface TensorFile {
  readonly tensors: Readonly<Record<string, Float32Array>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Writes the safetensors format: header length (u64), JSON header, data; every tensor as a vector of F32. */
export function encodeSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, data] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape: [data.length], data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = JSON.stringify(header);
  // The data begins at a multiple of eight bytes, as the format asks.
  const json = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const bytes = new Uint8Array(8 + json.length + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  let at = 8 + json.length;
  for (const data of Object.values(tensors)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * Reads what `encodeSafetensors` wrote.
 *
 * @throws UmweltError `malformed-file` naming the file when it is truncated or something else.
 */
export function decodeSafetensors(bytes: Uint8Array, path: string): TensorFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length < 8 ? Number.NaN : Number(view.getBigUint64(0, true));
  if (!(8 + length <= bytes.length)) throw malformed(path, 'it ends inside its header');
  let header: Record<string, { dtype?: string; data_offsets?: [number, number] } | Record<string, string>>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw malformed(path, 'its header is not JSON');
  }
  const tensors: Record<string, Float32Array> = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const { dtype, data_offsets: offsets } = entry as { dtype?: string; data_offsets?: [number, number] };
    const [from, to] = offsets ?? [Number.NaN, Number.NaN];
    if (
      dtype !== 'F32' ||
      !(from >= 0 && from <= to && 8 + length + to <= bytes.length && (to - from) % 4 === 0)
    ) {
      throw malformed(path, `tensor "${name}" does not lie inside it as F32`);
    }
    // A copy, aligned to its elements wherever the bytes lie.
    tensors[name] = new Float32Array(
      new Uint8Array(bytes.subarray(8 + length + from, 8 + length + to)).buffer,
    );
  }
  return { tensors, metadata: (header.__metadata__ ?? {}) as Record<string, string> };
}

function malformed(path: string, reason: string): UmweltError {
  return new UmweltError(
    'malformed-file',
    { path, reason },
    `${path} is not a readable safetensors file: ${reason}`,
  );
}
