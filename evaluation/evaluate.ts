import { jsonDigest } from '../core/digest.js';
import { UmweltError } from '../core/errors.js';
import type { Control } from '../core/progress.js';
import type { Dataset } from '../datasets/contract.js';
import type { CreateWorld } from '../sim/contract.js';
import type { WorldModel } from '../worldmodel/contract.js';
import type { Estimate, Metric, Trajectory } from './contract.js';
import { BASELINE_NAMES, type BaselineName, requireBaselines } from './forecasters/baselines.js';
import { type JudgedSplit, type RecordingEntry, requireUnseen, splitDataset } from './heldout.js';
import { requireRunning } from './interruption.js';
import { baselineMethod, type Method, worldModelMethod } from './methods.js';
import { atHorizon, horizonGrid, meanOverFrames } from './metrics/aggregate.js';
import { METRICS } from './metrics/list.js';
import { penetrationPctWidth } from './metrics/penetration.js';
import { NO_STORE, type PartialScores, partialStore } from './partial-scores.js';
import { type RecordedCube, recordedCube } from './recorded-cube.js';
import type { EvaluationResult, MethodResult, PairedDifference } from './result.js';
import { continueFrom } from './rollout.js';
import { drawResamples, estimateDifference, estimateMean, type Resamples } from './statistics.js';
import { byMetric } from './summary.js';
import { STATE_STREAM, trajectoryOf } from './trajectory.js';

const HORIZON_STEP_S = 0.05;

/** What to judge, on what, and how. */
export interface EvaluationOptions extends Control {
  /** A dataset of `origin: 'recorded'`. */
  readonly recordings: Dataset;
  /** Judged beside the baselines; the caller keeps and releases them. */
  readonly models?: readonly WorldModel[];
  readonly createWorld: CreateWorld;
  /** Names of baselines, all of them by default. */
  readonly baselines?: readonly string[];
  /** How many frames of a recording a forecaster sees, 1 by default. */
  readonly contextFrames?: number;
  /** Of the split, the choice of tosses to fit to, and the bootstrap. 0 by default. */
  readonly seed?: number;
  /** Written into the result and into the digest of its inputs. */
  readonly versions?: Readonly<Record<string, string>>;
  /** The folder of the report: scores of methods that are done wait in its `partial/`, so that a killed run can go on. */
  readonly directory?: string;
}

/** What every step of one evaluation shares. */
interface Setting {
  readonly cube: RecordedCube;
  readonly split: JudgedSplit;
  readonly contextFrames: number;
  readonly horizonsS: readonly number[];
  readonly inputsSha256: string;
  readonly load: (recording: RecordingEntry) => Promise<Trajectory>;
}

/**
 * Judges baselines and world models on held-out recordings: each sees the first frames of a recording and predicts all
 * others; errors are averaged over frames, then over recordings, with 95 % bootstrap intervals over recordings.
 *
 * @throws UmweltError `invalid-input` for an unknown baseline, two methods of one name, a dataset that is not of recorded
 *   cubes, or a model that was trained on a held-out recording; `interrupted`; `io`.
 */
export async function evaluateRecordings(options: EvaluationOptions): Promise<EvaluationResult> {
  const { recordings, models = [], seed = 0, contextFrames = 1, versions = {} } = options;
  const baselines = requireBaselines(options.baselines ?? BASELINE_NAMES);
  const cube = recordedCube(recordings.manifest);
  const split = splitDataset(recordings, cube.rateHz, seed, contextFrames);
  for (const model of models) requireUnseen(model, split);
  const { dataSha256 } = recordings.manifest;
  const setting: Setting = {
    cube,
    split,
    contextFrames,
    horizonsS: horizonGrid(HORIZON_STEP_S, longestS(split, cube.rateHz, contextFrames)),
    inputsSha256: jsonDigest({ dataSha256, seed, trainShare: split.trainShare, contextFrames, versions }),
    load: async ({ episode }) => trajectoryOf(await recordings.readEpisode(episode, [STATE_STREAM])),
  };
  const methods = methodsOf(baselines, models, setting, options.createWorld);
  const scored = await scoreAll(methods, setting, options);
  const resamples = drawResamples(split.heldout.length, seed);
  const results = methods.map((method, i) => resultOf(method, scored[i]!, resamples));
  return {
    format: 'umwelt-evaluation',
    formatVersion: 1,
    recordings: describeRecordings(recordings, setting),
    seed,
    trainShare: split.trainShare,
    contextFrames,
    heldout: split.heldout.map(({ name, sha256, frames }) => ({ name, sha256, frames })),
    horizonsS: setting.horizonsS,
    methods: results,
    differences: differencesOf(results, resamples),
    recordedPenetration: await recordedPenetration(setting, resamples),
    versions,
    inputsSha256: setting.inputsSha256,
  };
}

