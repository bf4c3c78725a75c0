import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { sha256 } from '../../core/digest.js';
import { describeCause, UmweltError } from '../../core/errors.js';
import type { Control } from '../../core/progress.js';
import { makeFolder, sha256OfFile, writeFileAtomically } from '../files.js';
import { lockFolder } from '../lock.js';
import type { Publication } from './contract.js';
import { filesToFetch, RECORDING_FORMATS, recordingFormat } from './formats.js';

const CONNECTIONS = 6;
const ATTEMPTS = 4;
/** An attempt that takes longer has stalled: the files are small. */
const ATTEMPT_TIMEOUT_MS = 60_000;
const LARGEST_FILE_BYTES = 64 * 2 ** 20;

export interface FetchOptions extends Control {
  /** Folder on a mirror that holds the files; the public address by default. */
  readonly baseUrl?: string | undefined;
  readonly fetch?: typeof fetch;
  /** Waits this long before a second attempt, twice as long before each further one. 500 ms by default. */
  readonly retryDelayMs?: number;
}

export interface FetchedRecordings {
  readonly downloaded: number;
  /** Files that were there already with the right digest. */
  readonly kept: number;
  /** Published files that were left out because no digest is known for them. */
  readonly withoutDigest: number;
}

/**
 * Downloads public recordings into a folder and checks every file against its known SHA-256 before it gets its name. Files
 * that are there with the right digest are kept, so that an interrupted download goes on.
 *
 * @param target the folder that will hold the files themselves.
 * @throws UmweltError `invalid-input` for an unknown name; `network` when the server cannot be reached or refuses (an
 *   answer of 5xx and a broken connection are tried four times); `digest-mismatch`; `conflict` while another process fetches
 *   into the folder; `interrupted`; `io`.
 */
export async function fetchRecordings(
  name: string,
  target: string,
  options: FetchOptions = {},
): Promise<FetchedRecordings> {
  const publication = publicationOf(name);
  await makeFolder(target);
  const unlock = await lockFolder(target);
  try {
    return await fetchAll(publication, target, options);
  } finally {
    await unlock();
  }
}

async function fetchAll(
  publication: Publication,
  target: string,
  options: FetchOptions,
): Promise<FetchedRecordings> {
  const files = Object.entries(publication.sha256);
  const baseUrl = (options.baseUrl ?? publication.baseUrl).replace(/\/+$/, '');
  // A mirror holds every file by its place in the folder.
  const addressOf = (file: string) =>
    (options.baseUrl === undefined ? publication.addresses?.[file] : undefined) ?? `${baseUrl}/${file}`;
  const failure = new AbortController();
  const signals = options.signal ? [options.signal, failure.signal] : [failure.signal];
  const signal = AbortSignal.any(signals);
  let kept = 0;
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (next < files.length) {
      const [file, expected] = files[next++]!;
      if (options.signal?.aborted) throw interrupted(target);
      if (await isThere(join(target, file), expected)) kept++;
      else await fetchFile(addressOf(file), join(target, file), expected, { ...options, signal });
      options.onProgress?.({ done: ++done, total: files.length, note: file });
    }
  };
  const workers = Array.from({ length: CONNECTIONS }, () =>
    worker().catch((thrown) => {
      // The first failure stops the others, and is the one that is told.
      failure.abort(thrown);
    }),
  );
  await Promise.all(workers);
  if (options.signal?.aborted) throw interrupted(target);
  if (failure.signal.aborted) throw failure.signal.reason;
  return { downloaded: files.length - kept, kept, withoutDigest: publication.withoutDigest };
}

function publicationOf(name: string): Publication {
  const format = recordingFormat(name);
  const { publication, source } = format;
  if (publication !== undefined && filesToFetch(format) > 0) return publication;
  const known = RECORDING_FORMATS.filter((one) => filesToFetch(one) > 0).map((one) => one.name);
  const reason =
    publication === undefined
      ? `"${name}" is a format, not a publication: there is nothing to fetch`
      : `no digest is known of the published files of "${name}", so they are not fetched; they are at ${source.url}`;
  throw new UmweltError('invalid-input', { name, known }, `${reason}. Can be fetched: ${known.join(', ')}`);
}

async function isThere(path: string, expected: string): Promise<boolean> {
  try {
    return (await sha256OfFile(path)) === expected;
  } catch (thrown) {
    if (thrown instanceof UmweltError && thrown.code === 'not-found') return false;
    throw thrown;
  }
}

interface Download extends FetchOptions {
  readonly signal: AbortSignal;
}

async function fetchFile(url: string, path: string, expected: string, options: Download): Promise<void> {
  const bytes = await downloadWithRetries(url, options);
  const actual = sha256(bytes);
  if (actual !== expected) {
    throw new UmweltError(
      'digest-mismatch',
      { url, expected, actual, bytes: bytes.byteLength },
      `${url} is not the file that was published: SHA-256 ${expected} was expected, got ${actual} ` +
        `(${bytes.byteLength} bytes); nothing was written. Try again later or use another mirror`,
    );
  }
  await makeFolder(dirname(path));
  await writeFileAtomically(path, bytes);
}

async function downloadWithRetries(url: string, options: Download): Promise<Uint8Array> {
  let delayMs = options.retryDelayMs ?? 500;
  for (let attempt = 1; ; attempt++) {
    try {
      return await download(url, options);
    } catch (cause) {
      options.signal.throwIfAborted();
      if (cause instanceof UmweltError) throw cause;
      if (attempt === ATTEMPTS) {
        const reason = reasonOf(cause);
        throw new UmweltError(
          'network',
          { url, attempts: ATTEMPTS, reason },
          `could not download ${url} in ${ATTEMPTS} attempts: ${reason}. Check the connection and run the command again: ` +
            'files that are complete are kept',
          cause,
        );
      }
    }
    await wait(delayMs, undefined, { signal: options.signal });
    delayMs *= 2;
  }
}

/** Throws an UmweltError where another attempt cannot help, any other error where it may. */
async function download(url: string, options: Download): Promise<Uint8Array> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(ATTEMPT_TIMEOUT_MS)]);
  const response = await (options.fetch ?? fetch)(url, { signal });
  const { status } = response;
  if (status >= 500 || status === 429) {
    await response.body?.cancel();
    throw new Error(`the server answered ${status}`);
  }
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    throw new UmweltError(
      'network',
      { url, status },
      `the server answered ${status} for ${url}: the file is not there; check --base-url`,
    );
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > LARGEST_FILE_BYTES) {
      const message = `${url} sent more than ${LARGEST_FILE_BYTES} bytes: it is not a recording; check --base-url`;
      throw new UmweltError('network', { url, limit: LARGEST_FILE_BYTES }, message);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** fetch says only `fetch failed`; why is in its cause. */
function reasonOf(thrown: unknown): string {
  const inner = thrown instanceof Error ? thrown.cause : undefined;
  return inner === undefined ? describeCause(thrown) : `${describeCause(thrown)}: ${describeCause(inner)}`;
}

function interrupted(target: string): UmweltError {
  return new UmweltError(
    'interrupted',
    { target },
    `interrupted; complete files in "${target}" are kept: run the same command again to fetch the rest`,
  );
}
