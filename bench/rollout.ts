import { compileTrainingStep } from '../worldmodel/engine/training.js';
import { openWorldModel } from '../worldmodel/rollout.js';
import { STAGES, trainingStep } from '../worldmodel/train/stages.js';
import type { BenchResult } from './contract.js';
import { withSmallCorpus } from './small-model.js';

/** What a step may take so that a person can steer. */
const MOST_MS = 8;
const ROUNDS = 12;
const STEPS = 40;

/** Time of one streaming step of `small` with every head, on one core, nothing observed: the best of twelve rounds. */
export function benchRollout(): Promise<BenchResult> {
  return withSmallCorpus(async ({ configuration }) => {
    const step = trainingStep(configuration, STAGES.small.at(-1)!, { seed: 0, steps: 1 });
    const session = await compileTrainingStep(step);
    const weights = session.parameters();
    await session.release();
    const model = openWorldModel(
      {
        manifest: {
          configuration,
          calibration: { one: null, samples: null },
          provenance: { datasets: [], recordingSha256: [], seed: 0, steps: 0, fineTunedFrom: null },
        },
        weights,
      },
      'untrained',
    );
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
      const dream = await model.start();
      await dream.step(null);
      const start = performance.now();
      for (let tick = 0; tick < STEPS; tick++) await dream.step(null);
      best = Math.min(best, (performance.now() - start) / STEPS);
    }
    await model.release();
    return {
      name: 'rollout.small.ms',
      value: best,
      unit: 'ms a streaming step, one core, all heads',
      reference: 'what live steering allows, ms',
      reference_value: MOST_MS,
      ratio: best / MOST_MS,
    };
  });
}
