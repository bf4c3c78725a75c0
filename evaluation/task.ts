import type { Control } from '../core/progress.js';
import type { Dataset } from '../datasets/contract.js';
import type { CreateWorld } from '../sim/contract.js';
import type { WorldModel } from '../worldmodel/contract.js';
import type { Calibration } from './calibrate/contract.js';
import type { Overlay } from './calibrate/overlay.js';
import type { Case } from './case.js';
import type { Metric } from './contract.js';

export type {
  Calibration,
  CalibrationParameter,
  CalibrationProblem,
  ParameterValues,
} from './calibrate/contract.js';
export type { Case } from './case.js';

/** One number that judges a forecast. */
export interface MetricDescription {
  /** Key in summaries, results and tables: lower case, with the unit, `position_pct_width`. */
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly sense: 'state' | 'vision' | 'audio' | 'touch' | 'uncertainty';
  /** Which way is better, or the value that is right (0.9 for the coverage of 90 % intervals). */
  readonly better: 'lower' | 'higher' | { readonly target: number };
  /** Value at horizon 0, where the last frame was seen; absent where it is not known beforehand. */
  readonly atStart?: number;
}

/** What a method may know, and what it is judged by. Plain data of the task's own form. */
export interface LoadedCase<C, T> {
  /** The frames that are shown, what is commanded after them, and how far to go. Holds nothing of the outcome. */
  readonly context: C;
  readonly truth: T;
}

/** What one forecast scored. Records are keyed by `MetricDescription.name`; one that is left out is invalid. */
export interface CaseScores {
  /** Over the whole forecast. */
  readonly overall: Readonly<Record<string, Metric>>;
  /** One value a horizon, in the order of the horizons asked for. */
  readonly byHorizon: Readonly<Record<string, readonly Metric[]>>;
  /** False when a number of the forecast is not finite: the method has diverged. */
  readonly finite: boolean;
  /**
   * By quantity: how many observations fell into each tenth of the predicted distribution. Only for forecasts that are
   * distributions; the report draws reliability from it.
   */
  readonly pit?: Readonly<Record<string, readonly number[]>>;
}

/**
 * What a method is: `baseline` (knows no data), `physics` (simulates), `learned` (from the train side), `world-model`
 * (given from outside) or `ceiling` (what nobody can be expected to beat).
 */
export type MethodKind = 'baseline' | 'physics' | 'learned' | 'world-model' | 'ceiling';

/** One row of the comparison, before it is run. */
export interface Method<C = unknown, T = unknown, F = unknown> {
  readonly name: string;
  readonly kind: MethodKind;
  /** One line for tables: what the method knows. */
  readonly description: string;
  /** Plain JSON that tells its forecasts from any other's, given the inputs; null when nothing can. */
  readonly identity: unknown;
  /** How many forecasts its preparation makes at most, for progress. */
  readonly preparation: number;
  /**
   * Fits or loads. Called once, before any forecast.
   *
   * @param known what `parameters` were after an earlier preparation with the same inputs, so that nothing need be fitted twice.
   */
  prepare(control: Control, known?: Readonly<Record<string, unknown>>): Promise<Prepared<C, T, F>>;
}

/** A method that is ready, with what was set or fitted to make it so. */
export interface Prepared<C = unknown, T = unknown, F = unknown> {
  /** Plain JSON. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Continues a case. `chosen` is for ceilings that look up another recording; others need the context alone. */
  forecast(context: C, chosen: Case): Promise<F>;
  /** What the forecast is judged by in place of the recording: for ceilings that compare replays with each other. */
  against?(context: C, chosen: Case): Promise<T>;
  release?(): Promise<void>;
}

/** Everything that a task is made from. */
export interface TaskSetup {
  /** A dataset of `origin: 'recorded'` in the task's format. */
  readonly recordings: Dataset;
  readonly createWorld: CreateWorld;
  /** Judged beside the task's own methods; the caller keeps and releases them. */
  readonly models: readonly WorldModel[];
  readonly contextFrames: number;
  readonly seed: number;
  /** What `umwelt calibrate` found; null when nothing was given. */
  readonly overlay: Overlay | null;
}

/** A line of an exhibit. */
export interface Line {
  /** `recorded`, or the name of a method. */
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** One picture of a case: what was recorded and what methods predicted, as curves or as an image. */
export type Exhibit =
  | {
      readonly title: string;
      readonly xTitle: string;
      readonly yTitle: string;
      readonly lines: readonly Line[];
    }
  | { readonly title: string; readonly png: Uint8Array };

/** A task with its recordings. */
export interface OpenTask<C = unknown, T = unknown, F = unknown> {
  readonly cases: readonly Case[];
  /** Horizons to judge at, seconds after the last frame that was shown. */
  horizonsS(heldout: readonly Case[]): readonly number[];
  load(chosen: Case): Promise<LoadedCase<C, T>>;
  /**
   * Lists the methods in the order of tables, simplest first.
   *
   * @param train cases to fit to; none with `--held-out all`.
   * @throws UmweltError `invalid-input` when one must be fitted, there is nothing to fit to and no overlay.
   */
  methods(train: readonly Case[]): readonly Method<C, T, F>[];
  score(forecast: F, truth: T, horizonsS: readonly number[]): CaseScores;
  /** Name of the method that simulates, so that a model's gap can be split in two. */
  readonly simulator?: string;
  /** Turns a forecast into a truth, so that models can be judged by the simulator. */
  asTruth?(forecast: F): T;
  /** Draws a case: a panel for each thing worth seeing. */
  exhibit?(
    loaded: LoadedCase<C, T>,
    forecasts: readonly { readonly name: string; readonly forecast: F }[],
  ): Promise<readonly Exhibit[]>;
  /** What `umwelt calibrate` may vary; absent where there is nothing to calibrate. */
  calibration?(train: readonly Case[]): Calibration;
  /** What a reader must know before believing the numbers, beside what holds for every task. */
  readonly notes: readonly string[];
  /** Facts for the report and the leaderboard's check that two reports follow one protocol. Plain JSON. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/** How recordings of one format are judged. A task is plain data and functions; add it to evaluation/tasks/list.ts. */
export interface Task {
  /** Name of the recordings' format. */
  readonly name: string;
  /** How methods are judged, in a sentence. */
  readonly protocol: string;
  readonly metrics: readonly MetricDescription[];
  /** Names of its own methods, simplest first. Which of them there are depends on the train side and the overlay. */
  readonly methodNames: readonly string[];
  /** Frames that a method sees, unless the user says otherwise. */
  readonly contextFrames: number;
  /** Names of the methods that skill is measured from and towards. */
  readonly baseline: string;
  readonly ceiling?: string;
  /** @throws UmweltError `invalid-input` when the dataset is not what it should be. */
  open(setup: TaskSetup): Promise<OpenTask>;
}
