import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { describeCause } from '../../core/errors.js';
import { ioError } from '../files.js';
import { malformed } from './malformed.js';

/** Facts, tasks and cards are small; a file that is larger is something else. */
const LARGEST_TEXT_BYTES = 64 * 2 ** 20;
const MOST_VALUES = 2 ** 26;

const featureSchema = z.object({
  dtype: z.string(),
  shape: z
    .array(z.int().min(1))
    .max(8)
    .refine((shape) => shape.reduce((a, b) => a * b, 1) <= MOST_VALUES, 'has too many values'),
  names: z.unknown().optional(),
});

const infoSchema = z.object({
  codebase_version: z.string(),
  robot_type: z.string().nullish(),
  fps: z.number().min(0.001).max(1e6),
  data_path: z.string(),
  video_path: z.string().nullish(),
  chunks_size: z.int().min(1).default(1000),
  features: z.record(z.string(), featureSchema),
});

/** One thing that was recorded at every frame. */
export interface LerobotFeature {
  readonly name: string;
  /** `float32`, `int64`, `bool`, ... or `image`, `video`, `string`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of its dimensions, as the file has them. */
  readonly names: unknown;
}

/** meta/info.json. */
export interface LerobotInfo {
  /** 2 has a file for each episode, 3 has episodes in shared files. */
  readonly version: 2 | 3;
  readonly codebaseVersion: string;
  readonly robotType: string | null;
  readonly fps: number;
  readonly dataPath: string;
  readonly videoPath: string | null;
  readonly chunksSize: number;
  readonly features: readonly LerobotFeature[];
}

export const INFO_FILE = 'meta/info.json';

/**
 * Reads what a LeRobot folder says about itself
 * (https://github.com/huggingface/lerobot, src/lerobot/datasets/utils.py; v2.0, v2.1 and v3.0).
 *
 * @throws UmweltError `malformed-file` naming the field, also for another version; `not-found`, `io`.
 */
export async function readInfo(folder: string): Promise<LerobotInfo> {
  const parsed = infoSchema.safeParse(await readJson(folder, INFO_FILE));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw malformed(INFO_FILE, `"${issue.path.join('.')}"`, issue.message);
  }
  const { codebase_version: codebaseVersion, features, ...info } = parsed.data;
  const version = /^v?([23])(?:\.|$)/.exec(codebaseVersion)?.[1];
  if (version === undefined) {
    const reason = `version "${codebaseVersion}": v2.0, v2.1 and v3.0 are read; convert older ones by lerobot's scripts`;
    throw malformed(INFO_FILE, '"codebase_version"', reason);
  }
  return {
    version: version === '2' ? 2 : 3,
    codebaseVersion,
    robotType: info.robot_type ?? null,
    fps: info.fps,
    dataPath: info.data_path,
    videoPath: info.video_path ?? null,
    chunksSize: info.chunks_size,
    features: Object.entries(features).map(([name, { dtype, shape, names }]) => ({
      name,
      dtype,
      shape,
      names,
    })),
  };
}

/**
 * Fills in a path of info.json, such as `data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet`.
 *
 * @throws UmweltError `malformed-file` when it needs something else or leads out of the folder.
 */
export function pathFrom(template: string, values: Readonly<Record<string, string | number>>): string {
  const path = template.replace(
    /\{(\w+)(?::0?(\d{1,2})d)?\}/g,
    (whole, name: string, digits: string | undefined) => {
      const value = Object.hasOwn(values, name) ? values[name]! : null;
      if (value === null) throw malformed(INFO_FILE, `"${template}"`, `${whole} is not known`);
      return String(value).padStart(Number(digits ?? 0), '0');
    },
  );
  if (/^[^/\\\0:]+(?:\/[^/\\\0]+)*$/.test(path) && !path.split('/').includes('..')) return path;
  throw malformed(INFO_FILE, `"${template}"`, `"${path}" is no path inside the folder`);
}

/**
 * Reads the licence that a dataset card names (the front matter of README.md); null without one.
 *
 * @throws UmweltError `io`.
 */
export async function readLicence(folder: string): Promise<string | null> {
  const text = await readText(folder, 'README.md').catch((thrown) => {
    if (thrown.code === 'not-found') return '';
    throw thrown;
  });
  const matter = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---/.exec(text)?.[1] ?? '';
  const licence = /^licen[sc]e:\s*["']?([^"'\r\n#]+)/m.exec(matter)?.[1]?.trim();
  return licence ? `${licence}, by the dataset's card` : null;
}

/** @throws UmweltError `malformed-file`, `not-found`, `io`. */
export async function readJson(folder: string, file: string): Promise<unknown> {
  const text = await readText(folder, file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed(file, 'JSON', describeCause(cause));
  }
}

/**
 * Reads a file of one JSON value a line; empty lines are passed over.
 *
 * @throws UmweltError `malformed-file` naming the line; `not-found`, `io`.
 */
export async function readJsonLines(folder: string, file: string): Promise<readonly unknown[]> {
  const lines = (await readText(folder, file)).split(/\r?\n/);
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [JSON.parse(line) as unknown];
    } catch (cause) {
      throw malformed(file, `line ${index + 1}`, describeCause(cause));
    }
  });
}

async function readText(folder: string, file: string): Promise<string> {
  const path = join(folder, file);
  try {
    const { size } = await stat(path);
    if (size > LARGEST_TEXT_BYTES)
      throw malformed(file, `byte ${size}`, `larger than ${LARGEST_TEXT_BYTES} bytes`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw ioError('read', path, cause);
  }
}
