import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../../core/random.js';
import { EXPORT_FILES, type ExportManifest, exportModel } from '../../worldmodel/export/export.js';
import type { ChannelConfiguration, ModelConfiguration } from '../../worldmodel/model/configuration.js';
import { type ModelManifest, writeModel } from '../../worldmodel/model-folder.js';
import { parameterShapes } from '../../worldmodel/parameter-shapes.js';
import { TINY_MODEL } from './tiny-model.js';

const TOUCH = [
  { field: 'forceN', shape: [3], unit: 1, siUnit: 'N' },
  { field: 'pressurePa', shape: [2, 3], unit: 1000, siUnit: 'Pa' },
];

function channel(
  name: string,
  form: ChannelConfiguration['form'],
  shape: readonly number[],
  kind: string,
): ChannelConfiguration {
  const stream = { name: name.split('/')[0]!, kind };
  const parts = name === 'touch' ? TOUCH : [];
  return { name, form, shape, mean: [0.5], deviation: [2], range: [-1, 3], stream, parts };
}

const STATE_ONLY: ModelConfiguration = {
  ...TINY_MODEL,
  stateRange: { lowM: [-1, -1, 0], highM: [1, 1, 0.5], speedMps: 3, spinRadps: 20 },
};

/** Two bodies that are commanded, and every sense. */
export const EVERYTHING: ModelConfiguration = {
  ...STATE_ONLY,
  bodies: 2,
  symmetry: 'none',
  channels: [
    channel('camera', 'picture', [16, 16, 4], 'camera'),
    channel('audio', 'vector', [2, 24], 'audio'),
    channel('audio/wave', 'wave', [2, 20], 'audio'),
    channel('touch', 'vector', [9], 'haptics'),
    channel('goal', 'reward', [1], 'reward'),
    channel('goal/end', 'end', [1], 'reward'),
  ],
  action: { name: 'push', width: 2, mean: [0, 0], deviation: [1, 1] },
};

/** A model with every form of channel and what it can leave out. */
export const CONFIGURATIONS = {
  everything: EVERYTHING,
  transformer: { ...EVERYTHING, core: 'transformer' },
  touch: { ...STATE_ONLY, channels: [channel('touch', 'vector', [9], 'haptics')] },
  state: STATE_ONLY,
} satisfies Record<string, ModelConfiguration>;
export type ModelName = keyof typeof CONFIGURATIONS;

/** Draws numbers from -1 to 1. */
export const uniform = (seed: number, name: string, count: number): Float32Array => {
  const stream = randomStream(seed, name);
  return Float32Array.from({ length: count }, () => 2 * stream.uniform() - 1);
};
/** Numbers that a shape holds. */
export const countOf = (shape: readonly number[]): number =>
  shape.reduce((count, extent) => count * extent, 1);

/** Weights of a model's size without a training. */
export function weightsOf(configuration: ModelConfiguration): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(parameterShapes(configuration)).map(([name, shape]) => [
      name,
      uniform(1, name, countOf(shape)).map((value) => value / Math.sqrt(shape[0]!)),
    ]),
  );
}

const FACTS: Omit<ModelManifest, 'format' | 'formatVersion' | 'weightsSha256' | 'configuration'> = {
  provenance: {
    datasets: [
      { name: 'tosses|made', origin: 'simulated', episodes: 400, dataSha256: 'ab'.repeat(32) },
      { name: 'cube', origin: 'recorded', episodes: 297, dataSha256: 'cd'.repeat(32) },
    ],
    recordingSha256: ['ef'.repeat(32)],
    seed: 7,
    steps: 12_345,
    fineTunedFrom: null,
  },
  recipe: { contextNoise: true, multiStep: false },
  versions: { umwelt: '0.1.0' },
  loss: 1.23456,
  validation: { losses: [{ step: 12_000, loss: 2.5 }], best: { step: 12_000, loss: 2.5 } },
  calibration: { one: { positionM: [1, 1.5, 2, 2.25, 3, 4] }, samples: null },
};

/** Writes the models, untrained, into a folder. */
export async function writeModels(folder: string): Promise<void> {
  for (const [name, configuration] of Object.entries(CONFIGURATIONS)) {
    const directory = modelFolder(folder, name as ModelName);
    mkdirSync(directory, { recursive: true });
    await writeModel(directory, weightsOf(configuration), { ...FACTS, configuration });
  }
}

/** Where `writeModels` put a model. */
export function modelFolder(folder: string, name: ModelName): string {
  return join(folder, 'models', name);
}

/** Exports a model of a folder into a new one and reads the manifest back. */
export async function exportInto(
  folder: string,
  name: ModelName,
  as: string = name,
): Promise<{ readonly out: string; readonly manifest: ExportManifest }> {
  const out = join(folder, 'exports', as);
  await exportModel(modelFolder(folder, name), out);
  return { out, manifest: JSON.parse(readFileSync(join(out, EXPORT_FILES.manifest), 'utf8')) };
}
