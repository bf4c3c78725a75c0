import type { Case, Method, MethodKind } from '../../task.js';
import { commandedPattern, contextMean, copyLast } from './baselines.js';
import { type Learned, learnFromContext, learnLikeSlides, nearestSlide } from './learn.js';
import { replay } from './rerun.js';
import { countReruns } from './sketches.js';
import type { Slide, SlideContext, SlideForecast, SlideTruth } from './slide.js';

/** Names that the task refers to. */
export const BASELINE = 'copy-last';
export const CEILING = 're-run';

export type SlideMethod = Method<SlideContext, SlideTruth, SlideForecast>;

/** What methods are made from. */
export interface MethodsSetup {
  readonly contextFrames: number;
  readonly rateHz: number;
  /** Cases that are not in `train`. */
  readonly judged: readonly Case[];
  readonly train: readonly Case[];
  readonly slidesOf: (cases: readonly Case[]) => Promise<readonly Slide[]>;
  /** Another run of the same condition; null where there is none. */
  readonly rerunOf: (chosen: Case) => Promise<Slide | null>;
}

/** Lists the methods, simplest first. Those that learn are left out where there are not two slides to learn from. */
export function methodsOf(setup: MethodsSetup): readonly SlideMethod[] {
  const { contextFrames, rateHz, train, rerunOf } = setup;
  const learning: SlideMethod[] = [
    learner(
      setup,
      'nearest-slide',
      'replays the train slide of the most alike command, scaled to the level',
      (slides) => ({
        parameters: { slides: slides.length },
        forecast: nearestSlide(slides, { levelWidth: 0.07, speedCost: 0.7 }),
      }),
    ),
    learner(
      setup,
      'linear',
      'linear in the frames seen and the command, by taxel and span; looks nothing up',
      (slides) => learnFromContext(slides, contextFrames),
    ),
    learner(
      setup,
      'like-conditions',
      'mean of train slides under like commands, never the same, corrected by the frames seen',
      (slides) => learnLikeSlides(slides, contextFrames, false),
    ),
    learner(
      setup,
      'like-slides',
      'mean of train slides under like commands, re-runs too, corrected by the frames seen',
      (slides) => learnLikeSlides(slides, contextFrames, true),
    ),
  ];
  return [
    fixed(BASELINE, 'baseline', 'the last frame seen stays', copyLast),
    fixed('context-mean', 'baseline', 'the mean of the frames seen stays', contextMean),
    fixed(
      'commanded-pattern',
      'baseline',
      'the mean of the frames seen, scaled to the commanded force',
      commandedPattern,
    ),
    ...(train.length < 2 ? [] : learning),
    {
      ...fixed(
        CEILING,
        'ceiling',
        'another real run of the same condition, joined to the last frame seen',
        copyLast,
      ),
      prepare: async () => ({
        parameters: {},
        forecast: async (context, chosen) => replay(await rerunOf(chosen), context, rateHz),
      }),
    },
  ];
}

function fixed(
  name: string,
  kind: MethodKind,
  description: string,
  forecast: (context: SlideContext) => SlideForecast,
): SlideMethod {
  return {
    name,
    kind,
    description,
    identity: { method: name },
    preparation: 0,
    prepare: async () => ({ parameters: {}, forecast: async (context) => forecast(context) }),
  };
}

function learner(
  { train, judged, slidesOf }: MethodsSetup,
  name: string,
  description: string,
  learn: (slides: readonly Slide[]) => Learned,
): SlideMethod {
  return {
    name,
    kind: 'learned',
    description,
    identity: { method: name },
    preparation: 0,
    async prepare() {
      const slides = await slidesOf(train);
      const { parameters, forecast } = learn(slides);
      const reruns = countReruns(await slidesOf(judged), slides);
      return {
        parameters: { ...parameters, heldOutWithRerunInTrain: reruns, heldOut: judged.length },
        forecast: async (context) => forecast(context),
      };
    },
  };
}
