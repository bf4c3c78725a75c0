/** Horizons, in ticks, from which on a factor holds. */
export const HORIZONS = [1, 3, 6, 12, 24, 48] as const;

/**
 * Factors on predicted standard deviations, by field of the state or channel: one for each of HORIZONS. They are the split conformal
 * correction (Angelopoulos, Bates 2023) that makes 90 % intervals hold on held-out episodes.
 */
export type SpreadFactors = Readonly<Record<string, readonly number[]>>;

/** The factors of a model: for the average of its ensemble, and for samples; null where no episode was held out. */
export interface Calibration {
  readonly one: SpreadFactors | null;
  readonly samples: SpreadFactors | null;
}

/** Deviations that hold a share of 90 % in a normal distribution. */
export const INTERVAL_90 = 1.6448536;

/** Which of HORIZONS a tick of a rollout belongs to (1 for the first tick). */
export function horizonIndex(tick: number): number {
  let index = 0;
  while (index + 1 < HORIZONS.length && tick >= HORIZONS[index + 1]!) index++;
  return index;
}

/** The factor of a field or channel at a tick of a rollout (1 for the first). */
export function spreadFactor(factors: SpreadFactors | null, name: string, tick: number): number {
  return factors?.[name]?.[horizonIndex(tick)] ?? 1;
}
