import { createHash } from 'node:crypto';
import { canonicalJson } from './json.js';

/** Returns the SHA-256 of bytes, or of a text in UTF-8, in lower-case hexadecimal. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/**
 * Returns the SHA-256 of plain data, independent of the order of its keys.
 *
 * @throws UmweltError `invalid-input` when the value is not plain JSON data.
 */
export function jsonDigest(value: unknown): string {
  return sha256(canonicalJson(value));
}
