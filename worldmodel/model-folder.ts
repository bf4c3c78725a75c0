import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../core/digest.js';
import { describeCause, UmweltError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import { readWholeFile, writeFileAtomically } from '../datasets/files.js';
import type { TrainingProvenance } from './contract.js';
import type { ModelConfiguration } from './model/configuration.js';

/** Names of a model folder's files. */
export const MODEL_FILES = {
  /** What is being trained, from before the first step. */
  plan: 'plan.json',
  /** Weights and optimiser after the last checkpoint. */
  checkpoint: 'checkpoint.safetensors',
  /** One tick of the network, with its weights. */
  network: 'model.onnx',
  manifest: 'manifest.json',
} as const;

/** manifest.json of a trained model. */
export interface ModelManifest {
  readonly format: 'umwelt-model';
  readonly formatVersion: 1;
  readonly configuration: ModelConfiguration;
  readonly provenance: TrainingProvenance;
  readonly versions: Readonly<Record<string, string>>;
  /** Loss of the last step. */
  readonly loss: number;
  readonly networkSha256: string;
}

/** Writes the network and then the manifest: a folder with a manifest holds a whole model. */
export async function writeModel(
  directory: string,
  network: Uint8Array,
  manifest: Omit<ModelManifest, 'format' | 'formatVersion' | 'networkSha256'>,
): Promise<ModelManifest> {
  await writeFileAtomically(join(directory, MODEL_FILES.network), network);
  const whole: ModelManifest = {
    format: 'umwelt-model',
    formatVersion: 1,
    ...manifest,
    networkSha256: sha256(network),
  };
  await writeFileAtomically(join(directory, MODEL_FILES.manifest), `${canonicalJson(whole)}\n`);
  return whole;
}

/**
 * Reads a model folder.
 *
 * @throws UmweltError `not-found` when there is no finished model, `malformed-file`, `digest-mismatch`.
 */
export async function readModel(
  directory: string,
): Promise<{ readonly manifest: ModelManifest; readonly network: Uint8Array }> {
  const path = join(directory, MODEL_FILES.manifest);
  if (!(await exists(path))) throw await noModel(directory);
  const manifest = await readJson<ModelManifest>(path);
  if (manifest.format !== 'umwelt-model' || manifest.formatVersion !== 1) {
    throw new UmweltError(
      'malformed-file',
      { path, format: manifest.format, formatVersion: manifest.formatVersion },
      `${path}: expected the manifest of an umwelt model, version 1, got ${manifest.format} ${manifest.formatVersion}`,
    );
  }
  const network = await readWholeFile(join(directory, MODEL_FILES.network));
  const actual = sha256(network);
  if (actual === manifest.networkSha256) return { manifest, network };
  throw new UmweltError(
    'digest-mismatch',
    { path: MODEL_FILES.network, expected: manifest.networkSha256, actual },
    `${join(directory, MODEL_FILES.network)} has the SHA-256 ${actual}, the manifest says ${manifest.networkSha256}: train again, or --resume`,
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
