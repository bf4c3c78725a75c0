import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { sha256 } from '../../core/digest.js';
import { UmweltError } from '../../core/errors.js';
import type { Control } from '../../core/progress.js';
import type {
  DatasetManifest,
  DatasetPlan,
  EpisodeSource,
  SensorSample,
  StreamDescription,
} from '../contract.js';
import { ioError } from '../files.js';
import { shardEpisodes } from '../layout.js';
import { beginDataset, writeShard } from '../writer.js';
import type { Recording, RecordingFormat, RecordingSet } from './contract.js';
import { type FoundRecordings, recognise } from './find.js';
import { type IdentifiedRecording, identify } from './identity.js';

const RECORDINGS_PER_SHARD = 64;
const SAMPLES_PER_PAUSE = 1024;

export interface ImportOptions extends Control {
  /** Name of the format to look for; by default the first one that is there. */
  readonly format?: string | undefined;
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
export async function listRecordings(
  path: string,
  options: Pick<ImportOptions, 'format' | 'signal'> = {},
): Promise<readonly IdentifiedRecording[]> {
  const { folder, format } = recognise(path, '', options.format);
  const { entries } = await format.open(folder);
  return identify(folder, entries, options);
}

/** What one folder of recordings holds. */
export interface RecordingsSummary {
  readonly recordings: number;
  /** Files that are read, each once. */
  readonly files: number;
  readonly bytes: number;
  readonly streams: readonly StreamDescription[];
  readonly licence: string;
  /** What is not converted: by name, the reason. */
  readonly left: Readonly<Record<string, string>>;
  /** What an import of all of them writes into the dataset's configuration: one name for all of the contents. */
  readonly recordingsSha256: string;
}

/**
 * Opens a folder of recordings and digests its files.
 *
 * @throws UmweltError `malformed-file`, `not-found`, `io`, `interrupted`.
 */
export async function summariseRecordings(
  { folder, format }: FoundRecordings,
  control: Control = {},
): Promise<RecordingsSummary> {
  const { entries, streams, licence, conversion } = await format.open(folder);
  const identified = await identify(folder, entries, control);
  const files = [...new Set(entries.flatMap((entry) => entry.files))];
  const sizes = await Promise.all(files.map((file) => sizeOfFile(join(folder, file))));
  return {
    recordings: entries.length,
    files: files.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    streams,
    licence: licence ?? format.licence,
    left: leftOutBy(conversion),
    recordingsSha256: digestOfAll(identified),
  };
}

/** Reads what a conversion says that it leaves out: by name, the reason. */
export function leftOutBy(conversion: unknown): Readonly<Record<string, string>> {
  const left = (conversion as { readonly left?: unknown } | undefined)?.left ?? {};
  return Object.fromEntries(Object.entries(left).map(([name, reason]) => [name, String(reason)]));
}

async function sizeOfFile(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    throw ioError('read', path, cause);
  }
}

function digestOfAll(recordings: readonly IdentifiedRecording[]): string {
  return sha256(recordings.map((recording) => `${recording.name} ${recording.sha256}\n`).join(''));
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
  const { folder, format } = recognise(path, '', options.format);
  const set = await format.open(folder);
  const chosen = set.entries.filter(({ name }) => options.select?.(name) ?? true);
  if (chosen.length === 0) {
    throw new UmweltError('invalid-input', { path }, `none of the recordings in "${folder}" were selected`);
  }
  const recordings = await identify(folder, chosen, options);
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
  { conversion, streams, licence: itsOwn }: RecordingSet,
  recordings: readonly IdentifiedRecording[],
  options: ImportOptions,
): DatasetPlan {
  return {
    name,
    origin: 'recorded',
    episodes: recordings.length,
    seed: null,
    // The digest makes changed source files another plan, so that an import never mixes two.
    configuration: {
      format: name,
      title,
      licence: itsOwn ?? licence,
      source,
      conversion,
      recordingsSha256: digestOfAll(recordings),
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
    throwIfInterrupted(folder, signal);
    const recording = recordings[episode]!;
    const { durationS, attributes, samples } = await set.read(recording);
    const identity = { sourceFile: recording.name, sourceSha256: recording.sha256 };
    yield {
      episode,
      durationS,
      attributes: { ...identity, ...attributes },
      samples: interruptible(samples, folder, signal),
    };
    onProgress?.({ done: episode + 1, total: plan.episodes, note: recording.name });
  }
}

/** A single recording may take hours: Ctrl-C must not wait for its end. */
async function* interruptible(
  samples: Recording['samples'],
  folder: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<SensorSample> {
  let count = 0;
  for await (const sample of samples) {
    throwIfInterrupted(folder, signal);
    yield sample;
    // Samples that are made without waiting would keep the signal from arriving.
    if (++count % SAMPLES_PER_PAUSE === 0) await setImmediate();
  }
}

function throwIfInterrupted(folder: string, signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new UmweltError('interrupted', { folder }, 'interrupted; import again to go on where this stopped');
}
