import type { Estimate, Metric } from './contract.js';
import type { Exhibit, MethodKind, MetricDescription } from './task.js';

/** One value for each metric, by its name. */
export type ByMetric<T> = Readonly<Record<string, T>>;

/** What one method scored on each held-out case, in the order of `EvaluationResult.heldout`. */
export interface MethodScores {
  /** [cases], over the whole forecast. */
  readonly overall: ByMetric<readonly Metric[]>;
  /** [cases][horizons] */
  readonly byHorizon: ByMetric<readonly (readonly Metric[])[]>;
  /** Counts of the probability integral transform in tenths, by quantity, over all cases; empty for point forecasts. */
  readonly pit: Readonly<Record<string, readonly number[]>>;
}

/** Skill against the task's baseline, (E_baseline - E) / (E_baseline - E_ceiling): 0 is the baseline, 1 the ceiling. */
export interface Skill {
  readonly byHorizon: readonly Estimate[];
  /** Mean over horizons. */
  readonly area: Estimate;
}

/** All that is known about one method. */
export interface MethodResult {
  readonly name: string;
  readonly kind: MethodKind;
  /** One line for tables: what the method knows. */
  readonly description: string;
  /** What was set or fitted; plain JSON. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Cases whose forecast holds a number that is not finite; above 0, the method has no estimates. */
  readonly diverged: number;
  readonly scores: MethodScores;
  readonly overall: ByMetric<Estimate>;
  /** One estimate a horizon, in the order of `EvaluationResult.horizonsS`. */
  readonly byHorizon: ByMetric<readonly Estimate[]>;
  /** By metrics of which lower is better. */
  readonly skill: ByMetric<Skill>;
}

/** The difference of two methods' means, a - b, paired by case. */
export interface PairedDifference {
  readonly a: string;
  readonly b: string;
  readonly difference: ByMetric<Estimate>;
  /** Probability that `a` is better than `b` on a case, ties counting half. */
  readonly improvement: ByMetric<Estimate>;
}

/** The gap between a model and reality in two parts: how far the simulator is off, and how far the model is from the simulator. */
export interface Gap {
  readonly method: string;
  readonly simulator: string;
  readonly total: ByMetric<Estimate>;
  readonly simulatorToReality: ByMetric<Estimate>;
  readonly modelToSimulator: ByMetric<Estimate>;
}

/** Where the recordings come from and how many there are on each side. */
export interface JudgedRecordings {
  readonly name: string;
  readonly title: string;
  readonly licence: string;
  readonly url: string;
  readonly dataSha256: string;
  readonly total: number;
  readonly train: number;
  readonly heldout: number;
  /** Left out because there is nothing to predict beyond the context. */
  readonly tooShort: number;
}

/** A case that methods were judged on. */
export interface HeldoutCase {
  readonly name: string;
  readonly recording: string;
  readonly sha256: string;
  readonly startS: number;
  readonly horizonS: number;
  /** Cases of one unit are resampled together, as many units as there are in each stratum. */
  readonly unit: string;
  readonly stratum: string | null;
}

/** Panels of one case, chosen by how well it was predicted. */
export interface GalleryEntry {
  readonly rank: 'best' | 'median' | 'worst';
  readonly case: string;
  /** The method by which it was chosen. */
  readonly method: string;
  readonly panels: readonly Exhibit[];
}

/** How the methods were judged: two results compare only if this is the same. */
export interface Protocol {
  readonly task: string;
  readonly sentence: string;
  readonly contextFrames: number;
  /** `split`: a share was held out by seed; `all`: nothing was fitted on these recordings; `task`: the task's own sides. */
  readonly heldOut: HeldOut;
  readonly baseline: string;
  readonly ceiling: string | null;
  readonly simulator: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
  /** SHA-256 of the above, the metrics, the horizons and the held-out cases with their recordings. */
  readonly sha256: string;
}

/** Which recordings were held out. */
export type HeldOut = 'split' | 'all' | 'task';

/** All that an evaluation found: plain data, the same for the same inputs. */
export interface EvaluationResult {
  readonly format: 'umwelt-evaluation';
  readonly formatVersion: 2;
  readonly protocol: Protocol;
  readonly metrics: readonly MetricDescription[];
  readonly recordings: JudgedRecordings;
  readonly seed: number;
  readonly trainShare: number;
  readonly heldout: readonly HeldoutCase[];
  /** Horizons of `byHorizon`, seconds after the context's last frame. */
  readonly horizonsS: readonly number[];
  readonly methods: readonly MethodResult[];
  readonly differences: readonly PairedDifference[];
  readonly gaps: readonly Gap[];
  readonly gallery: readonly GalleryEntry[];
  /** What the task says a reader must know. */
  readonly notes: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  /** SHA-256 of the inputs: recordings, split, context, overlay, versions. */
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
