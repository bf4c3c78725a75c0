import { readdir, rm } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { sha256 } from '../../core/digest.js';
import { UmweltError } from '../../core/errors.js';
import { canonicalJson } from '../../core/json.js';
import type { FileEntry } from '../../datasets/contract.js';
import { makeFolder, PARTIAL_SUFFIX, writeFileAtomically, writing } from '../../datasets/files.js';
import { LOCK_FILE, lockFolder } from '../../datasets/lock.js';
import type { TrainingProvenance } from '../contract.js';
import { loadSession } from '../engine/session.js';
import { MODEL_SIZES } from '../model/configuration.js';
import { REWARD_BINS } from '../model/reward.js';
import { readModel, type StoredModel } from '../model-folder.js';
import { exportNetworks } from '../networks.js';
import { parameterShapes } from '../parameter-shapes.js';
import { encodeSafetensors } from '../safetensors.js';
import { HORIZONS } from '../spread.js';
import { type ExportedGraph, modelCard } from './model-card.js';

/** Names of an export's files, in the order in which they are written. */
export const EXPORT_FILES = {
  /** There from before the first file to after the last: the export is not whole. */
  unfinished: `unfinished${PARTIAL_SUFFIX}`,
  encoder: 'encoder.onnx',
  dynamics: 'dynamics.onnx',
  decoder: 'decoder.onnx',
  weights: 'weights.safetensors',
  configuration: 'configuration.json',
  card: 'README.md',
  manifest: 'manifest.json',
} as const;

/** manifest.json of an export. */
export interface ExportManifest {
  readonly format: 'umwelt-export';
  readonly formatVersion: 1;
  readonly name: string;
  /** SHA-256 of the weights in the model's folder. */
  readonly modelSha256: string;
  readonly provenance: TrainingProvenance;
  readonly versions: Readonly<Record<string, string>>;
  /** Every file but the manifest. */
  readonly files: readonly FileEntry[];
}

/**
 * Writes a trained model in forms that other programs read: ONNX networks, safetensors, JSON and a model card.
 *
 * A folder with `manifest.json` holds a whole export; one that was interrupted is begun anew. A model without senses has no
 * encoder, one that predicts the state alone no decoder.
 *
 * @throws UmweltError as `readModel`; `conflict` when `out` holds something else or is being written to; `shape-mismatch`
 *   when the weights are not those of the configuration; `unavailable` without ONNX Runtime; `io`.
 */
export async function exportModel(directory: string, out: string): Promise<ExportManifest> {
  const model = await readModel(directory);
  const name = basename(resolve(directory));
  await makeFolder(out);
  const unlock = await lockFolder(out);
  try {
    await clear(out);
    const contents = await contentsOf(model, name);
    const { weightsSha256, provenance, versions } = model.manifest;
    const manifest: ExportManifest = {
      format: 'umwelt-export',
      formatVersion: 1,
      name,
      modelSha256: weightsSha256,
      provenance,
      versions,
      files: contents.map(({ path, bytes }) => ({ path, bytes: bytes.length, sha256: sha256(bytes) })),
    };
    const mark = join(out, EXPORT_FILES.unfinished);
    await writeFileAtomically(mark, 'umwelt export was interrupted here: run it again\n');
    for (const { path, bytes } of contents) await writeFileAtomically(join(out, path), bytes);
    await writeFileAtomically(join(out, EXPORT_FILES.manifest), `${canonicalJson(manifest)}\n`);
    await writing(mark, () => rm(mark));
    return manifest;
  } finally {
    await unlock();
  }
}

interface Content {
  readonly path: string;
  readonly bytes: Uint8Array;
}

