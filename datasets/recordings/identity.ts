import { join } from 'node:path';
import { sha256 } from '../../core/digest.js';
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
 * @throws UmweltError `not-found`, `io`.
 */
export async function identify(
  folder: string,
  entries: readonly RecordingEntry[],
): Promise<readonly IdentifiedRecording[]> {
  const digests = new Map<string, string>();
  for (const file of new Set(entries.flatMap(({ files }) => files))) {
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
