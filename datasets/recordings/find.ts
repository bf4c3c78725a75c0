import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import type { RecordingFormat } from './contract.js';
import { RECORDING_FORMATS } from './formats.js';

/** Environment variable that names the folder of recordings. */
export const RECORDINGS_VARIABLE = 'UMWELT_RECORDINGS';
/** Where recordings are looked for last, relative to the working directory. */
export const DEFAULT_RECORDINGS = '../shared/recordings';

/** A folder whose files are recordings of one format. */
export interface FoundRecordings {
  readonly folder: string;
  readonly format: RecordingFormat;
}

/**
 * Finds the folder of recordings: the explicit path, else `UMWELT_RECORDINGS`, else `../shared/recordings`. Each may be
 * the folder itself or its parent (`<path>/contactnets-cube`).
 *
 * @returns null when nothing was named and the last place has none.
 * @throws UmweltError `not-found` when a path that was named (by argument or variable) has no recordings.
 */
export function findRecordings(
  explicit?: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  if (explicit !== undefined) return recognise(explicit).folder;
  const named = env[RECORDINGS_VARIABLE];
  if (named !== undefined && named !== '') return recognise(named, ` (from ${RECORDINGS_VARIABLE})`).folder;
  return lookInside(DEFAULT_RECORDINGS)?.folder ?? null;
}

/**
 * Says which recordings are at a path: in the folder itself, or in a folder in it that has a format's name.
 *
 * @throws UmweltError `not-found`.
 */
export function recognise(path: string, origin = ''): FoundRecordings {
  const found = lookInside(path);
  if (found !== null) return found;
  const exists = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const names = RECORDING_FORMATS.map(({ name }) => name).join(', ');
  throw new UmweltError(
    'not-found',
    { path },
    exists
      ? `"${path}"${origin} has no recordings: expected the files of ${names}, or a folder of that name with them`
      : `the folder of recordings "${path}"${origin} does not exist`,
  );
}

function lookInside(path: string): FoundRecordings | null {
  for (const format of RECORDING_FORMATS) {
    for (const folder of [path, join(path, format.name)]) {
      const names = namesIn(folder);
      if (names.length > 0 && format.holds(names, folder)) return { folder, format };
    }
  }
  return null;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
