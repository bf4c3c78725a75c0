import { UmweltError } from '../../core/errors.js';

/**
 * Makes the error for a file that is not what it should be.
 *
 * @param place where in the file, as a person finds it: `line 7`, `byte 128`, `record 3`.
 */
export function malformed(path: string, place: string, reason: string): UmweltError {
  return new UmweltError('malformed-file', { path, place, reason }, `${path}, ${place}: ${reason}`);
}

/** @throws UmweltError `malformed-file` when the value is not a finite number. */
export function requireFinite(value: number, path: string, place: string): number {
  if (!Number.isFinite(value)) throw malformed(path, place, `expected a finite number, got ${value}`);
  return value;
}

/** @throws UmweltError `malformed-file` when a time does not come after the one before it. */
export function requireLater(
  after: number | bigint,
  before: number | bigint,
  path: string,
  place: string,
): void {
  if (after > before) return;
  throw malformed(path, place, `time must run forwards, got ${after} after ${before}`);
}
