import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateDataset } from '../../apps/generate.js';
import type { Dataset } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import { findScenario } from '../../scenarios/library.js';

/** Datasets of one scenario: what is learned from, what is judged on, and longer episodes to drift in. */
export interface LearningData {
  readonly training: string;
  readonly held: Dataset;
  readonly long: Dataset;
}

const TRAINING_EPISODES = 400;
const HELD_EPISODES = 100;
const LONG_EPISODES = 40;
const LONG_S = 3;

/** Simulates what is not there yet: 400 episodes to learn from, others of another seed to judge on. */
export async function prepareData(folder: string, scenario: string): Promise<LearningData> {
  await mkdir(folder, { recursive: true });
  const longScenario = join(folder, `${scenario}-long.json`);
  await writeFile(longScenario, JSON.stringify({ ...findScenario(scenario), durationS: LONG_S }));
  const make = async (name: string, source: string, episodes: number, seed: number): Promise<string> => {
    const directory = join(folder, name);
    if (!existsSync(join(directory, 'manifest.json')))
      await generateDataset({ scenario: source, directory, episodes, seed, workers: 2, resume: true });
    return directory;
  };
  return {
    training: await make(scenario, scenario, TRAINING_EPISODES, 1),
    held: await openDataset(await make(`${scenario}-held`, scenario, HELD_EPISODES, 2)),
    long: await openDataset(await make(`${scenario}-long`, longScenario, LONG_EPISODES, 3)),
  };
}
