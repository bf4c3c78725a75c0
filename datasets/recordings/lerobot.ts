import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describeCause, UmweltError } from '../../core/errors.js';
import { tickTimeNs } from '../../core/time.js';
import { openParquet, type ParquetFile, type ParquetRow, type ParquetValue } from '../arrow/parquet.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import type { Recording, RecordingFormat, RecordingSet } from './contract.js';
import { decodePicture } from './encoded-picture.js';
import { type LerobotEpisode, readEpisodes } from './lerobot-episodes.js';
import { type FeaturePlan, numbersIn, PLACE_FEATURES, planFeature } from './lerobot-features.js';
import { INFO_FILE, type LerobotInfo, readInfo, readLicence } from './lerobot-info.js';
import { openVideos, type Videos } from './lerobot-video.js';
import { malformed } from './malformed.js';

/** How far a stamp may be from its frame's time: lerobot's own tolerance. */
const TOLERANCE_S = 1e-4;
/** Stamps are float32. */
const STAMP_PRECISION = 2 ** -23;

/** Robot episodes as Hugging Face's LeRobot stores them, v2.0, v2.1 and v3.0. */
export const lerobot: RecordingFormat = {
  name: 'lerobot',
  title: 'LeRobot datasets, v2.0 to v3.0: states, actions and cameras of robots',
  licence: 'as the dataset card says; none is named where it says nothing',
  source: {
    citation:
      'Cadene et al.: LeRobot: State-of-the-art Machine Learning for Real-World Robotics in Pytorch. 2024',
    url: 'https://github.com/huggingface/lerobot',
    version: 'v2.0, v2.1, v3.0',
  },
  holds: (names, folder) => names.includes('meta') && existsSync(join(folder, INFO_FILE)),
  open: openFolder,
};

async function openFolder(folder: string): Promise<RecordingSet> {
  const info = await readInfo(folder);
  const episodes = await readEpisodes(folder, info);
  const licence = await readLicence(folder);
  const videos = await openVideos(folder, info, episodes[0]!);
  const plans = info.features
    .filter(({ name }) => !PLACE_FEATURES.includes(name))
    .map((feature) => videos.plan(planFeature(feature, info.fps)));
  const streams = plans.flatMap((plan) => (plan.as === 'nothing' ? [] : [plan.stream]));
  if (streams.length === 0) throw malformed(INFO_FILE, '"features"', 'none of them can be read');
  if (new Set(streams.map(({ name }) => name)).size < streams.length) {
    throw malformed(
      INFO_FILE,
      '"features"',
      'two have names that differ only in signs other than letters and digits',
    );
  }
  const open = keepingLast(folder);
  const byName = new Map(episodes.map((episode) => [nameOf(episode, info), episode]));
  return {
    ...(licence !== null && { licence }),
    conversion: {
      codebaseVersion: info.codebaseVersion,
      robotType: info.robotType,
      time: 'frame / fps; stamps are checked against it',
      units: 'as recorded: the format does not tell them',
      left: Object.fromEntries(
        plans.flatMap((plan) => (plan.as === 'nothing' ? [[plan.feature.name, plan.reason]] : [])),
      ),
    },
    streams,
    entries: [...byName].map(([name, episode]) => ({ name, files: filesOf(episode, plans) })),
    read: async ({ name }) => readEpisode(open, info, byName.get(name)!, plans, videos),
  };
}

function nameOf({ dataFile, index }: LerobotEpisode, { version }: LerobotInfo): string {
  return version === 2 ? dataFile : `${dataFile}#${index}`;
}

function filesOf({ dataFile, videos }: LerobotEpisode, plans: readonly FeaturePlan[]): readonly string[] {
  const shown = plans.flatMap(({ as, feature }) => (as === 'video' ? [videos[feature.name]!.file] : []));
  return [...new Set([dataFile, ...shown])];
}

type OpenData = (file: string) => Promise<ParquetFile>;

