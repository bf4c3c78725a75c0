import { type Dirent, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ioError } from '../files.js';
import { naturalOrder } from './natural-order.js';

/** Chunk, route, segment: how deep the published folders lie in each other. */
const DEEPEST = 3;
/** More folders than the ten published chunks have (2,019 segments); looking stops there. */
const MOST_FOLDERS = 20_000;

/** One minute of driving. */
export interface SegmentFolder {
  /** Relative to the folder that was searched, with forward slashes; the folder's own name when it is the segment. */
  readonly name: string;
  /** What its files' places begin with: empty, or a relative folder that ends in a slash. */
  readonly prefix: string;
}

/** Says whether what lies in a folder makes it a segment of comma2k19. */
export function isSegment(names: readonly string[]): boolean {
  return names.includes('global_pose') && names.includes('processed_log');
}

/** Says whether a folder has at least one segment in it, three folders deep; a folder that cannot be read has none. */
export function hasSegment(folder: string): boolean {
  const budget = { folders: 500 };
  try {
    return search(folder, '', 0, budget, () => true);
  } catch {
    return false;
  }
}

/**
 * Finds the segments in a folder: the folder itself, or those in it, as published (`Chunk_1/<dongle>|<date>/40`, with `_` for `|`
 * on file systems that have none) or laid together by hand. In natural order.
 *
 * @throws UmweltError `not-found`, `io`.
 */
export function segmentsIn(folder: string): readonly SegmentFolder[] {
  const found: SegmentFolder[] = [];
  const own = basename(resolve(folder));
  try {
    search(folder, '', 0, { folders: MOST_FOLDERS }, (prefix) => {
      found.push({ name: prefix === '' ? own : prefix.slice(0, -1), prefix });
      return false;
    });
  } catch (cause) {
    throw ioError('read', folder, cause);
  }
  return found.sort((a, b) => naturalOrder(a.name, b.name));
}

/** Calls back for each segment until it says that this is enough; does not look inside segments or through links. */
function search(
  folder: string,
  prefix: string,
  depth: number,
  budget: { folders: number },
  enough: (prefix: string) => boolean,
): boolean {
  if (budget.folders-- <= 0) return false;
  const entries: Dirent[] = readdirSync(join(folder, prefix), { withFileTypes: true });
  if (isSegment(entries.map(({ name }) => name))) return enough(prefix);
  if (depth === DEEPEST) return false;
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .some(({ name }) => search(folder, `${prefix}${name}/`, depth + 1, budget, enough));
}
