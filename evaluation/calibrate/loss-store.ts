import { open, readFile, rm } from 'node:fs/promises';
import { jsonDigest } from '../../core/digest.js';
import { ioError } from '../../datasets/files.js';
import type { CaseLosses } from './calibrate.js';
import type { ParameterValues } from './contract.js';

/** Losses of candidates that were tried, kept in a file so that a killed calibration goes on where it stopped. */
export interface LossStore {
  /** Evaluates only candidates that are not in the file yet. */
  readonly losses: CaseLosses;
  /** Removes the file. */
  remove(): Promise<void>;
}

/**
 * Keeps losses in `path`, one JSON line a candidate after a line that says for what inputs. A file for other inputs is begun
 * anew; a last line that was cut off counts for nothing.
 *
 * @throws UmweltError `io`.
 */
export async function lossStore(path: string, inputs: unknown, losses: CaseLosses): Promise<LossStore> {
  const header = JSON.stringify({ inputs: jsonDigest(inputs) });
  const known = await readKnown(path, header);
  if (known === null) await write(path, 'w', `${header}\n`);
  const found = known ?? new Map<string, Float64Array>();
  return {
    async losses(candidates) {
      const keys = candidates.map(keyOf);
      const missing = candidates.filter((_, i) => !found.has(keys[i]!));
      const rows = missing.length === 0 ? [] : await losses(missing);
      const lines = rows.map((row, i) => `${JSON.stringify([keyOf(missing[i]!), [...row]])}\n`);
      if (lines.length > 0) await write(path, 'a', lines.join(''));
      for (const [i, row] of rows.entries()) found.set(keyOf(missing[i]!), row);
      return keys.map((key) => found.get(key)!);
    },
    async remove() {
      await rm(path, { force: true });
    },
  };
}

function keyOf(values: ParameterValues): string {
  return JSON.stringify(values);
}

async function readKnown(path: string, header: string): Promise<Map<string, Float64Array> | null> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw ioError('read', path, cause);
  });
  // A killed run may have cut its last line off.
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  const [first, ...lines] = complete.split('\n');
  if (first !== header) return null;
  if (complete !== text) await write(path, 'w', complete);
  const known = new Map<string, Float64Array>();
  for (const line of lines.slice(0, -1)) {
    const [key, row] = JSON.parse(line) as [string, (number | null)[]];
    known.set(
      key,
      Float64Array.from(row, (loss) => loss ?? Number.NaN),
    );
  }
  return known;
}

async function write(path: string, flags: 'w' | 'a', text: string): Promise<void> {
  try {
    const file = await open(path, flags);
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw ioError('write', path, cause);
  }
}
