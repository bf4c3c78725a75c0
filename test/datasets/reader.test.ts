import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { openDataset, verifyDataset } from '../../datasets/reader.js';
import { beginDataset, writeShard } from '../../datasets/writer.js';
import { episodesOf, planOf, samplesOf, temporaryFolder } from './sample-dataset.js';

async function written(): Promise<string> {
  const directory = await temporaryFolder();
  const plan = planOf();
  const session = await beginDataset(directory, plan, { resume: false });
  for (const shard of session.pendingShards)
    await writeShard(directory, plan, shard, episodesOf(plan, shard));
  await session.finish();
  await session.close();
  return directory;
}

async function editManifest(directory: string, from: string, to: string): Promise<void> {
  const path = join(directory, 'manifest.json');
  const text = await readFile(path, 'utf8');
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

describe('readEpisode', () => {
  it('reads any episode in any order', async () => {
    const dataset = await openDataset(await written());
    for (const episode of [4, 0, 3, 2, 1]) {
      const read = await dataset.readEpisode(episode);
      const expected = [...samplesOf(episode)];
      expect(read).toMatchObject({ episode, durationS: 1, attributes: { draw: episode / 3 } });
      for (const name of ['camera', 'state']) {
        const samples = expected.filter((sample) => sample.stream === name);
        const { rows, timeNs, values, description } = read.streams[name]!;
        expect(rows).toBe(samples.length);
        expect([...timeNs]).toEqual(samples.map((sample) => sample.timeNs));
        for (const field of description.fields) {
          expect([...values[field.name]!]).toEqual(
            samples.flatMap((sample) => [...sample.values[field.name]!]),
          );
        }
      }
    }
  });

  it('reads the named streams only, even when the others are gone', async () => {
    const directory = await written();
    for (const shard of ['00000', '00001', '00002'])
      await rm(join(directory, `shards/${shard}/camera.arrow`));
    const seen: string[][] = [];
    for await (const { streams } of (await openDataset(directory)).episodes(['state']))
      seen.push(Object.keys(streams));
    expect(seen).toEqual(Array(5).fill(['state']));
  });

  it('names an episode or a stream that is not there', async () => {
    const dataset = await openDataset(await written());
    await expect(dataset.readEpisode(5)).rejects.toMatchObject({ code: 'not-found' });
    await expect(dataset.readEpisode(0, ['lidar'])).rejects.toThrow(
      /no stream "lidar"; it has camera, state/,
    );
  });
});

describe('openDataset', () => {
  it('tells nothing, something else and an unfinished dataset apart', async () => {
    const directory = await temporaryFolder();
    await expect(openDataset(join(directory, 'none'))).rejects.toThrow(/does not exist/);
    await expect(openDataset(directory)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('not a dataset'),
    });
    const plan = planOf();
    const session = await beginDataset(directory, plan, { resume: false });
    await writeShard(directory, plan, 0, episodesOf(plan, 0));
    await session.close();
    await expect(openDataset(directory)).rejects.toThrow(
      /unfinished \(1 of 3 shards\).*umwelt generate test --episodes 5 --seed 7 --out ".*" --resume/,
    );
  });

  it.each([
    ['"formatVersion":1', '"formatVersion":2', /formatVersion.*another version/],
    ['"origin":"simulated"', '"origin":"imagined"', /origin/],
    ['"path":"shards/00000/', '"path":"../shards/00000/', /files\.0\.path/],
    ['"path":"shards/00000/', '"path":"/etc/', /files\.0\.path/],
    ['{', '', /not JSON/],
  ])('refuses a manifest with %s changed to %s', async (from, to, message) => {
    const directory = await written();
    await editManifest(directory, from, to);
    await expect(openDataset(directory)).rejects.toThrow(message);
    await expect(openDataset(directory)).rejects.toMatchObject({ code: 'malformed-file' });
  });
});

