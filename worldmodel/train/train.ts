import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import { canonicalJson } from '../../core/json.js';
import type { Control } from '../../core/progress.js';
import type { Dataset } from '../../datasets/contract.js';
import { readWholeFile, writeFileAtomically, writing } from '../../datasets/files.js';
import { LOCK_FILE, lockFolder } from '../../datasets/lock.js';
import type { TrainingProvenance } from '../contract.js';
import { createGraph } from '../engine/graph.js';
import { clipAdaptively, laprop, warmupCosine } from '../engine/optimiser.js';
import { compileTrainingStep, type TrainingSession, type TrainingStep } from '../engine/training.js';
import type { ModelConfiguration, ModelSizeName } from '../model/configuration.js';
import { createNetwork } from '../model/network.js';
import { sequenceLoss } from '../model/sequence.js';
import { exists, MODEL_FILES, type ModelManifest, readJson, readModel, writeModel } from '../model-folder.js';
import { tickNetwork } from '../tick-network.js';
import { type Batch, type BatchShape, drawBatch } from './batch.js';
import { openCorpus } from './corpus.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';

export interface TrainingOptions extends Control {
  readonly datasets: readonly Dataset[];
  readonly directory: string;
  readonly steps: number;
  readonly seed: number;
  readonly size?: ModelSizeName;
  /** Goes on from the last checkpoint of a training with the same settings. */
  readonly resume?: boolean;
  /** Of ONNX Runtime; results differ in the last digits between numbers of threads. All cores by default. */
  readonly threads?: number;
  readonly versions?: Readonly<Record<string, string>>;
}

/** Sequences of 0.65 s; a quarter of them carry every sense. */
export const BATCH_SHAPES: Readonly<Record<ModelSizeName, BatchShape>> = {
  tiny: { ticks: 8, sequences: 16, sensedSequences: 8 },
  small: { ticks: 24, sequences: 128, sensedSequences: 32 },
};

const PEAK_LEARNING_RATE = 1e-3;
const WARMUP_STEPS = 50;
const CLIP = 0.3;
const STEPS_PER_CHECKPOINT = 100;

/**
 * Trains a world model on datasets and writes it as a folder; the same on one machine and thread count, interrupted or not.
 *
 * @throws UmweltError `conflict` when the folder holds something else or a training with other settings; `shape-mismatch`
 *   and `invalid-input` as `openCorpus`; `not-finite` when the loss is, naming step and sequences (the last checkpoint is
 *   kept); `interrupted` after a checkpoint; `io`.
 */
export async function trainWorldModel(options: TrainingOptions): Promise<ModelManifest> {
  const { directory, datasets, size = 'small' } = options;
  await writing(directory, () => mkdir(directory, { recursive: true }));
  const unlock = await lockFolder(directory);
  try {
    const corpus = await openCorpus(datasets, size);
    const plan = describePlan(options, corpus.configuration);
    await startOrResume(directory, plan, options.resume ?? false);
    if (await exists(join(directory, MODEL_FILES.manifest))) return (await readModel(directory)).manifest;
    const shape = BATCH_SHAPES[size];
    const session = await compileTrainingStep(trainingStep(corpus.configuration, shape, options));
    try {
      await loadCheckpoint(directory, session);
      const draw = (step: number): Promise<Batch> => drawBatch(corpus, shape, options.seed, step);
      const loss = await takeSteps(session, draw, options);
      const network = tickNetwork(corpus.configuration, session.parameters());
      const { provenance, versions } = plan;
      return await writeModel(directory, network, {
        configuration: corpus.configuration,
        provenance,
        versions,
        loss,
      });
    } finally {
      await session.release();
    }
  } finally {
    await unlock();
  }
}

/** The graph of one training step, with its optimiser: what `umwelt train` runs and `bench` measures. */
export function trainingStep(
  configuration: ModelConfiguration,
  shape: BatchShape,
  options: { readonly seed: number; readonly steps: number; readonly threads?: number },
): TrainingStep {
  const network = createNetwork(createGraph(), configuration, shape.sequences, options.seed);
  const { loss, metrics } = sequenceLoss(network, shape);
  return {
    loss,
    metrics,
    optimiser: laprop,
    clip: (gradients, parameters) => clipAdaptively(gradients, parameters, CLIP),
    learningRate: (step) =>
      warmupCosine(step, { peak: PEAK_LEARNING_RATE, warmupSteps: WARMUP_STEPS, totalSteps: options.steps }),
    ...(options.threads === undefined ? {} : { threads: options.threads }),
  };
}

