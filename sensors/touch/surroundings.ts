import type { ChartBounds, PatchPoints, SurfacePatch } from './surface-patch.js';

const PER_SIDE = 16;
const MOST_DOUBLINGS = 12;

/** Points around a patch, for contacts that reach beyond it. */
export interface Surroundings {
  /**
   * Returns points beside the patch out to where all of the given places lie inside; null where they lie on the patch.
   *
   * @param places [n, 4] x y z and a weight, patch frame.
   */
  around(places: readonly number[]): PatchPoints | null;
}

/** Makes the grids around a patch, each twice as wide as the last and made when it is first needed. */
export function createSurroundings(patch: SurfacePatch): Surroundings {
  const known = new Map<number, PatchPoints>();
  return {
    around(places) {
      const doublings = doublingsFor(patch, places);
      if (doublings === 0) return null;
      const found = known.get(doublings) ?? ring(patch, doublings);
      known.set(doublings, found);
      return found;
    },
  };
}

function doublingsFor({ bounds, locate }: SurfacePatch, places: readonly number[]): number {
  const [s0, s1, t0, t1] = bounds;
  let most = 1;
  for (let at = 0; at < places.length; at += 4) {
    const [s, t] = locate(places[at]!, places[at + 1]!, places[at + 2]!);
    most = Math.max(most, Math.abs(2 * s - s0 - s1) / (s1 - s0), Math.abs(2 * t - t0 - t1) / (t1 - t0));
  }
  let doublings = 0;
  for (let reach = 1; reach < most * (1 - 1e-9) && doublings < MOST_DOUBLINGS; reach *= 2) doublings += 1;
  return doublings;
}

function ring({ bounds, limits, sample }: SurfacePatch, doublings: number): PatchPoints {
  const [s0, s1, t0, t1] = bounds;
  const more = (2 ** doublings - 1) / 2;
  const wide: ChartBounds = [
    Math.max(limits[0], s0 - more * (s1 - s0)),
    Math.min(limits[1], s1 + more * (s1 - s0)),
    Math.max(limits[2], t0 - more * (t1 - t0)),
    Math.min(limits[3], t1 + more * (t1 - t0)),
  ];
  const all = sample(wide, PER_SIDE, PER_SIDE);
  const kept: number[] = [];
  for (let index = 0; index < all.count; index++) {
    const [s, t] = [all.chartM[index * 2]!, all.chartM[index * 2 + 1]!];
    if (s < s0 || s > s1 || t < t0 || t > t1) kept.push(index);
  }
  const pick = (values: Float64Array, size: number): Float64Array =>
    Float64Array.from(kept.flatMap((index) => [...values.subarray(index * size, (index + 1) * size)]));
  return {
    count: kept.length,
    positionM: pick(all.positionM, 3),
    normal: pick(all.normal, 3),
    alongRows: pick(all.alongRows, 3),
    alongColumns: pick(all.alongColumns, 3),
    areaM2: pick(all.areaM2, 1),
    chartM: pick(all.chartM, 2),
  };
}
