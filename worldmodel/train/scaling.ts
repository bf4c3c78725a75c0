import { UmweltError } from '../../core/errors.js';
import type { Dataset, Episode } from '../../datasets/contract.js';
import {
  type ActionConfiguration,
  type ChannelConfiguration,
  channelWidth,
  isSensed,
  type ModelConfiguration,
  type StateRange,
} from '../model/configuration.js';
import { channelTracks, type Resolution, ticksOf } from '../observation/channels.js';
import { readStateTrack, STATE_KIND, type StateTrack } from '../observation/state-track.js';
import { readActionTrack } from '../observation/task.js';
import { type ChannelTrack, requireSameShape } from '../observation/track.js';

/** Episodes of each dataset that the senses' scaling and ranges are taken from; the bodies' ranges are taken from all. */
const SCALED_FROM = 16;

/** A component that moves less than this share of its channel's deviation is not scaled up to it: that would only amplify noise. */
const LEAST_SHARE = 0.3;
const SMALLEST_DEVIATION = 1e-3;

/** What the datasets' numbers look like. */
export interface Scaling {
  readonly channels: readonly ChannelConfiguration[];
  readonly action: ActionConfiguration | null;
  readonly stateRange: StateRange;
  readonly hasState: boolean;
  readonly bodies: number;
}

/**
 * Reads states of every episode and senses of a few, and takes the ranges of the former, and means, deviations and ranges of the latter.
 *
 * @param chosen by dataset, the episodes that may be looked at.
 * @throws UmweltError `shape-mismatch` where datasets disagree, `invalid-input` where they hold nothing that can be learned.
 */
export async function scaleDatasets(
  datasets: readonly Dataset[],
  chosen: readonly (readonly number[])[],
  resolution: Resolution,
): Promise<Scaling> {
  const channels = new Map<string, ChannelSum>();
  const actions: ActionSum = { sum: null };
  const states = createStateSum();
  for (const [index, dataset] of datasets.entries()) {
    const episodes = chosen[index]!;
    const count = Math.min(SCALED_FROM, episodes.length);
    for (let place = 0; place < count; place++) {
      const episode = await dataset.readEpisode(episodes[Math.floor((place * episodes.length) / count)]!);
      for (const track of channelTracks(episode, resolution)) addTrack(channels, track, dataset.directory);
      addActions(actions, episode, resolution.tickHz, dataset.directory);
    }
    const tracked = dataset.manifest.streams.filter(({ kind }) => kind === STATE_KIND);
    for (const episode of tracked.length === 0 ? [] : episodes) {
      const names = tracked.map(({ name }) => name);
      const state = readStateTrack(await dataset.readEpisode(episode, names));
      if (state !== null) states.add(state, dataset.directory);
    }
  }
  const scaling = {
    channels: [...channels.values()].map(channelConfiguration),
    action: actions.sum && actionConfiguration(actions.sum),
    ...states.finish(),
  };
  if (scaling.hasState || scaling.channels.some(isSensed)) return scaling;
  const names = datasets.map(({ directory }) => directory).join(', ');
  throw new UmweltError(
    'invalid-input',
    { datasets: names },
    `no dataset of ${names} holds anything to learn: expected a stream of kind "truth" with the state of the bodies, or a sense`,
  );
}

/**
 * Requires that a model can go on learning from a dataset: what both hold is the same; what only one holds is no hindrance.
 *
 * @param origin of the dataset, for the message.
 * @throws UmweltError `shape-mismatch` for other numbers of bodies, channels of other forms or shapes, and commands of other widths.
 */
export function requireFit(model: ModelConfiguration, found: Scaling, origin: string): void {
  const compare = (what: string, expected: string, actual: string, remedy: string): void => {
    if (expected === actual) return;
    throw new UmweltError(
      'shape-mismatch',
      { origin, what, expected, actual },
      `${origin} does not fit the model that is to be tuned: ${what}: expected ${expected}, found ${actual}; ${remedy}`,
    );
  };
  const bodies = (count: number): string => `${count} an episode`;
  const anew = 'tune a model of as many bodies, or train a new one';
  if (model.hasState && found.hasState)
    compare('moving bodies', bodies(model.bodies), bodies(found.bodies), anew);
  const leaveOut = (name: string): string => `leave the stream out (--without ${name}), or train a new model`;
  const tick = ({ form, shape }: ChannelConfiguration): string => `a ${form} of shape [${shape.join(', ')}]`;
  for (const channel of found.channels) {
    const known = model.channels.find(({ name }) => name === channel.name);
    if (known !== undefined)
      compare(`channel "${known.name}"`, tick(known), tick(channel), leaveOut(channel.stream.name));
  }
  const { action } = model;
  if (action === null || found.action === null) return;
  const numbers = ({ width }: ActionConfiguration): string => `${width} numbers a tick`;
  compare(`action "${action.name}"`, numbers(action), numbers(found.action), leaveOut(found.action.name));
}

/** Widens a model's ranges to hold what a dataset shows; means and deviations stay, as the weights were learned with them. */
export function widenRanges(model: ModelConfiguration, found: Scaling): ModelConfiguration {
  const channels = model.channels.map((channel) => {
    const range = found.channels.find(({ name }) => name === channel.name)?.range ?? channel.range;
    const low = Math.min(channel.range[0], range[0]);
    return { ...channel, range: [low, Math.max(channel.range[1], range[1])] as const };
  });
  if (!model.hasState || !found.hasState) return { ...model, channels };
  const [before, now] = [model.stateRange, found.stateRange];
  const stateRange = {
    lowM: before.lowM.map((value, axis) => Math.min(value, now.lowM[axis]!)),
    highM: before.highM.map((value, axis) => Math.max(value, now.highM[axis]!)),
    speedMps: Math.max(before.speedMps, now.speedMps),
    spinRadps: Math.max(before.spinRadps, now.spinRadps),
  };
  return { ...model, channels, stateRange };
}

