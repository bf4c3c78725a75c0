import { UmweltError } from '../core/errors.js';
import type { Contact } from './contract.js';

/** A world's state: the engine's own bytes, and what the engine does not keep. */
export interface Snapshot {
  /** Of the SimSpec: a snapshot fits only the world that it was taken from. */
  readonly specDigest: string;
  readonly step: number;
  /** Of the last step. */
  readonly contacts: readonly Contact[];
  readonly engine: Uint8Array;
}

const MAGIC = 'umwelt-snapshot-1\n';

/** Lays a snapshot out as magic, header length (u32, little-endian), header (JSON), the engine's bytes. */
export function encodeSnapshot({ engine, ...header }: Snapshot): Uint8Array {
  const magic = new TextEncoder().encode(MAGIC);
  const json = new TextEncoder().encode(JSON.stringify({ ...header, engineBytes: engine.byteLength }));
  const bytes = new Uint8Array(magic.length + 4 + json.length + engine.length);
  bytes.set(magic);
  new DataView(bytes.buffer).setUint32(magic.length, json.length, true);
  bytes.set(json, magic.length + 4);
  bytes.set(engine, magic.length + 4 + json.length);
  return bytes;
}

/**
 * Reads a snapshot back.
 *
 * @throws UmweltError `malformed-file` when it is truncated, not a snapshot, or of another spec.
 */
export function decodeSnapshot(bytes: Uint8Array, specDigest: string): Snapshot {
  const start = MAGIC.length + 4;
  if (bytes.length < start || new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw malformed('it does not begin with the mark of an umwelt snapshot');
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = start + view.getUint32(MAGIC.length, true);
  if (end > bytes.length) throw malformed('it ends inside its header');
  let header: Omit<Snapshot, 'engine'> & { readonly engineBytes: number };
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(start, end)));
  } catch {
    throw malformed('its header is not JSON');
  }
  const engine = bytes.slice(end);
  if (engine.length !== header.engineBytes) {
    throw malformed(`it holds ${engine.length} bytes of engine state, ${header.engineBytes} were written`);
  }
  if (header.specDigest !== specDigest) throw malformed('it was taken from a world of another spec');
  return { ...header, engine };
}

function malformed(reason: string): UmweltError {
  return new UmweltError('malformed-file', { reason }, `this is no snapshot of this world: ${reason}`);
}
