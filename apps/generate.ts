import type { Control } from '../core/progress.js';
import type { DatasetManifest, DatasetPlan } from '../datasets/contract.js';
import { beginDataset } from '../datasets/writer.js';
import { readOverlay } from '../evaluation/calibrate/overlay.js';
import { compileEpisode } from '../scenarios/compile.js';
import { loadScenario } from '../scenarios/load.js';
import { patchScenario } from '../scenarios/overlay.js';
import { type Scenario, withoutNoise } from '../scenarios/schema.js';
import { createRig } from '../sensors/rig.js';
import { dataVersions } from './version.js';
import { writeShards } from './workers/shards.js';

/** Small enough that two workers share a run of sixteen episodes, large enough that syncing files costs little. */
const EPISODES_PER_SHARD = 8;

export interface GenerateOptions extends Control {
  /** Name of a preset, or path of a scenario .json. */
  readonly scenario: string;
  readonly directory: string;
  readonly episodes: number;
  readonly seed: number;
  /** Worker threads, 1 by default. The bytes do not depend on it. */
  readonly workers?: number;
  /** Completes an interrupted run with the same settings. */
  readonly resume?: boolean;
  /** File that `umwelt calibrate` wrote for this scenario. */
  readonly overlay?: string | undefined;
  /** False switches the noise of every sensor off. */
  readonly noise?: boolean;
}

/**
 * Simulates and senses episodes of a scenario into a dataset.
 *
 * @throws UmweltError `invalid-input` for a wrong scenario, `conflict` for a folder that holds something else,
 *   `interrupted` when the signal fires (run again with `resume`), `io` when the disk refuses.
 */
export async function generateDataset(options: GenerateOptions): Promise<DatasetManifest> {
  const loaded = await loadCalibrated(options);
  const scenario = options.noise === false ? withoutNoise(loaded) : loaded;
  const plan = planDataset(scenario, options.seed, options.episodes);
  const dataset = await beginDataset(options.directory, plan, { resume: options.resume ?? false });
  try {
    await writeShards({
      ...options,
      scenario,
      plan,
      shards: dataset.pendingShards,
      workers: options.workers ?? 1,
    });
    return await dataset.finish();
  } finally {
    await dataset.close();
  }
}

async function loadCalibrated({ scenario, overlay }: GenerateOptions): Promise<Scenario> {
  const loaded = await loadScenario(scenario);
  return overlay === undefined ? loaded : patchScenario(loaded, await readOverlay(overlay));
}

function planDataset(scenario: Scenario, seed: number, episodes: number): DatasetPlan {
  const rig = createRig(compileEpisode(scenario, seed, 0));
  return {
    name: scenario.name,
    origin: 'simulated',
    episodes,
    seed,
    configuration: { scenario },
    versions: dataVersions(),
    // What differs from episode to episode (a drawn camera pose) stands in the episode's attributes.
    streams: rig.streams.map((stream) => ({ ...stream, metadata: {} })),
    episodesPerShard: EPISODES_PER_SHARD,
  };
}
