import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { countFlops } from '../worldmodel/engine/flops.js';
import {
  buildTrainingStep,
  compileTrainingStep,
  type TrainingSession,
} from '../worldmodel/engine/training.js';
import { drawBatch } from '../worldmodel/train/batch.js';
import type { Corpus } from '../worldmodel/train/corpus.js';
import { FULL_RECIPE } from '../worldmodel/train/options.js';
import { STAGES, type Stage, trainingStep } from '../worldmodel/train/stages.js';
import type { BenchResult } from './contract.js';
import { withSmallCorpus } from './small-model.js';
import { besideMatmul } from './train.js';

const THREADS = 2;

/** GFLOP/s of a tenth of a training of `small` on cube tosses with every sense (its steps in each stage's share), beside a product. */
export function benchTrainSmall(): Promise<BenchResult> {
  return withSmallCorpus(async (corpus) => {
    let flops = 0;
    const runs: (() => Promise<unknown>)[] = [];
    const sessions: TrainingSession[] = [];
    for (const stage of STAGES.small) {
      const { session, inputs, flops: own } = await openStep(corpus, stage);
      sessions.push(session);
      for (let step = 0; step < Math.round(10 * stage.share); step++) {
        runs.push(() => session.step(inputs));
        flops += own;
      }
    }
    const work = async (): Promise<void> => {
      for (const run of runs) await run();
    };
    try {
      return await besideMatmul('train.small.gflops', flops, work, THREADS);
    } finally {
      for (const session of sessions) await session.release();
    }
  });
}

async function openStep(corpus: Corpus, stage: Stage) {
  const build = () => trainingStep(corpus.configuration, stage, { seed: 0, steps: 1000, threads: THREADS });
  const flops = countFlops(buildTrainingStep(build()).outputs);
  const session = await compileTrainingStep(build());
  const { inputs } = await drawBatch(corpus, stage, {
    seed: 0,
    step: 1,
    recipe: FULL_RECIPE,
    side: 'training',
  });
  return { session, inputs, flops };
}

/** What a step of `small` may take. */
const MOST_GB = 1.5;

/** Most memory of a process of its own that opens a corpus and takes steps of the longest stage, GB. */
export async function benchTrainMemory(): Promise<BenchResult> {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), 'measure']);
  const value = Number(stdout.trim().split('\n').at(-1));
  return {
    name: 'train.small.memory',
    value,
    unit: 'GB of the whole process at its most, longest stage',
    reference: 'what is allowed, GB',
    reference_value: MOST_GB,
    ratio: value / MOST_GB,
  };
}

/** Takes three steps and prints the most memory that this process had, GB (Linux). */
async function measureMemory(): Promise<void> {
  await withSmallCorpus(async (corpus) => {
    const { session, inputs } = await openStep(corpus, STAGES.small.at(-1)!);
    for (let step = 0; step < 3; step++) await session.step(inputs);
    await session.release();
  });
  const status = readFileSync('/proc/self/status', 'utf8');
  process.stdout.write(`${(Number(/VmHWM:\s+(\d+)/.exec(status)![1]) * 1024) / 1e9}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv[2] === 'measure')
  await measureMemory();
