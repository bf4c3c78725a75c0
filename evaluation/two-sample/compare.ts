import { UmweltError } from '../../core/errors.js';
import type { Dataset, StreamDescription } from '../../datasets/contract.js';
import type { Metric } from '../contract.js';
import { INVALID } from '../metrics/metric.js';
import { areaUnderCurve, kolmogorovSmirnov } from './auc.js';
import { type ClassifierTest, classifierTest } from './c2st.js';
import type { Features } from './features.js';
import { frechetDistance } from './frechet.js';
import { energyDistance, maximumMeanDiscrepancy, type TwoSampleResult } from './kernel-tests.js';
import { type Samples, samplesOf, standardiseTogether } from './samples.js';
import { describeWindows, type Window } from './windows.js';

/** One feature by which simulated and recorded data differ. */
export interface FeatureDifference {
  /** The stream, the field and what was measured. */
  readonly name: string;
  /** Means over windows, in the feature's own unit. */
  readonly simulated: number;
  readonly recorded: number;
  /** Probability that a recorded window has the larger value: 0.5 where neither tends to. */
  readonly auc: number;
  /** Largest difference of the distribution functions, 0 to 1. */
  readonly ks: number;
}

/** How far the simulated data of one stream, or of all streams of one sense, lies from the recorded. */
export interface DataComparison {
  /** A stream's name, or a sense's. */
  readonly name: string;
  /** `vision`, `audio`, `touch`, `state`, or the stream's own kind. */
  readonly sense: string;
  /** Streams that were compared, simulated first. */
  readonly streams: readonly (readonly [string, string])[];
  readonly windows: { readonly simulated: number; readonly recorded: number };
  /** What counts as independent: episodes, or windows where a side has fewer than 4 episodes. */
  readonly unit: 'episode' | 'window';
  readonly mmd: TwoSampleResult;
  readonly energyDistance: TwoSampleResult;
  readonly c2st: ClassifierTest;
  /** Between codes of pictures (`encodePicture`); valid for streams of pictures alone. */
  readonly frechet: Metric;
  /** The features that differ most, first. */
  readonly features: readonly FeatureDifference[];
}

/** Simulated data beside recorded data. */
export interface DatasetComparison {
  readonly simulated: { readonly name: string; readonly dataSha256: string; readonly episodes: number };
  readonly recorded: { readonly name: string; readonly dataSha256: string; readonly episodes: number };
  readonly windowS: number;
  readonly streams: readonly DataComparison[];
  /** The most unreal sense first (by the lower end of the classifier's interval). */
  readonly senses: readonly DataComparison[];
  /** Streams that the other side has none of. */
  readonly unmatched: { readonly simulated: readonly string[]; readonly recorded: readonly string[] };
}

/** How two datasets are compared. */
export interface ComparisonOptions {
  /** Length of a window, s; 1 by default, or the median episode where that is shorter. */
  readonly windowS?: number;
  /**
   * Windows that end later than this in their episode are left out: a simulation that goes on after the recording stopped differs
   * by that alone.
   */
  readonly untilS?: number;
  /** Windows of each dataset at most. */
  readonly windows?: number;
  /** Recorded stream by simulated stream, where their names differ. */
  readonly pairs?: Readonly<Record<string, string>>;
  readonly permutations?: number;
  readonly seed?: number;
}

const SENSES: Readonly<Record<string, string>> = {
  camera: 'vision',
  'event-camera': 'vision',
  audio: 'audio',
  haptics: 'touch',
  tactile: 'touch',
  'tactile-image': 'touch',
  vibration: 'touch',
  wrist: 'touch',
  'contact-events': 'touch',
  truth: 'state',
  encoder: 'state',
};
/** What a robot does and is told is not sensed. */
const NOT_SENSED = ['action', 'reward'];
const TOP_FEATURES = 8;
const FEWEST_EPISODES = 4;

