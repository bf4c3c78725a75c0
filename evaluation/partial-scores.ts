import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonDigest } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import { makeFolder, readWholeFile, writeFileAtomically, writing } from '../datasets/files.js';
import type { Metric } from './contract.js';
import type { MethodScores } from './result.js';
import { byMetric } from './summary.js';

/** What is kept of a method that is done, until all of them are. */
export interface PartialScores {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Recordings whose forecast holds a number that is not finite. */
  readonly diverged: number;
  readonly scores: MethodScores;
}

/** Scores of finished methods in `<directory>/partial/`, so that an evaluation that was killed can go on. */
export interface PartialStore {
  /** Returns what was stored for these very inputs, else null. A damaged file counts as none. */
  load(inputs: unknown): Promise<PartialScores | null>;
  save(inputs: unknown, scores: PartialScores): Promise<void>;
}

/** A store that keeps nothing. */
export const NO_STORE: PartialStore = { load: async () => null, save: async () => {} };

/** Opens the store of an evaluation's folder; makes the folder when the first scores are saved. */
export function partialStore(directory: string): PartialStore {
  const folder = partialFolder(directory);
  const pathOf = (inputs: unknown) => join(folder, `${jsonDigest(inputs)}.json`);
  return {
    async load(inputs) {
      try {
        return decode(JSON.parse(Buffer.from(await readWholeFile(pathOf(inputs))).toString('utf8')));
      } catch (cause) {
        if (cause instanceof UmweltError && cause.code !== 'not-found') throw cause;
        return null;
      }
    },
    async save(inputs, scores) {
      await makeFolder(folder);
      await writeFileAtomically(pathOf(inputs), JSON.stringify(encode(scores)));
    },
  };
}

/** Removes what `partialStore` kept. @throws UmweltError `io`. */
export async function removePartialScores(directory: string): Promise<void> {
  const folder = partialFolder(directory);
  await writing(folder, () => rm(folder, { recursive: true, force: true }));
}

function partialFolder(directory: string): string {
  return join(directory, 'partial');
}

interface EncodedScores {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly diverged: number;
  readonly means: Readonly<Record<string, readonly (number | null)[]>>;
  readonly horizons: Readonly<Record<string, readonly (readonly (number | null)[])[]>>;
}

function encode({ parameters, diverged, scores }: PartialScores): EncodedScores {
  const numbers = (metrics: readonly Metric[]) => metrics.map(({ value, valid }) => (valid ? value : null));
  return {
    parameters,
    diverged,
    means: byMetric(({ name }) => numbers(scores.means[name])),
    horizons: byMetric(({ name }) => scores.horizons[name].map(numbers)),
  };
}

function decode({ parameters, diverged, means, horizons }: EncodedScores): PartialScores {
  const metrics = (numbers: readonly (number | null)[]) =>
    numbers.map((value): Metric => ({ value: value ?? Number.NaN, valid: value !== null }));
  return {
    parameters,
    diverged,
    scores: {
      means: byMetric(({ name }) => metrics(means[name]!)),
      horizons: byMetric(({ name }) => horizons[name]!.map(metrics)),
    },
  };
}
