import { createPath, type Path, type PlanePoint, projectOnPath } from './path.js';

/** A piece of lane: its bounds, point by point across it, and what lies after and beside it. */
export interface LaneSpecification {
  readonly id: number;
  readonly left: readonly PlanePoint[];
  readonly right: readonly PlanePoint[];
  readonly successors: readonly number[];
  readonly adjacentLeft?: { readonly id: number; readonly sameDirection: boolean };
  readonly adjacentRight?: { readonly id: number; readonly sameDirection: boolean };
  readonly speedLimitMps?: number;
}

/** A piece of lane with its centre line. */
export interface Lane extends LaneSpecification {
  readonly centre: Path;
}

/** Where a driver means to go: a line through lanes. */
export interface Route {
  readonly path: Path;
  /** The lanes in order, each with the distance along `path` at which it begins. None where there is no lane. */
  readonly lanes: readonly { readonly id: number; readonly fromM: number }[];
}

/** Lanes by id, and the route that starts with each. */
export interface Road {
  readonly lanes: ReadonlyMap<number, Lane>;
  readonly routes: ReadonlyMap<number, Route>;
}

/** How far ahead a route is made; beyond its end it goes straight on. */
const ROUTE_M = 400;
const ROUTE_LANES = 64;
/** A lane further away than this, or at a larger angle, is not the one that a car is in. */
const FARTHEST_M = 3;
const LEAST_COSINE = 0.7;
/** A metre off a lane's centre counts as much as this much of an unlike direction (1 - cosine). */
const UNLIKE_PER_M = 0.02;
/** How far outside the ends of a lane its car may be. */
const PAST_END_M = 2;
/** How far into a lane its direction is looked at, to tell which of several goes straight on. */
const LOOK_IN_M = 15;

/** Makes a road of lanes; a lane without length is left out. */
export function createRoad(lanes: readonly LaneSpecification[]): Road {
  const byId = new Map<number, Lane>();
  for (const lane of lanes) {
    const centre = createPath(
      lane.left.map(([x, y], i): PlanePoint => [(x + lane.right[i]![0]) / 2, (y + lane.right[i]![1]) / 2]),
    );
    if (centre.pointsM.length > 1) byId.set(lane.id, { ...lane, centre });
  }
  const routes = new Map([...byId].map(([id, lane]) => [id, routeFrom(byId, lane)]));
  return { lanes: byId, routes };
}

/**
 * Finds the lane that a car is in: near, and in its direction. Lanes overlap at junctions.
 *
 * @param dirX the car's heading as a unit vector, with `dirY`.
 */
export function laneAt(road: Road, x: number, y: number, dirX: number, dirY: number): Lane | undefined {
  let best: Lane | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const lane of road.lanes.values()) {
    const { alongM, leftM, segment } = projectOnPath(lane.centre, x, y);
    if (alongM < -PAST_END_M || alongM > lane.centre.alongM.at(-1)! + PAST_END_M) continue;
    const cosine =
      dirX * lane.centre.directions[2 * segment]! + dirY * lane.centre.directions[2 * segment + 1]!;
    if (Math.abs(leftM) > FARTHEST_M || cosine < LEAST_COSINE) continue;
    const cost = 1 - cosine + UNLIKE_PER_M * Math.abs(leftM);
    if (cost < least) [best, least] = [lane, cost];
  }
  return best;
}

/** Makes the route from a lane on. Where lanes part, it takes the one that goes straightest. */
function routeFrom(byId: ReadonlyMap<number, Lane>, start: Lane): Route {
  const points: PlanePoint[] = [];
  const lanes: { id: number; fromM: number }[] = [];
  let path = start.centre;
  for (let lane: Lane | undefined = start; lane !== undefined; lane = straightest(byId, lane)) {
    lanes.push({ id: lane.id, fromM: points.length === 0 ? 0 : path.alongM.at(-1)! });
    points.push(...lane.centre.pointsM);
    path = createPath(points);
    if (path.alongM.at(-1)! > ROUTE_M || lanes.length === ROUTE_LANES) break;
  }
  return { path, lanes };
}

/** Makes the route of a car that is in no lane: straight on. */
export function routeStraight(x: number, y: number, dirX: number, dirY: number): Route {
  return {
    path: createPath([
      [x, y],
      [x + dirX * ROUTE_M, y + dirY * ROUTE_M],
    ]),
    lanes: [],
  };
}

/** Returns the lane that a route is in at a distance along it. */
export function laneOnRoute(road: Road, { lanes }: Route, alongM: number): Lane | undefined {
  let id: number | undefined;
  for (const lane of lanes) if (id === undefined || lane.fromM <= alongM) id = lane.id;
  return id === undefined ? undefined : road.lanes.get(id);
}

function straightest(byId: ReadonlyMap<number, Lane>, lane: Lane): Lane | undefined {
  const last = lane.centre.pointsM.length - 2;
  const [dirX, dirY] = [lane.centre.directions[2 * last]!, lane.centre.directions[2 * last + 1]!];
  let best: Lane | undefined;
  let most = Number.NEGATIVE_INFINITY;
  for (const id of lane.successors) {
    const next = byId.get(id);
    if (next === undefined) continue;
    const { alongM, directions } = next.centre;
    let segment = 0;
    while (segment < directions.length / 2 - 1 && alongM[segment + 1]! < LOOK_IN_M) segment++;
    const cosine = dirX * directions[2 * segment]! + dirY * directions[2 * segment + 1]!;
    if (cosine > most) [best, most] = [next, cosine];
  }
  return best;
}