/**
 * Compares simulated with recorded data, sense by sense and stream by stream: windows of both are described by features
 * (`describeWindow`), and MMD, energy distance and a classifier say whether their distributions differ, and by which features.
 *
 * Streams are paired by name. Features that only one side has are left out.
 *
 * @throws UmweltError `invalid-input` when no stream is in both, or a paired stream does not exist; `io` and `malformed-file` from reading.
 */
export async function compareDatasets(
  simulated: Dataset,
  recorded: Dataset,
  options: ComparisonOptions = {},
): Promise<DatasetComparison> {
  const { windows: most = 300, permutations = 200, seed = 0 } = options;
  const pairs = pairStreams(simulated, recorded, options.pairs ?? {});
  const durations = [simulated, recorded].map(({ manifest }) =>
    medianOf(manifest.episodes.map(({ durationS }) => durationS)),
  );
  const windowS = options.windowS ?? Math.min(1, ...durations);
  const cut = { windowS, most, ...(options.untilS === undefined ? {} : { untilS: options.untilS }) };
  const names = (side: 0 | 1): string[] => pairs.map(({ names: both }) => both[side]);
  const sides = [
    await describeWindows(simulated, names(0), cut),
    await describeWindows(recorded, names(1), cut),
  ] as const;
  const compare = (name: string, sense: string, among: readonly Pair[]): DataComparison =>
    compareWindows({ name, sense, among, sides, permutations, seed });
  const streams = pairs.map((pair) => compare(pair.names[0], pair.sense, [pair]));
  const senses = [...new Set(pairs.map(({ sense }) => sense))].map((sense) => {
    const among = pairs.filter((pair) => pair.sense === sense);
    const alone = streams.find(({ name }) => among.length === 1 && name === among[0]!.names[0]);
    return alone === undefined ? compare(sense, sense, among) : { ...alone, name: sense };
  });
  const paired = [new Set(names(0)), new Set(names(1))];
  const rest = ({ manifest }: Dataset, side: 0 | 1): string[] =>
    manifest.streams.map(({ name }) => name).filter((name) => !paired[side]!.has(name));
  const least = ({ c2st }: DataComparison): number => (c2st.auc.valid ? c2st.lo : -1);
  return {
    simulated: identityOf(simulated),
    recorded: identityOf(recorded),
    windowS,
    streams,
    senses: senses.sort((a, b) => least(b) - least(a)),
    unmatched: { simulated: rest(simulated, 0), recorded: rest(recorded, 1) },
  };
}

interface Pair {
  /** Simulated, recorded. */
  readonly names: readonly [string, string];
  readonly sense: string;
}

function pairStreams(
  simulated: Dataset,
  recorded: Dataset,
  renamed: Readonly<Record<string, string>>,
): readonly Pair[] {
  const known = recorded.manifest.streams.map(({ name }) => name);
  for (const [ours, theirs] of Object.entries(renamed)) {
    const exists = simulated.manifest.streams.some(({ name }) => name === ours);
    if (exists && known.includes(theirs)) continue;
    throw new UmweltError(
      'invalid-input',
      { simulated: ours, recorded: theirs },
      `compare datasets: expected a simulated stream '${ours}' and a recorded one '${theirs}'; recorded are ${known.join(', ') || 'none'}`,
    );
  }
  const sensed = ({ kind }: StreamDescription): boolean => !NOT_SENSED.includes(kind);
  const pairs = simulated.manifest.streams.filter(sensed).flatMap(({ name, kind }): Pair[] => {
    const other = renamed[name] ?? name;
    return known.includes(other) ? [{ names: [name, other], sense: SENSES[kind] ?? kind }] : [];
  });
  if (pairs.length > 0) return pairs;
  const ours = simulated.manifest.streams.map(({ name }) => name).join(', ');
  throw new UmweltError(
    'invalid-input',
    { simulated: ours, recorded: known },
    `compare datasets: expected a stream that both have, got simulated ${ours || 'none'} and recorded ${known.join(', ') || 'none'}; pair them by name`,
  );
}

