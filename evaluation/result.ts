import type { Estimate, Metric } from './contract.js';
import type { MetricName } from './metrics/list.js';

/** One value for each metric. */
export type ByMetric<T> = Readonly<Record<MetricName, T>>;

/** What one method scored on each held-out recording, in the order of the split. */
export interface MethodScores {
  /** Mean over the frames of a recording, its context's last frame (where the error is 0) included. */
  readonly means: ByMetric<readonly Metric[]>;
  /** [recordings][horizons] */
  readonly horizons: ByMetric<readonly (readonly Metric[])[]>;
}

/** All that is known about one method. */
export interface MethodResult {
  readonly name: string;
  readonly kind: 'baseline' | 'world-model';
  /** One line for tables: what the method knows. */
  readonly description: string;
  /** What was set or fitted; plain JSON. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Recordings whose forecast holds a number that is not finite; above 0, the method has no estimates. */
  readonly diverged: number;
  readonly scores: MethodScores;
  readonly overall: ByMetric<Estimate>;
  /** One estimate a horizon, in the order of `EvaluationResult.horizonsS`. */
  readonly byHorizon: ByMetric<readonly Estimate[]>;
}

/** The difference of two methods' means, a - b, paired by recording: below 0, `a` is better. */
export interface PairedDifference {
  readonly a: string;
  readonly b: string;
  readonly difference: ByMetric<Estimate>;
}

/** Where the recordings come from and how many there are on each side. */
export interface JudgedRecordings {
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  readonly url: string;
  readonly dataSha256: string;
  readonly rateHz: number;
  readonly widthM: number;
  readonly total: number;
  readonly train: number;
  readonly heldout: number;
  /** Left out because they have no frame beyond the context. */
  readonly tooShort: number;
}

/** A recording that methods were judged on. */
export interface HeldoutRecording {
  readonly name: string;
  readonly sha256: string;
  readonly frames: number;
}

/** All that an evaluation found: plain data, the same for the same inputs. */
export interface EvaluationResult {
  readonly format: 'umwelt-evaluation';
  readonly formatVersion: 1;
  readonly recordings: JudgedRecordings;
  readonly seed: number;
  readonly trainShare: number;
  readonly contextFrames: number;
  readonly heldout: readonly HeldoutRecording[];
  /** Horizons of `byHorizon`, seconds after the context's last frame. */
  readonly horizonsS: readonly number[];
  readonly methods: readonly MethodResult[];
  readonly differences: readonly PairedDifference[];
  /** Penetration of the recordings themselves: the bias of the tracking. */
  readonly recordedPenetration: Estimate;
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of the inputs: recordings, split, context, versions. */
  readonly inputsSha256: string;
}

/** What `umwelt evaluate --json` prints. Estimates that do not exist are null. */
export interface EvaluationSummary {
  readonly recordings: {
    readonly name: string;
    readonly total: number;
    readonly train: number;
    readonly heldout: number;
  };
  readonly seed: number;
  readonly context_frames: number;
  readonly methods: Readonly<Record<string, ByMetric<EstimateJson>>>;
}

/** An estimate as JSON: a number that does not exist is null. */
export interface EstimateJson {
  readonly mean: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly n: number;
}
