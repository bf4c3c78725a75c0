import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import { readWholeFile, writeFileAtomically } from '../../datasets/files.js';
import type { TrainingState } from '../engine/training.js';
import { exists, MODEL_FILES, type ValidationHistory } from '../model-folder.js';
import { decodeSafetensors, encodeSafetensors } from '../safetensors.js';

/** Where a training stands. */
export interface Checkpoint {
  readonly step: number;
  readonly loss: number;
  readonly validation: ValidationHistory;
  /** Weights and what the optimiser keeps. */
  readonly state: TrainingState;
}

/** Writes a checkpoint in the place of the one before, whole or not at all. */
export async function writeCheckpoint(directory: string, checkpoint: Checkpoint): Promise<void> {
  const { step, loss, validation, state } = checkpoint;
  const metadata = { step: String(step), loss: String(loss), validation: JSON.stringify(validation) };
  const bytes = encodeSafetensors({ tensors: state, metadata });
  await writeFileAtomically(join(directory, MODEL_FILES.checkpoint), bytes);
}

/** Reads the last checkpoint; null where there is none. @throws UmweltError `malformed-file`, `io`. */
export async function readCheckpoint(directory: string): Promise<Checkpoint | null> {
  const path = join(directory, MODEL_FILES.checkpoint);
  if (!(await exists(path))) return null;
  const { tensors, metadata } = await readTensors(path);
  return {
    state: tensors,
    step: Number(metadata.step),
    loss: Number(metadata.loss),
    validation: JSON.parse(metadata.validation!),
  };
}

async function readTensors(path: string): Promise<ReturnType<typeof decodeSafetensors>> {
  const bytes = await readWholeFile(path);
  try {
    return decodeSafetensors(bytes, path);
  } catch (thrown) {
    if (!(thrown instanceof UmweltError)) throw thrown;
    const message = `${thrown.message}; delete it to begin again from the first step`;
    throw new UmweltError(thrown.code, thrown.context, message, thrown);
  }
}

/** Keeps the weights with the least loss on held-out episodes. */
export async function writeBest(directory: string, weights: TrainingState): Promise<void> {
  const bytes = encodeSafetensors({ tensors: weights, metadata: {} });
  await writeFileAtomically(join(directory, MODEL_FILES.best), bytes);
}

/** Reads what `writeBest` kept. */
export async function readBest(directory: string): Promise<TrainingState> {
  const path = join(directory, MODEL_FILES.best);
  return decodeSafetensors(await readWholeFile(path), path).tensors;
}
