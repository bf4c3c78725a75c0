import { UmweltError } from '../../core/errors.js';
import type { Dataset, Episode } from '../../datasets/contract.js';
import type { ChannelConfiguration, ModelConfiguration, ModelSizeName } from '../model/configuration.js';
import { CHANNEL_KINDS, type ChannelTrack, channelTracks } from '../observation/channels.js';
import { readStateTrack, STATE_KIND, type StateTrack } from '../observation/state-track.js';

/** An episode on the model's clock. */
export interface PreparedEpisode {
  /** For messages: dataset and episode. */
  readonly origin: string;
  readonly state: StateTrack | null;
  /** By name, scaled as the model's configuration says. */
  readonly channels: ReadonlyMap<string, ChannelTrack>;
  readonly durationS: number;
}

/** Datasets ready to draw sequences from. */
export interface Corpus {
  readonly datasets: readonly Dataset[];
  readonly configuration: ModelConfiguration;
  /** Which datasets hold the state of bodies, which of those were recorded, and which hold other senses; none is empty but the last two. */
  readonly tracked: readonly number[];
  readonly recorded: readonly number[];
  readonly withSenses: readonly number[];
  /** Reads and prepares an episode, or finds it among those kept in memory. */
  episode(dataset: number, episode: number): Promise<PreparedEpisode>;
}

export const TICK_HZ = 37;

/** Prepared episodes are kept in memory up to this size, the least recently used leave first. */
const CACHE_BYTES = 512e6;

/** Episodes of each dataset that the scaling of a channel is taken from. */
const SCALED_FROM = 16;

/** Deviations below this are noise of a component that never moves; scaling by them would only amplify it. */
const SMALLEST_DEVIATION = 1e-3;

/**
 * Reads the schema and the scaling of datasets that are to be learned together.
 *
 * @throws UmweltError `shape-mismatch` when two datasets hold different numbers of bodies, or the same channel in
 *   different shapes; `invalid-input` when there is nothing to learn.
 */
