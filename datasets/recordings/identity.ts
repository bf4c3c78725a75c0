import { join } from 'node:path';
import { sha256 } from '../../core/digest.js';
import { UmweltError } from '../../core/errors.js';
import type { Control } from '../../core/progress.js';
import { sha256OfFile } from '../files.js';
import type { RecordingEntry } from './contract.js';

/** A recording with a name for its contents. */
export interface IdentifiedRecording extends RecordingEntry {
  /** Lower-case hexadecimal. Copies of one recording have the same, whatever they are called. */
  readonly sha256: string;
}

/**
 * Computes what tells recordings apart: the digest of a file that is one recording, else the digest of its files' digests
 * and of the part (what follows `#` in its name).
 *
 * @throws UmweltError `not-found`, `io`, `interrupted`.
 */
export async function identify(
  folder: string,
  entries: readonly RecordingEntry[],
  { signal }: Control = {},
): Promise<readonly IdentifiedRecording[]> {
  const digests = new Map<string, string>();
  for (const file of new Set(entries.flatMap(({ files }) => files))) {
    if (signal?.aborted) {
      throw new UmweltError('interrupted', { folder }, 'interrupted while the recordings were digested');
    }
    digests.set(file, await sha256OfFile(join(folder, file)));
  }
  return entries.map((entry) => ({ ...entry, sha256: identityOf(entry, digests) }));
}

function identityOf({ name, files }: RecordingEntry, digests: ReadonlyMap<string, string>): string {
  const ofFiles = files.map((file) => digests.get(file)!);
  const at = name.indexOf('#');
  if (ofFiles.length === 1 && at < 0) return ofFiles[0]!;
  return sha256([...ofFiles, at < 0 ? '' : name.slice(at + 1)].join('\n'));
}
