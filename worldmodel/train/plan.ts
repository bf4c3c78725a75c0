import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import { canonicalJson } from '../../core/json.js';
import { writeFileAtomically } from '../../datasets/files.js';
import { LOCK_FILE } from '../../datasets/lock.js';
import type { TrainingProvenance } from '../contract.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { MODEL_FILES, type ModelManifest, readJson } from '../model-folder.js';
import { FULL_RECIPE, type Recipe, type TrainingOptions, VALIDATION_SHARE } from './options.js';

/** Everything that decides which weights a training reaches, but for the machine and its threads. */
export interface TrainingPlan {
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

/** Writes down what a training is to do. */
export function describePlan(
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

/**
 * Claims a folder for a training, or finds there the same one to go on with.
 *
 * @throws UmweltError `conflict` when the folder holds something else, a training without `resume`, or one with other settings
 *   (naming them); `malformed-file`; `io`.
 */
export async function startOrResume(directory: string, plan: TrainingPlan, resume: boolean): Promise<void> {
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
  const differing = differences(await readPlan(path), plan);
  if (differing.length === 0) return;
  throw new UmweltError(
    'conflict',
    { directory, differing },
    `"${directory}" holds a training with other settings (${differing.join('; ')}): resume with the same ones, or choose another folder`,
  );
}

async function readPlan(path: string): Promise<TrainingPlan> {
  try {
    return await readJson<TrainingPlan>(path);
  } catch (thrown) {
    if (!(thrown instanceof UmweltError) || thrown.code !== 'malformed-file') throw thrown;
    const message = `${thrown.message}; what was trained there cannot be gone on with: choose another folder`;
    throw new UmweltError('malformed-file', { path }, message, thrown);
  }
}

/** The settings that differ, as the command line calls them, with both values where they are short. */
function differences(before: TrainingPlan, now: TrainingPlan): string[] {
  const settings = (plan: TrainingPlan): Record<string, unknown> => {
    const { configuration, provenance, recipe, without, validationShare, patience, versions } = plan;
    const { size, core, ensemble, ...scaling } = configuration;
    return {
      datasets: provenance.datasets,
      '--seed': provenance.seed,
      '--steps': provenance.steps,
      '--fine-tune': provenance.fineTunedFrom,
      '--size': size,
      '--core': core,
      '--ensemble': ensemble,
      '--without': (without ?? []).join(' ') || null,
      '--context-noise': recipe.contextNoise,
      '--multi-step': recipe.multiStep,
      '--validation-share': validationShare,
      '--patience': patience,
      'scaling of the data': scaling,
      'versions of umwelt and its packages': versions,
    };
  };
  const [old, next] = [settings(before), settings(now)];
  return Object.keys(next)
    .filter((name) => canonicalJson(old[name] ?? null) !== canonicalJson(next[name] ?? null))
    .map((name) =>
      isShort(old[name]) && isShort(next[name])
        ? `${name} was ${old[name] ?? 'none'}, is ${next[name] ?? 'none'}`
        : name,
    );
}

function isShort(value: unknown): boolean {
  return String(value).length <= 24 && (typeof value !== 'object' || value === null);
}
