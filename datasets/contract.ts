import type { SensorSample, StreamDescription, TypedArray } from '../sensors/contract.js';

export type {
  DataType,
  FieldDescription,
  SensorSample,
  StreamDescription,
  TypedArray,
} from '../sensors/contract.js';

/** Where the data comes from. A `recorded` dataset was measured in the physical world; nothing else may say so. */
export type Origin = 'simulated' | 'recorded' | 'rollout';

/**
 * What is known about one episode beside its samples: draws of the randomisation, or the source file and its digest. What
 * `attributes.streams` says of a stream by name is added to the stream's metadata when the episode is read.
 */
export interface EpisodeMetadata {
  readonly episode: number;
  readonly durationS: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

export interface FileEntry {
  /** Relative to the dataset's folder, with forward slashes. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is written is decided by this alone; it is stored before the first shard so that an interrupted run can resume. */
export interface DatasetPlan {
  readonly name: string;
  readonly origin: Origin;
  readonly episodes: number;
  readonly seed: number | null;
  /** The resolved scenario, or the importer's settings with origin and licence of the recordings. */
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly streams: readonly StreamDescription[];
  readonly episodesPerShard: number;
}

export interface StreamSummary extends StreamDescription {
  readonly rows: number;
  /** rows x samplesPerRow. */
  readonly samples: number;
  /** Size of its Arrow files. */
  readonly bytes: number;
}

/** manifest.json. Holds no time and no host: the same plan gives the same bytes. */
export interface DatasetManifest extends Omit<DatasetPlan, 'streams' | 'episodes'> {
  readonly format: 'umwelt-dataset';
  readonly formatVersion: 1;
  /** SHA-256 of the canonical JSON of `configuration`. */
  readonly configurationSha256: string;
  readonly streams: readonly StreamSummary[];
  readonly episodes: readonly EpisodeMetadata[];
  readonly files: readonly FileEntry[];
  /** SHA-256 over the sorted `path sha256` lines of `files`: one name for all of the data. */
  readonly dataSha256: string;
}

/** An episode on its way into a dataset. Samples of one stream come in time order. */
export interface EpisodeSource extends EpisodeMetadata {
  readonly samples: Iterable<SensorSample> | AsyncIterable<SensorSample>;
}

/** All rows of one stream in one episode. */
export interface StreamData {
  readonly description: StreamDescription;
  readonly rows: number;
  readonly timeNs: BigInt64Array;
  /** By field: [rows, ...shape], row-major. */
  readonly values: Readonly<Record<string, TypedArray>>;
}

export interface Episode extends EpisodeMetadata {
  readonly streams: Readonly<Record<string, StreamData>>;
}

/** A dataset that is open for reading; holds no file handles between calls. */
export interface Dataset {
  readonly directory: string;
  readonly manifest: DatasetManifest;
  /** Reads one episode, all streams or the named ones. */
  readEpisode(episode: number, streams?: readonly string[]): Promise<Episode>;
  /** Reads all episodes in order, one in memory at a time. */
  episodes(streams?: readonly string[]): AsyncIterable<Episode>;
}
