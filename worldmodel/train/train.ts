import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import { canonicalJson } from '../../core/json.js';
import { writeFileAtomically, writing } from '../../datasets/files.js';
import { LOCK_FILE, lockFolder } from '../../datasets/lock.js';
import type { TrainingProvenance } from '../contract.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { exists, MODEL_FILES, type ModelManifest, readJson, readModel, writeModel } from '../model-folder.js';
import { calibrate } from './calibrate.js';
import { openCorpus } from './corpus.js';
import { FULL_RECIPE, type Recipe, type TrainingOptions } from './options.js';
import { runTraining } from './run.js';

const ENSEMBLE = 4;
const VALIDATION_SHARE = 0.05;

/**
 * Trains a world model on datasets and writes it as a folder; the same on one machine and thread count, interrupted or not.
 *
 * @throws UmweltError `conflict` when the folder holds something else or a training with other settings; `shape-mismatch`
 *   and `invalid-input` as `openCorpus`; `not-finite` when the loss is, naming step and sequences (the last checkpoint is
 *   kept); `interrupted` after a checkpoint; `io`.
 */
export async function trainWorldModel(options: TrainingOptions): Promise<ModelManifest> {
  const {
    directory,
    datasets,
    size = 'small',
    core = 'recurrent',
    ensemble = ENSEMBLE,
    without = [],
    seed,
  } = options;
  const base = options.fineTune === undefined ? null : await readModel(options.fineTune);
  await writing(directory, () => mkdir(directory, { recursive: true }));
  const unlock = await lockFolder(directory);
  try {
    const corpus = await openCorpus(datasets, {
      size,
      core,
      ensemble,
      without,
      seed,
      validationShare: options.validationShare ?? VALIDATION_SHARE,
      base: base?.manifest.configuration ?? null,
    });
    const plan = describePlan(options, corpus.configuration, base?.manifest ?? null);
    await startOrResume(directory, plan, options.resume ?? false);
    if (await exists(join(directory, MODEL_FILES.manifest))) return (await readModel(directory)).manifest;
    const { weights, loss, step, validation } = await runTraining(corpus, options, base?.weights ?? null);
    const { configuration, provenance, recipe, versions } = plan;
    const calibration = await calibrate(corpus, weights);
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

interface TrainingPlan {
  readonly format: 'umwelt-training';
  readonly configuration: ModelConfiguration;
  readonly provenance: TrainingProvenance;
  readonly recipe: Recipe;
  /** Streams left out, sorted: what is fine-tuned does not show them in its configuration. */
  readonly without: readonly string[];
  readonly validationShare: number;
  readonly patience: number | null;
  readonly versions: Readonly<Record<string, string>>;
}

function describePlan(
  options: TrainingOptions,
  configuration: ModelConfiguration,
  base: ModelManifest | null,
): TrainingPlan {
  const { datasets, seed, steps, recipe = FULL_RECIPE, versions = {}, patience = null } = options;
  const recordings = datasets.flatMap(({ manifest }) =>
    manifest.origin !== 'recorded'
      ? []
      : manifest.episodes.map(({ attributes }) => String(attributes.sourceSha256)),
  );
  const before = base === null ? null : base.provenance;
  return {
    format: 'umwelt-training',
    configuration,
    provenance: {
      datasets: datasets.map(({ manifest: { name, origin, episodes, dataSha256 } }) => ({
        name,
        origin,
        episodes: episodes.length,
        dataSha256,
      })),
      // What the model before was trained on counts too: it has seen it.
      recordingSha256: [...new Set([...recordings, ...(before?.recordingSha256 ?? [])])].sort(),
      seed,
      steps,
      fineTunedFrom: base?.weightsSha256 ?? null,
    },
    recipe,
    without: [...new Set(options.without)].sort(),
    validationShare: options.validationShare ?? VALIDATION_SHARE,
    patience,
    versions,
  };
}

/** What of a plan, beside its provenance, a resumed training must agree on. */
const COMPARED = ['configuration', 'recipe', 'without', 'validationShare', 'patience', 'versions'] as const;

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
    ...COMPARED.filter((key) => canonicalJson(before[key] ?? null) !== canonicalJson(plan[key])),
  ];
  throw new UmweltError(
    'conflict',
    { directory, differing },
    `"${directory}" holds a training with other settings (${differing.join(', ')}): resume with the same datasets, seed, steps and flags`,
  );
}

function differences(before: TrainingProvenance, now: TrainingProvenance): string[] {
  const keys = ['datasets', 'seed', 'steps', 'fineTunedFrom'] as const;
  return keys.filter((key) => canonicalJson(before[key]) !== canonicalJson(now[key]));
}
