import type { Metric } from '../../contract.js';
import { atHorizon, meanOverFrames } from '../../metrics/aggregate.js';
import { metricOf } from '../../metrics/metric.js';
import { firstExceedance } from '../../metrics/travel.js';
import {
  coverage,
  type Place,
  pitHistogram,
  placeInEnsemble,
} from '../../metrics/uncertainty/calibration.js';
import { crpsEnsemble } from '../../metrics/uncertainty/crps.js';
import type { CaseScores, MetricDescription } from '../../task.js';
import { energyOf } from './chain.js';
import { NOMINAL_ARMS, nominalModel } from './model.js';
import { RIG_NAMES, type Rig, type Swing, type SwingForecast } from './swing.js';

const DEGREES = 180 / Math.PI;
/** The angle error whose first exceedance is the figure of the task. */
export const LIMIT_DEG = 10;
const LEVEL = 0.9;
/** Distributions are judged this often, frames. */
const STRIDE = 10;

const state = { sense: 'state', better: 'lower' } as const;

const TITLES: Readonly<Record<Rig, string>> = { single: 'Single', double: 'Double', triple: 'Triple' };

/** Everything that a forecast of a swing is judged by. A rig's own metrics do not exist for the others. */
export const METRICS: readonly MetricDescription[] = [
  { ...state, name: 'angle_deg', title: 'Angle error', unit: 'degrees, mean of arms' },
  ...RIG_NAMES.map(
    (rig): MetricDescription => ({
      sense: 'state',
      better: 'higher',
      name: `${rig}_within_${LIMIT_DEG}deg_s`,
      title: `${TITLES[rig]}: within ${LIMIT_DEG} deg`,
      unit: 's',
    }),
  ),
  ...RIG_NAMES.map(
    (rig): MetricDescription => ({
      ...state,
      name: `${rig}_angle_deg`,
      title: `${TITLES[rig]}: angle error`,
      unit: 'degrees',
    }),
  ),
  { ...state, name: 'tip_mm', title: 'Position error of the tip', unit: 'mm' },
  {
    ...state,
    name: 'energy_pct',
    title: 'Energy error',
    unit: '% of what turns all arms upside down, as uniform rods',
  },
  { ...state, sense: 'uncertainty', name: 'angle_crps_deg', title: 'CRPS of the angles', unit: 'degrees' },
  {
    sense: 'uncertainty',
    better: { target: LEVEL },
    name: 'angle_coverage_90',
    title: '90 % interval holds the angle',
    unit: 'share',
  },
];

/** Scores a forecast; `truth` begins at the last frame that was seen and is as long as the forecast. */
export function scoreSwing(
  { point, members }: SwingForecast,
  truth: Swing,
  horizonsS: readonly number[],
): CaseScores {
  const { rig, rateHz } = truth;
  const angle = angleErrorsDeg(point, truth);
  const perFrame: Record<string, Float64Array> = {
    angle_deg: angle,
    [`${rig}_angle_deg`]: angle,
    tip_mm: tipErrorsMm(point, truth),
    energy_pct: energyErrorsPct(point, truth),
  };
  const overall: Record<string, Metric> = {};
  const byHorizon: Record<string, readonly Metric[]> = {};
  for (const [name, values] of Object.entries(perFrame)) {
    overall[name] = meanOverFrames(values.subarray(1));
    byHorizon[name] = horizonsS.map((horizonS) => atHorizon(values, rateHz, horizonS));
  }
  overall[`${rig}_within_${LIMIT_DEG}deg_s`] = metricOf(firstExceedance(angle, rateHz, LIMIT_DEG).timeS);
  const finite = overall.angle_deg!.valid;
  if (members === undefined) {
    // The CRPS of a single value is its absolute error.
    overall.angle_crps_deg = overall.angle_deg!;
    byHorizon.angle_crps_deg = byHorizon.angle_deg!;
    return { overall, byHorizon, finite };
  }
  const judged = (frame: number) => judgeMembers(members, truth, frame);
  const all: Judged[] = [];
  for (let frame = STRIDE; frame < truth.frames; frame += STRIDE) all.push(judged(frame));
  const places = all.flatMap((one) => one.places);
  overall.angle_crps_deg = metricOf(all.reduce((sum, { crpsDeg }) => sum + crpsDeg, 0) / all.length);
  overall.angle_coverage_90 = coverage(places, LEVEL);
  const atHorizons = horizonsS.map((horizonS) => {
    const frame = Math.round(horizonS * rateHz);
    return frame < truth.frames ? judged(frame) : undefined;
  });
  byHorizon.angle_crps_deg = atHorizons.map((one) => metricOf(one?.crpsDeg ?? Number.NaN));
  byHorizon.angle_coverage_90 = atHorizons.map((one) => coverage(one?.places ?? [], LEVEL));
  return { overall, byHorizon, finite, pit: { angle: pitHistogram(places) } };
}

