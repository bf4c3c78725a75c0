import { UmweltError } from '../../../core/errors.js';
import type { Dataset } from '../../../datasets/contract.js';
import { identitiesOf } from '../../sides.js';
import type { Case, LoadedCase } from '../../task.js';
import {
  type Condition,
  conditionKey,
  conditionsOf,
  framesOf,
  type Slide,
  type SlideContext,
  type SlideTruth,
  slideOf,
  TAXELS,
  TOUCH_STREAM,
} from './slide.js';

const LEAST_SPREAD_COUNT = 1e-6;

/** The slides of a dataset. Frames are read when they are asked for. */
export interface SlideSource {
  readonly cases: readonly Case[];
  readonly rateHz: number;
  /** By taxel: the standard deviation of its count over all recordings. */
  readonly spread: Float64Array;
  readonly load: (chosen: Case) => Promise<LoadedCase<SlideContext, SlideTruth>>;
  /** Whole slides; the same list is read once. */
  readonly slidesOf: (cases: readonly Case[]) => Promise<readonly Slide[]>;
  /** Another run of the same condition; null where there is none. */
  readonly rerunOf: (chosen: Case) => Promise<Slide | null>;
}

/**
 * Opens the slides of a dataset; reads all once, to learn their lengths and how much each taxel varies.
 *
 * @throws UmweltError `invalid-input` when the dataset is not what it should be.
 */
export async function openSource(recordings: Dataset, contextFrames: number): Promise<SlideSource> {
  const { manifest } = recordings;
  const names = identitiesOf(manifest);
  const conditions = conditionsOf(manifest);
  const rateHz = rateOf(recordings);
  const { frames, spread } = await survey(recordings);
  const cases = manifest.episodes.flatMap(({ episode }): Case[] => {
    const left = frames[episode]! - contextFrames;
    const recording = names[episode]!;
    const its = conditions[episode]!;
    const shared = { name: recording.name, recording, episode, startS: 0, horizonS: left / rateHz };
    // Re-runs are resampled together: each is the other's ceiling.
    return left < 1 ? [] : [{ ...shared, unit: conditionKey(its), stratum: its.fabric }];
  });
  const slideAt = async (episode: number): Promise<Slide> =>
    slideOf(await recordings.readEpisode(episode, [TOUCH_STREAM]), conditions[episode]!);
  return {
    cases,
    rateHz,
    spread,
    async load({ episode }) {
      const slide = await slideAt(episode);
      const left = slide.frames - contextFrames;
      const { taxels } = framesOf(slide, contextFrames, left);
      return {
        context: { seen: framesOf(slide, 0, contextFrames), frames: left },
        truth: { taxels, levelCount: slide.condition.forceLevelCount, rateHz, spread },
      };
    },
    slidesOf: remembering(async (wanted: readonly Case[]) => {
      const slides: Slide[] = [];
      for (const { episode } of wanted) slides.push(await slideAt(episode));
      return slides;
    }),
    async rerunOf({ episode }) {
      const other = rerunEpisode(conditions, episode, frames, contextFrames);
      return other === null ? null : slideAt(other);
    },
  };
}

/** Remembers answers by the identity of what was asked: methods of one task learn from the same slides. */
export function remembering<K extends object, V>(compute: (key: K) => Promise<V>): (key: K) => Promise<V> {
  const known = new WeakMap<K, Promise<V>>();
  return (key) => {
    const found = known.get(key) ?? compute(key);
    known.set(key, found);
    return found;
  };
}

/** Counts the frames of every recording, and measures how much each taxel varies over all of them. */
async function survey(recordings: Dataset): Promise<{ frames: readonly number[]; spread: Float64Array }> {
  const frames: number[] = [];
  const sums = new Float64Array(TAXELS);
  const squares = new Float64Array(TAXELS);
  let total = 0;
  for await (const { streams } of recordings.episodes([TOUCH_STREAM])) {
    const counts = streams[TOUCH_STREAM]?.values.taxelCount ?? new Float64Array(0);
    frames.push(counts.length / TAXELS);
    total += counts.length / TAXELS;
    for (const [at, count] of counts.entries()) {
      sums[at % TAXELS]! += count;
      squares[at % TAXELS]! += count * count;
    }
  }
  const spread = sums.map((sum, taxel) => {
    const mean = sum / total;
    return Math.max(LEAST_SPREAD_COUNT, Math.sqrt(Math.max(0, squares[taxel]! / total - mean * mean)));
  });
  return { frames, spread };
}

/** The first other recording of the same condition that goes on beyond the context. */
function rerunEpisode(
  conditions: readonly Condition[],
  episode: number,
  frames: readonly number[],
  contextFrames: number,
): number | null {
  const key = conditionKey(conditions[episode]!);
  const found = conditions.findIndex(
    (its, other) => other !== episode && conditionKey(its) === key && frames[other]! > contextFrames,
  );
  return found < 0 ? null : found;
}

function rateOf({ manifest }: Dataset): number {
  const touch = manifest.streams.find(({ name }) => name === TOUCH_STREAM);
  if (touch !== undefined) return touch.rateHz;
  throw new UmweltError(
    'invalid-input',
    { name: manifest.name },
    `the recordings "${manifest.name}" have no stream "${TOUCH_STREAM}"; import fabricslide-tactile again`,
  );
}