export async function openCorpus(datasets: readonly Dataset[], size: ModelSizeName): Promise<Corpus> {
  const bodies = await requireSameBodies(datasets);
  const channels = await scaleChannels(datasets);
  // One body above a level floor: nothing depends on where it is. Several stand on things that have edges and slopes.
  const symmetry = bodies === 1 ? 'plane' : 'none';
  const configuration: ModelConfiguration = { size, tickHz: TICK_HZ, bodies, symmetry, channels };
  const cache = createCache<PreparedEpisode>(CACHE_BYTES);
  const which = (holds: (dataset: Dataset) => boolean): number[] =>
    datasets.flatMap((dataset, index) => (holds(dataset) ? [index] : []));
  const isTracked = ({ manifest }: Dataset) => manifest.streams.some(({ kind }) => kind === STATE_KIND);
  return {
    datasets,
    configuration,
    tracked: which(isTracked),
    recorded: which((dataset) => isTracked(dataset) && dataset.manifest.origin === 'recorded'),
    withSenses: which(({ manifest }) => manifest.streams.some(({ kind }) => CHANNEL_KINDS.includes(kind))),
    async episode(dataset, episode) {
      const key = `${dataset}/${episode}`;
      const known = cache.get(key);
      if (known !== undefined) return known;
      const source = datasets[dataset]!;
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

/** Puts an episode on the model's clock and scales its channels. Channels that the model does not know are left out. */
export function prepareEpisode(
  episode: Episode,
  configuration: ModelConfiguration,
  origin: string,
): PreparedEpisode {
  const tracks = new Map(channelTracks(episode, configuration.tickHz).map((track) => [track.name, track]));
  const channels = new Map<string, ChannelTrack>();
  for (const channel of configuration.channels) {
    const track = tracks.get(channel.name);
    if (track === undefined) continue;
    requireSameShape(channel, track, origin);
    channels.set(channel.name, { ...track, values: scaleValues(track, channel) });
  }
  return { origin, state: readStateTrack(episode), channels, durationS: episode.durationS };
}

/** Ticks without a reading stay zero: the mean. */
function scaleValues(track: ChannelTrack, { mean, deviation }: ChannelConfiguration): Float32Array {
  const width = mean.length;
  return track.values.map((value, index) => {
    if (track.sensed[Math.floor(index / width)] === 0) return 0;
    return (value - mean[index % width]!) / deviation[index % width]!;
  });
}

async function requireSameBodies(datasets: readonly Dataset[]): Promise<number> {
  let bodies: number | null = null;
  for (const dataset of datasets) {
    const state = readStateTrack(await dataset.readEpisode(0));
    if (state === null) continue;
    if (bodies !== null && state.bodies !== bodies) {
      throw new UmweltError(
        'shape-mismatch',
        { datasets: datasets.map(({ directory }) => directory), bodies: [bodies, state.bodies] },
        `${dataset.directory} holds ${state.bodies} moving bodies an episode, the datasets before it ${bodies}: train on them apart`,
      );
    }
    bodies = state.bodies;
  }
  if (bodies !== null) return bodies;
  const names = datasets.map(({ directory }) => directory).join(', ');
  throw new UmweltError(
    'invalid-input',
    { datasets: names },
    `no dataset of ${names} has a stream of kind "truth": expected at least one with the state of the bodies`,
  );
}

async function scaleChannels(datasets: readonly Dataset[]): Promise<ChannelConfiguration[]> {
  const sums = new Map<
    string,
    { shape: readonly number[]; sum: Float64Array; squares: Float64Array; count: number }
  >();
  for (const dataset of datasets) {
    const episodes = Math.min(SCALED_FROM, dataset.manifest.episodes.length);
    for (let index = 0; index < episodes; index++) {
      const episode = await dataset.readEpisode(
        Math.floor((index * dataset.manifest.episodes.length) / episodes),
      );
      for (const track of channelTracks(episode, TICK_HZ)) {
        const width = track.values.length / track.ticks;
        const known = sums.get(track.name);
        if (known !== undefined)
          requireSameShape({ name: track.name, shape: known.shape }, track, dataset.directory);
        const into = known ?? {
          shape: track.shape,
          sum: new Float64Array(width),
          squares: new Float64Array(width),
          count: 0,
        };
        sums.set(track.name, into);
        for (let tick = 0; tick < track.ticks; tick++) {
          if (track.sensed[tick] === 0) continue;
          into.count += 1;
          for (let component = 0; component < width; component++) {
            const value = track.values[tick * width + component]!;
            into.sum[component]! += value;
            into.squares[component]! += value * value;
          }
        }
      }
    }
  }
  return [...sums].map(([name, { shape, sum, squares, count }]) => {
    const mean = Array.from(sum, (value) => value / Math.max(1, count));
    const deviation = Array.from(squares, (square, component) => {
      const variance = square / Math.max(1, count) - mean[component]! * mean[component]!;
      return Math.max(SMALLEST_DEVIATION, Math.sqrt(Math.max(0, variance)));
    });
    return { name, shape, mean, deviation };
  });
}

function requireSameShape(
  expected: { readonly name: string; readonly shape: readonly number[] },
  track: ChannelTrack,
  origin: string,
): void {
  if (track.shape.join() === expected.shape.join()) return;
  throw new UmweltError(
    'shape-mismatch',
    { channel: expected.name, expected: expected.shape, actual: track.shape, origin },
    `${origin}: stream "${expected.name}" has the shape [${track.shape.join(', ')}], the model or the datasets before it ` +
      `[${expected.shape.join(', ')}]: rename the stream or train apart`,
  );
}

function bytesOf({ state, channels }: PreparedEpisode): number {
  const ofChannels = [...channels.values()].reduce((sum, { values }) => sum + values.byteLength, 0);
  return ofChannels + (state === null ? 0 : state.rows * state.bodies * 13 * 8);
}

/** Keeps the most recently used values up to a total size. */
function createCache<T>(capacity: number) {
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
