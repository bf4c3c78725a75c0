import { UmweltError } from '../../core/errors.js';
import type { Metric } from '../contract.js';
import { INVALID, metricOf } from '../metrics/metric.js';
import type { Exceedance } from '../metrics/travel.js';

/** A step of a survival curve: the share of recordings whose error is still within the limit from this time on. */
export interface SurvivalStep {
  readonly timeS: number;
  readonly surviving: number;
}

/**
 * Estimates how many forecasts are still within a limit at each time, from first exceedances some of which were never seen
 * because the recording ended: prod over t of (1 - exceeded at t / still watched at t) (Kaplan, Meier, JASA 53, 1958). A
 * mean of the times alone would be too short.
 *
 * @param exceedances one a recording; not changed.
 * @returns the steps in order of time, from 1 at 0 s on.
 */
export function survivalCurve(exceedances: readonly Exceedance[]): SurvivalStep[] {
  const sorted = exceedances.toSorted((a, b) => a.timeS - b.timeS);
  const steps: SurvivalStep[] = [{ timeS: 0, surviving: 1 }];
  let surviving = 1;
  for (let i = 0; i < sorted.length; ) {
    const { timeS } = sorted[i]!;
    const watched = sorted.length - i;
    let exceeded = 0;
    for (; i < sorted.length && sorted[i]!.timeS === timeS; i++) if (sorted[i]!.reached) exceeded++;
    if (exceeded === 0) continue;
    surviving *= 1 - exceeded / watched;
    steps.push({ timeS, surviving });
  }
  return steps;
}

/**
 * Returns when half of the forecasts have passed the limit, s. Invalid where fewer than half were seen to: the median lies
 * beyond what the recordings can tell.
 */
export function medianExceedanceS(exceedances: readonly Exceedance[]): Metric {
  const step = survivalCurve(exceedances).find(({ surviving }) => surviving <= 0.5 + 1e-12);
  return step === undefined ? INVALID : metricOf(step.timeS);
}

/**
 * Returns the mean time within the limit up to a horizon, s: the area under the survival curve (restricted mean). Every recording
 * counts, whether it passed the limit or not; nothing can exceed `horizonS`. Invalid for no recordings.
 *
 * @throws UmweltError `invalid-input` unless the horizon is above 0.
 */
export function meanTimeWithinS(exceedances: readonly Exceedance[], horizonS: number): Metric {
  if (!(horizonS > 0)) {
    throw new UmweltError(
      'invalid-input',
      { horizonS },
      `time within a limit: expected a horizon above 0 s, got ${horizonS}`,
    );
  }
  if (exceedances.length === 0) return INVALID;
  const steps = survivalCurve(exceedances);
  let area = 0;
  for (const [i, { timeS, surviving }] of steps.entries()) {
    const untilS = Math.min(horizonS, steps[i + 1]?.timeS ?? horizonS);
    area += surviving * Math.max(0, untilS - timeS);
  }
  return metricOf(area);
}
