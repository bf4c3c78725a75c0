/** What the values of one resampling unit (a recording) add up to; units of one stratum lie side by side. */
export interface Units {
  /** [units] sum of the unit's values, less the mean of all for each. */
  readonly sum: Float64Array;
  /** [units] how many values it has, at least 1. */
  readonly size: Float64Array;
  /** True when every unit has one value, which is quicker. */
  readonly alone: boolean;
  /** [strata + 1] where each stratum begins among the units, and the end. */
  readonly starts: Int32Array;
}

/** The mean of a resample less the mean of all, and its squared standard error. */
export interface Studied {
  readonly shift: number;
  readonly variance: number;
}

/**
 * Returns the mean of a resample, as a shift from the mean of all values, with the squared standard error that it claims.
 *
 * The mean is a ratio, sum of c s / sum of c n over units drawn c times, and its variance that of its linearised residuals
 * d = s - shift n within each stratum: sum over strata of (U / (U - 1)) (sum c d^2 - (sum c d)^2 / U) / (sum c n)^2 with U
 * units drawn (Cochran, Sampling techniques, 1977, chapters 5A and 6). For single recordings without strata it is
 * the familiar s^2 / n.
 *
 * @param drawn how often each unit was drawn: [units], from `offset` on.
 * @returns null for an empty resample.
 */
export function studyResample(
  { sum, size, starts, alone }: Units,
  drawn: Uint16Array,
  offset: number,
): Studied | null {
  const strata = starts.length - 1;
  const moments = new Float64Array(strata * 6);
  for (let stratum = 0, unit = 0; stratum < strata; stratum++) {
    const end = starts[stratum + 1]!;
    let units = 0;
    let s = 0;
    let ss = 0;
    if (alone) {
      for (; unit < end; unit++) {
        const count = drawn[offset + unit]!;
        const weighted = count * sum[unit]!;
        units += count;
        s += weighted;
        ss += weighted * sum[unit]!;
      }
      moments.set([units, s, ss, units, s, units], stratum * 6);
      continue;
    }
    let n = 0;
    let sn = 0;
    let nn = 0;
    for (; unit < end; unit++) {
      const count = drawn[offset + unit]!;
      const weighted = count * sum[unit]!;
      const weight = count * size[unit]!;
      units += count;
      s += weighted;
      ss += weighted * sum[unit]!;
      n += weight;
      sn += weight * sum[unit]!;
      nn += weight * size[unit]!;
    }
    moments.set([units, s, ss, n, sn, nn], stratum * 6);
  }
  const total = (moment: number): number => {
    let all = 0;
    for (let at = moment; at < moments.length; at += 6) all += moments[at]!;
    return all;
  };
  const sizes = total(3);
  if (sizes === 0) return null;
  const shift = total(1) / sizes;
  let variance = 0;
  for (let at = 0; at < moments.length; at += 6) {
    const units = moments[at]!;
    const first = moments[at + 1]! - shift * moments[at + 3]!;
    const second = moments[at + 2]! - 2 * shift * moments[at + 4]! + shift * shift * moments[at + 5]!;
    if (units > 1) variance += (units / (units - 1)) * Math.max(0, second - (first * first) / units);
  }
  return { shift, variance: variance / (sizes * sizes) };
}

/**
 * Computes the studentised (bootstrap-t) interval of a mean: mean - q(1 - a) se to mean - q(a) se, where q are the quantiles of
 * (resample's mean - mean) / resample's se (Efron, Tibshirani, An introduction to the bootstrap, 1993, section 12.5).
 *
 * A resample of equal values claims no error at all; its variance is taken for at least 1 / units of the whole sample's,
 * which is what one value of its own kind would leave it.
 *
 * @param drawn [resamples, units].
 * @returns offsets of the bounds from the mean; null when no resample holds anything.
 */
export function studentisedBounds(
  units: Units,
  drawn: Uint16Array,
  resamples: number,
  confidence: number,
): { readonly lo: number; readonly hi: number } | null {
  const count = units.sum.length;
  const whole = studyResample(units, new Uint16Array(count).fill(1), 0);
  if (whole === null) return null;
  if (whole.variance === 0) return { lo: 0, hi: 0 };
  const least = whole.variance / count;
  const ratios = new Float64Array(resamples);
  let kept = 0;
  for (let resample = 0; resample < resamples; resample++) {
    const studied = studyResample(units, drawn, resample * count);
    if (studied !== null) ratios[kept++] = studied.shift / Math.sqrt(Math.max(least, studied.variance));
  }
  if (kept === 0) return null;
  const sorted = ratios.subarray(0, kept).sort();
  const error = Math.sqrt(whole.variance);
  return {
    lo: -error * quantile(sorted, (1 + confidence) / 2),
    hi: -error * quantile(sorted, (1 - confidence) / 2),
  };
}

/** Interpolates linearly between order statistics (type 7 of Hyndman and Fan 1996). */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  const at = Math.min(1, Math.max(0, p)) * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (sorted[above]! - sorted[below]!) * (at - below);
}
