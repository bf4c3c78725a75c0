import type { Metric } from '../../contract.js';
import { INVALID, metricOf } from '../../metrics/metric.js';
import type { CaseScores, MetricDescription } from '../../task.js';
import { between, type DriveErrors, errorsAt, placeAt } from './errors.js';
import type { DriveMotion } from './windows.js';

/** What a method says: one motion, and where it knows how sure it is, equally likely ones. */
export interface DriveForecast {
  readonly point: DriveMotion;
  readonly members?: readonly DriveMotion[];
}

/** Drift is a share of the distance where the car has gone at least so far. */
export const LEAST_TRAVELLED_M = 5;
const DEGREES = 180 / Math.PI;
const NOMINAL = 0.9;
const PIT_BINS = 10;

const state = { sense: 'state', better: 'lower', atStart: 0 } as const;
const uncertainty = { sense: 'uncertainty' } as const;

/** What a forecast of a drive is judged by. */
export const METRICS: readonly MetricDescription[] = [
  {
    sense: 'state',
    better: 'lower',
    name: 'drift_pct_travelled',
    title: 'Drift',
    unit: '% of distance',
  },
  { ...state, name: 'position_m', title: 'Position error', unit: 'm' },
  { ...state, name: 'along_m', title: 'Error along the car', unit: 'm' },
  { ...state, name: 'across_m', title: 'Error across the car', unit: 'm' },
  { ...state, name: 'heading_deg', title: 'Heading error', unit: 'degrees' },
  {
    ...uncertainty,
    name: 'position_crps_m',
    title: 'CRPS of position',
    unit: 'm',
    better: 'lower',
    atStart: 0,
  },
  {
    ...uncertainty,
    name: 'along_coverage_90',
    title: '90 % interval along the car holds',
    unit: 'share',
    better: { target: NOMINAL },
  },
  {
    ...uncertainty,
    name: 'across_coverage_90',
    title: '90 % interval across the car holds',
    unit: 'share',
    better: { target: NOMINAL },
  },
];

/** Scores a forecast at each horizon. Overall is the last horizon; of coverage, the mean over horizons. */
export function scoreDrive(
  { point, members }: DriveForecast,
  truth: DriveMotion,
  horizonsS: readonly number[],
): CaseScores {
  const errors = errorsAt(point, truth, horizonsS);
  const values: Record<string, readonly number[]> = {
    drift_pct_travelled: errors.positionM.map((error, i) => share(error, errors.travelledM[i]!)),
    position_m: errors.positionM,
    along_m: errors.alongM.map(Math.abs),
    across_m: errors.acrossM.map(Math.abs),
    heading_deg: errors.headingRad.map((angle) => Math.abs(angle) * DEGREES),
    position_crps_m: errors.positionM,
  };
  const finite = errors.positionM.every(Number.isFinite) && errors.headingRad.every(Number.isFinite);
  let pit: CaseScores['pit'];
  if (members !== undefined) {
    const each = members.map((member) => errorsAt(member, truth, horizonsS));
    const along = ranksOf(each, 'alongM');
    const across = ranksOf(each, 'acrossM');
    values.position_crps_m = energyScores(members, errors, truth);
    values.along_coverage_90 = along.covered;
    values.across_coverage_90 = across.covered;
    pit = { 'position along the car': along.pit, 'position across the car': across.pit };
  }
  const byHorizon: Record<string, readonly Metric[]> = {};
  const overall: Record<string, Metric> = {};
  for (const [name, row] of Object.entries(values)) {
    byHorizon[name] = horizonsS.map((_, i) => (i < row.length ? metricOf(row[i]!) : INVALID));
    overall[name] = name.includes('coverage')
      ? metricOf(row.reduce((sum, value) => sum + value, 0) / row.length)
      : (byHorizon[name].at(-1) ?? INVALID);
  }
  return { overall, byHorizon, finite, ...(pit && { pit }) };
}

function share(errorM: number, travelledM: number): number {
  return travelledM >= LEAST_TRAVELLED_M ? (100 * errorM) / travelledM : Number.NaN;
}

/** Energy score at each horizon, E |X - y| - E |X - X'| / 2, without the bias of a finite ensemble (Ferro 2014). */
function energyScores(
  members: readonly DriveMotion[],
  { timeS }: DriveErrors,
  truth: DriveMotion,
): readonly number[] {
  return timeS.map((horizon) => {
    const at = placeAt(truth.timeS, horizon);
    const [x, y] = [between(truth.xM, at), between(truth.yM, at)];
    const points = members.map(({ xM, yM }) => [between(xM, at), between(yM, at)] as const);
    let toTruth = 0;
    let apart = 0;
    for (const [i, [px, py]] of points.entries()) {
      toTruth += Math.hypot(px - x, py - y);
      for (let j = 0; j < i; j++) apart += Math.hypot(px - points[j]![0], py - points[j]![1]);
    }
    const count = points.length;
    return toTruth / count - (count > 1 ? apart / (count * (count - 1)) : 0);
  });
}

/** Whether the members' central 90 % interval holds the truth (their error 0), and where among them it ranks, in tenths. */
function ranksOf(
  members: readonly DriveErrors[],
  axis: 'alongM' | 'acrossM',
): { readonly covered: readonly number[]; readonly pit: readonly number[] } {
  const pit = new Array<number>(PIT_BINS).fill(0);
  const covered = members[0]!.timeS.map((_, horizon) => {
    const sorted = Float64Array.from(members, (errors) => errors[axis][horizon]!).sort();
    const rank = sorted.filter((value) => value < 0).length;
    pit[Math.min(PIT_BINS - 1, Math.floor((PIT_BINS * (rank + 0.5)) / (sorted.length + 1)))]!++;
    const inside =
      orderQuantile(sorted, (1 - NOMINAL) / 2) <= 0 && orderQuantile(sorted, (1 + NOMINAL) / 2) >= 0;
    return inside ? 1 : 0;
  });
  return { covered, pit };
}

/** Quantile at p (n + 1): one more draw falls below it with probability p (type 6 of Hyndman and Fan 1996). */
function orderQuantile(sorted: Float64Array, p: number): number {
  const at = Math.min(sorted.length - 1, Math.max(0, p * (sorted.length + 1) - 1));
  const below = Math.floor(at);
  const after = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[after]! - sorted[below]!) * (at - below);
}
