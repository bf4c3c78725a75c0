import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RecordBatchReader } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { DatasetPlan, EpisodeSource, SensorSample } from '../../datasets/contract.js';
import { openDataset, verifyDataset } from '../../datasets/reader.js';
import { beginDataset, finishDataset, pendingShards, writeShard } from '../../datasets/writer.js';
import {
  contentOf,
  episodesOf,
  field,
  planOf,
  samplesOf,
  stream,
  temporaryFolder,
} from './sample-dataset.js';
import { hasSmallDisk, withSmallDisk } from './small-disk.js';

async function writeAll(directory: string, plan: DatasetPlan, resume = false): Promise<void> {
  const session = await beginDataset(directory, plan, { resume });
  try {
    for (const shard of session.pendingShards)
      await writeShard(directory, plan, shard, episodesOf(plan, shard));
    await session.finish();
  } finally {
    await session.close();
  }
}

/** A first run that dies after one shard, in the middle of the next. */
async function writePart(directory: string, plan: DatasetPlan): Promise<void> {
  const session = await beginDataset(directory, plan, { resume: false });
  await writeShard(directory, plan, 1, episodesOf(plan, 1));
  await mkdir(join(directory, 'shards/00000.partial'));
  await writeFile(join(directory, 'shards/00000.partial/camera.arrow'), 'half of somethi');
  await session.close();
}

const plan = planOf();

describe('a dataset', () => {
  it('holds its manifest and its shards, and nothing else once it is finished', async () => {
    const directory = await temporaryFolder();
    await writeAll(directory, plan);
    const shard = (name: string): string[] =>
      ['camera.arrow', 'shard.json', 'state.arrow'].map((file) => `shards/${name}/${file}`);
    expect(Object.keys(await contentOf(directory)).sort()).toEqual([
      'manifest.json',
      ...['00000', '00001', '00002'].flatMap(shard),
    ]);
    const { manifest } = await openDataset(directory);
    expect(manifest.files.map(({ path }) => path)).toEqual(['00000', '00001', '00002'].flatMap(shard));
    expect(manifest.episodes).toHaveLength(5);
    expect(await verifyDataset(directory)).toEqual([]);
  });

  it('has the same bytes whatever the order of its shards', async () => {
    const [a, b] = [await temporaryFolder(), await temporaryFolder()];
    await writeAll(a, plan);
    const session = await beginDataset(b, plan, { resume: false });
    await Promise.all([2, 0, 1].map((shard) => writeShard(b, plan, shard, episodesOf(plan, shard))));
    await session.finish();
    await session.close();
    expect(await contentOf(b)).toEqual(await contentOf(a));
  });

  it('keeps episodes in which a stream has no rows', async () => {
    const directory = await temporaryFolder();
    const silent = planOf({ episodes: 2 });
    const session = await beginDataset(directory, silent, { resume: false });
    const only = (episode: number): SensorSample[] =>
      [...samplesOf(episode)].filter((s) => s.stream === 'state');
    await writeShard(
      directory,
      silent,
      0,
      [0, 1].map((episode) => ({ episode, durationS: 1, attributes: {}, samples: only(episode) })),
    );
    const manifest = await session.finish();
    await session.close();
    expect(manifest.streams.map(({ rows }) => rows)).toEqual([0, 40]);
    const { streams } = await (await openDataset(directory)).readEpisode(1);
    expect(streams.camera!.rows).toBe(0);
    const file = RecordBatchReader.from(await readFile(join(directory, 'shards/00000/camera.arrow')));
    expect([...file].map((batch) => batch.numRows)).toEqual([0, 0]);
    expect(streams.camera!.values.colour).toEqual(new Uint8Array(0));
    expect(streams.state!.rows).toBe(20);
  });

  it('takes asynchronous episodes and samples', async () => {
    const directory = await temporaryFolder();
    async function* slowly<T>(items: Iterable<T>): AsyncGenerator<T> {
      for (const item of items) yield await Promise.resolve(item);
    }
    const session = await beginDataset(directory, plan, { resume: false });
    for (const shard of session.pendingShards) {
      const sources = [...episodesOf(plan, shard)].map((source) => ({
        ...source,
        samples: slowly(samplesOf(source.episode)),
      }));
      await writeShard(directory, plan, shard, slowly(sources));
    }
    await session.finish();
    await session.close();
    const other = await temporaryFolder();
    await writeAll(other, plan);
    expect(await contentOf(directory)).toEqual(await contentOf(other));
  });
});

