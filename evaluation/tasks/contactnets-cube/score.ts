import type { Quaternion } from '../../../core/math/quaternion.js';
import { geodesicAngle } from '../../../core/math/rotation.js';
import type { Metric, Trajectory } from '../../contract.js';
import { atHorizon, meanOverFrames } from '../../metrics/aggregate.js';
import { energyScore } from '../../metrics/uncertainty/energy-score.js';
import type { CaseScores, MetricDescription } from '../../task.js';
import type { CubeForecast } from './forecast.js';
import { POINT_METRICS } from './metrics.js';

const DEGREES = 180 / Math.PI;
const NOMINAL = 0.9;
const PIT_BINS = 10;

const uncertainty = { sense: 'uncertainty', unit: 'share' } as const;

/** What is judged of a distribution; of a single motion, the first two are its errors. */
const DISTRIBUTION_METRICS: readonly MetricDescription[] = [
  {
    ...uncertainty,
    name: 'position_crps_pct_width',
    title: 'CRPS of position',
    unit: '% of the width',
    better: 'lower',
    atStart: 0,
  },
  {
    ...uncertainty,
    name: 'rotation_crps_deg',
    title: 'CRPS of rotation',
    unit: 'degrees',
    better: 'lower',
    atStart: 0,
  },
  {
    ...uncertainty,
    name: 'position_coverage_90',
    title: '90 % interval holds the position',
    better: { target: NOMINAL },
  },
  {
    ...uncertainty,
    name: 'rotation_coverage_90',
    title: '90 % ball holds the rotation',
    better: { target: NOMINAL },
  },
];

/** Everything that a forecast of a toss is judged by. */
export const METRICS: readonly MetricDescription[] = [
  ...POINT_METRICS.map(({ perFrame: _, ...description }) => description),
  ...DISTRIBUTION_METRICS,
];

/** Scores a forecast: the single motion by ContactNets' protocol, the members by proper scores and coverage. */
export function scoreForecast(
  { point, members }: CubeForecast,
  truth: Trajectory,
  horizonsS: readonly number[],
  widthM: number,
): CaseScores {
  const perFrame: Record<string, Float64Array> = {};
  for (const { name, perFrame: values } of POINT_METRICS) perFrame[name] = values(point, truth, widthM);
  let pit: CaseScores['pit'];
  if (members === undefined) {
    perFrame.position_crps_pct_width = perFrame.position_pct_width!;
    perFrame.rotation_crps_deg = perFrame.rotation_deg!;
  } else {
    perFrame.position_crps_pct_width = energyScores(members, truth, distanceM, 100 / widthM);
    perFrame.rotation_crps_deg = energyScores(members, truth, turnRad, DEGREES);
    const axes = positionRanks(members, truth);
    perFrame.position_coverage_90 = axes.covered;
    perFrame.rotation_coverage_90 = turnsCovered(point, members, truth);
    pit = { position: axes.pit };
  }
  const overall: Record<string, Metric> = {};
  const byHorizon: Record<string, readonly Metric[]> = {};
  for (const [name, values] of Object.entries(perFrame)) {
    // The frame that was seen has no error to be uncertain of.
    overall[name] = meanOverFrames(name.includes('coverage') ? values.subarray(1) : values);
    byHorizon[name] = horizonsS.map((horizonS) => atHorizon(values, truth.rateHz, horizonS));
  }
  const finite = POINT_METRICS.every(({ name }) => overall[name]!.valid);
  return { overall, byHorizon, finite, ...(pit && { pit }) };
}

type Distance = (a: Trajectory, b: Trajectory, frame: number) => number;

function distanceM(a: Trajectory, b: Trajectory, frame: number): number {
  const at = frame * 3;
  return Math.hypot(
    a.positionM[at]! - b.positionM[at]!,
    a.positionM[at + 1]! - b.positionM[at + 1]!,
    a.positionM[at + 2]! - b.positionM[at + 2]!,
  );
}

function turnRad(a: Trajectory, b: Trajectory, frame: number): number {
  return geodesicAngle(quaternionAt(a, frame), quaternionAt(b, frame));
}

