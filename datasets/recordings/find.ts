import { readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import { ioError } from '../files.js';
import type { RecordingFormat } from './contract.js';
import { RECORDING_FORMATS, recordingFormat } from './formats.js';
import { naturalOrder } from './natural-order.js';

/** Environment variable that names the folder of recordings. */
export const RECORDINGS_VARIABLE = 'UMWELT_RECORDINGS';
/** Where recordings are looked for last, relative to the working directory. */
export const DEFAULT_RECORDINGS = '../shared/recordings';

type Environment = Readonly<Record<string, string | undefined>>;

/** A folder whose files are recordings of one format. */
export interface FoundRecordings {
  readonly folder: string;
  readonly format: RecordingFormat;
}

/** What lies at a path: folders of recordings, and folders that hold none. */
export interface Findings {
  readonly path: string;
  readonly found: readonly FoundRecordings[];
  /** Names of the folders in it in which no format knows anything. */
  readonly unknown: readonly string[];
  /** Names of the folders in it that may not be read. */
  readonly unreadable: readonly string[];
}

/**
 * Finds the folder of recordings: the explicit path, else `UMWELT_RECORDINGS`, else `../shared/recordings`. Each may be
 * the folder itself or its parent (`<path>/contactnets-cube`).
 *
 * @param format name of the format to look for; by default the first one that is there.
 * @returns null when nothing was named and the last place has none.
 * @throws UmweltError `not-found` when a path that was named (by argument or variable) has no recordings; `invalid-input`
 *   for an unknown format or a file in place of a folder; `io` for a folder that cannot be read.
 */
export function findRecordings(
  explicit?: string,
  env: Environment = process.env,
  format?: string,
): string | null {
  const { path, origin, named } = place(explicit, env);
  if (named) return recognise(path, origin, format).folder;
  return lookInside(path, formatsNamed(format))?.folder ?? null;
}

/**
 * Says which recordings are at a path: in the folder itself, or in a folder in it that has a format's name, or in the only one
 * in it that holds any.
 *
 * @param origin where the path comes from, for messages.
 * @param format name of the format to look for; by default the first one that is there.
 * @throws UmweltError as `findRecordings`; `invalid-input` when several folders in it hold some and none has a format's name.
 */
export function recognise(path: string, origin = '', format?: string): FoundRecordings {
  const formats = formatsNamed(format);
  const found = lookInside(path, formats);
  if (found !== null) return found;
  requireFolder(path, origin);
  const below = findAllRecordings(path)!.found.filter((one) => formats.includes(one.format));
  if (below.length === 1) return below[0]!;
  if (below.length > 1) throw severalIn(path, origin, below);
  const names = formats.map(({ name }) => name).join(', ');
  throw new UmweltError(
    'not-found',
    { path, formats: formats.map(({ name }) => name) },
    `"${path}"${origin} has no recordings: expected the files of ${names}, or a folder of that name with them; ` +
      '`umwelt recordings list` tells what each format is',
  );
}

function severalIn(path: string, origin: string, found: readonly FoundRecordings[]): UmweltError {
  const folders = found.map(({ folder }) => folder);
  const some = folders.slice(0, 5).join(', ') + (folders.length > 5 ? ', ...' : '');
  const message = `"${path}"${origin} has several folders of recordings: give one of ${some}`;
  return new UmweltError('invalid-input', { path, folders }, message);
}

/**
 * Lists everything at a path, the same places as `findRecordings` when it is absent: every folder in it where one has a format's
 * name, else the folder itself, else every folder in it. Each is taken by the format that has its name, else by the first that
 * knows its files.
 *
 * @returns null when nothing was named and the last place does not exist.
 * @throws UmweltError `not-found`, `invalid-input` (a file), `io`.
 */
export function findAllRecordings(explicit?: string, env: Environment = process.env): Findings | null {
  const { path, origin, named } = place(explicit, env);
  if (!named && statOf(path) === undefined) return null;
  requireFolder(path, origin);
  const names = namesIn(path)
    .filter((name) => statOf(join(path, name))?.isDirectory())
    .sort(naturalOrder);
  const unreadable = names.filter((name) => !isReadable(join(path, name)));
  const readable = names.filter((name) => !unreadable.includes(name));
  const isParent = RECORDING_FORMATS.some(
    (format) => readable.includes(format.name) && holdsIn(join(path, format.name), format),
  );
  const itself = isParent ? null : formatOf(path);
  if (itself !== null) {
    return { path, found: [{ folder: path, format: itself }], unknown: [], unreadable: [] };
  }
  const found: FoundRecordings[] = [];
  const unknown: string[] = [];
  for (const name of readable) {
    const folder = join(path, name);
    const format = formatOf(folder, name);
    if (format === null) unknown.push(name);
    else found.push({ folder, format });
  }
  return { path, found, unknown, unreadable };
}

function isReadable(folder: string): boolean {
  try {
    namesIn(folder);
    return true;
  } catch {
    return false;
  }
}

function place(explicit: string | undefined, env: Environment) {
  if (explicit !== undefined) return { path: explicit, origin: '', named: true };
  const variable = env[RECORDINGS_VARIABLE];
  if (variable === undefined || variable === '') {
    return { path: DEFAULT_RECORDINGS, origin: '', named: false };
  }
  return { path: variable, origin: ` (from ${RECORDINGS_VARIABLE})`, named: true };
}

function formatsNamed(name: string | undefined): readonly RecordingFormat[] {
  return name === undefined ? RECORDING_FORMATS : [recordingFormat(name)];
}

function lookInside(path: string, formats: readonly RecordingFormat[]): FoundRecordings | null {
  for (const format of formats) {
    // The folder with its name first: some formats know their files a folder deep as well.
    for (const folder of [join(path, format.name), path]) {
      if (holdsIn(folder, format)) return { folder, format };
    }
  }
  return null;
}

function formatOf(folder: string, name?: string): RecordingFormat | null {
  const named = RECORDING_FORMATS.filter((format) => format.name === name);
  return [...named, ...RECORDING_FORMATS].find((format) => holdsIn(folder, format)) ?? null;
}

function holdsIn(folder: string, format: RecordingFormat): boolean {
  const names = namesIn(folder);
  return names.length > 0 && format.holds(names, folder);
}

/** What a missing or wrong path is, is told by `requireFolder`; a folder that may not be read must not look empty. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return [];
    throw ioError('read', folder, cause);
  }
}

function requireFolder(path: string, origin: string): void {
  const found = statOf(path);
  if (found === undefined) {
    const message = `the folder of recordings "${path}"${origin} does not exist`;
    throw new UmweltError('not-found', { path }, message);
  }
  if (found.isDirectory()) return;
  throw new UmweltError(
    'invalid-input',
    { path },
    `"${path}"${origin} is a file: expected the folder that holds the recordings; give the folder that it lies in`,
  );
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw ioError('read', path, cause);
  }
}
