import { cos, sin } from '../../core/math/exact.js';
import type { LidarSpecification } from './specification.js';

/** Rays that are culled together at most. */
const RAYS_PER_BATCH = 16;
/** Batches whose bodies are chosen from a list of their own. */
export const BATCHES_PER_GROUP = 8;

/** Where and when the rays of one row go. Ray r of the firing order has place `places[r]` in [channels, columns]. */
export interface Pattern {
  readonly elevationsRad: readonly number[];
  readonly azimuthsRad: readonly number[];
  /** [rays] place in the row, channel * columns + column, in the order of firing. */
  readonly places: Int32Array;
  /** [rays, 3] unit directions in the sensor's frame, in the order of firing. */
  readonly directions: Float64Array;
  /** [batches + 1] first ray of each batch, then the number of rays. */
  readonly batches: Int32Array;
  /** [batches, 5] unit axis of a cone about all rays of a batch, cosine and sine of its half angle. */
  readonly cones: Float64Array;
  /** [groups, 5] likewise for every `BATCHES_PER_GROUP` batches. */
  readonly groupCones: Float64Array;
}

/** Counts the rays of a row. */
export function countRays(pattern: LidarSpecification['pattern']): number {
  return pattern.columns * (pattern.kind === 'spinning' ? pattern.elevationsRad.length : pattern.channels);
}

/**
 * Lays out the rays of a row. A spinning head fires column by column, from azimuth -pi to pi, channel after channel; a raster
 * fires row by row from the lowest, from right to left. Ray r of n leaves r / (n rateHz) after the row's beginning. A ray's
 * direction is [cos e cos a, cos e sin a, sin e] of its elevation e and azimuth a.
 *
 * @param widening half width of a beam, rad, which the cones take in.
 */
export function layOut(pattern: LidarSpecification['pattern'], widening: number): Pattern {
  const { columns } = pattern;
  const spins = pattern.kind === 'spinning';
  const spread = (count: number, fov: number): number[] =>
    Array.from({ length: count }, (_, i) => ((i + 0.5) / count - 0.5) * fov);
  const elevationsRad = spins ? pattern.elevationsRad : spread(pattern.channels, pattern.verticalFovRad);
  const azimuthsRad = spread(columns, spins ? 2 * Math.PI : pattern.horizontalFovRad);
  const channels = elevationsRad.length;
  const places = Int32Array.from({ length: channels * columns }, (_, ray) =>
    spins ? (ray % channels) * columns + Math.floor(ray / channels) : ray,
  );
  const directions = new Float64Array(places.length * 3);
  const elevations = elevationsRad.map((e) => [cos(e), sin(e)] as const);
  const azimuths = azimuthsRad.map((a) => [cos(a), sin(a)] as const);
  for (const [ray, place] of places.entries()) {
    const [across, up] = elevations[Math.floor(place / columns)]!;
    const [ahead, left] = azimuths[place % columns]!;
    directions.set([across * ahead, across * left, up], ray * 3);
  }
  const batches = divide(places.length, spins ? channels : columns);
  const last = batches.length - 1;
  const groups = Int32Array.from(
    { length: Math.ceil(last / BATCHES_PER_GROUP) + 1 },
    (_, group) => batches[Math.min(group * BATCHES_PER_GROUP, last)]!,
  );
  return {
    elevationsRad,
    azimuthsRad,
    places,
    directions,
    batches,
    cones: boundBatches(directions, batches, widening),
    groupCones: boundBatches(directions, groups, widening),
  };
}

/** Cuts each run of rays that belong together, a column or a line, into batches. */
function divide(rays: number, run: number): Int32Array {
  const firsts: number[] = [];
  for (let begin = 0; begin < rays; begin += run) {
    for (let ray = begin; ray < Math.min(begin + run, rays); ray += RAYS_PER_BATCH) firsts.push(ray);
  }
  firsts.push(rays);
  return Int32Array.from(firsts);
}

function boundBatches(directions: Float64Array, batches: Int32Array, widening: number): Float64Array {
  const count = batches.length - 1;
  const cones = new Float64Array(count * 5);
  for (let batch = 0; batch < count; batch++) {
    const begin = batches[batch]! * 3;
    const end = batches[batch + 1]! * 3;
    const axis = [0, 0, 0];
    for (let at = begin; at < end; at += 3) {
      for (let k = 0; k < 3; k++) axis[k]! += directions[at + k]!;
    }
    const [x, y, z] = axis as [number, number, number];
    const length = Math.sqrt(x * x + y * y + z * z) || 1;
    let cosine = 1;
    for (let at = begin; at < end; at += 3) {
      const along = (x * directions[at]! + y * directions[at + 1]! + z * directions[at + 2]!) / length;
      if (along < cosine) cosine = along;
    }
    // Widened by the beam's half width, and a little against rounding.
    const sine = Math.sqrt(Math.max(0, 1 - cosine * cosine));
    const [c, s] = [cos(widening + 1e-9), sin(widening + 1e-9)];
    cones.set([x / length, y / length, z / length, cosine * c - sine * s, sine * c + cosine * s], batch * 5);
  }
  return cones;
}
