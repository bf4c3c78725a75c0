import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordingFormat } from './contract.js';
import { namesIn, type SingleFiles, singleFiles } from './single-files.js';

/** One file, one recording, as `SingleFiles`, where the files may lie in a sub-folder of the folder that is named. */
export interface NestedFiles extends SingleFiles {
  /** Where they lie as published; files in the folder itself are taken too, and first. */
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
    holds: (names, folder) =>
      names.some(isRecording) ||
      (names.includes(subfolder) && namesBelow(folder, subfolder).some(isRecording)),
    async open(folder) {
      if ((await namesIn(folder)).some(isRecording)) return open(folder);
      const set = await open(join(folder, subfolder));
      return {
        ...set,
        entries: set.entries.map((entry) => ({
          ...entry,
          files: entry.files.map((file) => `${subfolder}/${file}`),
        })),
      };
    },
  };
}

function namesBelow(folder: string, subfolder: string): readonly string[] {
  try {
    return readdirSync(join(folder, subfolder));
  } catch {
    return [];
  }
}
