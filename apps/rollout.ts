import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import { randomStream } from '../core/random.js';
import { secondsFromNs } from '../core/time.js';
import type { Dataset, DatasetManifest, DatasetPlan, Episode, EpisodeSource } from '../datasets/contract.js';
import { shardEpisodes } from '../datasets/layout.js';
import { openDataset } from '../datasets/reader.js';
import { beginDataset, writeShard } from '../datasets/writer.js';
import type { Rollout, WorldModel } from '../worldmodel/contract.js';
import { loadWorldModel } from '../worldmodel/rollout.js';
import { chooseEpisodes, requireBodies, requireContext, requireSpan, unsensed } from './rollout-choice.js';
import { dreamSamples, dreamStreams } from './rollout-streams.js';
import { modelVersions } from './version.js';

/** An interruption loses no more than this many episodes' work. */
const EPISODES_PER_SHARD = 8;

/** Facts of a real stream that hold for the dreamt one too; the rest (intrinsics, rates) may not. */
const KEPT_METADATA = ['bodies', 'microphones'];

export interface RolloutDatasetOptions extends Control {
  /** Folder of a trained model. */
  readonly model: string;
  /** Folder of the dataset that gives the contexts. */
  readonly dataset: string;
  /** Folder of the dataset of dreams. */
  readonly directory: string;
  /** How many episodes from the first on, or which ones, in the order in which they are written; all by default. */
  readonly episodes?: number | readonly number[] | undefined;
  /** How much of each episode, from its start, the model sees, s; 0.25 by default. */
  readonly contextS?: number;
  /** How far it predicts beyond that, s; 1 by default. */
  readonly horizonS?: number;
  /** Futures drawn an episode, 1 (the expected one, default) or a multiple of the ensemble; their mean and spread are written. */
  readonly samples?: number;
  readonly seed?: number;
  /** Completes an interrupted run with the same settings. */
  readonly resume?: boolean;
}

export interface RolledOut {
  readonly manifest: DatasetManifest;
  /** Streams that the model knows and the dataset lacks: it dreamt without them. */
  readonly masked: readonly string[];
}

/** What every episode of one run shares. */
interface Dreamer {
  readonly source: Dataset;
  readonly model: WorldModel;
  readonly chosen: readonly number[];
  readonly masked: readonly string[];
  readonly contextS: number;
  readonly horizonS: number;
  readonly samples: number;
  readonly seed: number;
}

/**
 * Lets a model see the beginning of episodes of a dataset and writes what it expects to follow as a dataset of its own.
 *
 * Episode k of it is the k-th chosen one. Its rows are the predicted ticks alone, stamped on the source's clock from the
 * context's end on; each field of means has one of standard deviations beside it (`positionM`, `positionM_sd`). The same
 * settings give the same bytes on one machine. `attributes` say `sourceEpisode`, `contextEndS`, `horizonS`, `samples`, `seed`
 * (what to hand `WorldModel.rollout` for the same dream), `source` and `model` with their digests, and `masked`.
 *
 * @throws UmweltError `invalid-input` for settings out of range or a context longer than an episode, `not-found` for an
 *   episode that is not there, `shape-mismatch` when the model's bodies or streams are not the dataset's, `conflict` for a
 *   folder that holds something else, `interrupted` when the signal fires (run again with `resume`), `io`; and as `openDataset`,
 *   `loadWorldModel`.
 */
export async function rolloutDataset(options: RolloutDatasetOptions): Promise<RolledOut> {
  const { directory, resume = false, contextS = 0.25, horizonS = 1, samples = 1, seed = 0 } = options;
  requireSpan(contextS, horizonS, samples);
  const source = await openDataset(options.dataset);
  const chosen = chooseEpisodes(options.episodes, source);
  requireContext(source, chosen, contextS);
  const model = await loadWorldModel(options.model);
  try {
    requireBodies(model.configuration, options.model, source);
    const masked = unsensed(model.configuration, source);
    const dreamer = { source, model, chosen, masked, contextS, horizonS, samples, seed };
    const plan = await planRollout(dreamer);
    const dataset = await beginDataset(directory, plan, { resume });
    try {
      let done = plan.episodes - sum(dataset.pendingShards.map((shard) => shardEpisodes(plan, shard).count));
      const report = (): void => options.onProgress?.({ done: done++, total: plan.episodes });
      report();
      for (const shard of dataset.pendingShards)
        await writeShard(directory, plan, shard, dreamShard(dreamer, plan, shard, options, report));
      return { manifest: await dataset.finish(), masked };
    } finally {
      await dataset.close();
    }
  } finally {
    await model.release();
  }
}

