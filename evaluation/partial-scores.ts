import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonDigest } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import { makeFolder, readWholeFile, writeFileAtomically, writing } from '../datasets/files.js';
import type { Metric } from './contract.js';
import type { ByMetric, MethodScores } from './result.js';
import { mapMetrics } from './summary.js';

/** What is kept of a method that is done, until all of them are. */
export interface PartialScores {
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Cases whose forecast holds a number that is not finite. */
  readonly diverged: number;
  readonly scores: MethodScores;
  /** Overall scores against the simulator's forecasts in place of the recordings; null where there is none. */
  readonly toSimulator: ByMetric<readonly Metric[]> | null;
}

/** Scores of finished methods in `<directory>/partial/`, so that an evaluation that was killed can go on. */
export interface PartialStore {
  /** Returns what was stored for these very inputs, else null. A damaged file counts as none. */
  load(inputs: unknown): Promise<PartialScores | null>;
  save(inputs: unknown, scores: PartialScores): Promise<void>;
}

/** A store that keeps nothing. */
export const NO_STORE: PartialStore = { load: async () => null, save: async () => {} };

/** Opens the store of an evaluation's folder for scores of these metrics; makes the folder when the first scores are saved. */
export function partialStore(directory: string, metrics: readonly string[]): PartialStore {
  const folder = partialFolder(directory);
  const pathOf = (inputs: unknown) => join(folder, `${jsonDigest(inputs)}.json`);
  return {
    async load(inputs) {
      try {
        const text = Buffer.from(await readWholeFile(pathOf(inputs))).toString('utf8');
        return decode(JSON.parse(text), metrics);
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
  readonly overall: Readonly<Record<string, readonly (number | null)[]>>;
  readonly byHorizon: Readonly<Record<string, readonly (readonly (number | null)[])[]>>;
  readonly pit: Readonly<Record<string, readonly number[]>>;
  readonly toSimulator: Readonly<Record<string, readonly (number | null)[]>> | null;
}

function encode({ parameters, diverged, scores, toSimulator }: PartialScores): EncodedScores {
  const numbers = (metrics: readonly Metric[]) => metrics.map(({ value, valid }) => (valid ? value : null));
  return {
    parameters,
    diverged,
    overall: mapMetrics(scores.overall, numbers),
    byHorizon: mapMetrics(scores.byHorizon, (rows) => rows.map(numbers)),
    pit: scores.pit,
    toSimulator: toSimulator && mapMetrics(toSimulator, numbers),
  };
}

function decode(
  { parameters, diverged, overall, byHorizon, pit, toSimulator }: EncodedScores,
  names: readonly string[],
): PartialScores | null {
  const metrics = (numbers: readonly (number | null)[]) =>
    numbers.map((value): Metric => ({ value: value ?? Number.NaN, valid: value !== null }));
  if (names.some((name) => overall[name] === undefined || byHorizon[name] === undefined)) return null;
  return {
    parameters,
    diverged,
    scores: {
      overall: mapMetrics(overall, metrics),
      byHorizon: mapMetrics(byHorizon, (rows) => rows.map(metrics)),
      pit,
    },
    toSimulator: toSimulator && mapMetrics(toSimulator, metrics),
  };
}
