import { normaliseQuaternion } from '../../core/math/quaternion.js';
import { type RandomStream, randomStream } from '../../core/random.js';
import { channelWidth, type ModelConfiguration } from '../model/configuration.js';
import { guessedTicks, LONGEST_CONTEXT, type SequenceExtent } from '../model/sequence.js';
import { readState, type StateArrays, stateArrays, trackEndS } from '../observation/state-track.js';
import type { Corpus, PreparedEpisode } from './corpus.js';

/** Shape of a training batch. */
export interface BatchShape extends SequenceExtent {
  readonly sequences: number;
}

/** Inputs of `sequenceLoss` by name, and where each sequence came from. */
export interface Batch {
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly origins: readonly string[];
}

/** The context is one tick as often as not: a rollout from a single observation is what recordings judge. */
const ONE_TICK_SHARE = 0.6;
/** How often a sequence begins where its episode does. */
const FROM_START_SHARE = 0.3;
/** A sequence must have this many ticks of its episode left. */
const FEWEST_TICKS = 8;

/** Of the sequences without senses, how many come from recordings where there are any: what they are like is the point. */
const RECORDED_SHARE = 0.8;
/** How often a sense that is there is kept from the model, and how often the state is, so that it can do without. */
const DROPPED_SHARE = 0.25;
const GUESSED_SHARE = 0.15;

/** Deviation of the noise on observed states, so that the model forgives its own errors: m, quaternion, m/s, rad/s. */
const CONTEXT_NOISE: StateNoise = {
  position: 5e-4,
  orientation: 2e-3,
  linearVelocity: 0.02,
  angularVelocity: 0.1,
};
type StateNoise = Readonly<Record<keyof StateArrays, number>>;

/**
 * Draws the batch of one step: a pure function of the seed and the step, so that an interrupted training resumes exactly.
 *
 * Sequences that carry senses come from the datasets that have any, each with the same share, and begin on a tick; the
 * others come from recordings for the most part and begin at any row of the state's stream.
 */
export async function drawBatch(
  corpus: Corpus,
  shape: BatchShape,
  seed: number,
  step: number,
): Promise<Batch> {
  const { configuration } = corpus;
  const { ticks, sequences, sensedSequences } = shape;
  const rows = sequences * configuration.bodies;
  const state = stateArrays((ticks + 1) * rows);
  const stateSeen = new Float32Array(ticks * rows);
  const stateCounts = new Float32Array(ticks * rows);
  const stateGuessed = new Float32Array(guessedTicks(ticks) * sensedSequences * configuration.bodies);
  const channels = channelArrays(configuration, shape);
  const origins: string[] = [];
  for (let sequence = 0; sequence < sequences; sequence++) {
    const random = randomStream(seed, 'batch', step, sequence);
    const withSenses = sequence < sensedSequences && corpus.withSenses.length > 0;
    const dataset = drawDataset(corpus, withSenses, random);
    const episodes = corpus.datasets[dataset]!.manifest.episodes.length;
    const episode = await corpus.episode(dataset, random.integer(episodes));
    const startS = drawStart(episode, configuration.tickHz, withSenses, random);
    const context =
      random.uniform() < ONE_TICK_SHARE ? 1 : 1 + random.integer(Math.min(LONGEST_CONTEXT, ticks));
    const isGuessed = withSenses && (random.uniform() < GUESSED_SHARE || episode.state === null);
    const place = { sequence, startS, context, isGuessed };
    writeState(state, stateSeen, stateCounts, episode, configuration, shape, place);
    if (withSenses) writeChannels(channels, episode, configuration, shape, place, random);
    if (isGuessed) writeGuessed(stateGuessed, configuration, shape, place);
    addNoise(state, configuration.bodies, shape, place, random);
    origins.push(`${episode.origin} from ${startS.toFixed(3)} s`);
  }
  const inputs: Record<string, Float32Array> = { ...state, stateSeen, stateCounts, ...channels };
  if (configuration.channels.length > 0) inputs.stateGuessed = stateGuessed;
  return { inputs, origins };
}

function drawDataset(
  { tracked, recorded, withSenses }: Corpus,
  mustSense: boolean,
  random: RandomStream,
): number {
  const isRecorded = random.uniform() < RECORDED_SHARE && recorded.length > 0;
  const among = mustSense ? withSenses : isRecorded ? recorded : tracked;
  return among[random.integer(among.length)]!;
}

