import { UmweltError } from '../../core/errors.js';
import type { Episode } from '../../datasets/contract.js';
import type { ChannelPrediction, EpisodeView, Rollout, WorldModel } from '../contract.js';
import type { TrainingState } from '../engine/training.js';
import { STATE_FIELDS } from '../recorder.js';
import { openWorldModel } from '../rollout.js';
import { type Calibration, HORIZONS, horizonIndex, INTERVAL_90, type SpreadFactors } from '../spread.js';
import type { Corpus } from './corpus.js';

/** Episodes that are looked at, of each dataset. */
const MOST_EPISODES = 40;
const CONTEXT_S = 0.2;
const HORIZON_S = 2;
/** Of a rollout, every so manieth component of a wide channel is enough. */
const MOST_COMPONENTS = 64;
const SHARE = 0.9;

/**
 * Finds the factors on predicted deviations with which 90 % intervals hold on the held-out episodes, by the share of errors within
 * them at each of HORIZONS (split conformal prediction).
 *
 * @throws UmweltError `interrupted`.
 */
export async function calibrate(
  corpus: Corpus,
  weights: TrainingState,
  signal?: AbortSignal,
): Promise<Calibration> {
  const { configuration } = corpus;
  const episodes = heldOut(corpus);
  if (episodes.length === 0) return { one: null, samples: null };
  const manifest = {
    configuration,
    calibration: { one: null, samples: null },
    provenance: { datasets: [], recordingSha256: [], seed: 0, steps: 0, fineTunedFrom: null },
  };
  const model = openWorldModel({ manifest, weights }, 'calibrated');
  try {
    const samples = configuration.ensemble === 1 ? 8 : configuration.ensemble * 2;
    const [one, several]: [Ratios, Ratios] = [new Map(), new Map()];
    // One raw episode in memory at a time: with pictures it may be large.
    for (const { dataset, episode } of episodes) {
      if (signal?.aborted) throw interrupted();
      const read = await corpus.datasets[dataset]!.readEpisode(episode);
      await addRatios(one, model, read, 1);
      await addRatios(several, model, read, samples);
    }
    return { one: factorsOf(one), samples: factorsOf(several) };
  } finally {
    await model.release();
  }
}

function interrupted(): UmweltError {
  return new UmweltError(
    'interrupted',
    {},
    'interrupted while calibrating, after the last step: run the same command with --resume',
  );
}

function heldOut({ validation, tracked }: Corpus) {
  return tracked.flatMap((dataset) =>
    validation[dataset]!.slice(0, MOST_EPISODES).map((episode) => ({ dataset, episode })),
  );
}

/** By channel and horizon: errors over the half-widths of their intervals. */
type Ratios = Map<string, number[][]>;

async function addRatios(into: Ratios, model: WorldModel, episode: Episode, samples: number): Promise<void> {
  const horizonS = Math.min(HORIZON_S, episode.durationS - CONTEXT_S);
  const rollout = await model.rollout(episode, CONTEXT_S, horizonS, { samples });
  forEachError(rollout, model.view(episode), (name, tick, error, deviation) => {
    let byHorizon = into.get(name);
    if (byHorizon === undefined) {
      byHorizon = HORIZONS.map(() => []);
      into.set(name, byHorizon);
    }
    byHorizon[horizonIndex(tick)]!.push(Math.abs(error) / (INTERVAL_90 * deviation));
  });
}

function factorsOf(ratios: Ratios): SpreadFactors {
  return Object.fromEntries([...ratios].map(([name, byHorizon]) => [name, byHorizon.map(quantile)]));
}

/** The factor that a share of 90 % of the ratios stay below; 1 where there are none. */
function quantile(ratios: readonly number[]): number {
  if (ratios.length === 0) return 1;
  const sorted = [...ratios].sort((a, b) => a - b);
  return Math.max(1e-6, sorted[Math.min(sorted.length - 1, Math.ceil(SHARE * (sorted.length + 1)) - 1)]!);
}

/** Told of one component at one tick (1 for the first): what it is off by, and the deviation that was predicted. */
type OnError = (name: string, tick: number, error: number, deviation: number) => void;

/** Compares a rollout with what came: the state, and every channel that was sensed. */
function forEachError(rollout: Rollout, { ticks, state, channels }: EpisodeView, onError: OnError): void {
  const first = Math.round(Number(rollout.contextEndNs) * 1e-9 * rollout.tickHz) + 1;
  const compare = (name: string, tick: number, predicted: ChannelPrediction, truth: Float32Array): void => {
    const width = predicted.mean.length / rollout.ticks;
    // Odd: a picture's components take turns of four (red, green, blue, nearness) and its rows are multiples of four long, so that
    // an even stride would look at some of the four in a few columns alone.
    const stride = Math.max(1, Math.floor(width / MOST_COMPONENTS)) | 1;
    const at = tick * width;
    for (let index = 0; index < width; index += stride) {
      const sign =
        name === 'orientation' ? sameHalf(predicted.mean, truth, at, (first + tick) * width, index) : 1;
      const error = predicted.mean[at + index]! - sign * truth[(first + tick) * width + index]!;
      onError(name, tick + 1, error, predicted.standardDeviation[at + index]!);
    }
  };
  for (let tick = 0; tick < Math.min(rollout.ticks, ticks - first); tick++) {
    for (const [field, name] of Object.entries(STATE_FIELDS)) {
      if (state === null) break;
      compare(field, tick, rollout.state[field as keyof typeof STATE_FIELDS], state[name]);
    }
    for (const [name, { values, sensed }] of Object.entries(channels)) {
      if (sensed[first + tick] === 1) compare(name, tick, rollout.channels[name]!, values);
    }
  }
}

/** 1 or -1: the sign with which a component's true quaternion lies nearer to the predicted one. */
function sameHalf(
  predicted: Float32Array,
  truth: Float32Array,
  at: number,
  from: number,
  index: number,
): number {
  const body = index - (index % 4);
  let dot = 0;
  for (let part = body; part < body + 4; part++) dot += predicted[at + part]! * truth[from + part]!;
  return dot < 0 ? -1 : 1;
}
