import { exp } from '../../../core/math/exact.js';
import type { Control } from '../../../core/progress.js';
import { randomStream } from '../../../core/random.js';
import { minimise } from '../../calibrate/cma-es.js';
import { startOf, valuesAt } from '../../calibrate/parameter-space.js';
import type { CalibrationParameter, ParameterValues } from '../../task.js';
import { mixtureCrps, type ScaleMixture } from './scale-mixture.js';
import {
  frameOf,
  heldForce,
  meanPattern,
  type SlideContext,
  type SlideForecast,
  type SlideTruth,
  TAXELS,
} from './slide.js';

/** What calibration may choose of the relaxation. */
export const RELAXATION_PARAMETERS: readonly CalibrationParameter[] = [
  {
    name: 'settleS',
    unit: 's',
    description: 'time constant with which the last frame gives way to the pattern that is held',
    lo: 0.01,
    hi: 5,
    start: 0.3,
    scale: 'log',
  },
  {
    name: 'commandedShare',
    unit: '1',
    description: 'how much of the way from the force seen to the commanded one the grip goes',
    lo: 0,
    hi: 1,
    start: 0.5,
    scale: 'linear',
  },
  {
    name: 'stayShare',
    unit: '1',
    description: "how much of the last frame's difference from the mean of the frames seen stays",
    lo: 0,
    hi: 1,
    start: 0.3,
    scale: 'linear',
  },
  {
    name: 'sigmaShare',
    unit: '1',
    description: 'spread of three taxels in four after a long time, as a share of the commanded force',
    lo: 0.001,
    hi: 1,
    start: 0.05,
    scale: 'log',
  },
  {
    name: 'spreadS',
    unit: 's',
    description: 'time constant with which the variance grows from 0',
    lo: 0.01,
    hi: 10,
    start: 0.3,
    scale: 'log',
  },
  {
    name: 'tail',
    unit: '1',
    description: 'how many times as far the other taxels spread',
    lo: 1,
    hi: 6,
    start: 2,
    scale: 'log',
  },
];

const WIDE_SHARE = 0.25;

function shapeOf({ tail }: ParameterValues): ScaleMixture {
  return [
    { share: 1 - WIDE_SHARE, scale: 1 },
    { share: WIDE_SHARE, scale: tail! },
  ];
}

/** Frames after the last one seen that a calibration looks at: near ones count as much as far ones. */
const LOOK_AT = [1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 90, 130, 200, 300, 450, 700, 1000] as const;
const EVALUATIONS = 300;

/**
 * Predicts that the last frame gives way to the pattern of the frames seen, gripped as hard as commanded, as a first-order lag does,
 * and that taxels spread about it:
 *
 *     x(t) = target + (last - target) exp(-t / settleS),  sigma(t)^2 = (sigmaShare F)^2 (1 - exp(-t / spreadS))
 *     with 3/4 of a normal distribution of that width and 1/4 of one `tail` times as wide,
 *     target = gain (mean + stayShare (last - mean)),  gain = 1 + commandedShare (F / held - 1)
 */
export function relax(context: SlideContext, values: ParameterValues, rateHz: number): SlideForecast {
  const horizons = Array.from({ length: context.frames }, (_, frame) => frame + 1);
  return { ...relaxTo(context, values, rateHz, horizons), shape: shapeOf(values), isRerun: false };
}

/** Predicts single frames, counted from the last one seen: [horizons, 16]. */
function relaxTo(
  { seen }: SlideContext,
  values: ParameterValues,
  rateHz: number,
  horizons: readonly number[],
): { mean: Float64Array; sigma: Float64Array } {
  const { forceLevelCount } = seen.condition;
  const last = frameOf(seen, seen.frames - 1);
  const pattern = meanPattern(seen.taxels);
  const held = heldForce(pattern)[0]!;
  const gain = 1 + values.commandedShare! * ((held > 0 ? forceLevelCount / held : 1) - 1);
  const target = pattern.map((value, taxel) => gain * (value + values.stayShare! * (last[taxel]! - value)));
  const mean = new Float64Array(horizons.length * TAXELS);
  const sigma = new Float64Array(horizons.length * TAXELS);
  for (const [index, horizon] of horizons.entries()) {
    const timeS = horizon / rateHz;
    const left = exp(-timeS / values.settleS!);
    const width = forceLevelCount * values.sigmaShare! * Math.sqrt(1 - exp(-timeS / values.spreadS!));
    for (let taxel = 0; taxel < TAXELS; taxel++)
      mean[index * TAXELS + taxel] = target[taxel]! + left * (last[taxel]! - target[taxel]!);
    sigma.fill(width, index * TAXELS, (index + 1) * TAXELS);
  }
  return { mean, sigma };
}

/** Measures how wrong a relaxation is: mean CRPS in % of each taxel's spread over a few horizons, near ones as heavy as far. */
export function relaxationLoss(
  context: SlideContext,
  { taxels, rateHz, spread }: SlideTruth,
  values: ParameterValues,
): number {
  const horizons = LOOK_AT.filter((horizon) => horizon <= context.frames);
  const { mean, sigma } = relaxTo(context, values, rateHz, horizons);
  const shape = shapeOf(values);
  let sum = 0;
  for (const [index, horizon] of horizons.entries()) {
    for (let taxel = 0; taxel < TAXELS; taxel++) {
      const at = index * TAXELS + taxel;
      const distance = Math.abs(taxels[(horizon - 1) * TAXELS + taxel]! - mean[at]!);
      sum += (100 * sigma[at]! * mixtureCrps(shape, distance / sigma[at]!)) / spread[taxel]!;
    }
  }
  return sum / mean.length;
}

/** Calibrates the relaxation to slides, for an evaluation that was given no overlay. */
export async function fitRelaxation(
  slides: readonly { readonly context: SlideContext; readonly truth: SlideTruth }[],
  seed: number,
  { signal }: Control,
): Promise<ParameterValues> {
  const parameters = RELAXATION_PARAMETERS;
  const lossOf = (values: ParameterValues) =>
    slides.reduce((sum, { context, truth }) => sum + relaxationLoss(context, truth, values), 0) /
    slides.length;
  const { best } = await minimise(
    async (points) => points.map((point) => lossOf(valuesAt(parameters, point))),
    {
      start: startOf(parameters),
      evaluations: EVALUATIONS,
      random: randomStream(seed, 'evaluation', 'fabricslide-tactile', 'relaxation'),
      ...(signal && { signal }),
    },
  );
  return valuesAt(parameters, best.point);
}
