import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import { UmweltError } from '../../core/errors.js';
import type { Dataset, Episode } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { loadWorldModel } from '../../worldmodel/rollout.js';
import type { TrainingOptions } from '../../worldmodel/train/options.js';
import { trainWorldModel } from '../../worldmodel/train/train.js';

const STEPS = 12;
const folder = mkdtempSync(join(tmpdir(), 'umwelt-train-'));
let tosses: Dataset;
let heap: Dataset;

beforeAll(async () => {
  await generateDataset({ scenario: 'cube-toss', directory: join(folder, 'tosses'), episodes: 2, seed: 1 });
  await generateDataset({ scenario: 'drop-and-roll', directory: join(folder, 'heap'), episodes: 1, seed: 1 });
  tosses = await openDataset(join(folder, 'tosses'));
  heap = await openDataset(join(folder, 'heap'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const train = (name: string, options: Partial<TrainingOptions> = {}) =>
  trainWorldModel({
    datasets: [tosses],
    directory: join(folder, name),
    steps: STEPS,
    seed: 0,
    size: 'tiny',
    threads: 1,
    ...options,
  });

/** The dataset with every episode passed through a function. */
function altered(dataset: Dataset, change: (episode: Episode) => Episode): Dataset {
  return { ...dataset, readEpisode: async (index, names) => change(await dataset.readEpisode(index, names)) };
}

const only = (dataset: Dataset, name: string): Dataset => ({
  ...altered(dataset, (episode) => ({ ...episode, streams: { [name]: episode.streams[name]! } })),
  manifest: { ...dataset.manifest, dataSha256: `${dataset.manifest.dataSha256} without all but ${name}` },
});

describe('trainWorldModel', () => {
  it('gives the same weights for the same seed, others for another', async () => {
    const first = await train('first');
    const second = await train('second');
    const other = await train('other', { seed: 1 });
    expect(second).toEqual(first);
    expect(other.weightsSha256).not.toBe(first.weightsSha256);
    expect(first.provenance.recordingSha256).toEqual([]);
  });

  it('reaches the same weights when it is interrupted in either stage and resumed', async () => {
    const whole = await train('whole');
    for (const at of [3, 9]) {
      const name = `interrupted-${at}`;
      const controller = new AbortController();
      const onProgress = ({ done }: { done: number }): void => {
        if (done === at) controller.abort();
      };
      await expect(train(name, { onProgress, signal: controller.signal })).rejects.toMatchObject({
        code: 'interrupted',
      });
      await expect(loadWorldModel(join(folder, name))).rejects.toThrow(/--resume/);
      expect((await train(name, { resume: true })).weightsSha256).toBe(whole.weightsSha256);
    }
  });

  it('refuses another plan, and a folder of something else', async () => {
    await train('planned');
    await expect(train('planned')).rejects.toThrow(/--resume/);
    await expect(train('planned', { resume: true, steps: 99 })).rejects.toThrow(/steps/);
    await expect(train('planned', { resume: true, seed: 5 })).rejects.toThrow(/seed/);
    cpSync(join(folder, 'tosses'), join(folder, 'taken'), { recursive: true });
    await expect(train('taken')).rejects.toMatchObject({ code: 'conflict' });
  });

  it('names both sides when datasets do not fit together', async () => {
    await expect(train('misfit', { datasets: [tosses, heap] })).rejects.toThrow(/5 moving bodies.* 1/);
  });

  it('learns from a dataset that has the state alone beside one with every sense', async () => {
    const manifest = await train('mixed', { datasets: [tosses, only(tosses, 'state')] });
    expect(manifest.configuration.channels.map(({ name }) => name).sort()).toEqual([
      'audio',
      'audio/wave',
      'camera',
      'touch',
    ]);
    expect(Number.isFinite(manifest.loss)).toBe(true);
  });

  it('stops at a loss that is not finite, and says where the batch is from', async () => {
    const absurd = altered(tosses, (episode) => {
      const state = episode.streams.state!;
      const positionM = (state.values.positionM as Float64Array).map(() => 1e30);
      return {
        ...episode,
        streams: { ...episode.streams, state: { ...state, values: { ...state.values, positionM } } },
      };
    });
    const failure = await train('absurd', { datasets: [absurd] }).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(UmweltError);
    expect((failure as UmweltError).code).toBe('not-finite');
    expect((failure as UmweltError).message).toMatch(/step 1.*episode \d/s);
  });
});

describe('a trained model', () => {
  it('predicts every sense with its spread, the same each time', async () => {
    await train('model');
    const model = await loadWorldModel(join(folder, 'model'));
    const episode = await tosses.readEpisode(0);
    const rollout = await model.rollout(episode, 0.1, 0.5);
    expect(rollout.ticks).toBe(19);
    expect(rollout.contextEndNs).toBe(81_081_081n);
    expect(Object.keys(rollout.channels).sort()).toEqual(['audio', 'audio/wave', 'camera', 'touch']);
    for (const { shape, mean, standardDeviation } of [
      ...Object.values(rollout.state),
      ...Object.values(rollout.channels),
    ]) {
      const width = shape.reduce((product, extent) => product * extent, 1);
      expect(mean).toHaveLength(19 * width);
      expect(mean.every(Number.isFinite)).toBe(true);
      expect(standardDeviation).toHaveLength(19 * width);
      expect(standardDeviation.every((deviation) => deviation > 0 && Number.isFinite(deviation))).toBe(true);
    }
    const q = rollout.state.orientation.mean;
    for (let at = 0; at < q.length; at += 4) expect(Math.hypot(...q.subarray(at, at + 4))).toBeCloseTo(1, 4);
    expect(await model.rollout(episode, 0.1, 0.5)).toEqual(rollout);
    const stateOnly = await only(tosses, 'state').readEpisode(0);
    const blind = await model.rollout(stateOnly, 0.1, 0.5);
    expect(blind.state.positionM.mean).not.toEqual(rollout.state.positionM.mean);
    await expect(model.rollout(await heap.readEpisode(0), 0, 0.1)).rejects.toMatchObject({
      code: 'shape-mismatch',
    });
    await model.release();
  });

  it('handles scenes of several bodies', async () => {
    const manifest = await train('heap-model', { datasets: [heap] });
    expect(manifest.configuration).toMatchObject({ bodies: 5, symmetry: 'none' });
    const model = await loadWorldModel(join(folder, 'heap-model'));
    const { state } = await model.rollout(await heap.readEpisode(0), 0, 0.1);
    expect(state.positionM.shape).toEqual([5, 3]);
    await model.release();
  });

  it('is refused when its files are damaged or missing', async () => {
    await train('damaged');
    const network = join(folder, 'damaged/weights.safetensors');
    truncateSync(network, 1000);
    await expect(loadWorldModel(join(folder, 'damaged'))).rejects.toMatchObject({ code: 'digest-mismatch' });
    writeFileSync(join(folder, 'damaged/manifest.json'), '{');
    await expect(loadWorldModel(join(folder, 'damaged'))).rejects.toMatchObject({ code: 'malformed-file' });
    await expect(loadWorldModel(join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does not resume from a damaged checkpoint', async () => {
    const controller = new AbortController();
    const stop = { onProgress: () => controller.abort(), signal: controller.signal };
    await expect(train('torn', stop)).rejects.toMatchObject({ code: 'interrupted' });
    truncateSync(join(folder, 'torn/checkpoint.safetensors'), 100);
    await expect(train('torn', { resume: true })).rejects.toThrow(/checkpoint\.safetensors/);
  });
});