interface Moments {
  readonly sum: Float64Array;
  readonly squares: Float64Array;
  count: number;
}

interface ChannelSum extends Moments {
  readonly track: ChannelTrack;
  low: number;
  high: number;
}

/** Components that a channel is scaled by: pictures share one scale a colour, waves one for all. */
function scaledWidth({ form, shape }: ChannelTrack): number {
  if (form === 'picture') return shape.at(-1)!;
  return form === 'vector' ? channelWidth({ shape }) : 1;
}

function addTrack(into: Map<string, ChannelSum>, track: ChannelTrack, origin: string): void {
  const scaled = scaledWidth(track);
  let sums = into.get(track.name);
  if (sums === undefined) {
    sums = { track, ...moments(scaled), low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
    into.set(track.name, sums);
  }
  requireSameShape({ name: track.name, shape: sums.track.shape }, track, origin);
  const width = channelWidth(track);
  for (let tick = 0; tick < track.ticks; tick++) {
    if (track.sensed[tick] === 0) continue;
    for (let component = 0; component < width; component++) {
      const value = track.values[tick * width + component]!;
      sums.sum[component % scaled]! += value;
      sums.squares[component % scaled]! += value * value;
      sums.low = Math.min(sums.low, value);
      sums.high = Math.max(sums.high, value);
    }
    sums.count += width / scaled;
  }
}

function channelConfiguration({ track, low, high, ...sums }: ChannelSum): ChannelConfiguration {
  const { name, form, shape, stream, parts } = track;
  const isScaled = form === 'vector' || form === 'picture' || form === 'wave';
  const { mean, deviation } = isScaled ? scaleOf(sums) : { mean: [0], deviation: [1] };
  const range = (low <= high ? [low, high] : [0, 0]) as [number, number];
  return { name, form, shape, mean: form === 'wave' ? [0] : mean, deviation, range, stream, parts };
}

function actionConfiguration({ name, ...sums }: Moments & { readonly name: string }): ActionConfiguration {
  return { name, width: sums.sum.length, ...scaleOf(sums) };
}

interface ActionSum {
  sum: (Moments & { readonly name: string }) | null;
}

function addActions(into: ActionSum, episode: Episode, tickHz: number, origin: string): void {
  const track = readActionTrack(episode, tickHz, ticksOf(episode, tickHz));
  if (track === null) return;
  into.sum ??= { name: track.name, ...moments(track.width) };
  requireSameShape({ name: track.name, shape: [into.sum.sum.length] }, { shape: [track.width] }, origin);
  for (let index = track.firstTick * track.width; index < track.values.length; index++) {
    const value = track.values[index]!;
    into.sum.sum[index % track.width]! += value;
    into.sum.squares[index % track.width]! += value * value;
  }
  into.sum.count += track.ticks - track.firstTick;
}

function moments(width: number): Moments {
  return { sum: new Float64Array(width), squares: new Float64Array(width), count: 0 };
}

function scaleOf({ sum, squares, count }: Moments): { mean: number[]; deviation: number[] } {
  const mean = Array.from(sum, (total) => total / Math.max(1, count));
  const variance = mean.map((value, index) =>
    Math.max(0, squares[index]! / Math.max(1, count) - value * value),
  );
  const whole = Math.sqrt(variance.reduce((total, one) => total + one, 0) / variance.length);
  const least = Math.max(SMALLEST_DEVIATION, LEAST_SHARE * whole);
  return { mean, deviation: variance.map((one) => Math.max(least, Math.sqrt(one))) };
}

function createStateSum() {
  const lowM = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const highM = lowM.map((value) => -value);
  let speedMps = 0;
  let spinRadps = 0;
  let bodies: number | null = null;
  return {
    add(state: StateTrack, origin: string): void {
      if (bodies !== null && state.bodies !== bodies) {
        throw new UmweltError(
          'shape-mismatch',
          { origin, bodies: [bodies, state.bodies] },
          `${origin} holds ${state.bodies} moving bodies an episode, the datasets before it ${bodies}: train on them apart`,
        );
      }
      bodies = state.bodies;
      for (let index = 0; index < state.positionM.length; index++) {
        lowM[index % 3] = Math.min(lowM[index % 3]!, state.positionM[index]!);
        highM[index % 3] = Math.max(highM[index % 3]!, state.positionM[index]!);
      }
      speedMps = Math.max(speedMps, longest(state.linearVelocityMps));
      spinRadps = Math.max(spinRadps, longest(state.angularVelocityRadps));
    },
    finish(): Pick<Scaling, 'stateRange' | 'hasState' | 'bodies'> {
      if (bodies !== null)
        return { stateRange: { lowM, highM, speedMps, spinRadps }, hasState: true, bodies };
      const still = [0, 0, 0];
      return {
        stateRange: { lowM: still, highM: still, speedMps: 0, spinRadps: 0 },
        hasState: false,
        bodies: 1,
      };
    },
  };
}

function longest(vectors: Float64Array): number {
  let most = 0;
  for (let at = 0; at < vectors.length; at += 3) {
    const [x, y, z] = [vectors[at]!, vectors[at + 1]!, vectors[at + 2]!];
    most = Math.max(most, Math.sqrt(x * x + y * y + z * z));
  }
  return most;
}
