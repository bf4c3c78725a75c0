import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import type { DatasetManifest } from '../datasets/contract.js';
import { DEFAULT_RECORDINGS, findRecordings, RECORDINGS_VARIABLE } from '../datasets/recordings/find.js';
import { importRecordings, listRecordings } from '../datasets/recordings/import.js';
import { splitRecordings } from '../evaluation/split.js';
import { dataVersions } from './version.js';

/** Which side of the split that `evaluate` judges by. */
export type SplitSide = 'all' | 'train' | 'heldout';

export interface ImportSplitOptions extends Control {
  /** Folder of recordings; looked for as `findRecordings` does when absent. */
  readonly path?: string | undefined;
  readonly directory: string;
  readonly side: SplitSide;
  readonly seed: number;
}

/**
 * Finds recordings as `findRecordings` does.
 *
 * @throws UmweltError `not-found` with the ways to get some, when there are none.
 */
export function requireRecordings(path?: string): string {
  const found = findRecordings(path);
  if (found !== null) return found;
  throw new UmweltError(
    'not-found',
    { path: path ?? DEFAULT_RECORDINGS },
    `no recordings found. ${HOW_TO_GET_RECORDINGS}`,
  );
}

/** What a person without recordings can do. */
export const HOW_TO_GET_RECORDINGS =
  'Get the public ones with `umwelt recordings fetch contactnets-cube --out recordings/contactnets-cube`, then give ' +
  `--recordings recordings or set ${RECORDINGS_VARIABLE}=recordings`;

/**
 * Converts recordings into a dataset: all of them, or one side of the split that `evaluate` makes with the same seed.
 *
 * @throws UmweltError as `requireRecordings` and `importRecordings`.
 */
export async function importSplit(options: ImportSplitOptions): Promise<DatasetManifest> {
  const { directory, side, seed, onProgress, signal } = options;
  const folder = requireRecordings(options.path);
  const chosen = side === 'all' ? null : await sideOf(folder, side, seed);
  return importRecordings(folder, directory, {
    versions: dataVersions(),
    ...(chosen && { select: (name: string) => chosen.has(name) }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
}

async function sideOf(folder: string, side: 'train' | 'heldout', seed: number): Promise<ReadonlySet<string>> {
  const identities = await listRecordings(folder);
  return new Set(splitRecordings(identities, seed)[side].map(({ name }) => name));
}
