import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import type { Dataset } from '../../datasets/contract.js';
import { makeFolder } from '../../datasets/files.js';
import { lockFolder } from '../../datasets/lock.js';
import { requireProviderStarts } from '../engine/session.js';
import type { ModelConfiguration } from '../model/configuration.js';
import {
  exists,
  MODEL_FILES,
  type ModelManifest,
  readModel,
  type StoredModel,
  writeModel,
} from '../model-folder.js';
import { calibrate } from './calibrate.js';
import { openCorpus } from './corpus.js';
import { type TrainingOptions, VALIDATION_SHARE } from './options.js';
import { describePlan, startOrResume } from './plan.js';
import { runTraining } from './run.js';
import { holdsOut } from './validation.js';

const ENSEMBLE = 4;

/**
 * Trains a world model on datasets and writes it as a folder; the same on one machine and thread count, interrupted or not.
 *
 * @throws UmweltError `conflict` when the folder holds something else or a training with other settings; `shape-mismatch`
 *   and `invalid-input` as `openCorpus`; `not-finite` when the loss or the gradient is not, naming step and sequences (the last checkpoint is
 *   kept); `interrupted` after a checkpoint; `io`.
 */
export async function trainWorldModel(options: TrainingOptions): Promise<ModelManifest> {
  const { directory, datasets, without = [], seed, provider = 'cpu' } = options;
  requireDistinct(datasets);
  const base = options.fineTune === undefined ? null : await readModel(options.fineTune);
  if (base !== null) requireSameNetwork(options, base);
  await requireProviderStarts(provider);
  await makeFolder(directory);
  const unlock = await lockFolder(directory);
  try {
    const corpus = await openCorpus(datasets, {
      size: options.size ?? 'small',
      core: options.core ?? 'recurrent',
      ensemble: options.ensemble ?? ENSEMBLE,
      without,
      seed,
      validationShare: options.validationShare ?? VALIDATION_SHARE,
      base: base?.manifest.configuration ?? null,
    });
    if (options.patience !== undefined && !holdsOut(corpus)) throw nothingHeldOut(directory);
    const plan = describePlan(options, corpus.configuration, base?.manifest ?? null);
    await startOrResume(directory, plan, options.resume ?? false);
    const finished = await readFinished(directory);
    if (finished !== null) return finished;
    const { weights, loss, step, validation } = await runTraining(corpus, options, base?.weights ?? null);
    const { configuration, provenance, recipe, versions } = plan;
    const calibration = await calibrate(corpus, weights, options.signal);
    return await writeModel(directory, weights, {
      configuration,
      provenance: { ...provenance, steps: step },
      recipe,
      versions,
      loss,
      validation,
      calibration,
    });
  } finally {
    await unlock();
  }
}

/** A model that is there already; null where there is none, or its weights are damaged and must be written again. */
async function readFinished(directory: string): Promise<ModelManifest | null> {
  if (!(await exists(join(directory, MODEL_FILES.manifest)))) return null;
  try {
    return (await readModel(directory)).manifest;
  } catch (thrown) {
    const isDamaged = thrown instanceof UmweltError && ['digest-mismatch', 'not-found'].includes(thrown.code);
    if (isDamaged && (await exists(join(directory, MODEL_FILES.checkpoint)))) return null;
    throw thrown;
  }
}

function nothingHeldOut(directory: string): UmweltError {
  return new UmweltError(
    'invalid-input',
    { directory },
    'patience: no episode is held back to validate on; give more episodes or a larger validation share, or leave patience out',
  );
}

function requireDistinct(datasets: readonly Dataset[]): void {
  const seen = new Map<string, string>();
  for (const { directory, manifest } of datasets) {
    const before = seen.get(manifest.dataSha256);
    if (before !== undefined) {
      throw new UmweltError(
        'invalid-input',
        { directory, before },
        `"${directory}" holds the same data as "${before}": give each dataset once`,
      );
    }
    seen.set(manifest.dataSha256, directory);
  }
}

/** A model that is tuned further keeps its network: another one asked for by name is a mistake. */
function requireSameNetwork(options: TrainingOptions, { manifest }: StoredModel): void {
  const { configuration } = manifest;
  for (const name of ['size', 'core', 'ensemble'] as const satisfies readonly (keyof ModelConfiguration)[]) {
    const asked = options[name];
    if (asked === undefined || asked === configuration[name]) continue;
    throw new UmweltError(
      'invalid-input',
      { [name]: asked, base: configuration[name] },
      `${name} ${asked} was asked for, but the model that is tuned further has ${configuration[name]}, and keeps it: leave --${name} out`,
    );
  }
}
