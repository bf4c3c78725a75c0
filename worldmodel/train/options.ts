import type { Control } from '../../core/progress.js';
import type { Dataset } from '../../datasets/contract.js';
import type { ModelSizeName } from '../model/configuration.js';

/** What `trainWorldModel` is to do. */
export interface TrainingOptions extends Control {
  readonly datasets: readonly Dataset[];
  readonly directory: string;
  readonly steps: number;
  readonly seed: number;
  readonly size?: ModelSizeName;
  /** Goes on from the last checkpoint of a training with the same settings. */
  readonly resume?: boolean;
  /** Of ONNX Runtime; results differ in the last digits between numbers of threads. All cores by default. */
  readonly threads?: number;
  readonly versions?: Readonly<Record<string, string>>;
}