describe('resuming', () => {
  it('completes an interrupted run to the same bytes as an uninterrupted one', async () => {
    const [whole, parts] = [await temporaryFolder(), await temporaryFolder()];
    await writeAll(whole, plan);
    await writePart(parts, plan);
    const session = await beginDataset(parts, plan, { resume: true });
    expect(session.pendingShards).toEqual([0, 2]);
    expect(await readdir(join(parts, 'shards'))).toEqual(['00001']);
    await session.close();
    await writeAll(parts, plan, true);
    expect(await contentOf(parts)).toEqual(await contentOf(whole));
  });

  it('leaves a complete dataset alone', async () => {
    const directory = await temporaryFolder();
    await writeAll(directory, plan);
    const before = await contentOf(directory);
    await writeAll(directory, plan, true);
    expect(await finishDataset(directory, plan)).toEqual((await openDataset(directory)).manifest);
    expect(await contentOf(directory)).toEqual(before);
  });

  it('names what differs from the plan that was begun', async () => {
    const directory = await temporaryFolder();
    await writePart(directory, plan);
    const other = planOf({ seed: 8, configuration: { scenario: { mass: 2, colour: 'red' } } });
    await expect(beginDataset(directory, other, { resume: true })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(
        'configuration.scenario.colour was absent, is now "red"; configuration.scenario.mass was 1, is now 2; seed was 7, is now 8.',
      ),
    });
    await expect(beginDataset(directory, plan, { resume: false })).rejects.toThrow(/--resume/);
    await expect(finishDataset(directory, plan)).rejects.toThrow(/lacks 2 of 3 shards/);
    expect(await pendingShards(directory, plan)).toEqual([0, 2]);
  });

  it('refuses a shard that lost bytes since', async () => {
    const directory = await temporaryFolder();
    await writePart(directory, plan);
    await writeFile(join(directory, 'shards/00001/state.arrow'), 'cut');
    await expect(writeAll(directory, plan, true)).rejects.toMatchObject({
      code: 'malformed-file',
      message: expect.stringContaining('shards/00001/state.arrow has 3 bytes'),
    });
  });
});

describe('the folder', () => {
  it('may not hold something else', async () => {
    const directory = await temporaryFolder();
    await writeFile(join(directory, 'thesis.tex'), 'precious');
    await expect(beginDataset(directory, plan, { resume: true })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('thesis.tex'),
    });
    expect(await readdir(directory)).toEqual(['thesis.tex']);
  });

  it('may not be a file', async () => {
    const directory = join(await temporaryFolder(), 'file');
    await writeFile(directory, '');
    await expect(beginDataset(directory, plan, { resume: false })).rejects.toMatchObject({ code: 'io' });
  });

  it('takes one writer at a time, and names it', async () => {
    const directory = await temporaryFolder();
    const session = await beginDataset(directory, plan, { resume: false });
    await expect(beginDataset(directory, plan, { resume: true })).rejects.toMatchObject({
      code: 'conflict',
      context: { pid: process.pid },
      message: expect.stringContaining(`process ${process.pid} is writing`),
    });
    await session.close();
    await (await beginDataset(directory, plan, { resume: true })).close();
  });

  it('is taken over from a process that died, or whose number now belongs to another', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    for (const holder of [
      JSON.stringify({ host: hostname(), pid: dead, started: '1' }),
      JSON.stringify({ host: hostname(), pid: process.pid, started: '1' }),
      '',
    ]) {
      const directory = await temporaryFolder();
      await writePart(directory, plan);
      await writeFile(join(directory, '.lock'), holder);
      const session = await beginDataset(directory, plan, { resume: true });
      expect(JSON.parse(await readFile(join(directory, '.lock'), 'utf8')).pid).toBe(process.pid);
      await session.close();
      expect((await readdir(directory)).sort()).toEqual(['plan.json', 'shards']);
    }
  });

  it('is not taken over from another host', async () => {
    const directory = await temporaryFolder();
    const holder = { host: 'elsewhere', pid: 1, started: '1' };
    await writeFile(join(directory, '.lock'), JSON.stringify(holder));
    await expect(beginDataset(directory, plan, { resume: true })).rejects.toThrow(/on "elsewhere".*delete/);
  });
});

