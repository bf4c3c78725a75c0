import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import { openDataset } from '../../datasets/reader.js';
import { sizeOf } from '../../worldmodel/engine/graph.js';
import { compileTrainingStep } from '../../worldmodel/engine/training.js';
import type { ModelSizeName } from '../../worldmodel/model/configuration.js';
import { parameterShapes } from '../../worldmodel/parameter-shapes.js';
import { drawBatch } from '../../worldmodel/train/batch.js';
import { type Corpus, openCorpus } from '../../worldmodel/train/corpus.js';
import { FULL_RECIPE } from '../../worldmodel/train/options.js';
import { trainingStep } from '../../worldmodel/train/stages.js';
import { TINY_MODEL } from './tiny-model.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-sizes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function corpusOf(size: ModelSizeName): Promise<Corpus> {
  const options = {
    core: 'recurrent',
    ensemble: 4,
    without: [],
    validationShare: 0,
    seed: 0,
    base: null,
  } as const;
  return openCorpus([await openDataset(join(folder, 'tosses'))], { size, ...options });
}

describe('the sizes of the model', () => {
  it('grow from one to the next', () => {
    const count = (size: ModelSizeName): number =>
      Object.values(parameterShapes({ ...TINY_MODEL, size })).reduce((sum, shape) => sum + sizeOf(shape), 0);
    const counts = (['tiny', 'small', 'base', 'large'] as const).map(count);
    for (const [index, one] of counts.slice(1).entries()) expect(one).toBeGreaterThan(3 * counts[index]!);
  });

  it('take a step with every sense beyond small too', async () => {
    await generateDataset({ scenario: 'cube-toss', directory: join(folder, 'tosses'), episodes: 1, seed: 1 });
    const corpus = await corpusOf('base');
    const shape = { ticks: 2, sequences: 4, sensedSequences: 4 };
    const draw = { seed: 0, step: 1, recipe: FULL_RECIPE, side: 'training' } as const;
    const { inputs } = await drawBatch(corpus, shape, draw);
    expect(inputs['camera/shown']!.length).toBe(2 * 4 * 64 * 64 * 4);
    const session = await compileTrainingStep(
      trainingStep(corpus.configuration, shape, { seed: 0, steps: 1000, threads: 1 }),
    );
    try {
      const [first, second] = [await session.step(inputs), await session.step(inputs)];
      expect(Number.isFinite(first.loss)).toBe(true);
      expect(second.loss!).toBeLessThan(first.loss!);
    } finally {
      await session.release();
    }
  }, 60_000);
});
