import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UmweltError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import type { DatasetManifest, DatasetPlan, EpisodeMetadata, EpisodeSource, FileEntry } from './contract.js';
import { makeFolder, PARTIAL_SUFFIX, syncFolder, writeFileAtomically, writing } from './files.js';
import {
  MANIFEST_FILE,
  PLAN_FILE,
  readManifest,
  readPlan,
  requirePlan,
  SHARD_FILE,
  SHARDS_FOLDER,
  type ShardRecord,
  shardCount,
  shardEpisodes,
  shardFolder,
} from './layout.js';
import { LOCK_FILE, lockFolder } from './lock.js';
import { assembleManifest, planOf } from './manifest.js';
import { requireSamePlan } from './plan-difference.js';
import { createStreamWriter, type StreamWriter } from './stream-writer.js';

/** The right to write one dataset; `close` must be called once, whatever happens. */
export interface DatasetSession {
  /** Shards that are still to be written, in order; fixed when the session began. */
  readonly pendingShards: readonly number[];
  /** As `finishDataset`. */
  finish(): Promise<DatasetManifest>;
  /** Lets other processes write to the folder. A session that dies without it is taken over. */
  close(): Promise<void>;
}

/**
 * Starts a dataset in a new or empty folder, or continues one.
 *
 * The plan is on disk before the first shard. With `resume`, a folder that holds the same plan keeps its finished shards
 * (all of them, where it is complete) and loses what an interrupted run left half-written.
 *
 * @throws UmweltError `invalid-input` for a wrong plan; `conflict` when the folder holds something else, another plan
 *   (naming what differs), the same one without `resume`, or another process is writing; `io`.
 */
export async function beginDataset(
  directory: string,
  plan: DatasetPlan,
  options: { readonly resume: boolean },
): Promise<DatasetSession> {
  requirePlan(plan);
  await makeFolder(directory);
  const present = (await writing(directory, () => readdir(directory))).filter((name) => !isOurs(name));
  if (!present.includes(MANIFEST_FILE) && !present.includes(PLAN_FILE) && present.length > 0) {
    throw holdsSomethingElse(directory, present);
  }
  const unlock = await lockFolder(directory);
  try {
    await openOrStart(directory, plan, options.resume);
    const pending = await pendingShards(directory, plan);
    return {
      pendingShards: pending,
      finish: () => finishDataset(directory, plan),
      close: unlock,
    };
  } catch (thrown) {
    await unlock();
    throw thrown;
  }
}

function isOurs(name: string): boolean {
  return name.startsWith(LOCK_FILE) || name === PLAN_FILE + PARTIAL_SUFFIX;
}

async function openOrStart(directory: string, plan: DatasetPlan, resume: boolean): Promise<void> {
  const complete = await exists(join(directory, MANIFEST_FILE));
  if (complete || (await exists(join(directory, PLAN_FILE)))) {
    const before = complete ? planOf(await readManifest(directory)) : await readPlan(directory);
    if (!resume) throw alreadyThere(directory, complete);
    requireSamePlan(directory, before, plan);
  } else {
    await writeFileAtomically(join(directory, PLAN_FILE), canonicalJson(plan));
  }
  const shards = join(directory, SHARDS_FOLDER);
  await writing(shards, async () => {
    await mkdir(shards, { recursive: true });
    await syncFolder(directory);
    for (const name of await readdir(shards)) {
      if (name.endsWith(PARTIAL_SUFFIX)) await rm(join(shards, name), { recursive: true, force: true });
    }
  });
}

/**
 * Lists the shards of a plan that are not complete in a folder, in order.
 *
 * @throws UmweltError `io`.
 */
export async function pendingShards(directory: string, plan: DatasetPlan): Promise<readonly number[]> {
  const pending: number[] = [];
  for (let shard = 0; shard < shardCount(plan); shard++) {
    if (!(await exists(join(directory, shardFolder(shard))))) pending.push(shard);
  }
  return pending;
}

/**
 * Writes one shard: into a sibling folder, synced, renamed. May run in a worker thread; two threads write two shards.
 *
 * @param episodes exactly the shard's episodes (see `shardEpisodes`), in order. Read lazily; of each stream at most
 *   32 MiB of rows are in memory.
 * @throws UmweltError `shape-mismatch` for a sample that its stream's description does not fit; `invalid-input` for the
 *   wrong episodes or times; `conflict` when the shard exists; `io`; and whatever `episodes` throws. Nothing stays behind.
 */
