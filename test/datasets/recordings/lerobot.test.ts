import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { importRecordings } from '../../../datasets/recordings/import.js';
import { lerobot } from '../../../datasets/recordings/lerobot.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readAll, readerOf } from './hostile.js';
import { type FolderOptions, lerobotFolder } from './lerobot-folder.js';
import { mp4File, videoTrack } from './mp4-file.js';

const VERSIONS = ['v2.1', 'v3.0'] as const;

async function written(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const folder = join(await temporaryFolder(), 'arm');
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return folder;
}

describe.each(VERSIONS)('a LeRobot folder %s', (version) => {
  it('has one recording an episode, one stream a feature', async () => {
    const folder = await written(lerobotFolder(version));
    const set = await lerobot.open(folder);
    expect(set.licence).toBe("apache-2.0, by the dataset's card");
    expect(set.conversion).toMatchObject({
      codebaseVersion: version,
      left: { note: expect.stringContaining('string') },
    });
    expect(set.streams).toMatchObject([
      {
        name: 'observation.state',
        kind: 'state',
        rateHz: 10,
        fields: [{ name: 'value', dataType: 'float32', shape: [2] }],
        metadata: { components: [{ label: 'shoulder' }, { label: 'elbow' }] },
      },
      { name: 'action', kind: 'action', metadata: { components: [{ label: 'shoulder' }] } },
      { name: 'next.done', kind: 'generic', fields: [{ dataType: 'uint8', shape: [1] }] },
    ]);
    expect(set.entries.map(({ name }) => name)).toEqual(
      version === 'v2.1'
        ? ['data/chunk-000/episode_000000.parquet', 'data/chunk-000/episode_000001.parquet']
        : ['data/chunk-000/file-000.parquet#0', 'data/chunk-000/file-000.parquet#1'],
    );
    const [first, second] = await readAll(lerobot, folder);
    expect([first!.durationS, second!.durationS]).toEqual([0.2, 0.4]);
    expect(second!.attributes).toEqual({ episodeIndex: 1, tasks: ['put'] });
    const states = second!.samples.filter(({ stream }) => stream === 'observation.state');
    expect(states.map(({ timeNs }) => Number(timeNs) / 1e6)).toEqual([0, 100, 200, 300, 400]);
    expect(states[3]!.values.value).toEqual(Float32Array.of(1, 0.75));
    const done = second!.samples.filter(({ stream }) => stream === 'next.done');
    expect(done.map(({ values }) => values.value![0])).toEqual([0, 0, 0, 0, 1]);
  });

  it('becomes a dataset, the same each time, under the licence of its card', async () => {
    const folder = await written(lerobotFolder(version));
    const one = await importRecordings(folder, join(folder, '../one'));
    const two = await importRecordings(folder, join(folder, '../two'));
    expect(two.dataSha256).toBe(one.dataSha256);
    expect(one.configuration).toMatchObject({
      format: 'lerobot',
      licence: "apache-2.0, by the dataset's card",
    });
    expect(new Set(one.episodes.map(({ attributes }) => attributes.sourceSha256)).size).toBe(2);
  });

  it('has pictures, whichever dimension comes first', async () => {
    const rgb = Uint8Array.from({ length: 5 * 4 * 3 }, (_, i) => i * 4);
    const picture = await sharp(rgb, { raw: { width: 5, height: 4, channels: 3 } })
      .png()
      .toBuffer();
    for (const pictureShape of [
      [4, 5, 3],
      [3, 4, 5],
    ]) {
      const folder = await written(lerobotFolder(version, { picture, pictureShape }));
      const { streams } = await lerobot.open(folder);
      expect(streams.at(-1)).toMatchObject({
        name: 'observation.images.top',
        kind: 'camera',
        fields: [{ shape: [4, 5, 3] }],
      });
      const [first] = await readAll(lerobot, folder);
      expect(first!.samples.find(({ stream }) => stream.endsWith('top'))!.values.colour).toEqual(rgb);
    }
    const other = await written(lerobotFolder(version, { picture, pictureShape: [6, 5, 3] }));
    await expect(readAll(lerobot, other)).rejects.toThrow(
      /row 0, "observation.images.top": expected a picture of 5 x 6, got 5 x 4/,
    );
  });

  it('has the pictures of its videos, each episode its own', async () => {
    const key = 'observation.images.wrist';
    const features = {
      [key]: { dtype: 'video', shape: [16, 32, 3], names: ['height', 'width', 'channels'] },
    };
    const files = lerobotFolder(version, { features });
    const movie = async (frames: number) => mp4File([await videoTrack(frames)]);
    if (version === 'v2.1') {
      files[`videos/chunk-000/${key}/episode_000000.mp4`] = await movie(3);
      files[`videos/chunk-000/${key}/episode_000001.mp4`] = await movie(5);
    } else files[`videos/${key}/chunk-000/file-000.mp4`] = await movie(8);
    const folder = await written(files);
    const { entries, streams } = await lerobot.open(folder);
    expect(entries[1]!.files).toHaveLength(2);
    expect(streams.at(-1)).toMatchObject({
      name: key,
      kind: 'camera',
      rateHz: 10,
      fields: [{ shape: [16, 32, 3] }],
    });
    const shown = (await readAll(lerobot, folder)).map(({ samples }) =>
      samples.filter(({ stream }) => stream === key),
    );
    expect(shown[1]!.map(({ timeNs }) => Number(timeNs) / 1e6)).toEqual([0, 100, 200, 300, 400]);
    // The test's movie has brightness 60 + 10 k in frame k; a grey of Y has (Y - 16) 255 / 219.
    const first = version === 'v2.1' ? 0 : 3;
    for (const [frame, { values }] of shown[1]!.entries()) {
      const expected = ((60 + 10 * (first + frame) - 16) * 255) / 219;
      expect(Math.abs(values.colour![40]! - expected)).toBeLessThan(4);
    }
  });

  it('with a video that lacks frames is refused', async () => {
    const features = { 'cam.top': { dtype: 'video', shape: [16, 32, 3] } };
    const files = lerobotFolder(version, { features });
    const short = mp4File([await videoTrack(4)]);
    files['videos/chunk-000/cam.top/episode_000000.mp4'] = mp4File([await videoTrack(3)]);
    files['videos/chunk-000/cam.top/episode_000001.mp4'] = short;
    files['videos/cam.top/chunk-000/file-000.mp4'] = short;
    const folder = await written(files);
    await expect(readAll(lerobot, folder)).rejects.toThrow(/expected 5 frames of episode 1, got/);
  });

  it('is read where a video is missing, and says so', async () => {
    const features = { 'observation.images.wrist': { dtype: 'video', shape: [480, 640, 3], names: null } };
    const files = lerobotFolder(version, { features });
    const { conversion, streams } = await lerobot.open(await written(files));
    expect(conversion.left).toMatchObject({
      'observation.images.wrist': expect.stringMatching(
        /there is no "videos\/.*observation\.images\.wrist\/.*\.mp4"/,
      ),
    });
    expect(streams).toHaveLength(3);
  });

  it.each<[string, FolderOptions, RegExp]>([
    [
      'stamps that are not frame / fps',
      { stampS: (frame) => frame / 9 },
      /row \d+, "timestamp": expected 0\.1 s, frame 1 at 10 frames a second, got 0\.111/,
    ],
    ['time that runs backwards', { stampS: (frame) => -frame / 10 }, /"timestamp"/],
    ['a stamp that is NaN', { stampS: () => Number.NaN }, /row 0, "timestamp": .*got NaN/],
    [
      'a NaN',
      { state: () => [0, Number.NaN] },
      /row 0, "observation\.state": expected a finite number, got NaN/,
    ],
    [
      'a shape that the rows have not',
      { features: { action: { dtype: 'float32', shape: [3], names: null } } },
      /row 0, "action": expected 3 numbers, got 1/,
    ],
    [
      'a missing column',
      { features: { 'observation.wheel': { dtype: 'float32', shape: [1], names: null } } },
      /there is no column "observation\.wheel"/,
    ],
    [
      'an old version',
      { info: { codebase_version: 'v1.6' } },
      /meta\/info\.json, "codebase_version": version "v1\.6"/,
    ],
    ['no rate', { info: { fps: 0 } }, /meta\/info\.json, "fps"/],
    [
      'an absurd shape',
      { features: { action: { dtype: 'float32', shape: [2 ** 31, 2 ** 31] } } },
      /"features\.action\.shape": has too many/,
    ],
    [
      'a path out of the folder',
      { info: { data_path: '../{episode_index}{file_index}.parquet' } },
      /is not known|no path inside/,
    ],
    ['a path to anywhere', { info: { data_path: '/etc/passwd' } }, /no path inside the folder/],
    [
      'nothing but words',
      { info: { features: { note: { dtype: 'string', shape: [1] } } } },
      /none of them can be read/,
    ],
  ])('with %s is refused by name and place', async (_, options, expected) => {
    const refusal = written(lerobotFolder(version, options)).then((folder) => readAll(lerobot, folder));
    await expect(refusal).rejects.toMatchObject({ code: 'malformed-file' });
    await expect(refusal).rejects.toThrow(expected);
  });
});

