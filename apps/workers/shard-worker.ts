import { type ErrorCode, UmweltError } from '../../core/errors.js';
import type { DatasetPlan, EpisodeSource } from '../../datasets/contract.js';
import { writeShard } from '../../datasets/writer.js';
import type { Scenario } from '../../scenarios/schema.js';
import { senseEpisode } from '../episode.js';

/** Everything a thread needs to write one shard; plain data. */
export interface ShardTask {
  readonly directory: string;
  readonly plan: DatasetPlan;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly shard: number;
  readonly episodes: readonly number[];
}

interface InThreadOptions {
  /** Called after each episode. */
  readonly onEpisode?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** An UmweltError as plain data: errors lose their class on the way out of a thread. */
export interface ShardFailure {
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** What the pool runs: writes one shard and returns what went wrong, if anything did. */
export default async function runShardTask(task: ShardTask): Promise<ShardFailure | null> {
  try {
    await writeOneShard(task);
    return null;
  } catch (thrown) {
    if (!(thrown instanceof UmweltError)) throw thrown;
    return { code: thrown.code, context: thrown.context, message: thrown.message };
  }
}

/** Simulates, senses and writes one shard in this thread. */
export async function writeOneShard(task: ShardTask, options: InThreadOptions = {}): Promise<void> {
  await writeShard(task.directory, task.plan, task.shard, episodes(task, options));
}

function* episodes(task: ShardTask, { onEpisode, signal }: InThreadOptions): Generator<EpisodeSource> {
  for (const episode of task.episodes) {
    if (signal?.aborted)
      throw new UmweltError('interrupted', { episode }, `interrupted before episode ${episode}`);
    yield senseEpisode(task.scenario, task.seed, episode);
    onEpisode?.();
  }
}
