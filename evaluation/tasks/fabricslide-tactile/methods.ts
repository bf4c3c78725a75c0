import type { Control } from '../../../core/progress.js';
import { bestValues, type Overlay } from '../../calibrate/overlay.js';
import { requireValues } from '../../calibrate/parameter-space.js';
import type { Case, Method, MethodKind, ParameterValues } from '../../task.js';
import { commandedPattern, contextMean, copyLast } from './baselines.js';
import { type Learned, learnFromContext, learnLikeSlides, nearestSlide } from './learn.js';
import { fitRelaxation, RELAXATION_PARAMETERS, relax } from './relaxation.js';
import { replay } from './rerun.js';
import { countReruns } from './sketches.js';
import type { Slide, SlideContext, SlideForecast, SlideTruth } from './slide.js';
import type { SlideSource } from './source.js';

/** Names that the task refers to. */
export const BASELINE = 'copy-last';
export const CEILING = 're-run';

export type SlideMethod = Method<SlideContext, SlideTruth, SlideForecast>;

/** What methods are made from. */
export interface MethodsSetup {
  readonly source: SlideSource;
  readonly contextFrames: number;
  readonly train: readonly Case[];
  /** Cases that are not in `train`. */
  readonly judged: readonly Case[];
  /** Train cases to calibrate to: a fair sample. */
  readonly sample: readonly Case[];
  readonly seed: number;
  readonly overlay: Overlay | null;
}

/**
 * Lists the methods, simplest first. Those that learn are left out where there are not two slides to learn from; the relaxation is
 * calibrated to an overlay's values there.
 */
export function methodsOf(setup: MethodsSetup): readonly SlideMethod[] {
  const { source, contextFrames, train, overlay } = setup;
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
    ...(train.length < 2 && overlay === null ? [] : [relaxation(setup)]),
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
        forecast: async (context, chosen) => replay(await source.rerunOf(chosen), context, source.rateHz),
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
  { source, train, judged }: MethodsSetup,
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
      const slides = await source.slidesOf(train);
      const { parameters, forecast } = learn(slides);
      const reruns = countReruns(await source.slidesOf(judged), slides);
      return {
        parameters: { ...parameters, heldOutWithRerunInTrain: reruns, heldOut: judged.length },
        forecast: async (context) => forecast(context),
      };
    },
  };
}

function relaxation({ source, overlay, seed, sample }: MethodsSetup): SlideMethod {
  const find = async (control: Control): Promise<ParameterValues> => {
    if (overlay !== null) return requireValues(RELAXATION_PARAMETERS, bestValues(overlay), 'overlay');
    const slides = [];
    for (const chosen of sample) slides.push(await source.load(chosen));
    return fitRelaxation(slides, seed, control);
  };
  return {
    name: 'relaxation',
    kind: 'physics',
    description:
      'the last frame gives way to the pattern seen at the commanded force; calibrated time, share and spread',
    identity: { method: 'relaxation' },
    preparation: 0,
    async prepare(control, known) {
      const values = (known as ParameterValues | undefined) ?? (await find(control));
      return { parameters: values, forecast: async (context) => relax(context, values, source.rateHz) };
    },
  };
}
