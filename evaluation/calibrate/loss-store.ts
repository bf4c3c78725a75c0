import { open, readFile, rm, truncate } from 'node:fs/promises';
import { jsonDigest } from '../../core/digest.js';
import { ioError, writing } from '../../datasets/files.js';
import type { CaseLosses } from './calibrate.js';
import type { ParameterValues } from './contract.js';

/** Losses of candidates that were tried, kept in a file so that a killed calibration goes on where it stopped. */
export interface LossStore {
  /** Evaluates only candidates that are not in the file yet. */
  readonly losses: CaseLosses;
  /** Removes the file. @throws UmweltError `io`. */
  remove(): Promise<void>;
}

/**
 * Keeps losses in `path`, one JSON line a candidate after a line that says for what inputs. A file for other inputs is begun
 * anew; a line that is damaged, or was cut off, counts for nothing, nor does what follows it. Only one writer a path at a time.
 *
 * @param cases how many losses a candidate has.
 * @throws UmweltError `io`.
 */
export async function lossStore(
  path: string,
  inputs: unknown,
  cases: number,
  losses: CaseLosses,
): Promise<LossStore> {
  const header = JSON.stringify({ inputs: jsonDigest(inputs) });
  const found = await readKnown(path, header, cases);
  return {
    async losses(candidates) {
      const missing = new Map(
        candidates.map((values) => [keyOf(values), values] as const).filter(([key]) => !found.has(key)),
      );
      const keys = [...missing.keys()];
      const rows = keys.length === 0 ? [] : await losses([...missing.values()]);
      const lines = rows.map((row, i) => `${JSON.stringify([keys[i], [...row]])}\n`);
      if (lines.length > 0) await write(path, 'a', lines.join(''));
      for (const [i, row] of rows.entries()) found.set(keys[i]!, row);
      return candidates.map((values) => found.get(keyOf(values))!);
    },
    async remove() {
      await writing(path, () => rm(path, { force: true }));
    },
  };
}

function keyOf(values: ParameterValues): string {
  return JSON.stringify(values);
}

/** Reads what is there for these inputs, and cuts the file to it so that the next line begins where a line begins. */
async function readKnown(path: string, header: string, cases: number): Promise<Map<string, Float64Array>> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return Buffer.alloc(0);
    throw ioError('read', path, cause);
  });
  const known = new Map<string, Float64Array>();
  const [first, next] = lineAt(bytes, 0);
  let end = first === header ? next : 0;
  while (end > 0 && end < bytes.length) {
    const [line, after] = lineAt(bytes, end);
    const entry = line === null ? null : entryOf(line, cases);
    if (entry === null) break;
    known.set(...entry);
    end = after;
  }
  if (end === 0) await write(path, 'w', `${header}\n`);
  else if (end < bytes.length) await writing(path, () => truncate(path, end));
  return known;
}

/** A line and where the next begins; null where it has no end. */
function lineAt(bytes: Buffer, start: number): readonly [line: string | null, next: number] {
  const end = bytes.indexOf('\n', start);
  return end < 0 ? [null, bytes.length] : [bytes.toString('utf8', start, end), end + 1];
}

/** Null where the line is not what `losses` writes. */
function entryOf(line: string, cases: number): [string, Float64Array] | null {
  let entry: unknown;
  try {
    entry = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(entry) || entry.length !== 2) return null;
  const [key, row] = entry as [unknown, unknown];
  if (typeof key !== 'string' || !Array.isArray(row) || row.length !== cases) return null;
  if (!row.every((loss) => loss === null || Number.isFinite(loss))) return null;
  return [key, Float64Array.from(row as (number | null)[], (loss) => loss ?? Number.NaN)];
}

async function write(path: string, flags: 'w' | 'a', content: string): Promise<void> {
  await writing(path, async () => {
    const file = await open(path, flags);
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  });
}