function methodsOf(
  baselines: readonly BaselineName[],
  models: readonly WorldModel[],
  setting: Setting,
  createWorld: CreateWorld,
): readonly Method[] {
  const { cube, split, contextFrames, load } = setting;
  const setup = { cube, createWorld, contextFrames, seed: split.seed, train: split.train, load };
  const methods = [
    ...baselines.map((name) => baselineMethod(name, setup)),
    ...models.map((model) => worldModelMethod(model)),
  ];
  const names = methods.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new UmweltError(
      'invalid-input',
      { name: twice },
      `two methods are called "${twice}": give each model a name of its own`,
    );
  }
  if (methods.length === 0) {
    throw new UmweltError('invalid-input', {}, 'nothing to evaluate: expected a model or a baseline');
  }
  return methods;
}

async function scoreAll(
  methods: readonly Method[],
  setting: Setting,
  { directory, onProgress, signal }: EvaluationOptions,
): Promise<readonly PartialScores[]> {
  const store = directory === undefined ? NO_STORE : partialStore(directory);
  const work = methods.map(({ preparation }) => preparation + setting.split.heldout.length);
  const total = work.reduce((sum, part) => sum + part, 0);
  const scored: PartialScores[] = [];
  let before = 0;
  for (const [index, method] of methods.entries()) {
    const inputs = { inputs: setting.inputsSha256, method: method.identity };
    const stored = method.identity === null ? null : await store.load(inputs);
    const report = (done: number) => onProgress?.({ done: before + done, total, note: method.name });
    const scores = stored ?? (await scoreMethod(method, setting, report, signal));
    if (stored === null && method.identity !== null) await store.save(inputs, scores);
    scored.push(scores);
    before += work[index]!;
    report(0);
  }
  return scored;
}

async function scoreMethod(
  method: Method,
  setting: Setting,
  report: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<PartialScores> {
  const { cube, split, contextFrames, horizonsS, load } = setting;
  const { forecaster, parameters } = await method.prepare({
    onProgress: ({ done }) => report(done),
    ...(signal === undefined ? {} : { signal }),
  });
  const means = byMetric((): Metric[] => []);
  const horizons = byMetric((): Metric[][] => []);
  let diverged = 0;
  for (const [index, recording] of split.heldout.entries()) {
    requireRunning(signal);
    const { predicted, actual } = await continueFrom(forecaster, await load(recording), contextFrames);
    let allFinite = true;
    for (const { name, perFrame } of METRICS) {
      const values = perFrame(predicted, actual, cube.widthM);
      const mean = meanOverFrames(values);
      allFinite &&= mean.valid;
      means[name].push(mean);
      horizons[name].push(horizonsS.map((horizonS) => atHorizon(values, cube.rateHz, horizonS)));
    }
    if (!allFinite) diverged++;
    report(method.preparation + index + 1);
  }
  return { parameters, diverged, scores: { means, horizons } };
}

/** A method that diverges anywhere gets no estimate: leaving its worst forecasts out would flatter it. */
function resultOf(
  { name, kind, description }: Method,
  { parameters, diverged, scores }: PartialScores,
  resamples: Resamples,
): MethodResult {
  const estimate = (values: readonly Metric[]): Estimate => {
    const estimated = estimateMean(values, resamples);
    return diverged === 0 ? estimated : { mean: Number.NaN, lo: Number.NaN, hi: Number.NaN, n: estimated.n };
  };
  return {
    name,
    kind,
    description,
    parameters,
    diverged,
    scores,
    overall: byMetric((metric) => estimate(scores.means[metric.name])),
    byHorizon: byMetric((metric) => {
      const rows = scores.horizons[metric.name];
      return (rows[0] ?? []).map((_, h) => estimate(rows.map((row) => row[h]!)));
    }),
  };
}

/** Every world model against every baseline. */
function differencesOf(results: readonly MethodResult[], resamples: Resamples): PairedDifference[] {
  const models = results.filter(({ kind, diverged }) => kind === 'world-model' && diverged === 0);
  const baselines = results.filter(({ kind }) => kind === 'baseline');
  return models.flatMap((a) =>
    baselines.map((b) => ({
      a: a.name,
      b: b.name,
      difference: byMetric(({ name }) =>
        estimateDifference(a.scores.means[name], b.scores.means[name], resamples),
      ),
    })),
  );
}

async function recordedPenetration(
  { cube, split, contextFrames, load }: Setting,
  resamples: Resamples,
): Promise<Estimate> {
  const means: Metric[] = [];
  for (const recording of split.heldout) {
    const perFrame = penetrationPctWidth(await load(recording), cube.widthM);
    means.push(meanOverFrames(perFrame.subarray(contextFrames - 1)));
  }
  return estimateMean(means, resamples);
}

function longestS({ heldout }: JudgedSplit, rateHz: number, contextFrames: number): number {
  return Math.max(...heldout.map(({ frames }) => frames - contextFrames)) / rateHz;
}

function describeRecordings({ manifest }: Dataset, { cube, split }: Setting): EvaluationResult['recordings'] {
  return {
    name: manifest.name,
    title: cube.title,
    licence: cube.licence,
    url: cube.url,
    dataSha256: manifest.dataSha256,
    rateHz: cube.rateHz,
    widthM: cube.widthM,
    total: manifest.episodes.length,
    train: split.train.length,
    heldout: split.heldout.length,
    tooShort: split.tooShort,
  };
}
