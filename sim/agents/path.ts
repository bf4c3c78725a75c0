/** A point of the road's plane, m. */
export type PlanePoint = readonly [x: number, y: number];

/** A line to drive along, with the distance to each of its points. Straight on before its start and beyond its end. */
export interface Path {
  readonly pointsM: readonly PlanePoint[];
  /** From the first point, along the line. */
  readonly alongM: Float64Array;
  /** [segments, 2] unit vectors. */
  readonly directions: Float64Array;
}

/** A place relative to a path: how far along it, and how far to its left. */
export interface PathPlace {
  readonly alongM: number;
  readonly leftM: number;
  /** Segment of the path, from 0. */
  readonly segment: number;
}

/** Points that are closer than this are one. */
const SAME_M = 1e-3;

/**
 * Makes a path of points, without those that repeat the one before.
 *
 * @param pointsM at least two that differ.
 */
export function createPath(pointsM: readonly PlanePoint[]): Path {
  const kept: PlanePoint[] = [];
  for (const point of pointsM) {
    const last = kept.at(-1);
    if (last === undefined || distanceM(last, point) > SAME_M) kept.push(point);
  }
  const alongM = new Float64Array(kept.length);
  const directions = new Float64Array(2 * Math.max(0, kept.length - 1));
  for (let i = 0; i + 1 < kept.length; i++) {
    const length = distanceM(kept[i]!, kept[i + 1]!);
    alongM[i + 1] = alongM[i]! + length;
    directions[2 * i] = (kept[i + 1]![0] - kept[i]![0]) / length;
    directions[2 * i + 1] = (kept[i + 1]![1] - kept[i]![1]) / length;
  }
  return { pointsM: kept, alongM, directions };
}

/**
 * Returns the place on a path that is nearest to a point.
 *
 * @param fromM only segments that reach into `fromM` to `toM` along the path are looked at, all of them by default.
 */
export function projectOnPath(
  path: Path,
  x: number,
  y: number,
  fromM = Number.NEGATIVE_INFINITY,
  toM = Number.POSITIVE_INFINITY,
): PathPlace {
  const { pointsM, alongM, directions } = path;
  const last = pointsM.length - 2;
  let nearest = Number.POSITIVE_INFINITY;
  let [bestM, leftM, best] = [0, 0, 0];
  for (let segment = segmentAt(alongM, fromM); segment <= last; segment++) {
    const startM = alongM[segment]!;
    if (segment > 0 && startM > toM) break;
    const from = pointsM[segment]!;
    const dirX = directions[2 * segment]!;
    const dirY = directions[2 * segment + 1]!;
    const [toX, toY] = [x - from[0], y - from[1]];
    const left = toY * dirX - toX * dirY;
    if (left * left >= nearest) continue;
    const forward = toX * dirX + toY * dirY;
    const length = alongM[segment + 1]! - startM;
    let off = 0;
    if (forward > length && segment < last) off = forward - length;
    else if (forward < 0 && segment > 0) off = -forward;
    const squared = left * left + off * off;
    if (squared >= nearest) continue;
    nearest = squared;
    bestM = startM + (off === 0 ? forward : forward < 0 ? 0 : length);
    leftM = left;
    best = segment;
  }
  return { alongM: bestM, leftM, segment: best };
}

/** Where a path is at a distance along it, and its direction there as a unit vector. */
export interface PathPose {
  readonly x: number;
  readonly y: number;
  readonly dirX: number;
  readonly dirY: number;
}

/** Returns the point at a distance along a path and to the left of it. */
export function poseOnPath({ pointsM, alongM, directions }: Path, s: number, leftM: number): PathPose {
  const low = segmentAt(alongM, s);
  const [fromX, fromY] = pointsM[low]!;
  const [dirX, dirY] = [directions[2 * low]!, directions[2 * low + 1]!];
  const forward = s - alongM[low]!;
  return {
    x: fromX + forward * dirX - leftM * dirY,
    y: fromY + forward * dirY + leftM * dirX,
    dirX,
    dirY,
  };
}

/** The segment that holds a distance along a path; the first or last one beyond its ends. */
function segmentAt(alongM: Float64Array, s: number): number {
  let [low, high] = [0, alongM.length - 2];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (alongM[middle]! <= s) low = middle;
    else high = middle - 1;
  }
  return low;
}

function distanceM([ax, ay]: PlanePoint, [bx, by]: PlanePoint): number {
  return Math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay));
}