/** Episodes follow one another in a file: the last one is kept for the next. */
function keepingLast(folder: string): OpenData {
  let last: { readonly name: string; readonly file: ParquetFile } | null = null;
  return async (name) => {
    if (last?.name !== name) {
      last = null;
      last = { name, file: await openParquet(join(folder, name), name) };
    }
    return last.file;
  };
}

function readEpisode(
  open: OpenData,
  info: LerobotInfo,
  episode: LerobotEpisode,
  plans: readonly FeaturePlan[],
  videos: Videos,
): Recording {
  return {
    durationS: (episode.length - 1) / info.fps,
    attributes: { episodeIndex: episode.index, tasks: episode.tasks },
    samples: (async function* () {
      yield* rowsOf(open, info, episode, plans);
      for (const plan of plans)
        if (plan.as === 'video') yield* videos.samples(plan.stream, plan.feature.name, episode);
    })(),
  };
}

async function* rowsOf(
  open: OpenData,
  info: LerobotInfo,
  episode: LerobotEpisode,
  plans: readonly FeaturePlan[],
): AsyncGenerator<SensorSample> {
  const { dataFile, firstRow, length } = episode;
  const file = await open(dataFile);
  if (info.version === 2 && file.rows !== length) {
    throw malformed(
      dataFile,
      `row ${file.rows}`,
      `expected ${length} rows, as meta/episodes.jsonl says, got ${file.rows}`,
    );
  }
  if (firstRow + length > file.rows) {
    throw malformed(
      dataFile,
      `row ${file.rows}`,
      `episode ${episode.index} ends at row ${firstRow + length}`,
    );
  }
  const read = plans.filter(({ as }) => as === 'numbers' || as === 'picture');
  const columns = ['timestamp', 'frame_index', 'episode_index', ...read.map(({ feature }) => feature.name)];
  let frame = 0;
  for (const row of file.read([...new Set(columns)], firstRow, firstRow + length)) {
    const place = `row ${firstRow + frame}`;
    requirePlace(row, frame, episode, info.fps, place);
    const timeNs = tickTimeNs(frame, info.fps);
    for (const plan of plans) {
      if (plan.as !== 'numbers' && plan.as !== 'picture') continue;
      const { stream, feature } = plan;
      try {
        const value = row[feature.name];
        const values =
          plan.as === 'numbers' ? { value: numbersIn(value, stream) } : await pictureIn(value, stream);
        yield { stream: stream.name, timeNs, values };
      } catch (cause) {
        if (cause instanceof UmweltError) throw cause;
        throw malformed(dataFile, `${place}, "${feature.name}"`, describeCause(cause));
      }
    }
    frame++;
  }
}

/** A row must be the frame and at the time that its place in the file says. */
function requirePlace(
  row: ParquetRow,
  frame: number,
  episode: LerobotEpisode,
  fps: number,
  place: string,
): void {
  for (const [column, expected] of [
    ['frame_index', frame],
    ['episode_index', episode.index],
  ] as const) {
    const value = Number(row[column] ?? Number.NaN);
    if (value !== expected)
      throw malformed(episode.dataFile, `${place}, "${column}"`, `expected ${expected}, got ${value}`);
  }
  const stampS = Number(row.timestamp ?? Number.NaN);
  const timeS = frame / fps;
  if (Math.abs(stampS - timeS) <= TOLERANCE_S + timeS * STAMP_PRECISION) return;
  const reason = `expected ${timeS} s, frame ${frame} at ${fps} frames a second, got ${stampS}`;
  throw malformed(episode.dataFile, `${place}, "timestamp"`, reason);
}

async function pictureIn(
  value: ParquetValue | undefined,
  stream: StreamDescription,
): Promise<SensorSample['values']> {
  const bytes = value !== null && typeof value === 'object' && 'bytes' in value ? value.bytes : null;
  if (!(bytes instanceof Uint8Array)) throw new Error('expected a picture stored in the file, got none');
  const [height, width] = stream.fields[0]!.shape;
  const picture = await decodePicture(bytes);
  if (picture.width === width && picture.height === height) return { colour: picture.colour };
  throw new Error(`expected a picture of ${width} x ${height}, got ${picture.width} x ${picture.height}`);
}