export async function writeShard(
  directory: string,
  plan: DatasetPlan,
  shard: number,
  episodes: Iterable<EpisodeSource> | AsyncIterable<EpisodeSource>,
): Promise<void> {
  const folder = join(directory, shardFolder(shard));
  if (await exists(folder)) {
    throw new UmweltError('conflict', { folder }, `${folder} is already written: write pending shards only`);
  }
  const partial = folder + PARTIAL_SUFFIX;
  const writers: StreamWriter[] = [];
  try {
    await writing(partial, async () => {
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
    });
    for (const stream of plan.streams) {
      writers.push(await createStreamWriter(partial, shardFolder(shard), stream));
    }
    const written = await writeEpisodes(plan, shard, episodes, writers);
    const record = await closeAll(shard, written, writers);
    await writeFileAtomically(join(partial, SHARD_FILE), canonicalJson(record));
    await writing(folder, async () => {
      await rename(partial, folder);
      await syncFolder(join(directory, SHARDS_FOLDER));
    });
  } catch (thrown) {
    for (const writer of writers) await writer.abandon();
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    throw thrown;
  }
}

async function writeEpisodes(
  plan: DatasetPlan,
  shard: number,
  episodes: Iterable<EpisodeSource> | AsyncIterable<EpisodeSource>,
  writers: readonly StreamWriter[],
): Promise<EpisodeMetadata[]> {
  const { first, count } = shardEpisodes(plan, shard);
  const byName = new Map(writers.map((writer) => [writer.stream.name, writer]));
  const written: EpisodeMetadata[] = [];
  for await (const { samples, ...metadata } of episodes) {
    const expected = first + written.length;
    if (metadata.episode !== expected || written.length === count) {
      throw wrongEpisodes(shard, first, count, `episode ${metadata.episode} at place ${written.length}`);
    }
    for await (const sample of samples) {
      const writer = byName.get(sample.stream);
      if (writer === undefined) throw unknownStream(sample.stream, [...byName.keys()]);
      writer.append(sample);
      if (writer.full) await writer.relieve(metadata.episode);
    }
    for (const writer of writers) await writer.endEpisode(metadata.episode);
    written.push(metadata);
  }
  if (written.length !== count) throw wrongEpisodes(shard, first, count, `${written.length} episodes`);
  return written;
}

async function closeAll(
  shard: number,
  episodes: EpisodeMetadata[],
  writers: readonly StreamWriter[],
): Promise<ShardRecord> {
  const files: FileEntry[] = [];
  const index: ShardRecord['index'] = {};
  for (const writer of writers) {
    const closed = await writer.close();
    files.push(closed.entry);
    index[writer.stream.name] = closed.index;
  }
  return { shard, episodes: episodes.map((metadata) => ({ ...metadata })), files, index };
}

/**
 * Completes a dataset: checks that every shard is there, writes manifest.json and removes plan.json. Done already, it
 * returns the manifest.
 *
 * @throws UmweltError `conflict` when shards are missing, `malformed-file` when one lacks a file or bytes, `io`.
 */
export async function finishDataset(directory: string, plan: DatasetPlan): Promise<DatasetManifest> {
  const planFile = join(directory, PLAN_FILE);
  const path = join(directory, MANIFEST_FILE);
  if (!(await exists(path))) {
    const pending = await pendingShards(directory, plan);
    if (pending.length > 0) {
      throw new UmweltError(
        'conflict',
        { directory, pending },
        `"${directory}" lacks ${pending.length} of ${shardCount(plan)} shards: write them before finishing`,
      );
    }
    await writeFileAtomically(path, `${canonicalJson(await assembleManifest(directory, plan))}\n`);
  }
  await writing(planFile, () => rm(planFile, { force: true }));
  return readManifest(directory);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function holdsSomethingElse(directory: string, present: readonly string[]): UmweltError {
  const some = present.slice(0, 3).join(', ') + (present.length > 3 ? ', ...' : '');
  const message = `"${directory}" holds something else (${some}): choose a new or empty folder`;
  return new UmweltError('conflict', { directory, present: present.slice(0, 20) }, message);
}

function alreadyThere(directory: string, complete: boolean): UmweltError {
  return new UmweltError(
    'conflict',
    { directory, complete },
    complete
      ? `"${directory}" already holds a complete dataset: choose another folder, or delete it`
      : `"${directory}" holds an unfinished dataset: resume it (--resume), choose another folder, or delete it`,
  );
}

function wrongEpisodes(shard: number, first: number, count: number, got: string): UmweltError {
  return new UmweltError(
    'invalid-input',
    { shard, first, count, got },
    `shard ${shard} holds the ${count} episodes from ${first} on, in order; got ${got}`,
  );
}

function unknownStream(stream: string, known: readonly string[]): UmweltError {
  return new UmweltError(
    'shape-mismatch',
    { stream, known },
    `a sample came for the stream "${stream}", which is not in the plan (${known.join(', ')})`,
  );
}
