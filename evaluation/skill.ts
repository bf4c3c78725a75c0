import type { Estimate, Metric } from './contract.js';
import type { Skill } from './result.js';
import type { Resamples } from './statistics.js';

const CONFIDENCE = 0.95;

/**
 * Estimates the skill of a method at each horizon, (E_baseline - E) / (E_baseline - E_ceiling), and its mean over the
 * horizons that at least half of the cases reach. Not clipped: below 0 it is worse than the baseline, above 1 better than the
 * ceiling. Where the baseline is at or below the ceiling there is nothing to gain, and no skill. E are means over the cases
 * where all are valid; intervals are percentiles of the paired bootstrap.
 *
 * @param method [cases][horizons], as the baseline's and the ceiling's.
 * @param ceiling null counts as an error of 0.
 */
export function estimateSkill(
  method: readonly (readonly Metric[])[],
  baseline: readonly (readonly Metric[])[],
  ceiling: readonly (readonly Metric[])[] | null,
  horizons: number,
  { recordings, resamples, counts }: Resamples,
): Skill {
  const area = new Float64Array(resamples);
  const areaCount = new Uint16Array(resamples);
  let areaMean = 0;
  let used = 0;
  const byHorizon = Array.from({ length: horizons }, (_, h): Estimate => {
    const valid: number[] = [];
    for (let i = 0; i < recordings; i++) {
      const all = [method[i]![h]!, baseline[i]![h]!, ...(ceiling === null ? [] : [ceiling[i]![h]!])];
      if (all.every((metric) => metric.valid)) valid.push(i);
    }
    // What a method gained on a case, and what it could have.
    const gained = Float64Array.from(valid, (i) => baseline[i]![h]!.value - method[i]![h]!.value);
    const possible = Float64Array.from(
      valid,
      (i) => baseline[i]![h]!.value - (ceiling === null ? 0 : ceiling[i]![h]!.value),
    );
    const counted = 2 * valid.length >= recordings;
    const skillOf = (weights: (k: number) => number): number => {
      let numerator = 0;
      let denominator = 0;
      for (let k = 0; k < gained.length; k++) {
        const weight = weights(k);
        numerator += weight * gained[k]!;
        denominator += weight * possible[k]!;
      }
      return denominator > 0 ? numerator / denominator : Number.NaN;
    };
    const mean = skillOf(() => 1);
    if (!Number.isFinite(mean)) return { mean: Number.NaN, lo: Number.NaN, hi: Number.NaN, n: valid.length };
    if (counted) {
      areaMean += mean;
      used++;
    }
    const drawn: number[] = [];
    for (let r = 0; r < resamples; r++) {
      const value = skillOf((k) => counts[r * recordings + valid[k]!]!);
      if (!Number.isFinite(value)) continue;
      drawn.push(value);
      if (!counted) continue;
      area[r]! += value;
      areaCount[r]!++;
    }
    return { mean, ...percentiles(drawn), n: valid.length };
  });
  const areas = [...area].flatMap((sum, r) => (areaCount[r]! === used && used > 0 ? [sum / used] : []));
  const n = Math.max(0, ...byHorizon.map((estimate) => estimate.n));
  return { byHorizon, area: { mean: areaMean / used, ...percentiles(areas), n } };
}

function percentiles(values: readonly number[]): { lo: number; hi: number } {
  if (values.length < 2) return { lo: Number.NaN, hi: Number.NaN };
  const sorted = Float64Array.from(values).sort();
  const at = (p: number) => sorted[Math.round(p * (sorted.length - 1))]!;
  return { lo: at((1 - CONFIDENCE) / 2), hi: at((1 + CONFIDENCE) / 2) };
}
