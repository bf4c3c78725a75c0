import { sha256 } from '../../core/digest.js';
import { UmweltError } from '../../core/errors.js';
import type { Control } from '../../core/progress.js';
import type { DatasetManifest, DatasetPlan, EpisodeSource } from '../contract.js';
import { shardEpisodes } from '../layout.js';
import { beginDataset, writeShard } from '../writer.js';
import type { RecordingFormat, RecordingSet } from './contract.js';
import { recognise } from './find.js';
import { type IdentifiedRecording, identify } from './identity.js';

const RECORDINGS_PER_SHARD = 64;

export interface ImportOptions extends Control {
  /** Which recordings to take, by file name; all by default. */
  readonly select?: (name: string) => boolean;
  /** Written into the dataset. */
  readonly versions?: Readonly<Record<string, string>>;
}

/**
 * Lists the recordings in a folder in the order of episodes, `2.pt` before `10.pt`, each with its digest.
 *
 * @param path as `findRecordings` takes it.
 * @throws UmweltError `not-found`, `malformed-file`, `io`.
 */
export async function listRecordings(path: string): Promise<readonly IdentifiedRecording[]> {
  const { folder, format } = recognise(path);
  const { entries } = await format.open(folder);
  return identify(folder, entries);
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
  const set = await format.open(folder);
  const chosen = set.entries.filter(({ name }) => options.select?.(name) ?? true);
  if (chosen.length === 0) {
    throw new UmweltError('invalid-input', { path }, `none of the recordings in "${folder}" were selected`);
  }
  const recordings = await identify(folder, chosen);
  const plan = planImport(format, set, recordings, options);
  const session = await beginDataset(directory, plan, { resume: true });
  try {
    for (const shard of session.pendingShards) {
      await writeShard(directory, plan, shard, readShard(folder, set, recordings, plan, shard, options));
    }
    return await session.finish();
  } finally {
    await session.close();
  }
}

function planImport(
  { name, title, licence, source }: RecordingFormat,
  { conversion, streams }: RecordingSet,
  recordings: readonly IdentifiedRecording[],
  options: ImportOptions,
): DatasetPlan {
  const lines = recordings.map((recording) => `${recording.name} ${recording.sha256}\n`);
  return {
    name,
    origin: 'recorded',
    episodes: recordings.length,
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
  set: RecordingSet,
  recordings: readonly IdentifiedRecording[],
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
    const recording = recordings[episode]!;
    const { durationS, attributes, samples } = await set.read(recording);
    const identity = { sourceFile: recording.name, sourceSha256: recording.sha256 };
    yield { episode, durationS, attributes: { ...identity, ...attributes }, samples };
    onProgress?.({ done: episode + 1, total: plan.episodes, note: recording.name });
  }
}
