import { type RandomStream, randomStream } from '../../core/random.js';
import type { ModelConfiguration } from '../model/configuration.js';
import { contextTicks, LONGEST_CONTEXT, SHOWN, STATE_INPUTS } from '../model/sequence.js';
import type { PreparedEpisode } from '../observation/prepare.js';
import { scatterStates } from '../observation/state-noise.js';
import { readState, type StateArrays, stateArrays, trackEndS } from '../observation/state-track.js';
import type { Corpus } from './corpus.js';
import type { BatchShape, Draw, Place } from './draw.js';
import type { Recipe } from './options.js';
import { createSenseArrays } from './sense-arrays.js';

/** Inputs of `sequenceLoss` by name, and where each sequence came from. */
export interface Batch {
  readonly inputs: Readonly<Record<string, Float32Array>>;
  readonly origins: readonly string[];
}

/** How often the context is one tick: states alone are judged from a single observation, senses tell more in several. */
const ONE_TICK_SHARE = { ofStates: 0.65, ofSenses: 0.4 } as const;
/** How often senses are shown as long as can be. */
const WHOLE_CONTEXT_SHARE = 0.25;
/** How often a sequence begins where its episode does. */
const FROM_START_SHARE = 0.3;
/** A sequence must have this many ticks of its episode left. */
const FEWEST_TICKS = 8;

/** Of the sequences without senses, how many come from recordings where there are any: what they are like is the point. */
const RECORDED_SHARE = 0.8;
/** How often the state is kept from the model where senses are there, so that it can do without. */
const GUESSED_SHARE = 0.15;

/**
 * Draws the batch of one step: a pure function of the draw, so that an interrupted training resumes exactly.
 *
 * Sequences that carry senses come from the datasets that have any, each with the same share, and begin on a tick, as all do where
 * there are actions; the others come from recordings for the most part and begin at any row of the state's stream.
 */
export async function drawBatch(corpus: Corpus, shape: BatchShape, draw: Draw): Promise<Batch> {
  const { configuration } = corpus;
  const { ticks, sequences, sensedSequences } = shape;
  const rows = sequences * configuration.bodies;
  const state = stateArrays((ticks + 1) * rows);
  const shown = stateArrays(contextTicks(ticks) * rows);
  const stateSeen = new Float32Array(contextTicks(ticks) * rows);
  const stateCounts = new Float32Array(ticks * rows);
  const action = createActionArray(configuration, shape);
  const senses = createSenseArrays(configuration, shape, draw);
  const isNoisy = draw.side === 'training' && draw.recipe.contextNoise;
  const origins: string[] = [];
  for (let sequence = 0; sequence < sequences; sequence++) {
    const random = randomStream(draw.seed, draw.side, draw.step, sequence);
    const withSenses = sequence < sensedSequences && corpus.withSenses.length > 0;
    const episode = await drawEpisode(corpus, draw, withSenses, random);
    const startS = drawStart(episode, configuration.tickHz, withSenses || action !== null, random);
    const context = drawContext(ticks, draw.recipe, withSenses, random);
    const isHidden = random.uniform() < GUESSED_SHARE || episode.state === null;
    const isGuessed = withSenses && configuration.hasState && isHidden;
    const place = { sequence, startS, context, isGuessed };
    writeState(state, stateSeen, stateCounts, episode, configuration, shape, place);
    if (action !== null) writeAction(action, episode, configuration, shape, place);
    if (withSenses) senses?.write(episode, place, random);
    for (let tick = 0; tick < Math.min(context, LONGEST_CONTEXT); tick++) {
      const row = (tick * sequences + sequence) * configuration.bodies;
      copyStates(state, shown, row, configuration.bodies);
      if (isNoisy) scatterStates(shown, row, configuration.bodies, random);
    }
    origins.push(`${episode.origin} from ${startS.toFixed(3)} s`);
  }
  const ofShown = Object.entries(shown).map(([name, values]) => [`${name}${SHOWN}`, values] as const);
  const inputs: Record<string, Float32Array> = {
    ...state,
    ...Object.fromEntries(ofShown),
    stateSeen,
    stateCounts,
    ...senses?.inputs,
  };
  if (action !== null) inputs.action = action;
  return { inputs, origins };
}

async function drawEpisode(
  corpus: Corpus,
  { side }: Draw,
  mustSense: boolean,
  random: RandomStream,
): Promise<PreparedEpisode> {
  const { tracked, recorded, withSenses } = corpus;
  const has = (datasets: readonly number[]): number[] =>
    datasets.filter((dataset) => corpus[side][dataset]!.length > 0);
  const isRecorded = random.uniform() < RECORDED_SHARE && has(recorded).length > 0;
  const among = has(mustSense ? withSenses : isRecorded ? recorded : tracked);
  const dataset = among[random.integer(among.length)]!;
  const episodes = corpus[side][dataset]!;
  return corpus.episode(dataset, episodes[random.integer(episodes.length)]!);
}

function drawContext(
  ticks: number,
  { multiStep }: Recipe,
  withSenses: boolean,
  random: RandomStream,
): number {
  if (!multiStep) return contextTicks(ticks);
  const share = random.uniform();
  if (share < (withSenses ? ONE_TICK_SHARE.ofSenses : ONE_TICK_SHARE.ofStates)) return 1;
  const longest = contextTicks(ticks);
  return withSenses && share > 1 - WHOLE_CONTEXT_SHARE ? longest : 1 + random.integer(longest);
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
      if (tick < context && !isGuessed) seen[row + body] = 1;
      counts[row + body] = lasts ? 1 : 0;
    }
  }
}

function createActionArray(
  { action }: ModelConfiguration,
  { ticks, sequences }: BatchShape,
): Float32Array | null {
  return action === null ? null : new Float32Array(ticks * sequences * (action.width + 1));
}

function writeAction(
  out: Float32Array,
  { action }: PreparedEpisode,
  { tickHz }: ModelConfiguration,
  { ticks, sequences }: BatchShape,
  { sequence, startS }: Place,
): void {
  if (action === null) return;
  const first = Math.round(startS * tickHz);
  for (
    let tick = Math.max(0, action.firstTick - first);
    tick < ticks && first + tick < action.ticks;
    tick++
  ) {
    const at = (tick * sequences + sequence) * (action.width + 1);
    const from = (first + tick) * action.width;
    out.set(action.values.subarray(from, from + action.width), at);
    out[at + action.width] = 1;
  }
}

/** Copies the same rows of states from one place to another. */
function copyStates(from: StateArrays, to: StateArrays, firstRow: number, rows: number): void {
  for (const name of Object.keys(from) as (keyof StateArrays)[]) {
    const width = STATE_INPUTS[name];
    to[name].set(from[name].subarray(firstRow * width, (firstRow + rows) * width), firstRow * width);
  }
}
