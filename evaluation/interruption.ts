import { UmweltError } from '../core/errors.js';

/** @throws UmweltError `interrupted` when the signal has fired. */
export function requireRunning(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new UmweltError(
    'interrupted',
    {},
    'interrupted; evaluate into the same folder again to go on with the methods that are left',
  );
}
