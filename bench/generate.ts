import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateDataset } from '../apps/generate.js';
import type { BenchResult } from './contract.js';

const EPISODES = 24;

/** Simulated seconds a second of wall time: cube-toss with every sensor, written to Arrow, on one thread. */
export async function benchGenerate(): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'umwelt-bench-'));
  try {
    await measure(join(folder, 'warm-up'), 4);
    const ratios: number[] = [];
    for (let repetition = 0; repetition < 3; repetition += 1)
      ratios.push(await measure(join(folder, `${repetition}`), EPISODES));
    const value = ratios.sort((a, b) => a - b)[1]!;
    return {
      name: 'generate.cube-toss.realtime',
      value,
      unit: 'simulated s / s',
      reference: 'real time',
      reference_value: 1,
      ratio: value,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(directory: string, episodes: number): Promise<number> {
  const startedAt = performance.now();
  const manifest = await generateDataset({ scenario: 'cube-toss', directory, episodes, seed: 1, workers: 1 });
  const wallS = (performance.now() - startedAt) / 1000;
  return manifest.episodes.reduce((sum, episode) => sum + episode.durationS, 0) / wallS;
}
