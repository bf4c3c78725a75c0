import { type FileHandle, open } from 'node:fs/promises';
import { ioError } from '../files.js';
import { malformed } from './malformed.js';

/**
 * Opens a file for as long as some work takes.
 *
 * @throws UmweltError `not-found`, `io`; what the work throws.
 */
export async function withFile<T>(path: string, work: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    return await work(file);
  } catch (cause) {
    throw ioError('read', path, cause);
  } finally {
    await file?.close();
  }
}

/**
 * Reads `length` bytes from byte `first` on.
 *
 * @param length as checked against the file's size: the bytes are allocated before they are read.
 * @param place what is read, for messages.
 * @throws UmweltError `malformed-file` where the file ends before; `io`.
 */
export async function readPiece(
  file: FileHandle,
  first: number,
  length: number,
  name: string,
  place = `byte ${first}`,
): Promise<Buffer> {
  const piece = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(piece, filled, length - filled, first + filled);
    if (bytesRead === 0) {
      throw malformed(name, place, `expected ${length} bytes at byte ${first}, there are ${filled}`);
    }
    filled += bytesRead;
  }
  return piece;
}
