import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import type { DatasetManifest } from '../datasets/contract.js';
import type { RecordingFormat } from '../datasets/recordings/contract.js';
import {
  DEFAULT_RECORDINGS,
  type Findings,
  findAllRecordings,
  findRecordings,
  RECORDINGS_VARIABLE,
} from '../datasets/recordings/find.js';
import {
  importRecordings,
  listRecordings,
  type RecordingsSummary,
  summariseRecordings,
} from '../datasets/recordings/import.js';
import { splitRecordings } from '../evaluation/split.js';
import { dataVersions } from './version.js';

/** Which side of the split that `evaluate` judges by. */
export type SplitSide = 'all' | 'train' | 'heldout';

export interface ImportSplitOptions extends Control {
  /** Folder of recordings; looked for as `findRecordings` does when absent. */
  readonly path?: string | undefined;
  /** Name of the format to look for; by default the first one that is there. */
  readonly format?: string | undefined;
  readonly directory: string;
  readonly side: SplitSide;
  readonly seed: number;
}

/**
 * Finds recordings as `findRecordings` does.
 *
 * @throws UmweltError `not-found` with the ways to get some, when there are none.
 */
export function requireRecordings(path?: string, format?: string): string {
  const found = findRecordings(path, process.env, format);
  if (found !== null) return found;
  const context = { path: path ?? DEFAULT_RECORDINGS, format };
  if (format === undefined) {
    throw new UmweltError('not-found', context, `no recordings found. ${HOW_TO_GET_RECORDINGS}`);
  }
  throw new UmweltError(
    'not-found',
    context,
    `there are no recordings of ${format} in "${DEFAULT_RECORDINGS}": give the folder that holds some, or set ${RECORDINGS_VARIABLE}`,
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
  const { directory, side, onProgress, signal } = options;
  const folder = requireRecordings(options.path, options.format);
  const chosen = side === 'all' ? null : await sideOf(folder, side, options);
  return importRecordings(folder, directory, {
    format: options.format,
    versions: dataVersions(),
    ...(chosen && { select: (name: string) => chosen.has(name) }),
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  });
}

async function sideOf(
  folder: string,
  side: 'train' | 'heldout',
  { format, seed, signal }: ImportSplitOptions,
): Promise<ReadonlySet<string>> {
  const identities = await listRecordings(folder, { format, ...(signal && { signal }) });
  const chosen = splitRecordings(identities, seed)[side].map(({ name }) => name);
  if (chosen.length > 0) return new Set(chosen);
  throw new UmweltError(
    'invalid-input',
    { folder, side, seed, recordings: identities.length },
    `--split ${side}: expected recordings on that side, got none of the ${identities.length} in "${folder}"; ` +
      'take --split all, or another --seed',
  );
}

/** A folder of recordings in a list. */
export interface ListedRecordings {
  readonly folder: string;
  readonly format: RecordingFormat;
  /** What it holds, or why that cannot be told. */
  readonly summary: RecordingsSummary | UmweltError;
}

/** What lies at a path. */
export interface RecordingsList extends Omit<Findings, 'found'> {
  readonly listed: readonly ListedRecordings[];
}

/**
 * Opens every folder of recordings at a path, looked for as `findAllRecordings` does. One that cannot be read does not keep
 * the others from the list.
 *
 * @returns null when nothing was named and nothing is at the last place.
 * @throws UmweltError `not-found`, `invalid-input`, `io` at the path itself; `interrupted`.
 */
export async function listAllRecordings(
  path: string | undefined,
  { onProgress, signal }: Control = {},
): Promise<RecordingsList | null> {
  const findings = findAllRecordings(path);
  if (findings === null) return null;
  const listed: ListedRecordings[] = [];
  for (const found of findings.found) {
    onProgress?.({ done: listed.length, total: findings.found.length, note: found.folder });
    const summary = await summariseRecordings(found, { ...(signal && { signal }) }).catch((thrown) => {
      if (thrown instanceof UmweltError && thrown.code !== 'interrupted') return thrown;
      throw thrown;
    });
    listed.push({ ...found, summary });
  }
  const { found: _, ...rest } = findings;
  return { ...rest, listed };
}