interface Place {
  readonly sequence: number;
  readonly startS: number;
  readonly context: number;
  readonly isGuessed: boolean;
}

function drawStart(
  { state, durationS }: PreparedEpisode,
  tickHz: number,
  onTick: boolean,
  random: RandomStream,
): number {
  const latestS = durationS - FEWEST_TICKS / tickHz;
  if (random.uniform() < FROM_START_SHARE || latestS <= 0) return 0;
  const periodS = onTick || state === null ? 1 / tickHz : state.periodS;
  return random.integer(Math.floor(latestS / periodS) + 1) * periodS;
}

function writeState(
  out: StateArrays,
  seen: Float32Array,
  counts: Float32Array,
  { state }: PreparedEpisode,
  { bodies, tickHz }: ModelConfiguration,
  { ticks, sequences }: BatchShape,
  { sequence, startS, context, isGuessed }: Place,
): void {
  if (state === null) return;
  const endS = trackEndS(state) + 1e-6;
  for (let tick = 0; tick <= ticks; tick++) {
    const row = (tick * sequences + sequence) * bodies;
    readState(state, startS + tick / tickHz, out, row);
    if (tick === ticks) break;
    const lasts = startS + (tick + 1) / tickHz <= endS;
    for (let body = 0; body < bodies; body++) {
      seen[row + body] = tick < context && !isGuessed ? 1 : 0;
      counts[row + body] = lasts ? 1 : 0;
    }
  }
}

function channelArrays(
  configuration: ModelConfiguration,
  { ticks, sensedSequences }: BatchShape,
): Record<string, Float32Array> {
  const arrays: Record<string, Float32Array> = {};
  for (const channel of configuration.channels) {
    arrays[channel.name] = new Float32Array((ticks + 1) * sensedSequences * channelWidth(channel));
    arrays[`${channel.name}/sensed`] = new Float32Array((ticks + 1) * sensedSequences);
    arrays[`${channel.name}/seen`] = new Float32Array(ticks * sensedSequences);
  }
  return arrays;
}

function writeChannels(
  out: Readonly<Record<string, Float32Array>>,
  episode: PreparedEpisode,
  { channels, tickHz }: ModelConfiguration,
  { ticks, sensedSequences }: BatchShape,
  { sequence, startS, context }: Place,
  random: RandomStream,
): void {
  const firstTick = Math.round(startS * tickHz);
  for (const channel of channels) {
    const isDropped = random.uniform() < DROPPED_SHARE;
    const track = episode.channels.get(channel.name);
    if (track === undefined) continue;
    const width = channelWidth(channel);
    for (let tick = 0; tick <= ticks && firstTick + tick < track.ticks; tick++) {
      const row = tick * sensedSequences + sequence;
      const from = (firstTick + tick) * width;
      const sensed = track.sensed[firstTick + tick]!;
      out[channel.name]!.set(track.values.subarray(from, from + width), row * width);
      out[`${channel.name}/sensed`]![row] = sensed;
      if (tick < ticks && tick < context && !isDropped) out[`${channel.name}/seen`]![row] = sensed;
    }
  }
}

function writeGuessed(
  guessed: Float32Array,
  { bodies }: ModelConfiguration,
  { ticks, sensedSequences }: BatchShape,
  { sequence, context }: Place,
): void {
  for (let tick = 0; tick < Math.min(context, guessedTicks(ticks)); tick++) {
    const row = (tick * sensedSequences + sequence) * bodies;
    guessed.fill(1, row, row + bodies);
  }
}

/** Adds noise to the states that the model is shown; what it must predict stays exact. */
function addNoise(
  state: StateArrays,
  bodies: number,
  { sequences }: BatchShape,
  { sequence, context }: Place,
  random: RandomStream,
): void {
  for (let tick = 0; tick < context; tick++) {
    for (let row = (tick * sequences + sequence) * bodies, last = row + bodies; row < last; row++) {
      for (const name of Object.keys(CONTEXT_NOISE) as (keyof StateArrays)[]) {
        const width = name === 'orientation' ? 4 : 3;
        for (let index = row * width; index < (row + 1) * width; index++) {
          state[name][index]! += CONTEXT_NOISE[name] * random.normal();
        }
      }
      const q = state.orientation.subarray(row * 4, row * 4 + 4);
      q.set(normaliseQuaternion([q[0]!, q[1]!, q[2]!, q[3]!]));
    }
  }
}
