import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { describeCause, UmweltError } from '../core/errors.js';
import type { DatasetManifest, DatasetPlan } from './contract.js';
import { ioError } from './files.js';

/** Names inside a dataset's folder. */
export const MANIFEST_FILE = 'manifest.json';
export const PLAN_FILE = 'plan.json';
export const SHARDS_FOLDER = 'shards';
export const SHARD_FILE = 'shard.json';

/** Returns `shards/00012`, relative to the dataset's folder. */
export function shardFolder(shard: number): string {
  return `${SHARDS_FOLDER}/${String(shard).padStart(5, '0')}`;
}

/** Returns how many shards a plan has. */
export function shardCount(plan: Pick<DatasetPlan, 'episodes' | 'episodesPerShard'>): number {
  return Math.ceil(plan.episodes / plan.episodesPerShard);
}

/** Returns which episodes a shard holds: `count` from `first` on. */
export function shardEpisodes(
  plan: Pick<DatasetPlan, 'episodes' | 'episodesPerShard'>,
  shard: number,
): { readonly first: number; readonly count: number } {
  const first = shard * plan.episodesPerShard;
  return { first, count: Math.min(plan.episodesPerShard, plan.episodes - first) };
}

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
/** Forward slashes, no empty, `.` or `..` part: it cannot leave the dataset's folder. */
const path = z
  .string()
  .regex(
    /^(?!\.{1,2}(?:\/|$))[^/\\\0]+(?:\/(?!\.{1,2}(?:\/|$))[^/\\\0]+)*$/,
    'must be a path inside the dataset',
  );
const fileEntry = z.strictObject({ path, bytes: count, sha256 });
const streamName = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/, 'must be letters, digits, _ - and . (it names a file)');
const record = z.record(z.string(), z.unknown());

const field = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(200)
    .refine((name) => name !== 'episode' && name !== 'time_ns', 'is taken by every table'),
  dataType: z.enum(['uint8', 'uint16', 'int32', 'float32', 'float64']),
  shape: z
    .array(z.int().min(1))
    .max(8)
    .refine((shape) => shape.reduce((a, b) => a * b, 1) < 2 ** 31, 'has 2^31 elements or more'),
  unit: z.string(),
  description: z.string(),
});

const stream = z.strictObject({
  name: streamName,
  kind: z.string(),
  rateHz: z.number().positive(),
  samplesPerRow: z.int().min(1),
  fields: z.array(field).min(1).refine(namesDiffer, 'two fields have one name'),
  metadata: record,
});

const common = {
  name: z.string().min(1),
  origin: z.enum(['simulated', 'recorded', 'rollout']),
  seed: z.number().nullable(),
  configuration: record,
  versions: z.record(z.string(), z.string()),
  episodesPerShard: z.int().min(1),
};

const episodeMetadata = z.strictObject({ episode: count, durationS: z.number().min(0), attributes: record });

const planSchema = z.strictObject({
  ...common,
  episodes: z
    .int()
    .min(1)
    .max(2 ** 32),
  streams: z.array(stream).min(1).refine(namesDiffer, 'two streams have one name'),
});

const manifestSchema = z.strictObject({
  ...common,
  format: z.literal('umwelt-dataset'),
  formatVersion: z.literal(1, 'is another version of the format: read it with the umwelt that wrote it'),
  configurationSha256: sha256,
  streams: z.array(z.strictObject({ ...stream.shape, rows: count, samples: count, bytes: count })).min(1),
  episodes: z
    .array(episodeMetadata)
    .refine((list) => list.every((e, i) => e.episode === i), 'are not numbered in order'),
  files: z.array(fileEntry),
  dataSha256: sha256,
});

const extent = z.strictObject({ offset: count, bytes: count, crc32: count });

const shardSchema = z.strictObject({
  shard: count,
  episodes: z.array(episodeMetadata),
  files: z.array(fileEntry),
  index: z.record(
    z.string(),
    z.strictObject({ schema: extent, episodes: z.array(z.strictObject({ ...extent.shape, rows: count })) }),
  ),
});

/** A run of bytes in a file, with their CRC-32. */
export type Extent = z.output<typeof extent>;

/** shard.json: what a shard holds, and where in its Arrow files each episode's rows are. */
export type ShardRecord = z.output<typeof shardSchema>;

function namesDiffer(list: readonly { readonly name: string }[]): boolean {
  return new Set(list.map(({ name }) => name)).size === list.length;
}

/**
 * Checks what a caller wants to write.
 *
 * @throws UmweltError `invalid-input` naming the path in the plan, the value and what was expected.
 */
export function requirePlan(plan: DatasetPlan): void {
  const checked = planSchema.safeParse(plan);
  if (checked.success) return;
  const { at, message } = firstIssue(checked.error);
  throw new UmweltError('invalid-input', { path: at }, `the dataset's plan is wrong at ${at}: ${message}`);
}

/** @throws UmweltError `not-found`, `malformed-file`. */
export function readPlan(directory: string): Promise<DatasetPlan> {
  return readJson(join(directory, PLAN_FILE), planSchema);
}

/** @throws UmweltError `not-found`, `malformed-file`; `invalid-input` where the folder holds something else of umwelt's. */
export function readManifest(directory: string): Promise<DatasetManifest> {
  return readJson(join(directory, MANIFEST_FILE), manifestSchema, (value) => {
    const { format } = (value ?? {}) as { readonly format?: unknown };
    if (typeof format !== 'string' || format === 'umwelt-dataset') return;
    throw new UmweltError(
      'invalid-input',
      { directory, format },
      `"${directory}" holds ${format === 'umwelt-model' ? 'a model' : format}, not a dataset: are two folders swapped?`,
    );
  });
}

/** @throws UmweltError `not-found`, `malformed-file`. */
export function readShardRecord(directory: string, shard: number): Promise<ShardRecord> {
  return readJson(join(directory, shardFolder(shard), SHARD_FILE), shardSchema);
}

async function readJson<T>(
  path: string,
  schema: z.ZodType<T>,
  requireKind: (value: unknown) => void = () => {},
): Promise<T> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw ioError('read', path, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const message = `${path} is not JSON (${describeCause(cause)}); write the dataset again`;
    throw new UmweltError('malformed-file', { path }, message, cause);
  }
  requireKind(value);
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const { at, message } = firstIssue(checked.error);
  throw new UmweltError('malformed-file', { path, at }, `${path} is wrong at ${at}: ${message}`);
}

function firstIssue(error: z.ZodError): { readonly at: string; readonly message: string } {
  const issue = error.issues[0]!;
  return { at: issue.path.join('.') || 'its root', message: issue.message };
}