async function* dreamShard(
  dreamer: Dreamer,
  plan: DatasetPlan,
  shard: number,
  { directory, signal }: RolloutDatasetOptions,
  onEpisode: () => void,
): AsyncGenerator<EpisodeSource> {
  const { first, count } = shardEpisodes(plan, shard);
  for (let episode = first; episode < first + count; episode++) {
    if (signal?.aborted) throw interrupted(directory);
    yield await dreamEpisode(dreamer, episode);
    onEpisode();
  }
}

/** The streams are those of the first chosen episode, whichever shard comes next: a resumed run plans the same. */
async function planRollout(dreamer: Dreamer): Promise<DatasetPlan> {
  const { source, model, chosen, contextS, horizonS, samples, seed } = dreamer;
  const { context, rollout } = await dream(dreamer, 0);
  return {
    name: source.manifest.name,
    origin: 'rollout',
    episodes: chosen.length,
    seed,
    configuration: {
      model: { sha256: model.sha256 ?? null },
      source: sourceOf(source),
      sourceEpisodes: chosen,
      contextS,
      horizonS,
      samples,
    },
    versions: modelVersions(),
    streams: dreamStreams(model.configuration, rollout, context).map((stream) => ({
      ...stream,
      metadata: {},
    })),
    episodesPerShard: EPISODES_PER_SHARD,
  };
}

async function dreamEpisode(dreamer: Dreamer, episode: number): Promise<EpisodeSource> {
  const { source, model, chosen, masked, samples } = dreamer;
  const { context, rollout, seed } = await dream(dreamer, episode);
  const contextEndS = secondsFromNs(rollout.contextEndNs);
  const horizonS = rollout.ticks / rollout.tickHz;
  const streams = dreamStreams(model.configuration, rollout, context);
  return {
    episode,
    durationS: contextEndS + horizonS,
    attributes: {
      sourceEpisode: chosen[episode]!,
      contextEndS,
      horizonS,
      samples,
      seed,
      source: sourceOf(source),
      model: { sha256: model.sha256 ?? null },
      masked,
      streams: Object.fromEntries(
        streams.map(({ name, metadata }) => [name, { ...keptMetadata(context, name), ...metadata }]),
      ),
    },
    samples: dreamSamples(model.configuration, rollout, context),
  };
}

/** Every episode draws its own futures, whichever others are chosen. */
async function dream(
  { source, model, chosen, contextS, horizonS, samples, seed: runSeed }: Dreamer,
  episode: number,
): Promise<{ readonly context: Episode; readonly rollout: Rollout; readonly seed: number }> {
  const context = await source.readEpisode(chosen[episode]!);
  const seed = randomStream(runSeed, 'rollout', chosen[episode]!).integer(2 ** 32);
  return { context, rollout: await model.rollout(context, contextS, horizonS, { samples, seed }), seed };
}

function keptMetadata({ streams }: Episode, name: string): Readonly<Record<string, unknown>> {
  const metadata = Object.entries(streams[name]?.description.metadata ?? {});
  return Object.fromEntries(metadata.filter(([key]) => KEPT_METADATA.includes(key)));
}

function sourceOf({ manifest: { name, origin, dataSha256 } }: Dataset) {
  return { name, origin, dataSha256 };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function interrupted(directory: string): UmweltError {
  return new UmweltError(
    'interrupted',
    { directory },
    `interrupted; finished shards are kept: run the same command with --resume to complete ${directory}`,
  );
}
