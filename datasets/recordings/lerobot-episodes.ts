import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openParquet, type ParquetRow, type ParquetValue } from '../arrow/parquet.js';
import { ioError } from '../files.js';
import { type LerobotInfo, pathFrom, readJsonLines } from './lerobot-info.js';
import { malformed } from './malformed.js';
import { naturalOrder } from './natural-order.js';

/** Where one episode lies. */
export interface LerobotEpisode {
  readonly index: number;
  /** Frames. */
  readonly length: number;
  readonly tasks: readonly string[];
  /** Relative to the folder, with forward slashes. */
  readonly dataFile: string;
  /** Where in its file it begins. */
  readonly firstRow: number;
  /** By feature: its file, and when in it the episode begins. */
  readonly videos: Readonly<Record<string, { readonly file: string; readonly fromS: number }>>;
}

const EPISODES_FILE = 'meta/episodes.jsonl';
const EPISODES_FOLDER = 'meta/episodes';

const lineSchema = z.object({
  episode_index: z.int().min(0),
  length: z.int().min(1),
  tasks: z.array(z.string()).default([]),
});

/**
 * Lists a folder's episodes, by index.
 *
 * @throws UmweltError `malformed-file` naming the line or row; `not-found`, `io`.
 */
export async function readEpisodes(folder: string, info: LerobotInfo): Promise<readonly LerobotEpisode[]> {
  const episodes = info.version === 2 ? await separate(folder, info) : await shared(folder, info);
  const sorted = [...episodes].sort((a, b) => a.index - b.index);
  const twice = sorted.find((episode, index) => episode.index === sorted[index - 1]?.index);
  const where = info.version === 2 ? EPISODES_FILE : EPISODES_FOLDER;
  if (twice !== undefined) throw malformed(where, `episode ${twice.index}`, 'is there twice');
  if (sorted.length === 0) throw malformed(where, 'episodes', 'there are none');
  return sorted;
}

/** v2: a Parquet file, and a video of each camera, for each episode. */
async function separate(folder: string, info: LerobotInfo): Promise<readonly LerobotEpisode[]> {
  const lines = await readJsonLines(folder, EPISODES_FILE);
  return lines.map((value, line) => {
    const parsed = lineSchema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw malformed(EPISODES_FILE, `entry ${line}, "${issue.path.join('.')}"`, issue.message);
    }
    const { episode_index: index, length, tasks } = parsed.data;
    const values = { episode_index: index, episode_chunk: Math.floor(index / info.chunksSize) };
    const videos = videosOf(info, (key) => ({
      file: pathFrom(info.videoPath ?? '', { ...values, video_key: key }),
      fromS: 0,
    }));
    return { index, length, tasks, dataFile: pathFrom(info.dataPath, values), firstRow: 0, videos };
  });
}

/** v3: episodes one after the other in Parquet files and videos, and a table of where each begins. */
async function shared(folder: string, info: LerobotInfo): Promise<readonly LerobotEpisode[]> {
  const episodes: (LerobotEpisode & { readonly from: number })[] = [];
  for (const file of await tablesIn(folder)) {
    const table = await openParquet(join(folder, file), file);
    const wanted = table.columns.filter((name) => !name.startsWith('stats/'));
    let row = 0;
    for (const cells of table.read(wanted, 0, table.rows)) episodes.push(episodeIn(cells, info, file, row++));
  }
  const firsts = new Map<string, number>();
  for (const { dataFile, from } of episodes) {
    firsts.set(dataFile, Math.min(from, firsts.get(dataFile) ?? Number.POSITIVE_INFINITY));
  }
  return episodes.map(({ from, ...episode }) => ({
    ...episode,
    firstRow: from - firsts.get(episode.dataFile)!,
  }));
}

async function tablesIn(folder: string): Promise<readonly string[]> {
  const path = join(folder, EPISODES_FOLDER);
  try {
    const names = await readdir(path, { recursive: true });
    const files = names.map((name) => name.split('\\').join('/')).filter((name) => name.endsWith('.parquet'));
    return files.sort(naturalOrder).map((name) => `${EPISODES_FOLDER}/${name}`);
  } catch (cause) {
    throw ioError('read', path, cause);
  }
}

function episodeIn(
  cells: ParquetRow,
  info: LerobotInfo,
  file: string,
  row: number,
): LerobotEpisode & { readonly from: number } {
  const whole = (column: string, least: number): number => {
    const value = Number(cells[column] ?? Number.NaN);
    if (Number.isSafeInteger(value) && value >= least) return value;
    throw malformed(
      file,
      `row ${row}, "${column}"`,
      `expected a whole number from ${least} on, got ${cells[column]}`,
    );
  };
  const chunkOf = (prefix: string) => ({
    chunk_index: whole(`${prefix}/chunk_index`, 0),
    file_index: whole(`${prefix}/file_index`, 0),
  });
  return {
    index: whole('episode_index', 0),
    length: whole('length', 1),
    tasks: textsOf(cells.tasks),
    dataFile: pathFrom(info.dataPath, chunkOf('data')),
    firstRow: 0,
    from: whole('dataset_from_index', 0),
    videos: videosOf(info, (key) => {
      const fromS = Number(cells[`videos/${key}/from_timestamp`] ?? Number.NaN);
      const place = `row ${row}, "videos/${key}/from_timestamp"`;
      if (!(Number.isFinite(fromS) && fromS >= 0))
        throw malformed(file, place, `expected a time, got ${fromS}`);
      return { file: pathFrom(info.videoPath ?? '', { ...chunkOf(`videos/${key}`), video_key: key }), fromS };
    }),
  };
}

function videosOf(
  { features }: LerobotInfo,
  place: (key: string) => LerobotEpisode['videos'][string],
): LerobotEpisode['videos'] {
  const cameras = features.filter(({ dtype }) => dtype === 'video');
  return Object.fromEntries(cameras.map(({ name }) => [name, place(name)]));
}

function textsOf(value: ParquetValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
