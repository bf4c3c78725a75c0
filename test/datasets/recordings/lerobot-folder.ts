import { parquetFile, TYPES } from '../parquet-file.js';

/** One episode that a test writes. */
export interface Episode {
  readonly length: number;
  readonly task?: string;
}

export interface FolderOptions {
  readonly fps?: number;
  readonly episodes?: readonly Episode[];
  /** Pictures by frame, PNG or JPEG. */
  readonly picture?: Uint8Array;
  readonly pictureShape?: readonly number[];
  readonly stampS?: (frame: number) => number;
  readonly state?: (episode: number, frame: number) => readonly number[];
  /** Changes meta/info.json. */
  readonly info?: Readonly<Record<string, unknown>>;
  readonly features?: Readonly<Record<string, unknown>>;
  readonly card?: string;
}

type Files = Record<string, Uint8Array>;

const text = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const EPISODES: readonly Episode[] = [
  { length: 3, task: 'lift' },
  { length: 5, task: 'put' },
];

/** Writes the files of a LeRobot folder as lerobot's v2.1 or v3.0 lays them out. */
export function lerobotFolder(version: 'v2.1' | 'v3.0', options: FolderOptions = {}): Files {
  const { episodes = EPISODES, fps = 10, card = '---\nlicense: apache-2.0\n---\n# Arm\n' } = options;
  const files: Files = {
    'README.md': text(card),
    'meta/info.json': text(infoOf(version, options, episodes, fps)),
  };
  if (version === 'v2.1') {
    files['meta/episodes.jsonl'] = text(
      episodes
        .map(({ length, task = '' }, index) =>
          JSON.stringify({ episode_index: index, tasks: [task], length }),
        )
        .join('\n'),
    );
    episodes.forEach((episode, index) => {
      const name = `data/chunk-000/episode_${String(index).padStart(6, '0')}.parquet`;
      files[name] = dataFile([[index, episode]], options, fps);
    });
  } else {
    files['meta/episodes/chunk-000/file-000.parquet'] = episodesTable(episodes, fps, videoKeys(options));
    files['data/chunk-000/file-000.parquet'] = dataFile([...episodes.entries()], options, fps);
  }
  return files;
}

function infoOf(version: string, options: FolderOptions, episodes: readonly Episode[], fps: number): unknown {
  const place = (dtype: string) => ({ dtype, shape: [1], names: null });
  return {
    codebase_version: version,
    robot_type: 'so100',
    total_episodes: episodes.length,
    fps,
    chunks_size: 1000,
    data_path:
      version === 'v2.1'
        ? 'data/chunk-{episode_chunk:03d}/episode_{episode_index:06d}.parquet'
        : 'data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet',
    video_path:
      version === 'v2.1'
        ? 'videos/chunk-{episode_chunk:03d}/{video_key}/episode_{episode_index:06d}.mp4'
        : 'videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4',
    features: {
      'observation.state': { dtype: 'float32', shape: [2], names: ['shoulder', 'elbow'] },
      action: { dtype: 'float32', shape: [1], names: { motors: ['shoulder'] } },
      'next.done': place('bool'),
      note: { dtype: 'string', shape: [1], names: null },
      ...(options.picture && {
        'observation.images.top': { dtype: 'image', shape: options.pictureShape, names: null },
      }),
      timestamp: place('float32'),
      frame_index: place('int64'),
      episode_index: place('int64'),
      index: place('int64'),
      task_index: place('int64'),
      ...options.features,
    },
    ...options.info,
  };
}

function dataFile(
  episodes: readonly (readonly [number, Episode])[],
  options: FolderOptions,
  fps: number,
): Uint8Array {
  const { stampS = (frame) => frame / fps, state = (episode, frame) => [episode, frame / 4] } = options;
  const frames = episodes.flatMap(([episode, { length }]) =>
    Array.from({ length }, (_, frame) => ({ episode, frame, last: frame === length - 1 })),
  );
  return parquetFile(
    {
      'observation.state': [TYPES.fixed(2), frames.map(({ episode, frame }) => state(episode, frame))],
      action: [TYPES.float32, frames.map(({ frame }) => -frame)],
      'next.done': [TYPES.bool, frames.map(({ last }) => last)],
      note: [TYPES.text, frames.map(() => 'x')],
      ...(options.picture && {
        'observation.images.top': [
          TYPES.image,
          frames.map(() => ({ bytes: options.picture, path: null })),
        ] as const,
      }),
      timestamp: [TYPES.float32, frames.map(({ frame }) => stampS(frame))],
      frame_index: [TYPES.int64, frames.map(({ frame }) => BigInt(frame))],
      episode_index: [TYPES.int64, frames.map(({ episode }) => BigInt(episode))],
      index: [TYPES.int64, frames.map((_, index) => BigInt(index))],
      task_index: [TYPES.int64, frames.map(() => 0n)],
    },
    { rowsPerGroup: 4 },
  );
}

function videoKeys({ features = {} }: FolderOptions): readonly string[] {
  const isVideo = (feature: unknown): boolean => (feature as { dtype?: string }).dtype === 'video';
  return Object.keys(features).filter((name) => isVideo(features[name]));
}

function episodesTable(episodes: readonly Episode[], fps: number, videos: readonly string[]): Uint8Array {
  const none = episodes.map(() => 0n);
  const starts = episodes.map((_, index) =>
    episodes.slice(0, index).reduce((sum, { length }) => sum + length, 0),
  );
  return parquetFile({
    episode_index: [TYPES.int64, episodes.map((_, index) => BigInt(index))],
    tasks: [TYPES.texts, episodes.map(({ task = '' }) => [task])],
    length: [TYPES.int64, episodes.map(({ length }) => BigInt(length))],
    'data/chunk_index': [TYPES.int64, none],
    'data/file_index': [TYPES.int64, none],
    dataset_from_index: [TYPES.int64, starts.map(BigInt)],
    ...Object.fromEntries(
      videos.flatMap((key) => [
        [`videos/${key}/chunk_index`, [TYPES.int64, none]],
        [`videos/${key}/file_index`, [TYPES.int64, none]],
        [`videos/${key}/from_timestamp`, [TYPES.float64, starts.map((start) => start / fps)]],
      ]),
    ),
    'stats/action/mean': [TYPES.list, episodes.map(() => [0])],
  });
}
