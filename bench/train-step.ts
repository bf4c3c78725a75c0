import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateDataset } from '../apps/generate.js';
import { openDataset } from '../datasets/reader.js';
import { countFlops } from '../worldmodel/engine/flops.js';
import { buildTrainingStep, compileTrainingStep } from '../worldmodel/engine/training.js';
import { drawBatch } from '../worldmodel/train/batch.js';
import { openCorpus } from '../worldmodel/train/corpus.js';
import { FULL_RECIPE } from '../worldmodel/train/options.js';
import { STAGES, trainingStep } from '../worldmodel/train/stages.js';
import type { BenchResult } from './contract.js';
import { besideMatmul } from './train.js';

const THREADS = 2;

/** GFLOP/s of the step that `umwelt train` takes on cube-toss with every sense, beside a plain matrix product. */
export async function benchTrainStep(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'umwelt-bench-'));
  try {
    const directory = join(folder, 'data');
    await generateDataset({ scenario: 'cube-toss', directory, episodes: 4, seed: 1 });
    const corpus = await openCorpus([await openDataset(directory)], {
      size: 'small',
      core: 'recurrent',
      ensemble: 4,
      without: [],
      validationShare: 0,
      seed: 0,
      base: null,
    });
    const shape = STAGES.small.at(-1)!;
    const build = () => trainingStep(corpus.configuration, shape, { seed: 0, steps: 1000, threads: THREADS });
    const flops = countFlops(buildTrainingStep(build()).outputs);
    const session = await compileTrainingStep(build());
    const { inputs } = await drawBatch(corpus, shape, {
      seed: 0,
      step: 1,
      recipe: FULL_RECIPE,
      side: 'training',
    });
    try {
      return await besideMatmul('train.step.gflops', flops, () => session.step(inputs), THREADS);
    } finally {
      await session.release();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
