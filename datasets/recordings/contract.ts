import type { SensorSample, StreamDescription } from '../contract.js';

/** Where recordings were published. */
export interface RecordingSource {
  /** Who made them, and the paper or page that describes them. */
  readonly citation: string;
  readonly url: string;
  /** Version that the importer was written for: a commit, a release. */
  readonly version: string;
}

/** One recording in the project's units and frames: SI, x forward, y left, z up, quaternions w x y z. */
export interface Recording {
  readonly durationS: number;
  /** Facts about this recording alone, beside what `importRecordings` adds. Plain JSON. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Each stream's own in time order. A generator reads a long recording in pieces. */
  readonly samples: Iterable<SensorSample> | AsyncIterable<SensorSample>;
}

/** A recording's name and the files that hold it. */
export interface RecordingEntry {
  /** Unique in the folder: the file's name, with `#part` where one file holds several. */
  readonly name: string;
  /** What is read for it, relative to the folder, with forward slashes. */
  readonly files: readonly string[];
}

/** The recordings of one folder, ready to be read. Holds no file handles between calls. */
export interface RecordingSet {
  /**
   * What the conversion does to the numbers: factors, frames, biases. Goes into the dataset's configuration. `left`, where it is
   * there, tells a person what is not converted: by name, the reason.
   */
  readonly conversion: Readonly<Record<string, unknown>>;
  readonly streams: readonly StreamDescription[];
  /** Where these recordings say their own licence (a dataset card); the format's by default. */
  readonly licence?: string;
  /** In the order of episodes: `2.pt` before `10.pt`. */
  readonly entries: readonly RecordingEntry[];
  /**
   * Turns the files of one entry into a recording. Never runs code from a file.
   *
   * @throws UmweltError `malformed-file` naming the file and the place (byte, row, column), also while samples are read.
   */
  read(entry: RecordingEntry): Promise<Recording>;
}

/** The published files of one set of recordings, and what their bytes must be. */
export interface Publication {
  /** `<baseUrl>/<name>` is a file, unless `addresses` says otherwise. */
  readonly baseUrl: string;
  /** SHA-256 by the file's place in the folder. */
  readonly sha256: Readonly<Record<string, string>>;
  /** Whole addresses of files that do not lie under `baseUrl`, by their place in the folder. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** How many files are published beyond those, whose digest is not known and which are therefore not fetched. */
  readonly withoutDigest: number;
}

/**
 * How one kind of published recording becomes an `origin: 'recorded'` dataset. A format is plain data and functions; add it
 * to datasets/recordings/formats.ts. Where each file is one recording, `singleFiles` makes `holds` and `open`.
 *
 * `importRecordings` adds to each episode the attributes `sourceFile` (the entry's name) and `sourceSha256` (`identityOf`).
 */
export interface RecordingFormat {
  /** Name of the folder that holds them, and of the dataset. */
  readonly name: string;
  readonly title: string;
  /** SPDX identifier and who holds the rights. */
  readonly licence: string;
  readonly source: RecordingSource;
  /** Where `umwelt recordings fetch` gets them. */
  readonly publication?: Publication;
  /**
   * Says whether a folder holds recordings of this format; reads names, not contents.
   *
   * @param names what lies in the folder.
   */
  holds(names: readonly string[], folder: string): boolean;
  /**
   * Finds the recordings in a folder and what streams they have.
   *
   * @throws UmweltError `malformed-file`, `not-found`, `io`.
   */
  open(folder: string): Promise<RecordingSet>;
}
