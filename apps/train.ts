import { openDataset } from '../datasets/reader.js';
import type { ModelManifest } from '../worldmodel/model-folder.js';
import type { TrainingOptions } from '../worldmodel/train/options.js';
import { trainWorldModel } from '../worldmodel/train/train.js';
import { modelVersions } from './version.js';

export interface TrainModelOptions extends Omit<TrainingOptions, 'datasets' | 'versions' | 'clockS'> {
  /** Folders of datasets. */
  readonly datasets: readonly string[];
}

/** Trains a world model on dataset folders, with logs. @throws UmweltError as `openDataset` and `trainWorldModel`. */
export async function trainModel(options: TrainModelOptions): Promise<ModelManifest> {
  const datasets = [];
  for (const directory of options.datasets) datasets.push(await openDataset(directory));
  const clockS = (): number => Date.now() / 1000;
  return trainWorldModel({ ...options, datasets, clockS, versions: modelVersions() });
}
