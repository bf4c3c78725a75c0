import { createGraph } from '../engine/graph.js';
import type { Provider } from '../engine/provider.js';
import { createSession } from '../engine/session.js';
import type { TrainingState } from '../engine/training.js';
import { createNetwork } from '../model/layers.js';
import { sequenceLoss } from '../model/sequence.js';
import { drawBatch } from './batch.js';
import type { Corpus } from './corpus.js';
import type { BatchShape } from './draw.js';
import type { Stage } from './stages.js';

/** Batches that a validation is the mean of: always the same ones. */
const BATCHES = 4;

/** Measures held-out episodes; `release` frees the native session. */
export interface Validator {
  /** Returns loss and metrics by name. */
  measure(weights: TrainingState): Promise<Readonly<Record<string, number>>>;
  release(): Promise<void>;
}

/** Tells whether episodes are held out, both with state and with senses where there are any. */
export function holdsOut({ validation, tracked, withSenses }: Corpus): boolean {
  const holds = (datasets: readonly number[]): boolean =>
    datasets.some((dataset) => validation[dataset]!.length > 0);
  return holds(tracked) && (withSenses.length === 0 || holds(withSenses));
}

/**
 * Readies the loss on held-out episodes, without gradient, on sequences of the last stage's length.
 *
 * @returns null where `holdsOut` is false.
 */
export async function openValidator(
  corpus: Corpus,
  stage: Stage,
  options: { readonly seed: number; readonly threads?: number; readonly provider?: Provider },
): Promise<Validator | null> {
  const { configuration } = corpus;
  if (!holdsOut(corpus)) return null;
  const sequences = stage.sensedSequences;
  const shape: BatchShape = { ticks: stage.ticks, sequences, sensedSequences: sequences };
  // First what may fail by the data: the session then needs no freeing.
  const batches = await Promise.all(
    Array.from({ length: BATCHES }, (_, step) =>
      drawBatch(corpus, shape, {
        seed: options.seed,
        step,
        recipe: { contextNoise: false, multiStep: true },
        side: 'validation',
      }),
    ),
  );
  const network = createNetwork(createGraph(), configuration, sequences, options.seed);
  const { loss, metrics } = sequenceLoss(network, shape);
  const session = await createSession({ loss, ...metrics }, { ...options, weights: 'inputs' });
  const names = new Set(session.inputs.map(({ name }) => name));
  return {
    async measure(weights) {
      const used = Object.fromEntries(Object.entries(weights).filter(([name]) => names.has(name)));
      const total: Record<string, number> = {};
      for (const { inputs } of batches) {
        const outputs = await session.run({ ...used, ...inputs });
        for (const [name, value] of Object.entries(outputs))
          total[name] = (total[name] ?? 0) + Number(value[0]) / BATCHES;
      }
      return total;
    },
    release: () => session.release(),
  };
}
