import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { jsonDigest } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import { decodeRows } from './arrow/decode.js';
import type {
  Dataset,
  DatasetManifest,
  DatasetPlan,
  Episode,
  EpisodeMetadata,
  Origin,
  StreamData,
  StreamDescription,
} from './contract.js';
import { ioError, sha256OfFile } from './files.js';
import {
  type Extent,
  MANIFEST_FILE,
  PLAN_FILE,
  readManifest,
  readPlan,
  readShardRecord,
  SHARDS_FOLDER,
  type ShardRecord,
  shardCount,
  shardFolder,
} from './layout.js';
import { dataDigest, streamsOf } from './manifest.js';

/**
 * Opens a dataset for reading.
 *
 * @throws UmweltError `not-found` when there is none, or it is unfinished (saying how to finish it); `malformed-file`.
 */
export async function openDataset(directory: string): Promise<Dataset> {
  const manifest = await readManifestOrExplain(directory);
  let cached: ShardRecord | null = null;

  const readEpisode = async (episode: number, names?: readonly string[]): Promise<Episode> => {
    const metadata = manifest.episodes[episode];
    if (metadata === undefined) throw noSuchEpisode(directory, episode, manifest.episodes.length);
    const descriptions = selectStreams(manifest, names).map((stream) => ofEpisode(stream, metadata));
    const shard = Math.floor(episode / manifest.episodesPerShard);
    const record = cached?.shard === shard ? cached : await readShardRecord(directory, shard);
    cached = record;
    const streams: Record<string, StreamData> = {};
    for (const description of descriptions) {
      const place = episode - shard * manifest.episodesPerShard;
      streams[description.name] = await readStream(directory, record, place, description);
    }
    return { ...metadata, streams };
  };

  return {
    directory,
    manifest,
    readEpisode,
    async *episodes(names) {
      for (let episode = 0; episode < manifest.episodes.length; episode++) yield readEpisode(episode, names);
    },
  };
}

async function readManifestOrExplain(directory: string): Promise<DatasetManifest> {
  try {
    return await readManifest(directory);
  } catch (thrown) {
    if (!(thrown instanceof UmweltError) || thrown.code !== 'not-found') throw thrown;
  }
  const plan = await readPlan(directory).catch(() => null);
  if (plan !== null) throw await unfinished(directory, plan);
  const there = await stat(directory).catch(() => null);
  throw new UmweltError(
    'not-found',
    { directory },
    there === null
      ? `there is no dataset at "${directory}": the folder does not exist`
      : `"${directory}" is not a dataset: it has no ${MANIFEST_FILE}`,
  );
}

async function unfinished(directory: string, plan: DatasetPlan): Promise<UmweltError> {
  const entries = await readdir(join(directory, SHARDS_FOLDER)).catch(() => []);
  const done = entries.filter((name) => /^\d+$/.test(name)).length;
  const remedies: Record<Origin, string> = {
    simulated: `umwelt generate ${plan.name} --episodes ${plan.episodes} --seed ${plan.seed} --out "${directory}" --resume`,
    recorded: 'the command that began it, once more',
    rollout: 'the `umwelt rollout` command that began it, with --resume',
  };
  const remedy = remedies[plan.origin];
  return new UmweltError(
    'not-found',
    { directory, missing: MANIFEST_FILE, present: PLAN_FILE, shardsDone: done, shards: shardCount(plan) },
    `the dataset at "${directory}" is unfinished (${done} of ${shardCount(plan)} shards): its writing was ` +
      `interrupted, or goes on. Complete it with: ${remedy}`,
  );
}

function selectStreams(manifest: DatasetManifest, names?: readonly string[]): readonly StreamDescription[] {
  const all = streamsOf(manifest);
  if (names === undefined) return all;
  return names.map((name) => {
    const found = all.find((stream) => stream.name === name);
    if (found !== undefined) return found;
    const known = all.map((stream) => stream.name);
    const message = `the dataset has no stream "${name}"; it has ${known.join(', ')}`;
    throw new UmweltError('not-found', { stream: name, known }, message);
  });
}

