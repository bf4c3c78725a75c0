import { join } from 'node:path';
import { z } from 'zod';
import { describeCause, UmweltError } from '../core/errors.js';
import { parseDocument, show } from '../core/validation.js';
import { readWholeFile } from '../datasets/files.js';
import type { Metric } from './contract.js';
import type { ByMetric } from './result.js';
import { decodeScoresTable } from './scores-table.js';

/** Names of the files of a report that later evaluations read. */
export const STORED_FILES = { result: 'evaluation.json', scores: 'scores.arrow' } as const;

/** A sum of as many scores as there are cases, in another order, differs by less than this share. */
const ROUNDING = 1e-9;
const FEW_PROBLEMS = 5;

const estimate = z.object({
  mean: z.number().nullable(),
  lo: z.number().nullable(),
  hi: z.number().nullable(),
  n: z.number(),
});

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const document = z.object({
  format: z.literal('umwelt-evaluation'),
  formatVersion: z.literal(2),
  protocol: z.object({
    task: z.string(),
    sentence: z.string(),
    contextFrames: z.number(),
    heldOut: z.enum(['split', 'all', 'task']),
    baseline: z.string(),
    ceiling: z.string().nullable(),
    simulator: z.string().nullable(),
    facts: z.record(z.string(), z.unknown()),
    sha256: digest,
  }),
  metrics: z
    .array(
      z.object({
        name: z.string(),
        title: z.string(),
        unit: z.string(),
        sense: z.enum(['state', 'vision', 'audio', 'touch', 'uncertainty']),
        better: z.union([z.enum(['lower', 'higher']), z.object({ target: z.number() })]),
      }),
    )
    .min(1),
  recordings: z.object({
    name: z.string(),
    title: z.string(),
    total: z.number(),
    train: z.number(),
    heldout: z.number(),
  }),
  seed: z.number(),
  heldout: z
    .array(
      z.object({
        name: z.string(),
        recording: z.string(),
        sha256: digest,
        startS: z.number(),
        horizonS: z.number(),
        unit: z.string(),
        stratum: z.string().nullable(),
      }),
    )
    .min(1),
  horizonsS: z.array(z.number()),
  methods: z
    .array(
      z.object({
        name: z.string(),
        kind: z.enum(['baseline', 'physics', 'learned', 'world-model', 'ceiling']),
        description: z.string(),
        diverged: z.number(),
        overall: z.record(z.string(), estimate),
      }),
    )
    .min(1),
  versions: z.record(z.string(), z.string()),
  inputsSha256: digest,
});

/** A method of a stored report. */
export type StoredMethod = Readonly<z.infer<typeof document>['methods'][number]> & {
  /** One value a metric and case, in the order of the held-out cases. */
  readonly scores: ByMetric<readonly Metric[]>;
};

/** What later evaluations need of a report that was written earlier. */
export type StoredReport = Readonly<Omit<z.infer<typeof document>, 'methods'>> & {
  readonly directory: string;
  readonly methods: readonly StoredMethod[];
};

/**
 * Reads a report that `umwelt evaluate` wrote, with every method's score of every case.
 *
 * @throws UmweltError `not-found`, `malformed-file` (damaged, of another version, or files of two evaluations), `io`.
 */
export async function readReport(directory: string): Promise<StoredReport> {
  const path = join(directory, STORED_FILES.result);
  const parsed = parseBriefly(requireVersion(await readJson(path, directory), path), path);
  const scoresPath = join(directory, STORED_FILES.scores);
  const scores = decodeScoresTable(await readPart(scoresPath, directory), scoresPath, {
    cases: parsed.heldout.map(({ name }) => name),
    methods: parsed.methods.map(({ name }) => name),
    metrics: parsed.metrics.map(({ name }) => name),
  });
  const methods = parsed.methods.map((method) => ({ ...method, scores: scores.get(method.name)! }));
  for (const method of methods) requireSameMeans(method, parsed.metrics, scoresPath);
  return { ...parsed, directory, methods };
}

/** Parses a report; of many problems with it, the first few say enough. */
function parseBriefly(read: unknown, path: string): z.infer<typeof document> {
  try {
    return parseDocument(document, read, path, 'malformed-file');
  } catch (cause) {
    const problems = cause instanceof UmweltError ? (cause.context.problems as readonly string[]) : [];
    if (problems.length <= FEW_PROBLEMS) throw cause;
    throw new UmweltError(
      'malformed-file',
      { path, problems },
      `${path}: ${problems.length} problems\n  ${problems.slice(0, FEW_PROBLEMS).join('\n  ')}\n  ...\nIt was written by another version of umwelt or is damaged; evaluate again`,
      cause,
    );
  }
}

async function readPart(path: string, directory: string): Promise<Uint8Array> {
  try {
    return await readWholeFile(path);
  } catch (cause) {
    if (!(cause instanceof UmweltError) || cause.code !== 'not-found') throw cause;
    throw new UmweltError(
      'not-found',
      { path },
      `${directory} holds no report: expected ${path}, as \`umwelt evaluate --out ${directory}\` writes it`,
      cause,
    );
  }
}

async function readJson(path: string, directory: string): Promise<unknown> {
  const text = Buffer.from(await readPart(path, directory)).toString('utf8');
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UmweltError(
      'malformed-file',
      { path },
      `${path}: expected JSON as \`umwelt evaluate\` writes it, got: ${describeCause(cause)}; it may be cut short`,
      cause,
    );
  }
}

/** Says of an older or newer report that it is one, before all that is not as it should be. */
function requireVersion(read: unknown, path: string): unknown {
  const { format, formatVersion } = (read ?? {}) as { format?: unknown; formatVersion?: unknown };
  if (format === 'umwelt-evaluation' && formatVersion === 2) return read;
  const is =
    typeof formatVersion === 'number'
      ? `version ${formatVersion} of ${show(format)}`
      : 'no evaluation of umwelt';
  throw new UmweltError(
    'malformed-file',
    { path, format, formatVersion },
    `${path}: expected version 2 of "umwelt-evaluation", got ${is}; evaluate again with this version of umwelt`,
  );
}

/** The two files are written one after the other: they are of one evaluation only if their means agree. */
function requireSameMeans(
  { name, diverged, overall, scores }: StoredMethod,
  metrics: StoredReport['metrics'],
  path: string,
): void {
  if (diverged > 0) return;
  for (const metric of metrics) {
    const valid = scores[metric.name]!.filter((score) => score.valid);
    const sum = valid.reduce((total, { value }) => total + value, 0);
    const size = valid.reduce((total, { value }) => total + Math.abs(value), 0);
    const stated = overall[metric.name]?.mean ?? null;
    const agrees =
      stated === null
        ? valid.length === 0
        : Math.abs(sum - stated * valid.length) <= ROUNDING * Math.max(size, Number.MIN_VALUE);
    if (agrees) continue;
    throw new UmweltError(
      'malformed-file',
      { path, method: name, metric: metric.name, stated, actual: sum / valid.length },
      `${path}: ${metric.name} of ${name} has a mean of ${sum / valid.length}, but evaluation.json beside it says ${stated}: they are of two evaluations; evaluate again`,
    );
  }
}
