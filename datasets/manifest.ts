import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonDigest, sha256 } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import type {
  DatasetManifest,
  DatasetPlan,
  EpisodeMetadata,
  FileEntry,
  StreamDescription,
} from './contract.js';
import { readWholeFile } from './files.js';
import { readShardRecord, SHARD_FILE, shardCount, shardFolder } from './layout.js';

/**
 * Gathers what the shards of a complete dataset recorded about themselves.
 *
 * @throws UmweltError `malformed-file` when a shard lacks a file or bytes, `not-found`, `io`.
 */
export async function assembleManifest(directory: string, plan: DatasetPlan): Promise<DatasetManifest> {
  const episodes: EpisodeMetadata[] = [];
  const files: FileEntry[] = [];
  const rows = new Map<string, number>();
  const bytes = new Map<string, number>();
  for (let shard = 0; shard < shardCount(plan); shard++) {
    const record = await readShardRecord(directory, shard);
    const recordPath = `${shardFolder(shard)}/${SHARD_FILE}`;
    const recordBytes = await readWholeFile(join(directory, recordPath));
    for (const entry of record.files) await requireSize(directory, entry);
    for (const { name } of plan.streams) {
      const here = record.index[name]?.episodes.reduce((sum, episode) => sum + episode.rows, 0) ?? 0;
      rows.set(name, (rows.get(name) ?? 0) + here);
      const entry = record.files.find(({ path }) => path === `${shardFolder(shard)}/${name}.arrow`);
      bytes.set(name, (bytes.get(name) ?? 0) + (entry?.bytes ?? 0));
    }
    episodes.push(...record.episodes);
    files.push(...record.files, {
      path: recordPath,
      bytes: recordBytes.byteLength,
      sha256: sha256(recordBytes),
    });
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    ...plan,
    format: 'umwelt-dataset',
    formatVersion: 1,
    configurationSha256: jsonDigest(plan.configuration),
    streams: plan.streams.map((stream) => ({
      ...stream,
      rows: rows.get(stream.name)!,
      samples: rows.get(stream.name)! * stream.samplesPerRow,
      bytes: bytes.get(stream.name)!,
    })),
    episodes,
    files,
    dataSha256: dataDigest(files),
  };
}

/** Computes the one name of all data: SHA-256 over the lines `path sha256\n` of files sorted by path. */
export function dataDigest(files: readonly FileEntry[]): string {
  return sha256(files.map(({ path, sha256: digest }) => `${path} ${digest}\n`).join(''));
}

async function requireSize(directory: string, entry: FileEntry): Promise<void> {
  const found = await stat(join(directory, entry.path)).catch(() => null);
  if (found?.size === entry.bytes) return;
  throw new UmweltError(
    'malformed-file',
    { path: entry.path, expected: entry.bytes, actual: found?.size ?? null },
    `${entry.path} ${found === null ? 'is missing' : `has ${found.size} bytes`}, ${entry.bytes} were written: ` +
      'delete its folder and resume',
  );
}

/** Returns the plan that a manifest was made from. */
export function planOf(manifest: DatasetManifest): DatasetPlan {
  const { name, origin, seed, configuration, versions, episodesPerShard } = manifest;
  const streams = streamsOf(manifest);
  const episodes = manifest.episodes.length;
  return { name, origin, episodes, seed, configuration, versions, streams, episodesPerShard };
}

/** Returns the streams of a manifest as they were planned, without their sizes. */
export function streamsOf(manifest: DatasetManifest): readonly StreamDescription[] {
  return manifest.streams.map(({ rows: _rows, samples: _samples, bytes: _bytes, ...stream }) => stream);
}