async function readStream(
  directory: string,
  record: ShardRecord,
  place: number,
  stream: StreamDescription,
): Promise<StreamData> {
  const name = `${shardFolder(record.shard)}/${stream.name}.arrow`;
  const path = join(directory, name);
  const index = record.index[stream.name];
  const entry = record.files.find((file) => file.path === name);
  const rows = index?.episodes[place];
  if (index === undefined || rows === undefined || entry === undefined) {
    throw malformed(path, `the shard's record has no rows of episode ${place} of the shard`);
  }
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    throw ioError('read', path, cause);
  }
  try {
    const { size } = await handle.stat();
    if (size !== entry.bytes) throw malformed(path, `it has ${size} bytes, ${entry.bytes} were written`);
    // One allocation at offset 0, so that the arrays are aligned views on it.
    const bytes = new Uint8Array(
      new ArrayBuffer(sizeWithin(index.schema, size, path) + sizeWithin(rows, size, path)),
    );
    await readExtent(handle, index.schema, bytes.subarray(0, index.schema.bytes), path);
    await readExtent(handle, rows, bytes.subarray(index.schema.bytes), path);
    return decodeRows(bytes, stream, rows.rows, path);
  } catch (cause) {
    throw ioError('read', path, cause);
  } finally {
    await handle.close();
  }
}

function sizeWithin(extent: Extent, size: number, path: string): number {
  if (extent.offset + extent.bytes <= size) return extent.bytes;
  throw malformed(
    path,
    `bytes ${extent.offset} to ${extent.offset + extent.bytes} were asked for, it has ${size}`,
  );
}

async function readExtent(handle: FileHandle, extent: Extent, into: Uint8Array, path: string): Promise<void> {
  let done = 0;
  while (done < into.byteLength) {
    const { bytesRead } = await handle.read(into, done, into.byteLength - done, extent.offset + done);
    if (bytesRead === 0) throw malformed(path, `it ends at byte ${extent.offset + done}`);
    done += bytesRead;
  }
  const actual = crc32(into);
  if (actual === extent.crc32) return;
  throw malformed(
    path,
    `bytes ${extent.offset} to ${extent.offset + extent.bytes} have the checksum ${actual}, ${extent.crc32} was written`,
  );
}

/** Adds what was recorded about a stream in one episode (a camera's pose that was drawn at random) to its metadata. */
function ofEpisode(stream: StreamDescription, { attributes }: EpisodeMetadata): StreamDescription {
  const own = (attributes.streams as Readonly<Record<string, object>> | undefined)?.[stream.name];
  return own === undefined ? stream : { ...stream, metadata: { ...stream.metadata, ...own } };
}

/** One file (or `manifest.json` itself) whose content is not what was recorded. */
export interface Difference {
  readonly path: string;
  readonly expected: string;
  /** `missing` where there is no such file. */
  readonly actual: string;
}

/**
 * Recomputes the SHA-256 of every file, of the configuration and of the whole.
 *
 * @returns what differs; empty when all is as written.
 * @throws UmweltError as `openDataset`; `io`; `interrupted`.
 */
export async function verifyDataset(
  directory: string,
  control: Control = {},
): Promise<readonly Difference[]> {
  const manifest = await readManifestOrExplain(directory);
  const differences: Difference[] = [];
  const compare = (path: string, expected: string, actual: string): void => {
    if (actual !== expected) differences.push({ path, expected, actual });
  };
  compare(`${MANIFEST_FILE} configuration`, manifest.configurationSha256, jsonDigest(manifest.configuration));
  compare(`${MANIFEST_FILE} files`, manifest.dataSha256, dataDigest(manifest.files));
  for (const [done, { path, sha256 }] of manifest.files.entries()) {
    if (control.signal?.aborted)
      throw new UmweltError('interrupted', { directory }, 'interrupted while verifying');
    control.onProgress?.({ done, total: manifest.files.length, note: path });
    compare(path, sha256, await digestOrMissing(join(directory, path)));
  }
  control.onProgress?.({ done: manifest.files.length, total: manifest.files.length });
  return differences;
}

async function digestOrMissing(path: string): Promise<string> {
  try {
    return await sha256OfFile(path);
  } catch (thrown) {
    if (thrown instanceof UmweltError && thrown.code === 'not-found') return 'missing';
    throw thrown;
  }
}

function noSuchEpisode(directory: string, episode: number, episodes: number): UmweltError {
  const message = `"${directory}" has no episode ${episode}: it has ${episodes}, counted from 0`;
  return new UmweltError('not-found', { directory, episode, episodes }, message);
}

function malformed(path: string, reason: string): UmweltError {
  const message = `${path} is damaged: ${reason}; \`umwelt inspect --verify\` names every file that is; copy it again from where it came, or delete the dataset and make it anew`;
  return new UmweltError('malformed-file', { path, reason }, message);
}
