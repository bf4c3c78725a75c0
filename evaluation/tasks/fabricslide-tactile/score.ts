import type { Metric } from '../../contract.js';
import { atHorizon, meanOverFrames } from '../../metrics/aggregate.js';
import { INVALID, metricOf } from '../../metrics/metric.js';
import { forceSpectrumDistanceDb } from '../../metrics/touch.js';
import type { CaseScores, MetricDescription } from '../../task.js';
import { mixtureCdf, mixtureCrps } from './scale-mixture.js';
import { heldForce, type SlideForecast, type SlideTruth, TAXELS } from './slide.js';

const PIT_BINS = 10;
const COVERAGES = [0.5, 0.9] as const;

const touch = { sense: 'touch', better: 'lower' } as const;
const uncertainty = { sense: 'uncertainty', unit: 'share' } as const;

/** What a forecast of a slide is judged by, in the order of tables. */
export const METRICS: readonly MetricDescription[] = [
  {
    ...touch,
    name: 'taxel_nrmse_pct',
    title: 'Error of the taxels (NRMSE)',
    unit: "% of each taxel's spread",
    atStart: 0,
  },
  {
    ...touch,
    name: 'held_force_error_pct',
    title: 'Error of the held force',
    unit: '% of the commanded',
    atStart: 0,
  },
  { ...touch, name: 'force_spectrum_db', title: "Distance of the held force's spectrum", unit: 'dB' },
  {
    name: 'taxel_crps_pct',
    title: 'CRPS of the taxels',
    sense: 'uncertainty',
    unit: "% of each taxel's spread",
    better: 'lower',
    atStart: 0,
  },
  {
    ...uncertainty,
    name: 'taxel_coverage_50',
    title: '50 % interval holds the taxel',
    better: { target: 0.5 },
  },
  {
    ...uncertainty,
    name: 'taxel_coverage_90',
    title: '90 % interval holds the taxel',
    better: { target: 0.9 },
  },
];

/**
 * Scores a forecast over the frames that it and the recording share. Taxels are errors in units of each one's spread: NRMSE
 * is their root mean square, CRPS their mean (of a point forecast the absolute error, of a re-run half of it).
 */
export function scoreSlide(
  forecast: SlideForecast,
  truth: SlideTruth,
  horizonsS: readonly number[],
): CaseScores {
  const frames = Math.min(forecast.mean.length, truth.taxels.length) / TAXELS;
  // A ceiling where there is no re-run.
  if (frames === 0) return { overall: {}, byHorizon: {}, finite: true };
  const predicted = forecast.mean.subarray(0, frames * TAXELS);
  const actual = truth.taxels.subarray(0, frames * TAXELS);
  const squares = perFrame(
    frames,
    (at, taxel) => ((predicted[at]! - actual[at]!) / truth.spread[taxel]!) ** 2,
  );
  const [force, recorded] = [heldForce(predicted), heldForce(actual)];
  const forceError = force.map(
    (value, frame) => (100 * Math.abs(value - recorded[frame]!)) / truth.levelCount,
  );
  const crps = perFrame(
    frames,
    (at, taxel) => (100 * crpsAt(forecast, at, actual[at]!)) / truth.spread[taxel]!,
  );
  const values: Record<string, Float64Array> = {
    taxel_nrmse_pct: squares.map((square) => 100 * Math.sqrt(square)),
    held_force_error_pct: forceError,
    taxel_crps_pct: crps,
  };
  const overall: Record<string, Metric> = {
    taxel_nrmse_pct: metricOf(100 * Math.sqrt(meanOverFrames(squares).value)),
    held_force_error_pct: meanOverFrames(forceError),
    force_spectrum_db: forceSpectrumDistanceDb(force, recorded),
    taxel_crps_pct: meanOverFrames(crps),
  };
  const { sigma } = forecast;
  let pit: CaseScores['pit'];
  if (sigma !== null) {
    const levels = predicted.map((mean, at) => mixtureCdf(forecast.shape, (actual[at]! - mean) / sigma[at]!));
    pit = { taxel: tenths(levels) };
    for (const share of COVERAGES) {
      const name = `taxel_coverage_${100 * share}`;
      values[name] = perFrame(frames, (at) => (Math.abs(levels[at]! - 0.5) <= share / 2 ? 1 : 0));
      overall[name] = meanOverFrames(values[name]);
    }
  }
  const byHorizon = Object.fromEntries(
    METRICS.flatMap(({ name, atStart = Number.NaN }): [string, readonly Metric[]][] => {
      const found = values[name];
      if (found === undefined) return [];
      const fromStart = Float64Array.of(atStart, ...found);
      return [[name, horizonsS.map((horizonS) => horizonValue(fromStart, truth.rateHz, horizonS))]];
    }),
  );
  return {
    overall,
    byHorizon,
    finite: overall.taxel_nrmse_pct!.valid,
    ...(pit && { pit }),
  };
}

/** A horizon within half a frame of the last one is judged there: recordings end at whole frames. */
function horizonValue(values: Float64Array, rateHz: number, horizonS: number): Metric {
  const last = (values.length - 1) / rateHz;
  if (horizonS > last + 0.5 / rateHz) return INVALID;
  return atHorizon(values, rateHz, Math.min(horizonS, last));
}

/** Averages a number of each taxel over the taxels of each frame. */
function perFrame(frames: number, numberAt: (at: number, taxel: number) => number): Float64Array {
  return Float64Array.from({ length: frames }, (_, frame) => {
    let sum = 0;
    for (let taxel = 0; taxel < TAXELS; taxel++) sum += numberAt(frame * TAXELS + taxel, taxel);
    return sum / TAXELS;
  });
}

function crpsAt({ mean, sigma, shape, isRerun }: SlideForecast, at: number, actual: number): number {
  const distance = Math.abs(actual - mean[at]!);
  if (sigma === null) return isRerun ? distance / 2 : distance;
  return sigma[at]! * mixtureCrps(shape, distance / sigma[at]!);
}

/** Counts numbers from 0 to 1 by tenths. */
function tenths(levels: Float64Array): number[] {
  const counts = new Array<number>(PIT_BINS).fill(0);
  for (const level of levels) {
    if (level >= 0 && level <= 1) counts[Math.min(PIT_BINS - 1, Math.floor(PIT_BINS * level))]!++;
  }
  return counts;
}
