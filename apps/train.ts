import type { Control } from '../core/progress.js';
import { openDataset } from '../datasets/reader.js';
import type { ModelSizeName } from '../worldmodel/model/configuration.js';
import type { ModelManifest } from '../worldmodel/model-folder.js';
import { trainWorldModel } from '../worldmodel/train/train.js';
import { modelVersions } from './version.js';

export interface TrainModelOptions extends Control {
  /** Folders of datasets. */
  readonly datasets: readonly string[];
  readonly directory: string;
  readonly steps: number;
  readonly seed: number;
  readonly size?: ModelSizeName;
  readonly resume?: boolean;
}

/** Trains a world model on dataset folders. @throws UmweltError as `openDataset` and `trainWorldModel`. */
export async function trainModel(options: TrainModelOptions): Promise<ModelManifest> {
  const datasets = [];
  for (const directory of options.datasets) datasets.push(await openDataset(directory));
  return trainWorldModel({ ...options, datasets, versions: modelVersions() });
}
