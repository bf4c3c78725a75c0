import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import { trainModel } from '../../apps/train.js';
import type { Dataset } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { LONGEST_CONTEXT } from '../../worldmodel/model/sequence.js';
import { readModel } from '../../worldmodel/model-folder.js';
import { loadWorldModel } from '../../worldmodel/rollout.js';
import { drawBatch } from '../../worldmodel/train/batch.js';
import { openCorpus } from '../../worldmodel/train/corpus.js';
import { FULL_RECIPE, type TrainingOptions } from '../../worldmodel/train/options.js';
import { trainWorldModel } from '../../worldmodel/train/train.js';
import { hasSmallDisk, withSmallDisk } from '../datasets/small-disk.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-choices-'));
const tossesFolder = join(folder, 'tosses');
let tosses: Dataset;

beforeAll(async () => {
  await generateDataset({ scenario: 'cube-toss', directory: tossesFolder, episodes: 6, seed: 1 });
  tosses = await openDataset(tossesFolder);
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const train = (name: string, options: Partial<TrainingOptions> = {}) =>
  trainWorldModel({
    datasets: [tosses],
    directory: join(folder, name),
    steps: 8,
    seed: 0,
    size: 'tiny',
    threads: 1,
    validationShare: 0.4,
    ...options,
  });

const corpusOf = (validationShare = 0.4) =>
  openCorpus([tosses], {
    size: 'tiny',
    core: 'recurrent',
    ensemble: 2,
    without: [],
    validationShare,
    seed: 0,
    base: null,
  });

describe('episodes held back', () => {
  it('are never learned from, and are the same each time', async () => {
    const corpus = await corpusOf();
    expect(corpus.validation[0]!.length).toBeGreaterThan(0);
    expect([...corpus.training[0]!, ...corpus.validation[0]!].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    const seen = new Set<string>();
    const shape = { ticks: 4, sequences: 64, sensedSequences: 32 };
    for (let step = 1; step <= 4; step++) {
      const draw = { seed: 0, step, recipe: FULL_RECIPE, side: 'training' as const };
      for (const origin of (await drawBatch(corpus, shape, draw)).origins)
        seen.add(/episode (\d)/.exec(origin)![1]!);
    }
    expect([...seen].map(Number).sort()).toEqual([...corpus.training[0]!]);
  });

  it('measure the training as it goes, and calibrate its intervals', async () => {
    const { validation, calibration } = await train('validated');
    expect(validation.losses.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(validation.best!.loss).toBe(Math.min(...validation.losses.map(({ loss }) => loss)));
    expect(calibration.one!.positionM).toHaveLength(6);
    expect(calibration.samples!.touch!.every((factor) => factor > 0)).toBe(true);
    const none = await train('unvalidated', { validationShare: 0 });
    expect([none.validation.best, none.calibration.one]).toEqual([null, null]);
  });

  it('stop a training that no longer gains, with the best weights', async () => {
    // A tiny model at its first steps gets better and worse; two in a row without gain come soon or never.
    const stopped = await train('patient', { steps: 60, patience: 1 });
    const { best, losses } = stopped.validation;
    expect(losses.at(-1)!.step).toBe(stopped.provenance.steps);
    expect(losses.filter(({ step }) => step > best!.step)).toHaveLength(
      stopped.provenance.steps < 60
        ? 1
        : losses.length - losses.findIndex(({ step }) => step === best!.step) - 1,
    );
  });
});

describe('a batch', () => {
  const shape = { ticks: 12, sequences: 8, sensedSequences: 4 };
  const draw = (multiStep: boolean, contextNoise = true) => ({
    seed: 3,
    step: 1,
    recipe: { multiStep, contextNoise },
    side: 'training' as const,
  });

  it('shows a context and what was sensed last in it, and no more', async () => {
    const { inputs } = await drawBatch(await corpusOf(), shape, draw(true, false));
    const width = 16 * 16 * 4;
    const [seen, shown, last] = ['seen', 'shown', 'last'].map((part) => inputs[`camera/${part}`]!);
    for (let sequence = 0; sequence < 4; sequence++) {
      let expected = new Float32Array(width);
      for (let tick = 0; tick < 12; tick++) {
        const row = tick * 4 + sequence;
        if (tick < LONGEST_CONTEXT && seen![row] === 1)
          expected = shown!.slice(row * width, (row + 1) * width);
        expect(last!.subarray(row * width, (row + 1) * width)).toEqual(expected);
        const known = inputs.known!;
        if (tick > 0) expect(known[row]).toBeGreaterThanOrEqual(known[row - 4]!);
      }
    }
  });

  it('without the multi-step loss shows every tick that it can', async () => {
    const { inputs } = await drawBatch(await corpusOf(), { ...shape, ticks: 8 }, draw(false));
    const states = inputs.stateSeen!.subarray(0);
    const hidden = states.filter((one) => one === 0).length;
    // Only sequences that must guess their state are not shown it.
    expect(hidden % 8).toBe(0);
    expect(hidden).toBeLessThan(states.length / 2);
  });

  it('adds noise to what is shown, never to what is to be predicted', async () => {
    const corpus = await corpusOf();
    const noisy = (await drawBatch(corpus, shape, draw(true, true))).inputs;
    const exact = (await drawBatch(corpus, shape, draw(true, false))).inputs;
    expect(noisy.touch).toEqual(exact.touch);
    expect(noisy['touch/last']).toEqual(exact['touch/last']);
    expect(noisy['touch/shown']).not.toEqual(exact['touch/shown']);
    expect(noisy.position).toEqual(exact.position);
    expect(noisy.linearVelocity).toEqual(exact.linearVelocity);
    expect(noisy['position/shown']).not.toEqual(exact['position/shown']);
  });
});

describe('fine-tuning', () => {
  it('begins from the weights and keeps the senses and sizes of the model before', async () => {
    const before = await train('before');
    const tuned = await train('tuned', {
      fineTune: join(folder, 'before'),
      steps: 1,
    });
    expect(tuned.configuration).toEqual(before.configuration);
    expect(tuned.provenance.fineTunedFrom).toBe(before.weightsSha256);
    // One step moves no weight by more than a quarter of the full learning rate of 2e-3.
    const [old, now] = [await readModel(join(folder, 'before')), await readModel(join(folder, 'tuned'))];
    for (const [name, values] of Object.entries(now.weights)) {
      const moved = Math.max(...values.map((value, i) => Math.abs(value - old.weights[name]![i]!)));
      expect(moved).toBeLessThan(5.1e-4);
    }
  });
});

describe('choices', () => {
  it('leave out streams, and refuse those that do not exist', async () => {
    const { configuration } = await train('blind', { without: ['camera', 'audio'] });
    expect(configuration.channels.map(({ name }) => name)).toEqual(['touch']);
    await expect(train('misspelt', { without: ['smell'] })).rejects.toThrow(
      /no dataset has a stream "smell".*camera/,
    );
  });

  it('learn from senses alone, and from actions that are not there', async () => {
    const { configuration } = await train('sight', { without: ['state', 'audio', 'touch'] });
    expect(configuration).toMatchObject({ hasState: false, action: null });
    const model = await loadWorldModel(join(folder, 'sight'));
    const { channels } = await model.rollout(await tosses.readEpisode(1), 0.2, 0.2);
    expect(Object.keys(channels)).toEqual(['camera']);
    await model.release();
    await expect(train('nothing', { without: ['state', 'camera', 'audio', 'touch'] })).rejects.toThrow(
      /holds anything to learn/,
    );
  });

  it('resume a transformer that was interrupted, to the same weights', async () => {
    const whole = await train('transformer', { core: 'transformer' });
    const controller = new AbortController();
    const part = train('interrupted', {
      core: 'transformer',
      signal: controller.signal,
      onProgress: ({ done }) => {
        if (done === 5) controller.abort();
      },
    });
    await expect(part).rejects.toMatchObject({ code: 'interrupted' });
    const resumed = await train('interrupted', { core: 'transformer', resume: true });
    expect(resumed.weightsSha256).toBe(whole.weightsSha256);
    expect(resumed.validation).toEqual(whole.validation);
  });

  it('write logs that have each step once', async () => {
    const directory = join(folder, 'logged');
    await trainModel({ datasets: [tossesFolder], directory, steps: 6, seed: 0, size: 'tiny', threads: 1 });
    const lines = readFileSync(join(directory, 'log.jsonl'), 'utf8').trim().split('\n');
    const steps = lines.map((line) => JSON.parse(line)).filter(({ loss }) => loss !== undefined);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('a disk that is full', () => {
  it.skipIf(!hasSmallDisk())(
    'stops the training with the reason, and leaves what --resume goes on from (skipped where tmpfs cannot be mounted)',
    async () => {
      await withSmallDisk(1024, async (disk) => {
        const directory = join(disk, 'model');
        const options = { directory, steps: 4, validationShare: 0 };
        await expect(train('full', options)).rejects.toMatchObject({
          code: 'io',
          context: { reason: 'ENOSPC' },
        });
        expect(readdirSync(directory).sort()).toEqual(['plan.json']);
        await expect(train('full', options)).rejects.toThrow(/--resume/);
      });
    },
  );
});

describe('damaged data', () => {
  it('is named: a truncated shard, and a sense that holds no number', async () => {
    const broken = join(folder, 'broken');
    cpSync(tossesFolder, broken, { recursive: true });
    const file = join(broken, 'shards/00000/touch.arrow');
    truncateSync(file, 4000);
    await expect(
      trainModel({
        datasets: [broken],
        directory: join(folder, 'of-broken'),
        steps: 2,
        seed: 0,
        size: 'tiny',
      }),
    ).rejects.toThrow(/touch\.arrow/);
    const poisoned: Dataset = {
      ...tosses,
      async readEpisode(index, names) {
        const episode = await tosses.readEpisode(index, names);
        if (index === 0) episode.streams.touch!.values.forceN![30] = Number.NaN;
        return episode;
      },
    };
    await expect(train('poisoned', { datasets: [poisoned], steps: 40 })).rejects.toThrow(
      /episode 0: stream "touch" holds NaN by tick/,
    );
    writeFileSync(join(folder, 'file'), '');
    await expect(train('file')).rejects.toMatchObject({ code: 'io' });
  });
});
