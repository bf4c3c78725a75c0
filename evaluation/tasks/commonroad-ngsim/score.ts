import type { CarState } from '../../../sim/agents/agent.js';
import type { Metric } from '../../contract.js';
import { atHorizon } from '../../metrics/aggregate.js';
import { INVALID, metricOf } from '../../metrics/metric.js';
import type { CaseScores, MetricDescription } from '../../task.js';
import { type CarMotion, subjectOf, type TrafficMotion } from './motion.js';
import { overlaps, type Rectangle } from './overlap.js';

const state = { sense: 'state', better: 'lower', atStart: 0 } as const;

/**
 * What tracking cannot tell: outlines are this much shorter and narrower when they are held against each other. Recorded cars
 * overlap by up to 0.18 m (Lanker-1_1, cars 1247 and 1266), and they did not crash.
 */
export const OUTLINE_ALLOWANCE_M = 0.25;

/** What a forecast of a car is judged by. */
export const METRICS: readonly MetricDescription[] = [
  { ...state, name: 'displacement_m', title: 'Displacement (overall: mean, ADE)', unit: 'm' },
  { ...state, name: 'final_displacement_m', title: 'Displacement at the end (FDE)', unit: 'm' },
  { ...state, name: 'along_m', title: 'Error along the heading', unit: 'm' },
  { ...state, name: 'across_m', title: 'Error across the heading', unit: 'm' },
  { ...state, name: 'speed_mps', title: 'Speed error', unit: 'm/s' },
  { ...state, name: 'collision_rate', title: 'Cars that hit another', unit: 'share of cars' },
];

/**
 * Scores the forecast of one car. Means are over the frames after the last one that was shown, as displacement errors are
 * usually given; frame 0, with its error of 0, is not among them.
 */
export function scoreMotion(
  forecast: TrafficMotion,
  truth: TrafficMotion,
  horizonsS: readonly number[],
): CaseScores {
  const actual = subjectOf(truth).states;
  const predicted = subjectOf(forecast).states;
  const perFrame: Record<string, Float64Array> = {
    displacement_m: compare(predicted, actual, (p, a) => Math.hypot(p.x - a.x, p.y - a.y)),
    along_m: compare(predicted, actual, (p, a) => Math.abs((p.x - a.x) * a.dirX + (p.y - a.y) * a.dirY)),
    across_m: compare(predicted, actual, (p, a) => Math.abs((p.y - a.y) * a.dirX - (p.x - a.x) * a.dirY)),
    speed_mps: compare(predicted, actual, (p, a) => Math.abs(p.speedMps - a.speedMps)),
    collision_rate: hitBy(forecast, truth),
  };
  perFrame.final_displacement_m = perFrame.displacement_m!;
  const overall: Record<string, Metric> = {};
  const byHorizon: Record<string, Metric[]> = {};
  for (const { name } of METRICS) {
    const values = perFrame[name]!;
    const isLast = name === 'final_displacement_m' || name === 'collision_rate';
    overall[name] = isLast ? metricOf(values.at(-1) ?? Number.NaN) : meanAfterFirst(values);
    byHorizon[name] = horizonsS.map((horizonS) =>
      name === 'collision_rate'
        ? atLeast(values, truth.rateHz, horizonS)
        : atHorizon(values, truth.rateHz, horizonS),
    );
  }
  return { overall, byHorizon, finite: perFrame.displacement_m!.every(Number.isFinite) };
}

function compare(
  predicted: readonly CarState[],
  actual: readonly CarState[],
  error: (predicted: CarState, actual: CarState) => number,
): Float64Array {
  return Float64Array.from(actual, (there, frame) => {
    const here = predicted[frame];
    return here === undefined ? Number.NaN : error(here, there);
  });
}

/**
 * By frame: 1 from the first frame on in which the judged car's outline overlaps another's. Only cars that the recording still
 * has at that frame count, so that nobody is hit who has left.
 */
export function hitBy(forecast: TrafficMotion, truth: TrafficMotion): Float64Array {
  const self = subjectOf(forecast);
  const recorded = new Map(truth.cars.map(({ id, states }) => [id, states.length]));
  const hits = new Float64Array(subjectOf(truth).states.length);
  let first = hits.length;
  for (const other of forecast.cars) {
    if (other.id === self.id) continue;
    const frames = Math.min(first, recorded.get(other.id) ?? 0);
    for (let frame = 1; frame < frames; frame++) {
      if (!overlapAt(self, other, frame)) continue;
      first = frame;
      break;
    }
  }
  return hits.fill(1, first);
}

function overlapAt(a: CarMotion, b: CarMotion, frame: number): boolean {
  const [atA, atB] = [a.states[frame], b.states[frame]];
  if (atA === undefined || atB === undefined) return false;
  const reach = (a.lengthM + a.widthM + b.lengthM + b.widthM) / 2;
  if (!(Math.abs(atA.x - atB.x) < reach && Math.abs(atA.y - atB.y) < reach)) return false;
  return overlaps(outlineOf(a, atA), outlineOf(b, atB));
}

function outlineOf({ lengthM, widthM }: CarMotion, { x, y, dirX, dirY }: CarState): Rectangle {
  const less = (size: number) => Math.max(0.05, size - OUTLINE_ALLOWANCE_M);
  return { x, y, dirX, dirY, lengthM: less(lengthM), widthM: less(widthM) };
}

function meanAfterFirst(values: Float64Array): Metric {
  if (values.length < 2) return INVALID;
  let sum = 0;
  for (let frame = 1; frame < values.length; frame++) sum += values[frame]!;
  return metricOf(sum / (values.length - 1));
}

/** A hit is not half a hit: the value at the last frame up to the horizon. */
function atLeast(values: Float64Array, rateHz: number, horizonS: number): Metric {
  return metricOf(values[Math.floor(horizonS * rateHz + 1e-9)] ?? Number.NaN);
}