async function takeSteps(
  session: TrainingSession,
  draw: (step: number) => Promise<Batch>,
  { directory, steps, onProgress, signal }: TrainingOptions,
): Promise<number> {
  let loss = Number.NaN;
  // The next batch is drawn while ONNX Runtime works on this one.
  let next = session.steps() < steps ? draw(session.steps() + 1) : null;
  while (next !== null) {
    const batch = await next;
    const step = session.steps() + 1;
    const running = session.step(batch.inputs);
    next = step < steps ? draw(step + 1) : null;
    next?.catch(() => {});
    ({ loss } = (await running) as { loss: number });
    if (!Number.isFinite(loss)) throw notFinite(session, loss, step, batch);
    onProgress?.({ done: step, total: steps, note: `loss ${loss.toFixed(3)}` });
    if (step % STEPS_PER_CHECKPOINT === 0 || signal?.aborted) await saveCheckpoint(directory, session, loss);
    if (signal?.aborted) throw interrupted(directory, step, steps);
  }
  if (!Number.isNaN(loss)) await saveCheckpoint(directory, session, loss);
  return Number.isNaN(loss) ? checkpointLoss(directory) : loss;
}

async function saveCheckpoint(directory: string, session: TrainingSession, loss: number): Promise<void> {
  const metadata = { loss: String(loss) };
  const bytes = encodeSafetensors({ tensors: session.state(), metadata });
  await writeFileAtomically(join(directory, MODEL_FILES.checkpoint), bytes);
}

async function readCheckpoint(directory: string) {
  const path = join(directory, MODEL_FILES.checkpoint);
  return (await exists(path)) ? decodeSafetensors(await readWholeFile(path), path) : null;
}

async function loadCheckpoint(directory: string, session: TrainingSession): Promise<void> {
  const checkpoint = await readCheckpoint(directory);
  if (checkpoint !== null) session.load(checkpoint.tensors);
}

async function checkpointLoss(directory: string): Promise<number> {
  return Number((await readCheckpoint(directory))?.metadata.loss);
}

interface TrainingPlan {
  readonly format: 'umwelt-training';
  readonly configuration: ModelConfiguration;
  readonly provenance: TrainingProvenance;
  readonly versions: Readonly<Record<string, string>>;
}

function describePlan(
  { datasets, seed, steps, versions = {} }: TrainingOptions,
  configuration: ModelConfiguration,
): TrainingPlan {
  const recordings = datasets.flatMap(({ manifest }) =>
    manifest.origin !== 'recorded'
      ? []
      : manifest.episodes.map(({ attributes }) => String(attributes.sourceSha256)),
  );
  return {
    format: 'umwelt-training',
    configuration,
    provenance: {
      datasets: datasets.map(({ manifest: { name, origin, dataSha256 } }) => ({ name, origin, dataSha256 })),
      recordingSha256: [...new Set(recordings)].sort(),
      seed,
      steps,
    },
    versions,
  };
}

async function startOrResume(directory: string, plan: TrainingPlan, resume: boolean): Promise<void> {
  const path = join(directory, MODEL_FILES.plan);
  const present = (await readdir(directory)).filter((name) => !name.startsWith(LOCK_FILE));
  if (!present.includes(MODEL_FILES.plan)) {
    if (present.length === 0) return writeFileAtomically(path, `${canonicalJson(plan)}\n`);
    throw new UmweltError(
      'conflict',
      { directory, present: present.slice(0, 10) },
      `"${directory}" holds something else (${present.slice(0, 3).join(', ')}): choose a new or empty folder`,
    );
  }
  if (!resume) {
    throw new UmweltError(
      'conflict',
      { directory },
      `"${directory}" already holds a training: go on with --resume, or choose another folder`,
    );
  }
  const before = await readJson<TrainingPlan>(path);
  if (canonicalJson(before) === canonicalJson(plan)) return;
  const differing = [
    ...differences(before.provenance, plan.provenance),
    ...(['configuration', 'versions'] as const).filter(
      (key) => canonicalJson(before[key]) !== canonicalJson(plan[key]),
    ),
  ];
  throw new UmweltError(
    'conflict',
    { directory, differing },
    `"${directory}" holds a training with other settings (${differing.join(', ')}): resume with the same datasets, seed and steps`,
  );
}

function differences(before: TrainingProvenance, now: TrainingProvenance): string[] {
  const keys = ['datasets', 'seed', 'steps'] as const;
  return keys.filter((key) => canonicalJson(before[key]) !== canonicalJson(now[key]));
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