/** Returns each frame's angle error, mean over arms, degrees. A full turn too many counts as 360. */
export function angleErrorsDeg(predicted: Swing, actual: Swing): Float64Array {
  const { arms, frames } = actual;
  return Float64Array.from({ length: frames }, (_, frame) => {
    let sum = 0;
    for (let arm = 0; arm < arms; arm++) {
      const at = frame * 2 * arms + arm;
      sum += Math.abs(predicted.path[at]! - actual.path[at]!);
    }
    return (DEGREES * sum) / arms;
  });
}

function tipErrorsMm(predicted: Swing, actual: Swing): Float64Array {
  return Float64Array.from({ length: actual.frames }, (_, frame) => {
    const [y, z] = tipOf(predicted, frame);
    const [actualY, actualZ] = tipOf(actual, frame);
    return 1000 * Math.hypot(y - actualY, z - actualZ);
  });
}

/** The far end of the last arm, all of them as long as they are drawn. */
function tipOf({ arms, path }: Swing, frame: number): readonly [number, number] {
  let [y, z] = [0, 0];
  for (let arm = 0; arm < arms; arm++) {
    const angle = path[frame * 2 * arms + arm]!;
    y += NOMINAL_ARMS[arm]!.lengthM * Math.sin(angle);
    z -= NOMINAL_ARMS[arm]!.lengthM * Math.cos(angle);
  }
  return [y, z];
}

function energyErrorsPct(predicted: Swing, actual: Swing): Float64Array {
  const { arms, frames } = actual;
  const { chain } = nominalModel(arms);
  const upsideDown = Float64Array.from({ length: 2 * arms }, (_, i) => (i < arms ? Math.PI : 0));
  const scale = 100 / energyOf(chain, upsideDown);
  const at = (swing: Swing, frame: number) =>
    energyOf(chain, swing.path.subarray(frame * 2 * arms, (frame + 1) * 2 * arms));
  return Float64Array.from(
    { length: frames },
    (_, frame) => scale * Math.abs(at(predicted, frame) - at(actual, frame)),
  );
}

interface Judged {
  readonly crpsDeg: number;
  readonly places: readonly (Place | null)[];
}

function judgeMembers(members: readonly Swing[], { arms, path }: Swing, frame: number): Judged {
  let crps = 0;
  const places: (Place | null)[] = [];
  for (let arm = 0; arm < arms; arm++) {
    const at = frame * 2 * arms + arm;
    const values = Float64Array.from(members, (member) => member.path[at]!);
    crps += crpsEnsemble(values, path[at]!).value / arms;
    places.push(placeInEnsemble(values, path[at]!));
  }
  return { crpsDeg: DEGREES * crps, places };
}

/** Which rigs are among some motions, in the order of the list. */
export function rigsAmong(rigs: Iterable<Rig>): readonly Rig[] {
  const present = new Set(rigs);
  return RIG_NAMES.filter((rig) => present.has(rig));
}
