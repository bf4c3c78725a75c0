import { sha256 } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import type { Contact } from './contract.js';

/** A world's state: the engine's own bytes, and what the engine does not keep. */
export interface Snapshot {
  /** Of the SimSpec: a snapshot fits only the world that it was taken from. */
  readonly specDigest: string;
  readonly step: number;
  /** Bodies that broke before the last step, and during it. */
  readonly broken: readonly number[];
  readonly breaking: readonly number[];
  /** Of the last step. */
  readonly contacts: readonly Contact[];
  readonly engine: Uint8Array;
}

interface Header {
  readonly specDigest: string;
  readonly step: number;
  readonly broken: readonly number[];
  readonly breaking: readonly number[];
  readonly contacts: number;
  /** SHA-256 of everything after the header: the engine may accept changed bytes, trap on them later, or hang. */
  readonly digest: string;
}

const MAGIC = 'umwelt-snapshot-2\n';
/** Numbers in a contact. */
const CONTACT_NUMBERS = 13;
const CONTACT_BYTES = CONTACT_NUMBERS * 8;

/**
 * Lays a snapshot out as magic, header length (u32, little-endian), header (JSON), contacts (13 float64 each,
 * little-endian), the engine's bytes.
 */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  const { specDigest, step, broken, breaking, contacts, engine } = snapshot;
  const payload = new Uint8Array(contacts.length * CONTACT_BYTES + engine.length);
  const view = new DataView(payload.buffer);
  for (const [index, contact] of contacts.entries()) {
    for (const [place, value] of contactNumbers(contact).entries())
      view.setFloat64(index * CONTACT_BYTES + place * 8, value, true);
  }
  payload.set(engine, contacts.length * CONTACT_BYTES);
  const digest = sha256(payload);
  const header: Header = { specDigest, step, broken, breaking, contacts: contacts.length, digest };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(MAGIC.length + 4 + json.length + payload.length);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(MAGIC.length, json.length, true);
  bytes.set(json, MAGIC.length + 4);
  bytes.set(payload, MAGIC.length + 4 + json.length);
  return bytes;
}

/**
 * Reads a snapshot back.
 *
 * @throws UmweltError `malformed-file` when it is truncated, changed, not a snapshot, or of another spec.
 */
export function decodeSnapshot(bytes: Uint8Array, specDigest: string): Snapshot {
  const start = MAGIC.length + 4;
  if (bytes.length < start || new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw malformed('it does not begin with the mark of an umwelt snapshot');
  }
  const end =
    start + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(MAGIC.length, true);
  if (end > bytes.length) throw malformed('it ends inside its header');
  const header = parseHeader(new TextDecoder().decode(bytes.subarray(start, end)));
  const payload = bytes.slice(end);
  const engineAt = header.contacts * CONTACT_BYTES;
  if (engineAt > payload.length || sha256(payload) !== header.digest)
    throw malformed('its bytes are not those that were written');
  if (header.specDigest !== specDigest) throw malformed('it was taken from a world of another spec');
  const numbers = new DataView(payload.buffer);
  const contacts = Array.from({ length: header.contacts }, (_, index) =>
    readContact((place) => numbers.getFloat64(index * CONTACT_BYTES + place * 8, true)),
  );
  const { step, broken, breaking } = header;
  return { specDigest, step, broken, breaking, contacts, engine: payload.subarray(engineAt) };
}

function parseHeader(json: string): Header {
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(json);
  } catch {
    throw malformed('its header is not JSON');
  }
  const { specDigest, step, broken, breaking, contacts, digest } = header ?? {};
  if (typeof specDigest !== 'string' || typeof digest !== 'string' || !isCount(step) || !isCount(contacts)) {
    throw malformed('its header lacks specDigest, step, contacts or digest');
  }
  if (!areCounts(broken) || !areCounts(breaking)) throw malformed('its header lacks broken or breaking');
  return { specDigest, step, broken, breaking, contacts, digest };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function areCounts(values: unknown): values is readonly number[] {
  return Array.isArray(values) && values.every(isCount);
}

function contactNumbers(contact: Contact): number[] {
  const { bodyA, bodyB, pointM, normal, normalImpulseNs, tangentImpulseNs, distanceM } = contact;
  return [bodyA, bodyB, ...pointM, ...normal, normalImpulseNs, ...tangentImpulseNs, distanceM];
}

function readContact(at: (place: number) => number): Contact {
  return {
    bodyA: at(0),
    bodyB: at(1),
    pointM: [at(2), at(3), at(4)],
    normal: [at(5), at(6), at(7)],
    normalImpulseNs: at(8),
    tangentImpulseNs: [at(9), at(10), at(11)],
    distanceM: at(12),
  };
}

function malformed(reason: string): UmweltError {
  return new UmweltError(
    'malformed-file',
    { reason },
    `this is no snapshot of this world: ${reason}; take one with world.snapshot()`,
  );
}
