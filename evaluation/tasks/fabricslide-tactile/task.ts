import { UmweltError } from '../../../core/errors.js';
import { randomStream } from '../../../core/random.js';
import type { Case, OpenTask, ParameterValues, Task, TaskSetup } from '../../task.js';
import { drawSlide } from './exhibit.js';
import { BASELINE, CEILING, methodsOf } from './methods.js';
import { RELAXATION_PARAMETERS, relaxationLoss } from './relaxation.js';
import { METRICS, scoreSlide } from './score.js';
import type { SlideContext, SlideForecast, SlideTruth } from './slide.js';
import { openSource, remembering } from './source.js';

/** The shortest slides (150 mm/s) go on for 3.6 s, the longest (20 mm/s) for 29. */
const HORIZONS_S = [0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 5, 7, 10, 15, 20, 25] as const;
/** Train slides that the relaxation is calibrated to where there is no overlay. */
const CALIBRATE_BY = 48;

/** A tactile finger that slides along a fabric: 16 taxels, 10 frames seen, the command known throughout. */
export const fabricslideTactileTask: Task = {
  name: 'fabricslide-tactile',
  methodNames: [
    'copy-last',
    'context-mean',
    'commanded-pattern',
    'relaxation',
    'nearest-slide',
    'linear',
    'like-conditions',
    'like-slides',
    're-run',
  ],
  protocol:
    "A method sees the first frames of the 16 taxels and the commanded force and speed, and predicts the taxels for the rest of the slide; errors are in units of each taxel's spread over the recordings, averaged over frames and then over recordings.",
  metrics: METRICS,
  contextFrames: 10,
  baseline: BASELINE,
  ceiling: CEILING,
  open: openSlides,
};

async function openSlides({
  recordings,
  contextFrames,
  models,
  seed,
  overlay,
}: TaskSetup): Promise<OpenTask> {
  requireNoModels(models.map(({ name }) => name));
  const source = await openSource(recordings, contextFrames);
  const { cases, rateHz, spread, load } = source;
  const task: OpenTask<SlideContext, SlideTruth, SlideForecast> = {
    cases,
    horizonsS(heldout) {
      const last = Math.max(...heldout.map(({ horizonS }) => horizonS));
      const within = HORIZONS_S.filter((horizonS) => horizonS <= last);
      return within.length > 0 ? within : [last];
    },
    load,
    methods(train) {
      const known = new Set(train.map(({ episode }) => episode));
      const judged = cases.filter(({ episode }) => !known.has(episode));
      const sample = shuffled(train, seed).slice(0, CALIBRATE_BY);
      return methodsOf({ source, contextFrames, train, judged, sample, seed, overlay });
    },
    score: scoreSlide,
    exhibit: drawSlide,
    calibration(train) {
      // Every candidate asks for every case.
      const remembered = remembering(load);
      const loss = async (values: ParameterValues, chosen: Case): Promise<number> => {
        const { context, truth } = await remembered(chosen);
        return relaxationLoss(context, truth, values);
      };
      const problem = {
        name: 'relaxation',
        parameters: RELAXATION_PARAMETERS,
        cases: shuffled(train, seed),
        loss,
      };
      return { scenario: null, problems: [problem] };
    },
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

function requireNoModels(models: readonly string[]): void {
  if (models.length === 0) return;
  throw new UmweltError(
    'invalid-input',
    { models },
    `no world model reads the taxels of fabricslide-tactile: leave out ${models.join(', ')}, or judge them on other recordings`,
  );
}

/** Orders cases by chance, so that any first few are a fair sample. */
function shuffled(cases: readonly Case[], seed: number): readonly Case[] {
  return cases
    .map((one) => ({
      one,
      rank: randomStream(seed, 'evaluation', 'fabricslide-tactile', one.recording.sha256).uniform(),
    }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}
