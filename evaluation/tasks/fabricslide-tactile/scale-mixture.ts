import { exp } from '../../../core/math/exact.js';
import { normalCdf } from '../../../core/math/normal.js';

/** A mixture of normal distributions about one mean. Scales are in units of the distribution's sigma; shares sum to 1. */
export type ScaleMixture = readonly { readonly share: number; readonly scale: number }[];

/** One normal distribution. */
export const NORMAL: ScaleMixture = [{ share: 1, scale: 1 }];

const BIN = 0.05;
const BINS = 240;
const STEPS = 60;

/** Returns the mixture's distribution function, `z` in units of sigma. */
export function mixtureCdf(mixture: ScaleMixture, z: number): number {
  let p = 0;
  for (const { share, scale } of mixture) p += share * normalCdf(z / scale);
  return p;
}

/**
 * Computes the mixture's CRPS where the truth is `z` from the mean, in units of sigma (Grimit et al. 2006, equation 5: the mean
 * distance from the truth less half the mean distance between two draws).
 */
export function mixtureCrps(mixture: ScaleMixture, z: number): number {
  let toTruth = 0;
  let between = 0;
  for (const { share, scale } of mixture) {
    toTruth += share * meanDistance(z, scale);
    for (const other of mixture)
      between += share * other.share * meanDistance(0, Math.sqrt(scale * scale + other.scale * other.scale));
  }
  return toTruth - between / 2;
}

/** E |X - z| of a normal X with mean 0. */
function meanDistance(z: number, scale: number): number {
  const t = z / scale;
  return 2 * scale * density(t) + z * (2 * normalCdf(t) - 1);
}

function density(t: number): number {
  return exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
}

/** Counts of distances from the mean in units of sigma, to fit a mixture to. */
export interface Distances {
  readonly counts: Float64Array;
}

/** Makes counts of nothing. */
export function noDistances(): Distances {
  return { counts: new Float64Array(BINS) };
}

/** Adds a distance to counts, which are changed. Those beyond 12 sigma count as 12. */
export function addDistance({ counts }: Distances, z: number): void {
  counts[Math.min(BINS - 1, Math.floor(Math.abs(z) / BIN))]!++;
}

/**
 * Fits two normal distributions, one narrow and one wide, by expectation and maximisation (Dempster, Laird and Rubin 1977). One
 * normal distribution where there is next to nothing to fit to.
 */
export function fitMixture({ counts }: Distances): ScaleMixture {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total < 100) return NORMAL;
  let share = 0.7;
  let [narrow, wide] = [0.6, 1.6];
  for (let step = 0; step < STEPS; step++) {
    let near = 0;
    let nearSquares = 0;
    let farSquares = 0;
    for (const [bin, count] of counts.entries()) {
      if (count === 0) continue;
      const z = (bin + 0.5) * BIN;
      const a = (share * density(z / narrow)) / narrow;
      const b = ((1 - share) * density(z / wide)) / wide;
      const belongs = a + b > 0 ? a / (a + b) : 0;
      near += count * belongs;
      nearSquares += count * belongs * z * z;
      farSquares += count * (1 - belongs) * z * z;
    }
    if (near < 1 || total - near < 1) break;
    share = near / total;
    narrow = Math.max(BIN / 2, Math.sqrt(nearSquares / near));
    wide = Math.max(narrow, Math.sqrt(farSquares / (total - near)));
  }
  return [
    { share, scale: narrow },
    { share: 1 - share, scale: wide },
  ];
}