describe('a damaged file', () => {
  it('is named when the manifest describes other columns', async () => {
    const directory = await written();
    await editManifest(directory, '"shape":[2,3,3]', '"shape":[3,2,3]');
    const reading = (await openDataset(directory)).readEpisode(0);
    await expect(reading).rejects.toMatchObject({ code: 'shape-mismatch' });
    await expect(reading).rejects.toThrow(
      /camera\.arrow: column 2 is "colour" uint8 x 18 shape \[2,3,3\], but .*\[3,2,3\]/,
    );
  });

  it('that is a model is called one', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'manifest.json'), '{"format":"umwelt-model","formatVersion":2}');
    await expect(openDataset(folder)).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining(`"${folder}" holds a model, not a dataset`),
    });
  });

  it('is named when it is missing or cut short', async () => {
    const directory = await written();
    const path = join(directory, 'shards/00000/state.arrow');
    await truncate(path, 2000);
    const dataset = await openDataset(directory);
    await expect(dataset.readEpisode(0)).rejects.toMatchObject({
      code: 'malformed-file',
      message: expect.stringContaining('shards/00000/state.arrow'),
    });
    await rm(path);
    await expect(dataset.readEpisode(0)).rejects.toMatchObject({ code: 'not-found', context: { path } });
    await expect(dataset.readEpisode(2)).resolves.toMatchObject({ episode: 2 });
  });

  it('never reads as good data, whichever byte of an episode or its schema is changed', async () => {
    const directory = await written();
    const path = join(directory, 'shards/00000/camera.arrow');
    const good = await readFile(path);
    const record = JSON.parse(await readFile(join(directory, 'shards/00000/shard.json'), 'utf8'));
    const { schema, episodes } = record.index.camera;
    const dataset = await openDataset(directory);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.nat(schema.bytes - 1),
          fc.nat(episodes[0].bytes - 1).map((at) => at + episodes[0].offset - 8),
        ),
        fc.integer({ min: 1, max: 255 }),
        async (at, change) => {
          const bad = Buffer.from(good);
          bad[at + 8]! ^= change;
          await writeFile(path, bad);
          await expect(dataset.readEpisode(0)).rejects.toMatchObject({
            code: 'malformed-file',
            message: expect.stringContaining('shards/00000/camera.arrow'),
          });
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is not read beyond its end by a hostile index', async () => {
    const directory = await written();
    const path = join(directory, 'shards/00000/shard.json');
    const text = await readFile(path, 'utf8');
    const dataset = await openDataset(directory);
    for (const [key, value] of [
      ['bytes', 2 ** 40],
      ['offset', 2 ** 40],
      ['rows', 2 ** 40],
      ['offset', -1],
      ['bytes', 1.5],
    ] as const) {
      const record = JSON.parse(text);
      record.index.camera.episodes[0][key] = value;
      await writeFile(path, JSON.stringify(record));
      const fresh = await openDataset(directory);
      await expect(fresh.readEpisode(0)).rejects.toMatchObject({ code: 'malformed-file' });
    }
    await writeFile(path, text);
    await expect(dataset.readEpisode(0)).resolves.toMatchObject({ episode: 0 });
  });
});

describe('verifyDataset', () => {
  it('finds every file that was changed or removed, and edits of the manifest', async () => {
    const directory = await written();
    expect(await verifyDataset(directory)).toEqual([]);
    const path = join(directory, 'shards/00001/camera.arrow');
    const bytes = await readFile(path);
    bytes[bytes.length - 20]! ^= 1;
    await writeFile(path, bytes);
    await rm(join(directory, 'shards/00002/shard.json'));
    await editManifest(directory, '"mass":1', '"mass":3');
    const found = await verifyDataset(directory);
    expect(found.map((difference) => difference.path)).toEqual([
      'manifest.json configuration',
      'shards/00001/camera.arrow',
      'shards/00002/shard.json',
    ]);
    expect(found[2]!.actual).toBe('missing');
    expect(found[1]!.expected).not.toBe(found[1]!.actual);
  });

  it('tells its progress and stops when asked', async () => {
    const directory = await written();
    const controller = new AbortController();
    const done: number[] = [];
    await verifyDataset(directory, { onProgress: (progress) => done.push(progress.done) });
    expect(done).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    controller.abort();
    await expect(verifyDataset(directory, { signal: controller.signal })).rejects.toThrow(UmweltError);
  });
});
