import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UmweltError } from '../core/errors.js';
import type { OnProgress } from '../core/progress.js';
import { makeFolder } from '../datasets/files.js';
import { openDataset } from '../datasets/reader.js';
import { findRecordings } from '../datasets/recordings/find.js';
import { type Evaluated, evaluateModels } from './evaluate.js';
import { generateDataset } from './generate.js';
import { writePictures } from './pictures.js';
import { importSplit } from './recordings.js';
import { trainModel } from './train.js';

export interface QuickstartOptions {
  readonly directory: string;
  readonly recordings?: string | undefined;
  readonly episodes: number;
  readonly steps: number;
  readonly workers: number;
  readonly signal?: AbortSignal;
  /** Wraps each stage, to show how far it is. */
  readonly stage: <T>(title: string, work: (onProgress: OnProgress) => Promise<T>) => Promise<T>;
}

/** Folders that a quickstart writes. */
export const QUICKSTART_FOLDERS = {
  simulated: 'simulated',
  recorded: 'recorded-train',
  model: 'model',
  report: 'report',
  pictures: 'pictures',
} as const;

const SEED = 0;

/** The cube has left the hand and not yet come to rest. */
const SHOWN_AT_S = 0.12;

/**
 * Goes the whole street: simulate, sense, import the train side of the recordings, train on both, judge by the held-out side.
 *
 * @returns null where no recordings can be found: nothing is judged then.
 * @throws UmweltError as each stage; `conflict` when the folder is not empty.
 */
export async function quickstart(options: QuickstartOptions): Promise<Evaluated | null> {
  const { directory, episodes, steps, workers, stage } = options;
  const control = options.signal === undefined ? {} : { signal: options.signal };
  await requireEmpty(directory);
  const recordings = findRecordings(options.recordings);
  const folder = (name: keyof typeof QUICKSTART_FOLDERS): string => join(directory, QUICKSTART_FOLDERS[name]);

  await stage(`simulate ${episodes} tosses`, (onProgress) =>
    generateDataset({
      scenario: 'cube-toss',
      directory: folder('simulated'),
      episodes,
      seed: SEED,
      workers,
      onProgress,
      ...control,
    }),
  );
  const toss = await (await openDataset(folder('simulated'))).readEpisode(0);
  await stage('draw what it senses', () => writePictures(toss, SHOWN_AT_S, folder('pictures')));
  const datasets = [folder('simulated')];
  if (recordings !== null) {
    await stage('import recordings', (onProgress) =>
      importSplit({
        path: recordings,
        directory: folder('recorded'),
        side: 'train',
        seed: SEED,
        onProgress,
        ...control,
      }),
    );
    datasets.push(folder('recorded'));
  }
  await stage(`train ${steps} steps`, (onProgress) =>
    trainModel({ datasets, directory: folder('model'), steps, seed: SEED, onProgress, ...control }),
  );
  if (recordings === null) return null;
  return stage('judge by recordings', (onProgress) =>
    evaluateModels({
      recordings,
      directory: folder('report'),
      models: [folder('model')],
      seed: SEED,
      onProgress,
      ...control,
    }),
  );
}

async function requireEmpty(directory: string): Promise<void> {
  await makeFolder(directory);
  const present = await readdir(directory);
  if (present.length === 0) return;
  throw new UmweltError(
    'conflict',
    { directory, present: present.slice(0, 10) },
    `"${directory}" is not empty: delete it, or choose another folder with --out`,
  );
}
