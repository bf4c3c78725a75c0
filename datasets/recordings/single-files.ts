import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StreamDescription } from '../contract.js';
import { ioError, readWholeFile } from '../files.js';
import type { Recording, RecordingFormat } from './contract.js';
import { naturalOrder } from './natural-order.js';

/** How a format works where each file is one recording that fits in memory. */
export interface SingleFiles {
  /** What the conversion does to the numbers: factors, frames, biases. */
  readonly conversion: Readonly<Record<string, unknown>>;
  readonly streams: readonly StreamDescription[];
  /** Says whether a file name is one recording. */
  isRecording(fileName: string): boolean;
  /**
   * Turns one file's bytes into a recording. Never runs code from the file.
   *
   * @throws UmweltError `malformed-file` naming the file and the place (byte, row, column).
   */
  decode(bytes: Uint8Array, fileName: string): Recording | Promise<Recording>;
}

/** Makes the reading half of a format from what one file's name and bytes mean. */
export function singleFiles(files: SingleFiles): Pick<RecordingFormat, 'holds' | 'open'> {
  const { conversion, streams, isRecording, decode } = files;
  return {
    holds: (names) => names.some(isRecording),
    async open(folder) {
      const names = (await namesIn(folder)).filter(isRecording).sort(naturalOrder);
      return {
        conversion,
        streams,
        entries: names.map((name) => ({ name, files: [name] })),
        read: async ({ name }) => decode(await readWholeFile(join(folder, name)), name),
      };
    },
  };
}

/**
 * Lists what lies in a folder.
 *
 * @throws UmweltError `not-found`, `io`.
 */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw ioError('read', folder, cause);
  }
}
