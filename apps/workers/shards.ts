import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import { UmweltError } from '../../core/errors.js';
import type { Control } from '../../core/progress.js';
import type { DatasetPlan } from '../../datasets/contract.js';
import { shardEpisodes } from '../../datasets/layout.js';
import type { Scenario } from '../../scenarios/schema.js';
import { type ShardFailure, type ShardTask, writeOneShard } from './shard-worker.js';

export interface ShardsOptions extends Control {
  readonly directory: string;
  readonly plan: DatasetPlan;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly shards: readonly number[];
  readonly workers: number;
}

/** Writes the named shards of a simulated dataset, in this thread (1 worker) or in a pool of worker threads. */
export async function writeShards(options: ShardsOptions): Promise<void> {
  const { directory, plan, scenario, seed, shards, workers, onProgress, signal } = options;
  let done = plan.episodes - shards.reduce((sum, shard) => sum + episodesOf(plan, shard).length, 0);
  const report = (episodes: number): void => {
    done += episodes;
    onProgress?.({ done, total: plan.episodes });
  };
  const taskOf = (shard: number): ShardTask => ({
    directory,
    plan,
    scenario,
    seed,
    shard,
    episodes: episodesOf(plan, shard),
  });
  report(0);
  try {
    if (workers === 1 || shards.length < 2) {
      await writeInThisThread(shards.map(taskOf), () => report(1), signal);
    } else {
      await writeInPool(shards.map(taskOf), workers, ({ episodes }) => report(episodes.length), signal);
    }
  } catch (thrown) {
    if (signal?.aborted) throw interrupted(directory);
    throw thrown;
  }
}

/** While the disk syncs one shard, the next is simulated. */
const SHARDS_AT_ONCE = 2;

async function writeInThisThread(
  tasks: readonly ShardTask[],
  onEpisode: () => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const queue = tasks.values();
  const failures: unknown[] = [];
  const lane = async (): Promise<void> => {
    for (const task of queue) {
      if (failures.length > 0) return;
      await writeOneShard(task, { onEpisode, signal }).catch((thrown: unknown) => failures.push(thrown));
    }
  };
  await Promise.all(Array.from({ length: SHARDS_AT_ONCE }, lane));
  if (failures.length > 0) throw failures[0];
}

async function writeInPool(
  tasks: readonly ShardTask[],
  workers: number,
  onShard: (task: ShardTask) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pool = new Piscina({
    filename: workerFile(),
    maxThreads: Math.min(workers, tasks.length),
    minThreads: 1,
  });
  try {
    await Promise.all(
      tasks.map(async (task) => {
        const failure: ShardFailure | null = await pool.run(task, { signal });
        if (failure !== null) throw new UmweltError(failure.code, failure.context, failure.message);
        onShard(task);
      }),
    );
  } finally {
    await pool.destroy();
  }
}

/** Episode indices of one shard. */
function episodesOf(plan: DatasetPlan, shard: number): readonly number[] {
  const { first, count } = shardEpisodes(plan, shard);
  return Array.from({ length: count }, (_, index) => first + index);
}

function interrupted(directory: string): UmweltError {
  return new UmweltError(
    'interrupted',
    { directory },
    `interrupted; finished shards are kept: run the same command with --resume to complete ${directory}`,
  );
}

/** Threads load compiled JavaScript only; from source (tests) the built file is used. */
function workerFile(): string {
  const here = fileURLToPath(import.meta.url);
  const folder = extname(here) === '.ts' ? '../../dist/apps/workers/' : './';
  return fileURLToPath(new URL(`${folder}shard-worker.js`, import.meta.url));
}
