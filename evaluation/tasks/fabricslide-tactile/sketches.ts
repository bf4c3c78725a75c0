import { log } from '../../../core/math/exact.js';
import type { Sketch, Sketcher } from './correction.js';
import { type Kernel, meanOfSlides, withoutReruns } from './kernel.js';
import { conditionKey, heldForce, meanPattern, type Slide, type SlideContext, TAXELS } from './slide.js';

/**
 * Sketches by the mean of known slides under like conditions. The correction looks at how the frames seen differ from that
 * mean: the last, all, the later half, their trend, and what all taxels share.
 *
 * @param reruns false leaves out known slides of the very condition, so that nothing is looked up.
 */
export function likeSlides(known: readonly Slide[], kernel: Kernel, reruns: boolean): Sketcher {
  return {
    features: 8,
    groups: 2,
    situations: 2,
    sketch({ seen, frames }: SlideContext): Sketch {
      const { condition } = seen;
      const others = withoutReruns(known, condition);
      const hasRerun = reruns && others.length < known.length;
      const usable = reruns || others.length === 0 ? known : others;
      const whole = meanOfSlides(usable, condition, seen.frames + frames, kernel);
      const guess = whole.subarray(seen.taxels.length);
      const differences = seen.taxels.map((value, at) => value / condition.forceLevelCount - whole[at]!);
      const offsets = describeFrames(differences);
      const shared = { all: meanOf(offsets.all), last: meanOf(offsets.last) };
      const level = meanPattern(whole);
      return {
        guess,
        group: () => Number(hasRerun),
        situation: Number(hasRerun),
        describe(frame, taxel, row) {
          row[0] = offsets.last[taxel]!;
          row[1] = offsets.all[taxel]!;
          row[2] = offsets.later[taxel]!;
          row[3] = offsets.trend[taxel]!;
          row[4] = guess[frame * TAXELS + taxel]! - level[taxel]!;
          row[5] = shared.all;
          row[6] = shared.last;
          row[7] = 1;
        },
      };
    },
  };
}

/**
 * Sketches by the last frame; the correction looks at the frames seen and at what is commanded, with coefficients of each taxel's
 * own. Looks nothing up and knows no fabric.
 */
export function fromContext(): Sketcher {
  return {
    features: 9,
    groups: TAXELS,
    situations: 1,
    sketch({ seen, frames }: SlideContext): Sketch {
      const { forceLevelCount, speedMps } = seen.condition;
      const scaled = seen.taxels.map((value) => value / forceLevelCount);
      const { last, all, later, trend } = describeFrames(scaled);
      const guess = new Float64Array(frames * TAXELS).map((_, at) => last[at % TAXELS]!);
      const missing = 1 - heldForce(last)[0]!;
      const pace = log(Math.max(Math.abs(speedMps), 0.001) / 0.05);
      const direction = speedMps < 0 ? -1 : 1;
      const level = log(forceLevelCount / 160);
      return {
        guess,
        group: (taxel) => taxel,
        situation: 0,
        describe(_, taxel, row) {
          row[0] = 1;
          row[1] = direction;
          row[2] = pace;
          row[3] = pace * direction;
          row[4] = level;
          row[5] = all[taxel]! - last[taxel]!;
          row[6] = later[taxel]! - last[taxel]!;
          row[7] = trend[taxel]!;
          row[8] = missing;
        },
      };
    },
  };
}

/** What frames [frames, 16] are like, by taxel. */
interface FramesSummary {
  readonly last: Float64Array;
  readonly all: Float64Array;
  readonly later: Float64Array;
  /** Mean of the last three less that of the three before. */
  readonly trend: Float64Array;
}

function describeFrames(values: Float64Array): FramesSummary {
  const frames = values.length / TAXELS;
  const mean = (from: number, to: number) => meanPattern(values.subarray(from * TAXELS, to * TAXELS));
  const middle = Math.max(0, frames - 3);
  const before = Math.max(0, frames - 6);
  const end = mean(middle, frames);
  const start = middle > before ? mean(before, middle) : end;
  return {
    last: values.slice(-TAXELS),
    all: mean(0, frames),
    later: mean(Math.floor(frames / 2), frames),
    trend: end.map((value, taxel) => value - start[taxel]!),
  };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Returns the slides but this one: what is learned about a slide must not be learned from it. */
export function allBut(slides: readonly Slide[], one: Slide): readonly Slide[] {
  return slides.filter((slide) => slide !== one);
}

/** Counts the slides whose condition is among known ones. */
export function countReruns(slides: readonly Slide[], known: readonly Slide[]): number {
  const keys = new Set(known.map(({ condition }) => conditionKey(condition)));
  return slides.filter(({ condition }) => keys.has(conditionKey(condition))).length;
}
