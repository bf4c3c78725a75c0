import type { Episode } from '../../datasets/contract.js';
import type { ChannelPrediction, Rollout, WorldModel } from '../contract.js';
import type { TrainingState } from '../engine/training.js';
import { channelWidth, type ModelConfiguration } from '../model/configuration.js';
import { type PreparedEpisode, prepareEpisode } from '../observation/prepare.js';
import { readState, stateArrays, trackEndS } from '../observation/state-track.js';
import { openWorldModel } from '../rollout.js';
import { type Calibration, HORIZONS, horizonIndex, INTERVAL_90, type SpreadFactors } from '../spread.js';
import type { Corpus } from './corpus.js';

/** Episodes that are looked at, of each dataset. */
const MOST_EPISODES = 24;
const CONTEXT_S = 0.2;
const HORIZON_S = 2;
/** Of a rollout, every so manieth component of a wide channel is enough. */
const MOST_COMPONENTS = 64;
const SHARE = 0.9;

/**
 * Finds the factors on predicted deviations with which 90 % intervals hold on the held-out episodes, by the share of errors within
 * them at each of HORIZONS (split conformal prediction).
 */
export async function calibrate(corpus: Corpus, weights: TrainingState): Promise<Calibration> {
  const { configuration } = corpus;
  const episodes = await heldOut(corpus);
  if (episodes.length === 0) return { one: null, samples: null };
  const manifest = {
    configuration,
    calibration: { one: null, samples: null },
    provenance: { datasets: [], recordingSha256: [], seed: 0, steps: 0, fineTunedFrom: null },
  };
  const model = openWorldModel({ manifest, weights }, 'calibrated');
  try {
    const one = await factorsOf(model, episodes, 1);
    const samples = configuration.ensemble === 1 ? 8 : configuration.ensemble * 2;
    return { one, samples: await factorsOf(model, episodes, samples) };
  } finally {
    await model.release();
  }
}

async function heldOut({ datasets, validation, tracked }: Corpus): Promise<Episode[]> {
  const episodes: Episode[] = [];
  for (const dataset of tracked) {
    for (const index of validation[dataset]!.slice(0, MOST_EPISODES)) {
      episodes.push(await datasets[dataset]!.readEpisode(index));
    }
  }
  return episodes;
}

async function factorsOf(
  model: WorldModel,
  episodes: readonly Episode[],
  samples: number,
): Promise<SpreadFactors> {
  const ratios = new Map<string, number[][]>();
  for (const episode of episodes) {
    const prepared = prepareEpisode(episode, model.configuration, `episode ${episode.episode}`);
    const rollout = await model.rollout(
      episode,
      CONTEXT_S,
      Math.min(HORIZON_S, episode.durationS - CONTEXT_S),
      {
        samples,
      },
    );
    forEachError(rollout, prepared, model.configuration, (name, tick, error, deviation) => {
      let byHorizon = ratios.get(name);
      if (byHorizon === undefined) {
        byHorizon = HORIZONS.map(() => []);
        ratios.set(name, byHorizon);
      }
      byHorizon[horizonIndex(tick)]!.push(Math.abs(error) / (INTERVAL_90 * deviation));
    });
  }
  const factors: Record<string, number[]> = {};
  for (const [name, byHorizon] of ratios) factors[name] = byHorizon.map(quantile);
  return factors;
}

/** The factor that a share of 90 % of the ratios stay below; 1 where there are none. */
function quantile(ratios: readonly number[]): number {
  if (ratios.length === 0) return 1;
  const sorted = [...ratios].sort((a, b) => a - b);
  return Math.max(1e-6, sorted[Math.min(sorted.length - 1, Math.ceil(SHARE * (sorted.length + 1)) - 1)]!);
}

/** Told of one component at one tick (1 for the first): what it is off by, and the deviation that was predicted. */
export type OnError = (name: string, tick: number, error: number, deviation: number) => void;

/** Compares a rollout with what came: the state, and every channel that is sensed and was. */
export function forEachError(
  rollout: Rollout,
  { state, channels }: PreparedEpisode,
  configuration: ModelConfiguration,
  onError: OnError,
): void {
  const { tickHz, ticks, contextEndNs } = rollout;
  const first = Math.round(Number(contextEndNs) * 1e-9 * tickHz) + 1;
  const compare = (
    name: string,
    tick: number,
    predicted: ChannelPrediction,
    truth: (index: number) => number,
  ): void => {
    const width = predicted.mean.length / ticks;
    const stride = Math.max(1, Math.floor(width / MOST_COMPONENTS));
    for (let index = 0; index < width; index += stride) {
      const at = tick * width + index;
      onError(name, tick + 1, predicted.mean[at]! - truth(index), predicted.standardDeviation[at]!);
    }
  };
  for (let tick = 0; tick < ticks; tick++) {
    const timeS = (first + tick) / tickHz;
    if (state !== null && timeS <= trackEndS(state) + 1e-6) {
      const truth = stateArrays(configuration.bodies);
      readState(state, timeS, truth, 0);
      compare('positionM', tick, rollout.state.positionM, (index) => truth.position[index]!);
      compare(
        'linearVelocityMps',
        tick,
        rollout.state.linearVelocityMps,
        (index) => truth.linearVelocity[index]!,
      );
      compare(
        'angularVelocityRadps',
        tick,
        rollout.state.angularVelocityRadps,
        (index) => truth.angularVelocity[index]!,
      );
      const signs = quaternionSigns(rollout.state.orientation.mean, tick, truth.orientation);
      compare(
        'orientation',
        tick,
        rollout.state.orientation,
        (index) => signs[index >> 2]! * truth.orientation[index]!,
      );
    }
    for (const channel of configuration.channels) {
      const track = channels.get(channel.name);
      const at = first + tick;
      if (track === undefined || at >= track.ticks || track.sensed[at] === 0) continue;
      const width = channelWidth(channel);
      const { mean, deviation } = channel;
      compare(channel.name, tick, rollout.channels[channel.name]!, (index) => {
        const component = index % mean.length;
        return mean[component]! + deviation[component]! * track.values[at * width + index]!;
      });
    }
  }
}

/** 1 or -1 a body: the side on which the true quaternion lies nearer to the predicted one. */
function quaternionSigns(predicted: Float32Array, tick: number, truth: Float32Array): number[] {
  return Array.from({ length: truth.length / 4 }, (_, body) => {
    let dot = 0;
    for (let index = body * 4; index < body * 4 + 4; index++)
      dot += predicted[tick * truth.length + index]! * truth[index]!;
    return dot < 0 ? -1 : 1;
  });
}
