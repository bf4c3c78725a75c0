import { UmweltError } from '../../core/errors.js';
import { randomStream } from '../../core/random.js';
import type { Dataset, StreamSummary } from '../../datasets/contract.js';
import {
  type CoreKind,
  MODEL_SIZES,
  type ModelConfiguration,
  type ModelSizeName,
} from '../model/configuration.js';
import { type PreparedEpisode, prepareEpisode } from '../observation/prepare.js';
import { STATE_KIND } from '../observation/state-track.js';
import { ACTION_KIND } from '../observation/task.js';
import { requireFit, scaleDatasets, widenRanges } from './scaling.js';

/** Datasets ready to draw sequences from. */
export interface Corpus {
  readonly datasets: readonly Dataset[];
  readonly configuration: ModelConfiguration;
  /** By dataset: the episodes to learn from, and those held back to validate. */
  readonly training: readonly (readonly number[])[];
  readonly validation: readonly (readonly number[])[];
  /** Which datasets hold the state of bodies, which of those were recorded, and which hold other senses; none is empty but the last two. */
  readonly tracked: readonly number[];
  readonly recorded: readonly number[];
  readonly withSenses: readonly number[];
  /** Reads and prepares an episode, or finds it among those kept in memory. */
  episode(dataset: number, episode: number): Promise<PreparedEpisode>;
}

export const TICK_HZ = 37;

/** Prepared episodes are kept in memory up to this size, the least recently used leave first. */
const CACHE_BYTES = 768e6;

/** What decides the network beside the data. */
export interface CorpusOptions {
  readonly size: ModelSizeName;
  readonly core: CoreKind;
  readonly ensemble: number;
  /** Streams to leave out. */
  readonly without: readonly string[];
  /** Share of each dataset's episodes that is held back. */
  readonly validationShare: number;
  readonly seed: number;
  /** Of the model that is tuned further: its configuration is kept, its ranges widened to hold the datasets. */
  readonly base: ModelConfiguration | null;
}

/**
 * Reads the schema and the scaling of datasets that are to be learned together.
 *
 * @throws UmweltError `shape-mismatch` when two datasets, or one and the model that is tuned, hold different numbers of bodies or
 *   the same channel in different shapes; `invalid-input` when there is nothing to learn, or a stream to leave out does not exist.
 */
export async function openCorpus(datasets: readonly Dataset[], options: CorpusOptions): Promise<Corpus> {
  requireKnown(datasets, options.without);
  const { base } = options;
  const isWanted = base === null ? () => true : isKnownTo(base);
  const chosen = datasets.map((dataset) =>
    only(dataset, (stream) => !options.without.includes(stream.name) && isWanted(stream)),
  );
  const { training, validation } = splitEpisodes(chosen, options);
  const configuration =
    base === null ? await configure(chosen, training, options) : await adapt(base, chosen, training);
  const cache = createCache<PreparedEpisode>(CACHE_BYTES);
  const which = (holds: (dataset: Dataset) => boolean): number[] =>
    chosen.flatMap((dataset, index) => (holds(dataset) ? [index] : []));
  const isTracked = ({ manifest }: Dataset) => manifest.streams.some(({ kind }) => kind === STATE_KIND);
  const names = configuration.channels.map(({ stream }) => stream.name);
  return {
    datasets: chosen,
    configuration,
    training,
    validation,
    // Without any state there is nothing to draw but senses.
    tracked: configuration.hasState ? which(isTracked) : chosen.map((_, index) => index),
    recorded: which((dataset) => isTracked(dataset) && dataset.manifest.origin === 'recorded'),
    withSenses: which(({ manifest }) => manifest.streams.some(({ name }) => names.includes(name))),
    async episode(dataset, episode) {
      const key = `${dataset}/${episode}`;
      const known = cache.get(key);
      if (known !== undefined) return known;
      const source = chosen[dataset]!;
      const prepared = prepareEpisode(
        await source.readEpisode(episode),
        configuration,
        `${source.directory}, episode ${episode}`,
      );
      cache.set(key, prepared, bytesOf(prepared));
      return prepared;
    },
  };
}

async function configure(
  datasets: readonly Dataset[],
  training: Corpus['training'],
  { size, core, ensemble }: CorpusOptions,
): Promise<ModelConfiguration> {
  const { picture, patch } = MODEL_SIZES[size];
  const scaling = await scaleDatasets(datasets, training, { tickHz: TICK_HZ, picture, patch });
  // One body above a level floor: nothing depends on where it is. Several stand on things that have edges and slopes, and one
  // that is commanded is pushed by something that stands somewhere.
  const symmetry = scaling.hasState && scaling.bodies === 1 && scaling.action === null ? 'plane' : 'none';
  return { size, core, ensemble, tickHz: TICK_HZ, symmetry, ...scaling };
}

/**
 * Widens a model's ranges to the datasets that it is to be tuned on.
 *
 * @throws UmweltError `shape-mismatch`, `invalid-input` when one of them does not fit the model.
 */
