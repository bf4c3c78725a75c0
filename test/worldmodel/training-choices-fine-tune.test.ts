import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import type { Dataset, Episode, StreamData, TypedArray } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import type { ChannelConfiguration, ModelConfiguration } from '../../worldmodel/model/configuration.js';
import { openCorpus } from '../../worldmodel/train/corpus.js';
import type { TrainingOptions } from '../../worldmodel/train/options.js';
import { trainWorldModel } from '../../worldmodel/train/train.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-fine-tune-'));
let tosses: Dataset;
let heap: Dataset;
let base: ModelConfiguration;

const open = (datasets: readonly Dataset[], model: ModelConfiguration | null, without: string[] = []) =>
  openCorpus(datasets, {
    size: 'tiny',
    core: 'recurrent',
    ensemble: 2,
    without,
    validationShare: 0,
    seed: 0,
    base: model,
  });

beforeAll(async () => {
  await generateDataset({ scenario: 'cube-toss', directory: join(folder, 'tosses'), episodes: 2, seed: 1 });
  await generateDataset({ scenario: 'drop-and-roll', directory: join(folder, 'heap'), episodes: 1, seed: 1 });
  tosses = await openDataset(join(folder, 'tosses'));
  heap = await openDataset(join(folder, 'heap'));
  base = (await open([tosses], null)).configuration;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The dataset with one field of one stream passed through a function. */
function altered(dataset: Dataset, name: string, field: string, change: (value: number) => number): Dataset {
  const alter = (episode: Episode): Episode => {
    const stream = episode.streams[name];
    if (stream === undefined) return episode;
    const values = { ...stream.values, [field]: (stream.values[field] as Float64Array).map(change) };
    return { ...episode, streams: { ...episode.streams, [name]: { ...stream, values } } };
  };
  return { ...dataset, readEpisode: async (index, names) => alter(await dataset.readEpisode(index, names)) };
}

/** The dataset with a stream of commands, so many numbers each. */
function commanded(dataset: Dataset, width: number): Dataset {
  const description = {
    name: 'push',
    kind: 'action',
    rateHz: 37,
    fields: [],
  } as unknown as StreamData['description'];
  const values: Record<string, TypedArray> = { value: new Float32Array(width) };
  const push = { description, rows: 1, timeNs: BigInt64Array.of(0n), values };
  return {
    ...dataset,
    manifest: {
      ...dataset.manifest,
      streams: [...dataset.manifest.streams, { ...description, rows: 1, samples: 1, bytes: 0 }],
    },
    async readEpisode(index, names) {
      const episode = await dataset.readEpisode(
        index,
        names?.filter((name) => name !== 'push'),
      );
      return { ...episode, streams: { ...episode.streams, push } };
    },
  };
}

const changed = (name: string, change: Partial<ChannelConfiguration>): ModelConfiguration => ({
  ...base,
  channels: base.channels.map((channel) => (channel.name === name ? { ...channel, ...change } : channel)),
});

const train = (name: string, options: Partial<TrainingOptions> = {}) =>
  trainWorldModel({
    datasets: [tosses],
    directory: join(folder, name),
    steps: 1,
    seed: 0,
    size: 'tiny',
    threads: 1,
    validationShare: 0,
    ...options,
  });

describe('data that do not fit the model to tune', () => {
  it('are refused before the first step, by name: other bodies', async () => {
    const refusal = await open([tosses, heap], base).catch((thrown: unknown) => thrown);
    expect(refusal).toMatchObject({ code: 'shape-mismatch', context: { origin: heap.directory } });
    expect(String(refusal)).toMatch(/heap.*moving bodies: expected 1 an episode, found 5 an episode; tune/);
    await expect(open([tosses], { ...base, bodies: 3 })).rejects.toThrow(/expected 3 an episode, found 1/);
  });

  it('are refused by name: channels of other shapes and forms, commands of other widths', async () => {
    await expect(open([tosses], changed('touch', { shape: [2, 2] }))).rejects.toThrow(
      /tosses.*channel "touch": expected a vector of shape \[2, 2\], found .*--without touch/,
    );
    await expect(open([tosses], changed('audio', { form: 'wave' }))).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
    const action = { name: 'push', width: 2, mean: [0, 0], deviation: [1, 1] };
    await expect(open([commanded(tosses, 3)], { ...base, action })).rejects.toThrow(
      /action "push": expected 2 numbers a tick, found 3 numbers a tick; .*--without push/,
    );
    expect((await open([commanded(tosses, 2)], { ...base, action })).configuration.action).toEqual(action);
  });

  it('are refused where none holds the state that the model knows, or a dataset nothing that it knows', async () => {
    await expect(open([tosses], base, ['state'])).rejects.toThrow(
      /learned the state.*kind "truth".*--fine-tune/,
    );
    await expect(open([tosses], base, ['state', 'camera', 'audio', 'touch'])).rejects.toThrow(
      /tosses holds nothing that the model.*"camera".*leave the dataset out/,
    );
  });

  it('are refused by a whole training, which leaves nothing behind', async () => {
    await train('of-tosses');
    const onHeap = { datasets: [heap], fineTune: join(folder, 'of-tosses') };
    await expect(train('of-heap', onHeap)).rejects.toMatchObject({ code: 'shape-mismatch' });
    const { configuration } = await train('of-heap', { fineTune: join(folder, 'of-tosses') });
    expect(configuration).toEqual({ ...base, ensemble: 4 });
  });
});

describe('data that hold more or less than the model to tune', () => {
  it('are learned from: senses that are missing are masked, those it does not know never read', async () => {
    expect((await open([tosses], base, ['audio'])).configuration).toEqual(base);
    const blind = (await open([tosses], null, ['camera'])).configuration;
    const corpus = await open([altered(tosses, 'camera', 'depthM', () => Number.NaN)], blind);
    expect(corpus.configuration).toEqual(blind);
    expect([...(await corpus.episode(0, 0)).channels.keys()].sort()).toEqual([
      'audio',
      'audio/wave',
      'touch',
    ]);
    const sight = (await open([tosses], null, ['state', 'audio', 'touch'])).configuration;
    expect((await open([heap], sight)).configuration).toMatchObject({ hasState: false, bodies: 1 });
  });
});

describe('the ranges of a model that is tuned', () => {
  it('hold what either training held, on the scale of the first', async () => {
    const far = altered(tosses, 'state', 'positionM', (value) => value + 10);
    const strong = altered(far, 'touch', 'forceN', (value) => 100 * value);
    const { configuration } = await open([strong], base);
    const { lowM, highM } = base.stateRange;
    expect(configuration.stateRange.lowM).toEqual(lowM);
    for (const [axis, value] of configuration.stateRange.highM.entries())
      expect(value).toBeCloseTo(highM[axis]! + 10, 9);
    const touch = (model: ModelConfiguration) => model.channels.find(({ name }) => name === 'touch')!;
    expect(touch(configuration).range[1]).toBeGreaterThan(touch(base).range[1] + 1);
    expect({ ...touch(configuration), range: null }).toEqual({ ...touch(base), range: null });
    // Tuned back on what it knew, it forgets none of it.
    expect((await open([tosses], configuration)).configuration).toEqual(configuration);
  });
});

describe('a fine-tuning that is interrupted', () => {
  it('is not resumed with other streams left out', async () => {
    await train('to-tune');
    const controller = new AbortController();
    const options = { fineTune: join(folder, 'to-tune'), steps: 4, without: ['camera', 'audio'] };
    const stop = { onProgress: () => controller.abort(), signal: controller.signal };
    await expect(train('cut', { ...options, ...stop })).rejects.toMatchObject({ code: 'interrupted' });
    await expect(train('cut', { ...options, resume: true, without: [] })).rejects.toMatchObject({
      code: 'conflict',
      context: { differing: ['--without was audio camera, is none'] },
    });
    const resumed = await train('cut', { ...options, resume: true, without: ['audio', 'camera'] });
    expect(resumed.provenance.steps).toBe(4);
  });
});
