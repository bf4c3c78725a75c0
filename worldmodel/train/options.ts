import type { Control } from '../../core/progress.js';
import type { Dataset } from '../../datasets/contract.js';
import type { Provider } from '../engine/provider.js';
import type { CoreKind, ModelSizeName } from '../model/configuration.js';

/** What can be left out of the recipe, to see what it is worth. */
export interface Recipe {
  /** Noise on what the model is shown. */
  readonly contextNoise: boolean;
  /** Predict many ticks from a short context; otherwise every tick is shown before the next is predicted. */
  readonly multiStep: boolean;
}

export const FULL_RECIPE: Recipe = { contextNoise: true, multiStep: true };

/** Share of each dataset's episodes that is held back, unless told otherwise. */
export const VALIDATION_SHARE = 0.05;

/** One reading of a training's loss, for its log. */
export interface TrainingRecord {
  readonly step: number;
  /** By name: `loss`, `positionRms`, `cameraRms`, ...; of held-out episodes as `validation/...`. */
  readonly values: Readonly<Record<string, number>>;
}

/** What `trainWorldModel` is to do. */
export interface TrainingOptions extends Control {
  readonly datasets: readonly Dataset[];
  readonly directory: string;
  readonly steps: number;
  readonly seed: number;
  readonly size?: ModelSizeName;
  readonly core?: CoreKind;
  /** Dynamics heads (default 4). */
  readonly ensemble?: number;
  readonly recipe?: Recipe;
  /** Streams to leave out. */
  readonly without?: readonly string[];
  /** Share of each dataset's episodes that is held back to validate (default VALIDATION_SHARE). */
  readonly validationShare?: number;
  /** Stops when the validation loss has not fallen for so many validations in a row; never by default. */
  readonly patience?: number;
  /** Folder of a model to begin from, with its configuration; the learning rate is a quarter then. */
  readonly fineTune?: string;
  /** Goes on from the last checkpoint of a training with the same settings. */
  readonly resume?: boolean;
  /** Of ONNX Runtime; results differ in the last digits between numbers of threads. All cores by default. */
  readonly threads?: number;
  /** Where ONNX Runtime computes (default `cpu`). */
  readonly provider?: Provider;
  /** Seconds between checkpoints (default 120). */
  readonly checkpointS?: number;
  /** Unix time in seconds, for checkpoints and logs; without it there are no logs, and a checkpoint every hundred steps. */
  readonly clockS?: () => number;
  /** Told of every step, and of every validation, as the log is. */
  readonly onRecord?: (record: TrainingRecord) => void | Promise<void>;
  readonly versions?: Readonly<Record<string, string>>;
}