async function adapt(
  base: ModelConfiguration,
  datasets: readonly Dataset[],
  training: Corpus['training'],
): Promise<ModelConfiguration> {
  const { picture, patch } = MODEL_SIZES[base.size];
  let adapted = base;
  let hasState = false;
  // One by one, so that a misfit is told of the dataset that it is in.
  for (const [index, dataset] of datasets.entries()) {
    requireShared(base, dataset);
    const resolution = { tickHz: base.tickHz, picture, patch };
    const scaling = await scaleDatasets([dataset], [training[index]!], resolution);
    requireFit(base, scaling, dataset.directory);
    adapted = widenRanges(adapted, scaling);
    hasState ||= scaling.hasState;
  }
  if (hasState || !base.hasState) return adapted;
  const names = datasets.map(({ directory }) => directory).join(', ');
  throw new UmweltError(
    'invalid-input',
    { datasets: names, expected: STATE_KIND },
    `the model that is to be tuned has learned the state of bodies, and no dataset of ${names} holds it: add one with a stream of ` +
      `kind "${STATE_KIND}", or train a new model without --fine-tune`,
  );
}

function requireShared({ channels, hasState }: ModelConfiguration, { directory, manifest }: Dataset): void {
  if (manifest.streams.some(({ kind }) => kind !== ACTION_KIND)) return;
  const known = [...new Set(channels.map(({ stream }) => stream.name))];
  const state = hasState ? [`the state of bodies (kind "${STATE_KIND}")`] : [];
  const expected = [...state, ...known.map((name) => `"${name}"`)];
  throw new UmweltError(
    'invalid-input',
    { origin: directory, expected },
    `${directory} holds nothing that the model that is to be tuned has learned: expected one of ${expected.join(', ')}; ` +
      'leave the dataset out, or train a new model without --fine-tune',
  );
}

/** Tells which streams a model takes: others would be read and never used. */
function isKnownTo({ channels, hasState, action }: ModelConfiguration) {
  const names = new Set(channels.map(({ stream }) => stream.name));
  return ({ name, kind }: StreamSummary): boolean =>
    kind === STATE_KIND ? hasState : kind === ACTION_KIND ? action !== null : names.has(name);
}

/** The dataset with some of its streams. */
function only(dataset: Dataset, isWanted: (stream: StreamSummary) => boolean): Dataset {
  const streams = dataset.manifest.streams.filter(isWanted);
  if (streams.length === dataset.manifest.streams.length) return dataset;
  const kept = streams.map(({ name }) => name);
  return {
    ...dataset,
    manifest: { ...dataset.manifest, streams },
    readEpisode: (episode, chosen) => dataset.readEpisode(episode, chosen ?? kept),
    episodes: (chosen) => dataset.episodes(chosen ?? kept),
  };
}

function requireKnown(datasets: readonly Dataset[], names: readonly string[]): void {
  const present = new Set(datasets.flatMap(({ manifest }) => manifest.streams.map(({ name }) => name)));
  const missing = names.find((name) => !present.has(name));
  if (missing === undefined) return;
  throw new UmweltError(
    'invalid-input',
    { missing, present: [...present] },
    `no dataset has a stream "${missing}" to leave out: there are ${[...present].join(', ')}`,
  );
}

/** Holds back episodes by a draw of their own each, so that adding a dataset moves no other's. */
function splitEpisodes(
  datasets: readonly Dataset[],
  { seed, validationShare }: CorpusOptions,
): Pick<Corpus, 'training' | 'validation'> {
  const sides = datasets.map(({ manifest }) => {
    const held = manifest.episodes.map(
      (_, index) => randomStream(seed, 'validation', manifest.name, index).uniform() < validationShare,
    );
    // The first episode is always learned from, so that no dataset is only looked at.
    held[0] = false;
    const side = (isHeld: boolean): number[] =>
      held.flatMap((value, index) => (value === isHeld ? [index] : []));
    return { training: side(false), validation: side(true) };
  });
  return {
    training: sides.map(({ training }) => training),
    validation: sides.map(({ validation }) => validation),
  };
}

function bytesOf({ state, channels }: PreparedEpisode): number {
  const ofChannels = [...channels.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
  return ofChannels + (state === null ? 0 : state.rows * state.bodies * 13 * 8);
}

/** Keeps the most recently used values up to a total size in bytes, and the last one whatever its size. */
export function createCache<T>(capacity: number) {
  const entries = new Map<string, { readonly value: T; readonly bytes: number }>();
  let used = 0;
  return {
    get(key: string): T | undefined {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set(key: string, value: T, bytes: number): void {
      // Batches that are drawn at once may each have read the same episode.
      used -= entries.get(key)?.bytes ?? 0;
      entries.delete(key);
      entries.set(key, { value, bytes });
      used += bytes;
      for (const [oldest, entry] of entries) {
        if (used <= capacity || oldest === key) break;
        entries.delete(oldest);
        used -= entry.bytes;
      }
    },
  };
}
