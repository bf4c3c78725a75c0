import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import type { Dataset } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { readModel } from '../../worldmodel/model-folder.js';
import type { TrainingOptions } from '../../worldmodel/train/options.js';
import { trainWorldModel } from '../../worldmodel/train/train.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-refusals-'));
const finished = join(folder, 'finished');
let tosses: Dataset;

const train = (directory: string, options: Partial<TrainingOptions> = {}) =>
  trainWorldModel({
    datasets: [tosses],
    directory,
    steps: 2,
    seed: 0,
    size: 'tiny',
    threads: 1,
    validationShare: 0,
    ...options,
  });

beforeAll(async () => {
  const data = join(folder, 'tosses');
  await generateDataset({ scenario: 'cube-toss', directory: data, episodes: 2, seed: 1 });
  tosses = await openDataset(data);
  await train(finished);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a training that cannot be', () => {
  it.each<[string, Partial<TrainingOptions>, RegExp]>([
    ['patience with nothing held back', { patience: 1 }, /patience: no episode is held back/],
    [
      'a provider that does not start',
      { provider: 'cuda' },
      /provider "cuda" does not start .* choose the provider "cpu"/,
    ],
    [
      'another size than that of the model that is tuned',
      { fineTune: finished, size: 'small' },
      /size small was asked for/,
    ],
    ['another core', { fineTune: finished, core: 'transformer' }, /leave --core out/],
    ['another ensemble', { fineTune: finished, ensemble: 2 }, /ensemble 2 .* has 4/],
  ])('by %s claims no folder', async (_, options, message) => {
    const directory = join(folder, 'claimed');
    await expect(train(directory, options)).rejects.toThrow(message);
    const left = existsSync(directory)
      ? readdirSync(directory).filter((name) => !name.startsWith('.lock'))
      : [];
    expect(left).toEqual([]);
  });

  it('is told of data that are given twice', async () => {
    await expect(train(join(folder, 'twice'), { datasets: [tosses, tosses] })).rejects.toThrow(
      /holds the same data as .*give each dataset once/,
    );
  });

  it('names the flags that differ, with both values', async () => {
    const message = /--steps was 2, is 3; --size was tiny, is small; --context-noise was true, is false/;
    const recipe = { contextNoise: false, multiStep: true };
    await expect(train(finished, { resume: true, steps: 3, size: 'small', recipe })).rejects.toThrow(message);
  });
});

describe('a finished model', () => {
  it('whose weights are damaged is written again from its checkpoint', async () => {
    const damaged = join(folder, 'damaged');
    cpSync(finished, damaged, { recursive: true });
    truncateSync(join(damaged, 'weights.safetensors'), 1000);
    await expect(readModel(damaged)).rejects.toThrow(
      /copy it again, or run the command that trained it with --resume/,
    );
    await train(damaged, { resume: true });
    const weights = (directory: string) => readFileSync(join(directory, 'weights.safetensors'));
    expect(weights(damaged).equals(weights(finished))).toBe(true);
  });

  it('says what to do where a checkpoint or a plan is damaged', async () => {
    const damaged = join(folder, 'broken');
    cpSync(finished, damaged, { recursive: true });
    rmSync(join(damaged, 'manifest.json'));
    truncateSync(join(damaged, 'checkpoint.safetensors'), 100);
    await expect(train(damaged, { resume: true })).rejects.toThrow(
      /delete it to begin again from the first step/,
    );
    writeFileSync(join(damaged, 'plan.json'), '{');
    await expect(train(damaged, { resume: true })).rejects.toThrow(/choose another folder/);
  });

  it('is told from a dataset', async () => {
    await expect(readModel(tosses.directory)).rejects.toThrow(/holds a dataset, not a model/);
  });
});
