import type { RecordingIdentity } from './split.js';

/** One forecast to be judged: where a recording is shown to a method and where it has to go on alone. */
export interface Case {
  /** Unique among the cases: the recording's name, with `@seconds` where a recording has several. */
  readonly name: string;
  readonly recording: RecordingIdentity;
  /** The recording's place in the dataset. */
  readonly episode: number;
  /** Where the context begins in the recording. */
  readonly startS: number;
  /** How far beyond the context the recording can judge. */
  readonly horizonS: number;
  /** Cases of one unit are resampled together; the recording's digest by default. */
  readonly unit?: string;
  /** Resamples keep the number of units in each stratum; one stratum by default. */
  readonly stratum?: string;
  /** Set by a task that divides recordings itself (by time); the others are divided by seed and digest. */
  readonly side?: 'train' | 'heldout';
}
