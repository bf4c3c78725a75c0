import type { Dataset, Episode } from '../../datasets/contract.js';
import type { ChannelPrediction, EpisodeView, Rollout, WorldModel } from '../../worldmodel/contract.js';
import { constantVelocity, copyLast, firstTick, meansOf, type StreamErrors, streamErrors } from './errors.js';

/** How dreams are judged. */
export interface DreamOptions {
  /** What the model sees of each episode, ticks before the last one shown; 7 shows eight. */
  readonly contextTicks: number;
  readonly horizonTicks: number;
  /** Samples of the rollouts whose spread is judged. */
  readonly samples: number;
}

/** One held-out episode's errors by measure, [horizonTicks] each, and how well the model knew. */
export interface DreamErrors {
  readonly episode: number;
  readonly model: StreamErrors;
  readonly copyLast: StreamErrors;
  readonly constantVelocity: StreamErrors;
  /** By field or channel: how many components lay within their 90 % interval, and of how many. */
  readonly covered: Readonly<Record<string, readonly [number, number]>>;
  /** [horizonTicks] deviation between the samples, m. */
  readonly disagreement: Float64Array;
  /** [horizonTicks] position error of the samples' mean, m; null where there is no state. */
  readonly sampleError: Float64Array | null;
}

/** Half the width of a 90 % interval, in standard deviations. */
const INTERVAL_90 = 1.6448536;

/** Lets a model dream of each episode of a dataset and measures the dreams; memory grows with an episode. */
export async function* judgeDreams(
  model: WorldModel,
  dataset: Dataset,
  options: DreamOptions,
): AsyncIterable<DreamErrors> {
  for await (const episode of dataset.episodes()) yield judgeDream(model, episode, options);
}

async function judgeDream(
  model: WorldModel,
  episode: Episode,
  { contextTicks, horizonTicks, samples }: DreamOptions,
): Promise<DreamErrors> {
  const view = model.view(episode);
  const [contextS, horizonS] = [contextTicks / model.tickHz, horizonTicks / model.tickHz];
  const one = await model.rollout(episode, contextS, horizonS);
  const many = await model.rollout(episode, contextS, horizonS, { samples, seed: episode.episode });
  const first = firstTick(one);
  const measure = (guess: Parameters<typeof streamErrors>[0]): StreamErrors =>
    streamErrors(guess, view, first, horizonTicks);
  return {
    episode: episode.episode,
    model: measure(meansOf(one)),
    copyLast: measure(copyLast(view, first, horizonTicks)),
    constantVelocity: measure(constantVelocity(view, first, horizonTicks, model.tickHz)),
    covered: coverage(many, view, first),
    disagreement: Float64Array.from(many.disagreement),
    sampleError: measure(meansOf(many)).position ?? null,
  };
}

/** Counts, by field and channel, the components whose truth lies within the predicted 90 % interval. */
function coverage(
  rollout: Rollout,
  view: EpisodeView,
  first: number,
): Record<string, readonly [number, number]> {
  const covered: Record<string, readonly [number, number]> = {};
  const count = (
    name: string,
    predicted: ChannelPrediction,
    truth: Float32Array,
    isKnown: (tick: number) => boolean,
  ): void => {
    const width = predicted.mean.length / rollout.ticks;
    let within = 0;
    let all = 0;
    for (let tick = 0; tick < rollout.ticks; tick++) {
      if (!isKnown(first + tick)) continue;
      for (let index = 0; index < width; index++) {
        const at = tick * width + index;
        const error = Math.abs(predicted.mean[at]! - truth[(first + tick) * width + index]!);
        all++;
        if (error <= INTERVAL_90 * predicted.standardDeviation[at]!) within++;
      }
    }
    covered[name] = [within, all];
  };
  const { state, channels } = view;
  if (state !== null) {
    const isKnown = (tick: number): boolean => tick < view.ticks;
    count('positionM', rollout.state.positionM, state.position, isKnown);
    const { orientation } = rollout.state;
    count('orientation', orientation, turnedTo(orientation, state.orientation, first), isKnown);
    count('linearVelocityMps', rollout.state.linearVelocityMps, state.linearVelocity, isKnown);
    count('angularVelocityRadps', rollout.state.angularVelocityRadps, state.angularVelocity, isKnown);
  }
  for (const [name, { values, sensed }] of Object.entries(channels)) {
    const predicted = rollout.channels[name];
    if (predicted === undefined) continue;
    count(name, predicted, values, (tick) => tick < view.ticks && sensed[tick] === 1);
  }
  return covered;
}

/** The true orientations [ticks, bodies, 4], with the signs that lie nearest to the predicted ones, which begin at tick `first`. */
function turnedTo({ mean, shape }: ChannelPrediction, truth: Float32Array, first: number): Float32Array {
  const turned = truth.slice();
  const offset = first * shape.reduce((product, extent) => product * extent, 1);
  for (let at = 0; at < mean.length && offset + at < truth.length; at += 4) {
    let dot = 0;
    for (let part = 0; part < 4; part++) dot += mean[at + part]! * truth[offset + at + part]!;
    for (let part = 0; dot < 0 && part < 4; part++) turned[offset + at + part]! *= -1;
  }
  return turned;
}
