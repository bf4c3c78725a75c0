import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import { readWholeFile, writeFileAtomically } from '../../datasets/files.js';
import { createGraph } from '../engine/graph.js';
import { clipAdaptively, laprop, warmupCosine } from '../engine/optimiser.js';
import {
  compileTrainingStep,
  type TrainingSession,
  type TrainingState,
  type TrainingStep,
} from '../engine/training.js';
import type { ModelConfiguration, ModelSizeName } from '../model/configuration.js';
import { createNetwork } from '../model/layers.js';
import { sequenceLoss } from '../model/sequence.js';
import { exists, MODEL_FILES } from '../model-folder.js';
import { type Batch, type BatchShape, drawBatch } from './batch.js';
import type { Corpus } from './corpus.js';
import type { TrainingOptions } from './options.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';

/** A part of the training with sequences of one length. */
export interface Stage extends BatchShape {
  /** Of all steps. */
  readonly share: number;
}

/** Short sequences first: what one blow does is learned from many of them, and then how errors grow over long ones. */
export const STAGES: Readonly<Record<ModelSizeName, readonly Stage[]>> = {
  tiny: [
    { share: 0.5, ticks: 4, sequences: 16, sensedSequences: 8 },
    { share: 0.5, ticks: 8, sequences: 16, sensedSequences: 8 },
  ],
  small: [
    { share: 0.4, ticks: 4, sequences: 512, sensedSequences: 192 },
    { share: 0.3, ticks: 8, sequences: 256, sensedSequences: 96 },
    { share: 0.3, ticks: 24, sequences: 96, sensedSequences: 32 },
  ],
};

const PEAK_LEARNING_RATE = 2e-3;
const WARMUP_SHARE = 0.03;
const CLIP = 0.3;
const STEPS_PER_CHECKPOINT = 100;

/** Where a training stands. */
interface Reached {
  readonly state: TrainingState;
  readonly parameters: TrainingState;
  readonly step: number;
  readonly loss: number;
}

/**
 * Takes all steps of a training that are not yet taken, stage by stage, keeping checkpoints.
 *
 * @throws UmweltError as `trainWorldModel`.
 */
export async function runStages(corpus: Corpus, options: TrainingOptions): Promise<Reached> {
  const { directory, size = 'small', steps, seed } = options;
  let reached = await readCheckpoint(directory);
  let begun = 0;
  for (const stage of STAGES[size]) {
    begun += stage.share;
    const lastStep = Math.round(begun * steps);
    const isLast = lastStep === steps;
    if ((reached?.step ?? 0) >= lastStep && !isLast) continue;
    const session = await compileTrainingStep(trainingStep(corpus.configuration, stage, options));
    try {
      if (reached !== null) session.load(reached.state);
      const draw = (step: number): Promise<Batch> => drawBatch(corpus, stage, seed, step);
      const loss = await takeSteps(session, draw, lastStep, options);
      reached = {
        state: session.state(),
        parameters: session.parameters(),
        step: session.steps(),
        loss: loss ?? reached?.loss ?? Number.NaN,
      };
    } finally {
      await session.release();
    }
  }
  return reached!;
}

/** The graph of one training step, with its optimiser: what `umwelt train` runs and `bench` measures. */
export function trainingStep(
  configuration: ModelConfiguration,
  shape: BatchShape,
  options: { readonly seed: number; readonly steps: number; readonly threads?: number },
): TrainingStep {
  const network = createNetwork(createGraph(), configuration, shape.sequences, options.seed);
  const { loss, metrics } = sequenceLoss(network, shape);
  const warmupSteps = Math.max(1, Math.round(WARMUP_SHARE * options.steps));
  return {
    loss,
    metrics,
    optimiser: laprop,
    clip: (gradients, parameters) => clipAdaptively(gradients, parameters, CLIP),
    learningRate: (step) =>
      warmupCosine(step, { peak: PEAK_LEARNING_RATE, warmupSteps, totalSteps: options.steps }),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  };
}

/** Steps to `lastStep`; returns the loss of the last step, null when there was none to take. */
async function takeSteps(
  session: TrainingSession,
  draw: (step: number) => Promise<Batch>,
  lastStep: number,
  { directory, steps, onProgress, signal }: TrainingOptions,
): Promise<number | null> {
  let loss: number | null = null;
  // The next batch is drawn while ONNX Runtime works on this one.
  let next = session.steps() < lastStep ? draw(session.steps() + 1) : null;
  while (next !== null) {
    const batch = await next;
    const step = session.steps() + 1;
    const running = session.step(batch.inputs);
    next = step < lastStep ? draw(step + 1) : null;
    next?.catch(() => {});
    const metrics = await running;
    loss = metrics.loss!;
    if (!Number.isFinite(loss)) throw notFinite(session, loss, step, batch);
    onProgress?.({ done: step, total: steps, note: `loss ${loss.toFixed(3)}` });
    if (step % STEPS_PER_CHECKPOINT === 0 || step === lastStep || signal?.aborted) {
      await writeCheckpoint(directory, session, loss);
    }
    if (signal?.aborted) throw interrupted(directory, step, steps);
  }
  return loss;
}

async function writeCheckpoint(directory: string, session: TrainingSession, loss: number): Promise<void> {
  const metadata = { loss: String(loss), step: String(session.steps()) };
  const bytes = encodeSafetensors({ tensors: session.state(), metadata });
  await writeFileAtomically(join(directory, MODEL_FILES.checkpoint), bytes);
}

/** `parameters` of what it returns is the whole state: a session takes over what it knows. */
async function readCheckpoint(directory: string): Promise<Reached | null> {
  const path = join(directory, MODEL_FILES.checkpoint);
  if (!(await exists(path))) return null;
  const { tensors, metadata } = decodeSafetensors(await readWholeFile(path), path);
  return { state: tensors, parameters: tensors, step: Number(metadata.step), loss: Number(metadata.loss) };
}

function notFinite(session: TrainingSession, loss: number, step: number, batch: Batch): UmweltError {
  session.undo();
  const origins = [...new Set(batch.origins)];
  return new UmweltError(
    'not-finite',
    { step, loss, origins },
    `the loss became ${loss} in step ${step}; the last checkpoint is kept. The batch held ${origins.slice(0, 4).join('; ')}` +
      `${origins.length > 4 ? `; and ${origins.length - 4} more` : ''}: look at those episodes`,
  );
}

function interrupted(directory: string, step: number, steps: number): UmweltError {
  return new UmweltError(
    'interrupted',
    { directory, step, steps },
    `interrupted after step ${step} of ${steps}; run the same command with --resume to go on in ${directory}`,
  );
}
