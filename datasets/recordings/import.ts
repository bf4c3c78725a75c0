import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../../core/digest.js';
import { UmweltError } from '../../core/errors.js';
import type { Control } from '../../core/progress.js';
import type { DatasetManifest, DatasetPlan, EpisodeSource } from '../contract.js';
import { ioError, readWholeFile, sha256OfFile } from '../files.js';
import { shardEpisodes } from '../layout.js';
import { beginDataset, writeShard } from '../writer.js';
import type { RecordingFormat } from './contract.js';
import { recognise } from './find.js';
import { naturalOrder } from './natural-order.js';

const RECORDINGS_PER_SHARD = 64;

export interface ImportOptions extends Control {
  /** Which recordings to take, by file name; all by default. */
  readonly select?: (name: string) => boolean;
  /** Written into the dataset. */
  readonly versions?: Readonly<Record<string, string>>;
}

/**
 * Lists the recordings in a folder by file name, `2.pt` before `10.pt`.
 *
 * @param path as `findRecordings` takes it.
 * @throws UmweltError `not-found`, `io`.
 */
export async function listRecordings(path: string): Promise<readonly string[]> {
  const { folder, format } = recognise(path);
  return listIn(folder, format);
}

async function listIn(folder: string, format: RecordingFormat): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter(format.isRecording).sort(naturalOrder);
  } catch (cause) {
    throw ioError('read', folder, cause);
  }
}

/**
 * Converts recordings into a dataset of `origin: 'recorded'`, one episode a recording. An interrupted import goes on where
 * it stopped; one that is complete and would be the same is left alone.
 *
 * @param path as `findRecordings` takes it.
 * @throws UmweltError `not-found`; `malformed-file` naming the file and the place in it; `invalid-input` when nothing is
 *   selected; `conflict` when `directory` holds something else; `interrupted`; `io`.
 */
export async function importRecordings(
  path: string,
  directory: string,
  options: ImportOptions = {},
): Promise<DatasetManifest> {
  const { folder, format } = recognise(path);
  const names = (await listIn(folder, format)).filter((name) => options.select?.(name) ?? true);
  if (names.length === 0) {
    throw new UmweltError('invalid-input', { path }, `none of the recordings in "${folder}" were selected`);
  }
  const plan = await planImport(folder, format, names, options);
  const session = await beginDataset(directory, plan, { resume: true });
  try {
    for (const shard of session.pendingShards) {
      await writeShard(directory, plan, shard, readShard(folder, format, names, plan, shard, options));
    }
    return await session.finish();
  } finally {
    await session.close();
  }
}

async function planImport(
  folder: string,
  format: RecordingFormat,
  names: readonly string[],
  options: ImportOptions,
): Promise<DatasetPlan> {
  const lines: string[] = [];
  for (const name of names) lines.push(`${name} ${await sha256OfFile(join(folder, name))}\n`);
  const { name, title, licence, source, conversion, streams } = format;
  return {
    name,
    origin: 'recorded',
    episodes: names.length,
    seed: null,
    // The digest makes changed source files another plan, so that an import never mixes two.
    configuration: {
      format: name,
      title,
      licence,
      source,
      conversion,
      recordingsSha256: sha256(lines.join('')),
    },
    versions: options.versions ?? {},
    streams,
    episodesPerShard: RECORDINGS_PER_SHARD,
  };
}

async function* readShard(
  folder: string,
  format: RecordingFormat,
  names: readonly string[],
  plan: DatasetPlan,
  shard: number,
  { onProgress, signal }: Control,
): AsyncGenerator<EpisodeSource> {
  const { first, count } = shardEpisodes(plan, shard);
  for (let episode = first; episode < first + count; episode++) {
    if (signal?.aborted) {
      throw new UmweltError(
        'interrupted',
        { folder },
        'interrupted; import again to go on where this stopped',
      );
    }
    const name = names[episode]!;
    const bytes = await readWholeFile(join(folder, name));
    const { durationS, attributes, samples } = format.decode(bytes, name);
    const identity = { sourceFile: name, sourceSha256: sha256(bytes) };
    yield { episode, durationS, attributes: { ...identity, ...attributes }, samples };
    onProgress?.({ done: episode + 1, total: plan.episodes, note: name });
  }
}