describe('writeShard', () => {
  const camera = [...samplesOf(0)][0]!;
  const wrong: readonly [string, SensorSample, RegExp][] = [
    ['an unknown stream', { ...camera, stream: 'lidar' }, /"lidar".*camera, state/],
    [
      'a missing field',
      { ...camera, values: { colour: camera.values.colour! } },
      /"depth": expected float32 \[2, 3\], got undefined/,
    ],
    [
      'a wrong type',
      { ...camera, values: { ...camera.values, depth: new Float64Array(6) } },
      /got Float64Array of 6/,
    ],
    [
      'a wrong length',
      { ...camera, values: { ...camera.values, depth: new Float32Array(7) } },
      /got Float32Array of 7/,
    ],
    [
      'an unknown field',
      { ...camera, values: { ...camera.values, flow: new Float32Array(6) } },
      /"flow": expected no such field/,
    ],
  ];

  it.each(wrong)('refuses %s and leaves nothing', async (_, sample, message) => {
    const directory = await temporaryFolder();
    const session = await beginDataset(directory, plan, { resume: false });
    const sources = [...episodesOf(plan, 0)].map((source) => ({ ...source, samples: [sample] }));
    const failure = writeShard(directory, plan, 0, sources);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ code: 'shape-mismatch' });
    expect(await readdir(join(directory, 'shards'))).toEqual([]);
    await session.close();
  });

  it('refuses samples out of order, but starts each episode anew', async () => {
    const directory = await temporaryFolder();
    const session = await beginDataset(directory, plan, { resume: false });
    const backwards = [...samplesOf(0)].reverse();
    const sources = (samples: SensorSample[]): EpisodeSource[] =>
      [...episodesOf(plan, 0)].map((source) => ({ ...source, samples }));
    await expect(writeShard(directory, plan, 0, sources(backwards))).rejects.toMatchObject({
      code: 'invalid-input',
    });
    await writeShard(directory, plan, 0, sources([...samplesOf(0)]));
    await session.close();
  });

  it('refuses other episodes than its own', async () => {
    const directory = await temporaryFolder();
    const session = await beginDataset(directory, plan, { resume: false });
    const write = (shard: number, from: number): Promise<void> =>
      writeShard(directory, plan, shard, episodesOf(plan, from));
    await expect(write(0, 1)).rejects.toThrow(/shard 0 holds the 2 episodes from 0 on/);
    await expect(write(0, 2)).rejects.toMatchObject({ code: 'invalid-input' });
    await expect(writeShard(directory, plan, 0, [...episodesOf(plan, 0)].slice(0, 1))).rejects.toThrow(
      /got 1 episodes/,
    );
    await write(0, 0);
    await expect(write(0, 0)).rejects.toMatchObject({ code: 'conflict' });
    await session.close();
  });

  it('passes on what its source throws and leaves nothing', async () => {
    const directory = await temporaryFolder();
    const session = await beginDataset(directory, plan, { resume: false });
    function* failing(): Generator<SensorSample> {
      yield camera;
      throw new RangeError('the engine broke');
    }
    const sources = [...episodesOf(plan, 0)].map((source) => ({ ...source, samples: failing() }));
    await expect(writeShard(directory, plan, 0, sources)).rejects.toThrow(new RangeError('the engine broke'));
    expect(await readdir(join(directory, 'shards'))).toEqual([]);
    await session.close();
  });

  it.skipIf(!hasSmallDisk())(
    'reports a full disk, and the run goes on once there is room (skipped where tmpfs cannot be mounted)',
    async () => {
      const large = planOf({
        streams: [stream('s', 10, [field('x', 'uint8', [200_000])])],
        episodes: 4,
        episodesPerShard: 1,
      });
      const sources = (episode: number): EpisodeSource[] => [
        {
          episode,
          durationS: 0,
          attributes: {},
          samples: [{ stream: 's', timeNs: 0n, values: { x: new Uint8Array(200_000).fill(episode) } }],
        },
      ];
      const whole = await temporaryFolder();
      const session = await beginDataset(whole, large, { resume: false });
      for (const shard of session.pendingShards) await writeShard(whole, large, shard, sources(shard));
      await session.finish();
      await session.close();
      await withSmallDisk(1024, async (disk) => {
        const directory = join(disk, 'data');
        await writeFile(join(disk, 'ballast'), new Uint8Array(500_000));
        const first = await beginDataset(directory, large, { resume: false });
        await writeShard(directory, large, 0, sources(0));
        await writeShard(directory, large, 1, sources(1));
        await expect(writeShard(directory, large, 2, sources(2))).rejects.toMatchObject({
          code: 'io',
          context: { reason: 'ENOSPC', path: join(directory, 'shards/00002.partial/s.arrow') },
        });
        expect(await readdir(join(directory, 'shards'))).toEqual(['00000', '00001']);
        await first.close();
        await rm(join(disk, 'ballast'));
        const again = await beginDataset(directory, large, { resume: true });
        for (const shard of again.pendingShards) await writeShard(directory, large, shard, sources(shard));
        await again.finish();
        await again.close();
        expect(await contentOf(directory)).toEqual(await contentOf(whole));
      });
    },
  );
});

describe('the plan', () => {
  it.each([
    ['no episodes', { episodes: 0 }, 'episodes'],
    ['no streams', { streams: [] }, 'streams'],
    [
      'a stream whose name is a path',
      { streams: [stream('../x', 1, [field('a', 'uint8', [])])] },
      'streams.0.name',
    ],
    ['two streams of one name', { streams: [...plan.streams, ...plan.streams] }, 'streams'],
    [
      'a field called like a column',
      { streams: [stream('s', 1, [field('time_ns', 'uint8', [])])] },
      'streams.0.fields.0.name',
    ],
    [
      'a dimension of nothing',
      { streams: [stream('s', 1, [field('a', 'uint8', [2, 0])])] },
      'streams.0.fields.0.shape.1',
    ],
  ] as const)('may not have %s', async (_, overrides, path) => {
    const directory = join(await temporaryFolder(), 'new');
    await expect(beginDataset(directory, planOf(overrides), { resume: false })).rejects.toMatchObject({
      code: 'invalid-input',
      context: { path },
    });
    await expect(readdir(directory)).rejects.toThrow(/ENOENT/);
  });
});