interface Job {
  readonly name: string;
  readonly sense: string;
  readonly among: readonly Pair[];
  readonly sides: readonly [readonly Window[], readonly Window[]];
  readonly permutations: number;
  readonly seed: number;
}

function compareWindows({ name, sense, among, sides, permutations, seed }: Job): DataComparison {
  const tables = ([0, 1] as const).map((side) =>
    sides[side].flatMap((window) => {
      const features = joinFeatures(window, among, side);
      return features === null ? [] : [{ episode: window.episode, features }];
    }),
  ) as [Described[], Described[]];
  const shared = sharedFeatures(tables);
  const byEpisode = tables.every(
    (table) => new Set(table.map(({ episode }) => episode)).size >= FEWEST_EPISODES,
  );
  const samples = tables.map((table) =>
    samplesOf(
      table.map(({ features }) => shared.map((feature) => features[feature]!)),
      byEpisode ? table.map(({ episode }) => episode) : undefined,
    ),
  ) as [Samples, Samples];
  const usable = shared.length > 0 && Math.min(samples[0].rows, samples[1].rows) > 0;
  const [a, b] = usable ? standardiseTogether(...samples) : [EMPTY, EMPTY];
  return {
    name,
    sense,
    streams: among.map(({ names }) => names),
    windows: { simulated: tables[0].length, recorded: tables[1].length },
    unit: byEpisode ? 'episode' : 'window',
    mmd: maximumMeanDiscrepancy(a, b, { permutations, seed }),
    energyDistance: energyDistance(a, b, { permutations, seed }),
    c2st: classifierTest(a, b, { seed }),
    frechet: among.length === 1 ? frechetOf(sides, among[0]!) : INVALID,
    features: usable ? differences(tables, shared) : [],
  };
}

interface Described {
  readonly episode: number;
  readonly features: Features;
}

const EMPTY = samplesOf([]);

/** The features of all streams of a sense under their simulated names; null unless the window has all of them. */
function joinFeatures(window: Window, among: readonly Pair[], side: 0 | 1): Features | null {
  const joined: Record<string, number> = {};
  for (const { names } of among) {
    const features = window.streams[names[side]];
    if (features === undefined) return null;
    for (const [feature, value] of Object.entries(features)) joined[`${names[0]}: ${feature}`] = value;
  }
  return joined;
}

/** Features that every window of both sides has. */
function sharedFeatures([a, b]: readonly [readonly Described[], readonly Described[]]): string[] {
  const all = [...a, ...b];
  return Object.keys(a[0]?.features ?? {}).filter((feature) =>
    all.every(({ features }) => features[feature] !== undefined),
  );
}

function differences(
  [a, b]: readonly [readonly Described[], readonly Described[]],
  shared: readonly string[],
): FeatureDifference[] {
  const column = (table: readonly Described[], feature: string): number[] =>
    table.map(({ features }) => features[feature]!);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  return shared
    .map((name) => {
      const [simulated, recorded] = [column(a, name), column(b, name)];
      return {
        name,
        simulated: mean(simulated),
        recorded: mean(recorded),
        auc: areaUnderCurve(simulated, recorded),
        ks: kolmogorovSmirnov(simulated, recorded),
      };
    })
    .sort((x, y) => y.ks - x.ks)
    .slice(0, TOP_FEATURES);
}

function frechetOf([ours, theirs]: Job['sides'], { names }: Pair): Metric {
  const codes = (windows: readonly Window[], stream: string): Samples =>
    samplesOf(windows.flatMap((window) => window.codes[stream] ?? []));
  const [a, b] = [codes(ours, names[0]), codes(theirs, names[1])];
  return a.rows === 0 || b.rows === 0 ? INVALID : frechetDistance(a, b);
}

function identityOf({ manifest }: Dataset): DatasetComparison['simulated'] {
  return { name: manifest.name, dataSha256: manifest.dataSha256, episodes: manifest.episodes.length };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;
}
