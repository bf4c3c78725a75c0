import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../core/digest.js';
import { describeCause, UmweltError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import { readWholeFile, writeFileAtomically } from '../datasets/files.js';
import type { TrainingProvenance } from './contract.js';
import type { TrainingState } from './engine/training.js';
import type { ModelConfiguration } from './model/configuration.js';
import { parameterShapes } from './parameter-shapes.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import type { Calibration } from './spread.js';
import type { Recipe } from './train/options.js';

/** Names of a model folder's files. */
export const MODEL_FILES = {
  /** What is being trained, from before the first step. */
  plan: 'plan.json',
  /** Weights and optimiser after the last checkpoint. */
  checkpoint: 'checkpoint.safetensors',
  /** Weights with the least loss on held-out episodes so far, where training may stop early. */
  best: 'best.safetensors',
  weights: 'weights.safetensors',
  manifest: 'manifest.json',
} as const;

/** manifest.json of a trained model. */
export interface ModelManifest {
  readonly format: 'umwelt-model';
  readonly formatVersion: 2;
  readonly configuration: ModelConfiguration;
  readonly provenance: TrainingProvenance;
  readonly recipe: Recipe;
  readonly versions: Readonly<Record<string, string>>;
  /** Loss of the last step. */
  readonly loss: number;
  readonly validation: ValidationHistory;
  readonly calibration: Calibration;
  readonly weightsSha256: string;
}

/** How the loss on held-out episodes went. */
export interface ValidationHistory {
  readonly losses: readonly { readonly step: number; readonly loss: number }[];
  /** Of the least loss so far. */
  readonly best: { readonly step: number; readonly loss: number } | null;
}

/** A model folder's contents. */
export interface StoredModel {
  readonly manifest: ModelManifest;
  readonly weights: TrainingState;
}

/** Writes the weights and then the manifest: a folder with a manifest holds a whole model. */
export async function writeModel(
  directory: string,
  weights: TrainingState,
  manifest: Omit<ModelManifest, 'format' | 'formatVersion' | 'weightsSha256'>,
): Promise<ModelManifest> {
  const known = Object.entries(parameterShapes(manifest.configuration));
  const shapes = Object.fromEntries(known.filter(([name]) => name in weights));
  const bytes = encodeSafetensors({ tensors: weights, shapes, metadata: { format: 'umwelt-model' } });
  await writeFileAtomically(join(directory, MODEL_FILES.weights), bytes);
  const whole: ModelManifest = {
    format: 'umwelt-model',
    formatVersion: 2,
    ...manifest,
    weightsSha256: sha256(bytes),
  };
  await writeFileAtomically(join(directory, MODEL_FILES.manifest), `${canonicalJson(whole)}\n`);
  return whole;
}

/**
 * Reads a model folder.
 *
 * @throws UmweltError `not-found` when there is no finished model, `malformed-file`, `digest-mismatch`.
 */
export async function readModel(directory: string): Promise<StoredModel> {
  const path = join(directory, MODEL_FILES.manifest);
  if (!(await exists(path))) throw await noModel(directory);
  const manifest = await readJson<ModelManifest>(path);
  if (String(manifest.format) === 'umwelt-dataset') {
    throw new UmweltError(
      'invalid-input',
      { directory, format: manifest.format },
      `"${directory}" holds a dataset, not a model: are two folders swapped?`,
    );
  }
  if (manifest.format !== 'umwelt-model' || manifest.formatVersion !== 2) {
    throw new UmweltError(
      'malformed-file',
      { path, format: manifest.format, formatVersion: manifest.formatVersion },
      `${path}: expected the manifest of an umwelt model, version 2, got ${manifest.format} ${manifest.formatVersion}; train it again`,
    );
  }
  const weightsPath = join(directory, MODEL_FILES.weights);
  const bytes = await readWholeFile(weightsPath);
  const actual = sha256(bytes);
  if (actual === manifest.weightsSha256)
    return { manifest, weights: decodeSafetensors(bytes, weightsPath).tensors };
  throw new UmweltError(
    'digest-mismatch',
    { path: weightsPath, expected: manifest.weightsSha256, actual },
    `${weightsPath} is not the file that ${MODEL_FILES.manifest} names: expected SHA-256 ${manifest.weightsSha256}, found ${actual}; copy it again, or run the command that trained it with --resume`,
  );
}

/** @throws UmweltError `malformed-file` when the file is not JSON; `not-found`, `io`. */
export async function readJson<T>(path: string): Promise<T> {
  const text = new TextDecoder().decode(await readWholeFile(path));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UmweltError('malformed-file', { path }, `${path} is not JSON: ${describeCause(cause)}`, cause);
  }
}

/** Tells whether there is anything at a path. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function noModel(directory: string): Promise<UmweltError> {
  const begun = await exists(join(directory, MODEL_FILES.plan));
  return new UmweltError(
    'not-found',
    { directory, begun },
    begun
      ? `the training in "${directory}" is unfinished: complete it with the same \`umwelt train\` command and --resume`
      : `there is no model at "${directory}": expected a folder that \`umwelt train\` wrote`,
  );
}