async function contentsOf({ manifest, weights }: StoredModel, name: string): Promise<Content[]> {
  const { configuration } = manifest;
  const shapes = parameterShapes(configuration);
  requireWeights(weights, shapes);
  const networks = exportNetworks(configuration, weights);
  const graphs: ExportedGraph[] = [];
  const contents: Content[] = [];
  for (const part of ['encoder', 'dynamics', 'decoder'] as const) {
    const bytes = networks[part];
    if (bytes === null) continue;
    const path = EXPORT_FILES[part];
    graphs.push(await describeGraph(part, path, bytes));
    contents.push({ path, bytes });
  }
  const facts = { modelSha256: manifest.weightsSha256 };
  const tensors = encodeSafetensors({
    tensors: weights,
    shapes,
    metadata: { format: 'umwelt-model', ...facts },
  });
  const card = modelCard(manifest, { name, graphs, shapes });
  const encoder = new TextEncoder();
  return [
    ...contents,
    { path: EXPORT_FILES.weights, bytes: tensors },
    { path: EXPORT_FILES.configuration, bytes: encoder.encode(`${describeModel(manifest, graphs)}\n`) },
    { path: EXPORT_FILES.card, bytes: encoder.encode(card) },
  ];
}

/** An initial value would silently stand in for a weight that is missing. */
function requireWeights(
  weights: StoredModel['weights'],
  shapes: Readonly<Record<string, readonly number[]>>,
): void {
  const expected = Object.keys(shapes);
  const missing = expected.filter((name) => !Object.hasOwn(weights, name));
  const stray = Object.keys(weights).filter((name) => !Object.hasOwn(shapes, name));
  if (missing.length === 0 && stray.length === 0) return;
  const list = (names: readonly string[]): string => names.slice(0, 3).join(', ') || 'none';
  throw new UmweltError(
    'shape-mismatch',
    { missing, stray },
    `export: the weights are not those of the model's configuration (missing: ${list(missing)}; unknown: ${list(stray)}): ` +
      'it was trained by another version of umwelt; export it with that one, or train again',
  );
}

/** Opens a network, which proves that ONNX Runtime accepts it, and lists what it takes and gives. */
async function describeGraph(name: string, file: string, bytes: Uint8Array): Promise<ExportedGraph> {
  const session = await loadSession(bytes, { threads: 1 });
  const { inputs, outputs } = session;
  await session.release();
  return { name, file, inputs, outputs };
}

/** Everything that a program needs to use the networks. */
function describeModel(manifest: StoredModel['manifest'], graphs: readonly ExportedGraph[]): string {
  const { configuration, provenance, recipe, versions, loss, validation, calibration } = manifest;
  return canonicalJson({
    format: 'umwelt-export-configuration',
    formatVersion: 1,
    configuration,
    size: MODEL_SIZES[configuration.size],
    rewardBins: REWARD_BINS,
    graphs,
    calibration: { fromTick: HORIZONS, ...calibration },
    training: { provenance, recipe, versions, loss, validation },
  });
}

/** Empties a folder of what an interrupted export left; refuses one that holds anything else. */
async function clear(out: string): Promise<void> {
  const present = (await writing(out, () => readdir(out))).filter((name) => !name.startsWith(LOCK_FILE));
  if (present.length === 0) return;
  const names: readonly string[] = Object.values(EXPORT_FILES);
  const ours = new Set([...names, ...names.map((name) => name + PARTIAL_SUFFIX)]);
  const isInterrupted = present.some(isMark) && present.every((name) => ours.has(name));
  if (!isInterrupted) {
    throw new UmweltError(
      'conflict',
      { directory: out, present: present.slice(0, 10) },
      `"${out}" is not empty (${present.slice(0, 3).join(', ')}): choose a new or empty folder`,
    );
  }
  // The mark goes last, so that an interruption here too can be told from files of someone else's.
  const ordered = [...present.filter((name) => !isMark(name)), ...present.filter(isMark)];
  for (const name of ordered) await writing(out, () => rm(join(out, name), { force: true }));
}

function isMark(name: string): boolean {
  return name.startsWith(EXPORT_FILES.unfinished);
}
