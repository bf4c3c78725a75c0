import { UmweltError } from '../../../core/errors.js';
import type { Dataset } from '../../../datasets/contract.js';
import { identitiesOf } from '../../sides.js';
import type { Case, OpenTask, Task, TaskSetup } from '../../task.js';
import { drawSlide } from './exhibit.js';
import { BASELINE, CEILING, methodsOf } from './methods.js';
import { METRICS, scoreSlide } from './score.js';
import {
  type Condition,
  conditionKey,
  conditionsOf,
  framesOf,
  type Slide,
  type SlideContext,
  type SlideForecast,
  type SlideTruth,
  slideOf,
  TAXELS,
  TOUCH_STREAM,
} from './slide.js';

/** The shortest slides (150 mm/s) go on for 3.6 s, the longest (20 mm/s) for 29. */
const HORIZONS_S = [0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 5, 7, 10, 15, 20, 25] as const;
const LEAST_SPREAD_COUNT = 1e-6;

/** A tactile finger that slides along a fabric: 16 taxels, 10 frames seen, the command known throughout. */
export const fabricslideTactileTask: Task = {
  name: 'fabricslide-tactile',
  protocol:
    "A method sees the first frames of the 16 taxels and the commanded force and speed, and predicts the taxels for the rest of the slide; errors are in units of each taxel's spread over the recordings, averaged over frames and then over recordings.",
  metrics: METRICS,
  contextFrames: 10,
  baseline: BASELINE,
  ceiling: CEILING,
  open: openSlides,
};

async function openSlides({ recordings, contextFrames, models }: TaskSetup): Promise<OpenTask> {
  const { manifest } = recordings;
  requireNoModels(models.map(({ name }) => name));
  const names = identitiesOf(manifest);
  const conditions = conditionsOf(manifest);
  const rateHz = rateOf(recordings);
  const { frames, spread } = await survey(recordings);
  const cases = manifest.episodes.flatMap(({ episode }): Case[] => {
    const left = frames[episode]! - contextFrames;
    const recording = names[episode]!;
    const its = conditions[episode]!;
    const horizonS = left / rateHz;
    const shared = { name: recording.name, recording, episode, startS: 0, horizonS };
    // Re-runs are resampled together: each is the other's ceiling.
    return left < 1 ? [] : [{ ...shared, unit: conditionKey(its), stratum: its.fabric }];
  });
  const slideAt = async (episode: number): Promise<Slide> =>
    slideOf(await recordings.readEpisode(episode, [TOUCH_STREAM]), conditions[episode]!);
  const slidesOf = remembering((wanted: readonly Case[]) =>
    wanted.reduce<Promise<readonly Slide[]>>(
      async (before, { episode }) => [...(await before), await slideAt(episode)],
      Promise.resolve([]),
    ),
  );
  const task: OpenTask<SlideContext, SlideTruth, SlideForecast> = {
    cases,
    horizonsS(heldout) {
      const last = Math.max(...heldout.map(({ horizonS }) => horizonS));
      const within = HORIZONS_S.filter((horizonS) => horizonS <= last);
      return within.length > 0 ? within : [last];
    },
    async load({ episode }) {
      const slide = await slideAt(episode);
      const left = slide.frames - contextFrames;
      return {
        context: { seen: framesOf(slide, 0, contextFrames), frames: left },
        truth: {
          taxels: framesOf(slide, contextFrames, left).taxels,
          levelCount: slide.condition.forceLevelCount,
          rateHz,
          spread,
        },
      };
    },
    methods(train) {
      const known = new Set(train.map(({ episode }) => episode));
      const judged = cases.filter(({ episode }) => !known.has(episode));
      const rerunOf = async ({ episode }: Case): Promise<Slide | null> => {
        const other = rerunEpisode(conditions, episode, frames, contextFrames);
        return other === null ? null : slideAt(other);
      };
      return methodsOf({ contextFrames, rateHz, train, judged, slidesOf, rerunOf });
    },
    score: scoreSlide,
    exhibit: drawSlide,
    notes: NOTES,
    facts: {
      rateHz,
      taxelSpreadCount: [...spread].map((value) => Number(value.toPrecision(6))),
      ceiling: 're-run joined at the last frame seen, fading with 0.06 s',
    },
  };
  return task as unknown as OpenTask;
}

const NOTES = [
  'One finger, one gripper, one laboratory. Counts are raw: nothing here is in newtons.',
  'The ceiling is one real re-run. It is a draw, not a mean: a forecast of the mean has less error than another draw (down to 1/sqrt(2) of its NRMSE), so skill by NRMSE or held force may pass 1 without knowing more than nature repeats. By CRPS the ceiling is fair: it scores half the distance between two runs, which is what the true distribution would score, and skill is at most 1 but for what the frames seen tell beyond the condition.',
  'A mean of slides is smoother than any slide: the spectrum of the held force tells a forecast that looks like a slide from one that is right on average.',
  'The held force stays between 82 and 125 % of the commanded in every published recording: contact has no beginning or end to find, so contact F1 would be 1 for every method and is left out. When slip begins was not recorded.',
  "Each taxel's spread is its standard deviation over all recordings given, whichever side they are on: a unit, which no method sees.",
  'Intervals resample conditions within each fabric: two runs of one condition are drawn together, since each is the ceiling of the other.',
  'Two of three recordings are learned from, so most held-out conditions have their re-run on the train side; parameters of each learned method count them. like-conditions never looks at a re-run.',
] as const;

/** Remembers answers by the identity of what was asked: methods of one task learn from the same slides. */
function remembering<K extends object, V>(compute: (key: K) => Promise<V>): (key: K) => Promise<V> {
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

function requireNoModels(models: readonly string[]): void {
  if (models.length === 0) return;
  throw new UmweltError(
    'invalid-input',
    { models },
    `no world model reads the taxels of fabricslide-tactile: leave out ${models.join(', ')}, or judge them on other recordings`,
  );
}