function quaternionAt({ orientation }: Trajectory, frame: number): Quaternion {
  const at = frame * 4;
  return [orientation[at]!, orientation[at + 1]!, orientation[at + 2]!, orientation[at + 3]!];
}

/** Energy score of each frame. With turns it reads off degrees and is not quite proper (see `geodesicDistance`). */
function energyScores(
  members: readonly Trajectory[],
  truth: Trajectory,
  distance: Distance,
  scale: number,
): Float64Array {
  return Float64Array.from({ length: truth.frames }, (_, frame) => {
    const score = energyScore(members, truth, (a, b) => distance(a, b, frame));
    return scale * score.value;
  });
}

/** Share of the three axes whose central 90 % interval holds the truth, and counts of the truth's ranks in tenths. */
function positionRanks(
  members: readonly Trajectory[],
  truth: Trajectory,
): { covered: Float64Array; pit: number[] } {
  const pit = new Array<number>(PIT_BINS).fill(0);
  const covered = Float64Array.from({ length: truth.frames }, (_, frame) => {
    let held = 0;
    for (let axis = 0; axis < 3; axis++) {
      const at = frame * 3 + axis;
      const values = Float64Array.from(members, ({ positionM }) => positionM[at]!).sort();
      const actual = truth.positionM[at]!;
      const inside =
        actual >= orderQuantile(values, (1 - NOMINAL) / 2) &&
        actual <= orderQuantile(values, (1 + NOMINAL) / 2);
      held += inside ? 1 : 0;
      if (frame === 0) continue;
      const rank = values.filter((value) => value < actual).length;
      pit[Math.min(PIT_BINS - 1, Math.floor((PIT_BINS * (rank + 0.5)) / (members.length + 1)))]!++;
    }
    return held / 3;
  });
  return { covered, pit };
}

/** 1 where the truth is as near to the point forecast as 90 % of the members are. */
function turnsCovered(point: Trajectory, members: readonly Trajectory[], truth: Trajectory): Float64Array {
  return Float64Array.from({ length: truth.frames }, (_, frame) => {
    const turns = Float64Array.from(members, (member) => turnRad(member, point, frame)).sort();
    return turnRad(truth, point, frame) <= orderQuantile(turns, NOMINAL) ? 1 : 0;
  });
}

/**
 * Costs of the ends of the 90 % intervals of position (mean over axes, m) and of the 90 % ball of turns (rad), mean over frames: the
 * pinball loss, a proper score of a quantile (Koenker and Bassett 1978).
 */
export function intervalLosses(
  point: Trajectory,
  members: readonly Trajectory[],
  truth: Trajectory,
): { positionM: number; turnRad: number } {
  const [low, high] = [(1 - NOMINAL) / 2, (1 + NOMINAL) / 2];
  let positionM = 0;
  let turnLoss = 0;
  for (let frame = 0; frame < truth.frames; frame++) {
    for (let at = frame * 3; at < frame * 3 + 3; at++) {
      const values = Float64Array.from(members, (member) => member.positionM[at]!).sort();
      const actual = truth.positionM[at]!;
      positionM += pinball(actual, orderQuantile(values, low), low) / 3;
      positionM += pinball(actual, orderQuantile(values, high), high) / 3;
    }
    const turns = Float64Array.from(members, (member) => turnRad(member, point, frame)).sort();
    turnLoss += pinball(turnRad(truth, point, frame), orderQuantile(turns, NOMINAL), NOMINAL);
  }
  return { positionM: positionM / truth.frames, turnRad: turnLoss / truth.frames };
}

function pinball(actual: number, quantile: number, p: number): number {
  return actual >= quantile ? p * (actual - quantile) : (1 - p) * (quantile - actual);
}

/** Quantile at p (n + 1): one more draw falls below it with probability p (type 6 of Hyndman and Fan 1996). */
function orderQuantile(sorted: Float64Array, p: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, p * (sorted.length + 1) - 1));
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (at - below);
}
