import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function mountSmall(kibibytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'umwelt-small-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch (cause) {
    rmSync(folder, { recursive: true });
    throw cause;
  }
  return folder;
}

function unmount(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'ignore' });
  rmSync(folder, { recursive: true });
}

/** Whether this user may mount a memory disk (root on Linux). */
export function hasSmallDisk(): boolean {
  try {
    unmount(mountSmall(64));
    return true;
  } catch {
    return false;
  }
}

/** Runs `work` in a folder on a disk of its own that is soon full. */
export async function withSmallDisk(
  kibibytes: number,
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mountSmall(kibibytes);
  try {
    await work(folder);
  } finally {
    unmount(folder);
  }
}
