import type { Control } from '../../../core/progress.js';
import { randomStream } from '../../../core/random.js';
import { minimise } from '../../calibrate/cma-es.js';
import type { ParameterValues } from '../../calibrate/contract.js';
import { startOf, valuesAt } from '../../calibrate/parameter-space.js';
import type { Case } from '../../task.js';
import { agents, type ForecastScene } from './forecast.js';
import {
  type CarMotion,
  type ShownScene,
  subjectOf,
  type TrafficContext,
  type TrafficMotion,
} from './motion.js';
import { DRIVING_PARAMETERS, drivingOf } from './parameters.js';
import { hitBy } from './score.js';

/** Simulations of all train scenes that a fit makes: enough that more change the loss by about 1 %. */
export const FIT_EVALUATIONS = 300;
/** What a car that hits another costs, beside its displacement. */
const HIT_COST_M = 1;
/** Of a displacement that counts: cars that are this far off are simply wrong. */
const MOST_M = 1e4;

/** A case to fit to. */
export interface DrivingCase {
  readonly context: TrafficContext;
  readonly truth: TrafficMotion;
}

/** What a fit found. */
export interface DrivingFit {
  readonly values: ParameterValues;
  readonly startLossM: number;
  readonly lossM: number;
  readonly evaluations: number;
}

/** The mean displacement of one car's forecast, and `HIT_COST_M` where it hits another. Finite. */
export function lossOf(forecast: readonly CarMotion[], truth: TrafficMotion): number {
  const motion = { ...truth, cars: forecast };
  const predicted = subjectOf(motion).states;
  const actual = subjectOf(truth).states;
  let sum = 0;
  for (let frame = 1; frame < actual.length; frame++) {
    const [here, there] = [predicted[frame]!, actual[frame]!];
    sum += Math.hypot(here.x - there.x, here.y - there.y);
  }
  const mean = sum / Math.max(1, actual.length - 1);
  return (
    (Number.isFinite(mean) ? Math.min(mean, MOST_M) : MOST_M) + HIT_COST_M * hitBy(motion, truth).at(-1)!
  );
}

/** Remembers the forecast of each scene, so that the cases that share one simulate it once. */
export function oncePerScene(forecast: ForecastScene): ForecastScene {
  const known = new WeakMap<ShownScene, readonly CarMotion[]>();
  return (scene) => {
    const found = known.get(scene) ?? forecast(scene);
    known.set(scene, found);
    return found;
  };
}

/** Mean loss over cases when everybody drives by these values, all in one simulation. */
export function meanLoss(values: ParameterValues, cases: readonly DrivingCase[]): number {
  const forecast = oncePerScene(agents(drivingOf(values)));
  let sum = 0;
  for (const { context, truth } of cases) sum += lossOf(forecast(context.scene), truth);
  return sum / cases.length;
}

/**
 * Fits how people drive to the train side by CMA-ES over closed-loop simulations, from the values where the search begins.
 *
 * @throws UmweltError `interrupted`.
 */
export async function fitDriving(
  cases: readonly DrivingCase[],
  seed: number,
  evaluations: number,
  control: Control = {},
): Promise<DrivingFit> {
  const start = startOf(DRIVING_PARAMETERS);
  const { evaluated, best } = await minimise(
    async (points) => points.map((point) => meanLoss(valuesAt(DRIVING_PARAMETERS, point), cases)),
    {
      start,
      spread: 0.15,
      evaluations,
      random: randomStream(seed, 'evaluation', 'fit', 'commonroad-ngsim'),
      ...control,
    },
  );
  return {
    values: valuesAt(DRIVING_PARAMETERS, best.point),
    startLossM: meanLoss(valuesAt(DRIVING_PARAMETERS, start), cases),
    lossM: best.value,
    evaluations: evaluated.length,
  };
}

/** Puts cases into an order of which any first few are a fair sample: by a random number of the seed and the name. */
export function shuffleCases(cases: readonly Case[], seed: number): readonly Case[] {
  return cases
    .map((chosen) => ({ chosen, rank: randomStream(seed, 'evaluation', 'fit', chosen.name).uniform() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ chosen }) => chosen);
}
