import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordingFormat } from './contract.js';
import { namesIn, type SingleFiles, singleFiles } from './single-files.js';

/** One file, one recording, as `SingleFiles`, where the files may lie in a sub-folder of the folder that is named. */
export interface NestedFiles extends SingleFiles {
  /** Where they lie as published; files in the folder itself are taken instead where there are some. */
  readonly subfolder: string;
}

/**
 * Makes the reading half of a format whose files lie in a folder or in one sub-folder of it. Entries have the file's bare name in
 * both cases, so that a recording is called the same however its folder was given.
 */
export function nestedFiles(files: NestedFiles): Pick<RecordingFormat, 'holds' | 'open'> {
  const { subfolder, isRecording } = files;
  const { open } = singleFiles(files);
  return {
    holds: (names, folder) => holdsBelow(names, folder, subfolder, isRecording),
    async open(folder) {
      if ((await namesIn(folder)).some(isRecording)) return open(folder);
      const set = await open(join(folder, subfolder));
      const entries = set.entries.map(({ name }) => ({ name, files: [`${subfolder}/${name}`] }));
      return { ...set, entries };
    },
  };
}

/** Says whether recordings lie in a folder or in its sub-folder. */
export function holdsBelow(
  names: readonly string[],
  folder: string,
  subfolder: string | null,
  isRecording: (name: string) => boolean,
): boolean {
  if (names.some(isRecording)) return true;
  if (subfolder === null || !names.includes(subfolder)) return false;
  try {
    return readdirSync(join(folder, subfolder)).some(isRecording);
  } catch {
    return false;
  }
}

/**
 * Lists the recordings in a folder, else those in its sub-folder: their bare names and where they lie.
 *
 * @throws UmweltError `not-found`, `io`.
 */
export async function filesBelow(
  folder: string,
  subfolder: string | null,
  isRecording: (name: string) => boolean,
): Promise<{ name: string; file: string }[]> {
  const here = (await namesIn(folder)).filter(isRecording);
  if (here.length > 0 || subfolder === null) return here.map((name) => ({ name, file: name }));
  const below = (await namesIn(join(folder, subfolder))).filter(isRecording);
  return below.map((name) => ({ name, file: `${subfolder}/${name}` }));
}
