import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UmweltError } from '../core/errors.js';
import { ioError } from './files.js';

/** Name of the file that says who writes to a folder. It is there only while someone does. */
export const LOCK_FILE = '.lock';

const holderSchema = z.object({ host: z.string(), pid: z.int().min(1), started: z.string() });
type Holder = z.output<typeof holderSchema>;

/**
 * Makes this process the only one that writes to a folder. A lock whose process has died is taken over.
 *
 * @returns how to let go.
 * @throws UmweltError `conflict` when a live process (or one on another host, which cannot be asked) holds it; `io`.
 */
export async function lockFolder(directory: string): Promise<() => Promise<void>> {
  const path = join(directory, LOCK_FILE);
  const mine: Holder = { host: hostname(), pid: process.pid, started: await startOf(process.pid) };
  const text = JSON.stringify(mine);
  while (!(await createExclusively(path, text))) await removeStale(path, directory);
  return () => rm(path, { force: true });
}

async function createExclusively(path: string, text: string): Promise<boolean> {
  // A lock appears with its content or not at all: nobody reads half of it.
  const draft = `${path}-${process.pid}`;
  try {
    await writeFile(draft, text);
    await link(draft, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw ioError('write', path, cause);
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeStale(path: string, directory: string): Promise<void> {
  const text = await contentOf(path);
  if (text === null) return;
  const holder = parseHolder(text);
  if (holder !== null && (await isAlive(holder))) throw held(directory, path, holder);
  // Between the look and this line another process may have taken over: what was moved aside must be what was seen.
  const aside = `${path}-stale-${process.pid}`;
  await rename(path, aside).catch(() => {});
  const moved = await contentOf(aside);
  if (moved !== null && moved !== text) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

function contentOf(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch(() => null);
}

function parseHolder(text: string): Holder | null {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === 'EPERM';
  }
  return (await startOf(holder.pid)) === holder.started;
}

/** When a process began, in the kernel's ticks: tells it from a later one with the same number. Empty off Linux. */
async function startOf(pid: number): Promise<string> {
  const stat = await contentOf(`/proc/${pid}/stat`);
  // Field 22; the second field, the command in parentheses, may itself hold spaces and parentheses.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function held(directory: string, path: string, holder: Holder): UmweltError {
  const here = holder.host === hostname();
  return new UmweltError(
    'conflict',
    { directory, pid: holder.pid, host: holder.host },
    here
      ? `process ${holder.pid} is writing to "${directory}": wait for it, or choose another folder`
      : `process ${holder.pid} on "${holder.host}" is writing to "${directory}"; if it has died, delete "${path}"`,
  );
}