describe('a LeRobot folder with wrong lists', () => {
  it.each<[string, string, RegExp]>([
    ['a line that is cut', '{"episode_index": 0', /meta\/episodes\.jsonl, line 1/],
    ['an episode without a length', '{"episode_index": 0}', /entry 0, "length"/],
    [
      'an episode of another length',
      '{"episode_index": 0, "length": 4}',
      /episode_000000\.parquet, row 3: expected 4 rows, as meta\/episodes\.jsonl says, got 3/,
    ],
    [
      'an episode twice',
      '{"episode_index": 0, "length": 3}\n{"episode_index": 0, "length": 3}',
      /episode 0: is there twice/,
    ],
    ['nothing', '\n', /there are none/],
  ])('of %s is refused', async (_, lines, expected) => {
    const folder = await written({ ...lerobotFolder('v2.1'), 'meta/episodes.jsonl': Buffer.from(lines) });
    await expect(readAll(lerobot, folder)).rejects.toThrow(expected);
  });

  it('that names a file that is not there is refused', async () => {
    const files = lerobotFolder('v2.1');
    delete files['data/chunk-000/episode_000001.parquet'];
    const folder = await written(files);
    await expect(readAll(lerobot, folder)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('hostile bytes in a LeRobot folder', () => {
  const v2 = lerobotFolder('v2.1', { episodes: [{ length: 3 }] });
  const v3 = lerobotFolder('v3.0', { episodes: [{ length: 2 }, { length: 1 }] });
  it.each([
    ['meta/info.json', v2],
    ['meta/episodes.jsonl', v2],
    ['meta/episodes/chunk-000/file-000.parquet', v3],
    ['data/chunk-000/file-000.parquet', v3],
  ])(
    'in %s give a result or an error',
    async (fileName, files) => {
      const { [fileName]: valid, ...beside } = files;
      const read = await readerOf(lerobot, beside);
      // What a wrong list names may be missing, or be called wrong in another file.
      const forgiving = async (bytes: Uint8Array, name: string): Promise<unknown> => {
        try {
          return await read(bytes, name);
        } catch (thrown) {
          const { code, name: kind } = thrown as { code: string; name: string };
          if (kind === 'UmweltError' && (code === 'not-found' || code === 'malformed-file')) return null;
          throw thrown;
        }
      };
      await expectSafeFromHostileBytes(forgiving, { fileName, valid: valid!, lengths: 10, runs: 15 });
    },
    30_000,
  );
});
