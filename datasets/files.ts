import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describeCause, UmweltError } from '../core/errors.js';
import type { FileEntry } from './contract.js';

/** What a name ends in until the file or folder under it is complete. */
export const PARTIAL_SUFFIX = '.partial';

/**
 * Writes a file so that a reader, or a crash at any moment, finds the old content or the new, never a part: the bytes go
 * to `<path>.partial`, are synced, and take the name in one step. Only one writer a path at a time.
 *
 * @throws UmweltError `io` when the disk refuses (full, read-only, permission); nothing new is left behind.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  const partial = path + PARTIAL_SUFFIX;
  try {
    const handle = await open(partial, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(partial, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(partial, { force: true }).catch(() => {});
    throw ioError('write', path, cause);
  }
}

/**
 * Makes a folder, and those above it that are missing. One by one: Node's recursive `mkdir` never returns where a file system answers
 * ENOENT for good (/proc).
 *
 * @throws UmweltError `io`, also where a file has the name.
 */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let folder = resolve(path); !(await isFolder(folder)); folder = dirname(folder))
    missing.unshift(folder);
  for (const folder of missing) {
    try {
      await mkdir(folder);
    } catch (cause) {
      // Another process may have made it meanwhile.
      if (!(await isFolder(folder))) throw ioError('write', folder, cause);
    }
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}

/** Makes the names in a folder survive a power cut. Windows has no such call and needs none. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Reads a whole file.
 *
 * @throws UmweltError `not-found`, `io`.
 */
export async function readWholeFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw ioError('read', path, cause);
  }
}

/**
 * Computes the SHA-256 of a file, lower-case hexadecimal, in constant memory.
 *
 * @throws UmweltError `not-found`, `io`.
 */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (cause) {
    throw ioError('read', path, cause);
  }
  return hash.digest('hex');
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space or choose another folder',
  EDQUOT: 'the quota is used up: free some space or choose another folder',
  EACCES: 'permission denied: choose a folder that you may use, or change its permissions',
  EPERM: 'not permitted: choose a folder that you may use, or change its permissions',
  EROFS: 'the file system is read-only: choose another folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'it is a file, not a folder: choose another name',
};

/** Turns what the operating system threw into an UmweltError (`not-found` for a missing file that was to be read, else `io`). */
export function ioError(action: 'read' | 'write', path: string, cause: unknown): UmweltError {
  if (cause instanceof UmweltError) return cause;
  const reason = (cause as NodeJS.ErrnoException | null)?.code ?? '';
  if (action === 'read' && reason === 'ENOENT') {
    return new UmweltError('not-found', { path }, `there is no "${path}"`, cause);
  }
  const remedy = REMEDIES[reason];
  const message = `could not ${action} "${path}": ${remedy ? `${remedy} (${reason})` : describeCause(cause)}`;
  return new UmweltError('io', { path, reason }, message, cause);
}

/**
 * Runs file system work on `path`.
 *
 * @throws UmweltError `io` in place of what the operating system throws.
 */
export async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw ioError('write', path, cause);
  }
}

/** A new file that is written front to back and digested on the way; `close` or `abandon` must be called once. */
export class DigestedFile {
  readonly path: string;
  #bytes = 0;
  readonly #handle: FileHandle;
  readonly #hash: Hash = createHash('sha256');

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** @throws UmweltError `io` when the file exists or cannot be made. */
  static async create(path: string): Promise<DigestedFile> {
    try {
      return new DigestedFile(path, await open(path, 'wx'));
    } catch (cause) {
      throw ioError('write', path, cause);
    }
  }

  /** Bytes written so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends chunks; the caller may change them once the promise settles. @throws UmweltError `io`. */
  async append(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      this.#hash.update(chunk);
      this.#bytes += chunk.byteLength;
    }
    try {
      // A nearly full disk takes a part of what it is given without an error; the next attempt then says why.
      let rest = chunks.filter((chunk) => chunk.byteLength > 0);
      while (rest.length > 0) {
        const { bytesWritten } = await this.#handle.writev(rest);
        rest = dropBytes(rest, bytesWritten);
      }
    } catch (cause) {
      throw ioError('write', this.path, cause);
    }
  }

  /** Syncs and closes. @param name the path to record in the entry. @throws UmweltError `io`. */
  async close(name: string): Promise<FileEntry> {
    try {
      await this.#handle.sync();
    } catch (cause) {
      throw ioError('write', this.path, cause);
    } finally {
      await this.#handle.close();
    }
    return { path: name, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Closes without care for the content, after a failure. */
  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => {});
  }
}

function dropBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  let index = 0;
  while (index < chunks.length && left >= chunks[index]!.byteLength) left -= chunks[index++]!.byteLength;
  const rest = chunks.slice(index);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}
