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
  readonly samples: Iterable<SensorSample> | AsyncIterable<SensorSample>;
}

/**
 * How one kind of published recording becomes an `origin: 'recorded'` dataset. A format is plain data and pure functions;
 * add it to datasets/recordings/formats.ts.
 *
 * `importRecordings` adds to each episode the attributes `sourceFile` (the recording's name) and `sourceSha256` (of its
 * file's bytes).
 */
export interface RecordingFormat {
  /** Name of the folder that holds them, and of the dataset. */
  readonly name: string;
  readonly title: string;
  /** SPDX identifier and who holds the rights. */
  readonly licence: string;
  readonly source: RecordingSource;
  /** What the conversion does to the numbers: factors, frames, biases. Goes into the dataset's configuration. */
  readonly conversion: Readonly<Record<string, unknown>>;
  readonly streams: readonly StreamDescription[];
  /** Says whether a file name is one recording of this format. */
  isRecording(fileName: string): boolean;
  /**
   * Turns one file's bytes into a recording. Never runs code from the file.
   *
   * @throws UmweltError `malformed-file` naming the file and the place (byte, row, column).
   */
  decode(bytes: Uint8Array, fileName: string): Recording;
}
