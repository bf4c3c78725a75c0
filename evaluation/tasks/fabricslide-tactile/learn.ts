import { type Correction, correct, type Example, fitCorrection, type Sketcher } from './correction.js';
import { distance, type Kernel, meanOfSlides, relevant } from './kernel.js';
import { NORMAL } from './scale-mixture.js';
import { allBut, fromContext, likeSlides } from './sketches.js';
import { framesOf, type Slide, type SlideContext, type SlideForecast, TAXELS } from './slide.js';

/** What was learned, as a forecast of any slide. */
export interface Learned {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly forecast: (context: SlideContext) => SlideForecast;
}

const LEVEL_WIDTHS = [0.05, 0.07, 0.1, 0.2] as const;
const SPEED_COSTS = [0.35, 0.7, 1.4] as const;
/** Slides that widths are chosen by. */
const CHOOSE_BY = 60;

/** Shows the first frames of a slide. */
export function contextOf(slide: Slide, contextFrames: number): SlideContext {
  return { seen: framesOf(slide, 0, contextFrames), frames: slide.frames - contextFrames };
}

/**
 * Learns the mean of like slides and its correction. Widths, coefficients and residuals are found by leaving each slide out in
 * turn.
 *
 * @param slides at least two, all longer than the context.
 * @param reruns false never looks at another slide of the same condition.
 */
export function learnLikeSlides(slides: readonly Slide[], contextFrames: number, reruns: boolean): Learned {
  const kernel = chooseKernel(slides, contextFrames, reruns);
  const examples = slides.map((slide): Example => {
    const context = contextOf(slide, contextFrames);
    const sketch = likeSlides(allBut(slides, slide), kernel, reruns).sketch(context);
    return { context, sketch, outcome: slide.taxels.subarray(contextFrames * TAXELS) };
  });
  return learned(likeSlides(slides, kernel, reruns), examples, { ...kernel, slides: slides.length });
}

/** Learns from the frames seen and the command alone. */
export function learnFromContext(slides: readonly Slide[], contextFrames: number): Learned {
  const sketcher = fromContext();
  const examples = slides.map((slide): Example => {
    const context = contextOf(slide, contextFrames);
    const outcome = slide.taxels.subarray(contextFrames * TAXELS);
    return { context, sketch: sketcher.sketch(context), outcome };
  });
  return learned(sketcher, examples, { slides: slides.length });
}

/** Replays the slide whose condition is nearest, scaled to the commanded level; the first of several. */
export function nearestSlide(slides: readonly Slide[], kernel: Kernel): Learned['forecast'] {
  return ({ seen, frames }) => {
    const near = relevant(slides, seen.condition);
    const distances = near.map(({ condition }) => distance(condition, seen.condition, kernel));
    const nearest = near[distances.indexOf(Math.min(...distances))]!;
    const whole = meanOfSlides([nearest], seen.condition, seen.frames + frames, kernel);
    const mean = whole.subarray(seen.taxels.length).map((value) => value * seen.condition.forceLevelCount);
    return { mean, sigma: null, shape: NORMAL, isRerun: false };
  };
}

function learned(
  sketcher: Sketcher,
  examples: readonly Example[],
  parameters: Readonly<Record<string, unknown>>,
): Learned {
  const correction: Correction = fitCorrection(sketcher, examples);
  return { parameters, forecast: (context) => correct(sketcher, correction, context) };
}

function chooseKernel(slides: readonly Slide[], contextFrames: number, reruns: boolean): Kernel {
  const every = Math.max(1, Math.floor(slides.length / CHOOSE_BY));
  const chosen = slides.filter((_, index) => index % every === 0);
  let best: Kernel | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const levelWidth of LEVEL_WIDTHS) {
    for (const speedCost of SPEED_COSTS) {
      const kernel = { levelWidth, speedCost };
      let loss = 0;
      for (const slide of chosen) loss += leftOutError(slides, slide, contextFrames, kernel, reruns);
      if (loss >= least) continue;
      least = loss;
      best = kernel;
    }
  }
  return best ?? { levelWidth: LEVEL_WIDTHS[1], speedCost: SPEED_COSTS[1] };
}

/** Root mean square error in units of the level of a slide that is predicted by the others. */
function leftOutError(
  slides: readonly Slide[],
  slide: Slide,
  contextFrames: number,
  kernel: Kernel,
  reruns: boolean,
): number {
  const { guess } = likeSlides(allBut(slides, slide), kernel, reruns).sketch(contextOf(slide, contextFrames));
  let squares = 0;
  for (const [at, value] of guess.entries()) {
    const actual = slide.taxels[contextFrames * TAXELS + at]! / slide.condition.forceLevelCount;
    squares += (actual - value) ** 2;
  }
  return Math.sqrt(squares / guess.length);
}
