import { HARDEST_BRAKING_MPS2, type IdmParameters, idmAcceleration, type Leader } from './idm.js';
import { type MobilParameters, mobilIncentive } from './mobil.js';
import { type Path, poseOnPath, projectOnPath } from './path.js';
import { type Lane, laneAt, laneOnRoute, type Road, type Route, routeFrom, routeStraight } from './road.js';

/** How every driver drives. */
export interface Driving {
  readonly idm: IdmParameters;
  readonly mobil: MobilParameters;
  /** Nobody means to go faster than this times the limit, where there is one. */
  readonly limitFactor: number;
  /** Time constant at which the difference between how a car accelerates at first and what IDM would do dies away. */
  readonly accelerationMemoryS: number;
  /** Time constant of moving sideways (critically damped). */
  readonly lateralTimeS: number;
  /** Share of its distance from the lane's centre that a driver keeps, 0 to 1. */
  readonly offsetKept: number;
}

/** A car from above: the centre of its outline, its heading as a unit vector, speed and acceleration along it. */
export interface CarState {
  readonly x: number;
  readonly y: number;
  readonly dirX: number;
  readonly dirY: number;
  readonly speedMps: number;
  readonly accelerationMps2: number;
}

/** A car that is to be driven. */
export interface Car extends CarState {
  readonly lengthM: number;
  readonly widthM: number;
}

/** A driver and its car on a route. */
export interface Agent extends Car {
  readonly route: Route;
  /** Along the route and to its left. */
  readonly alongM: number;
  readonly leftM: number;
  readonly leftMps: number;
  /** Distance from the route that it means to have. */
  readonly aimM: number;
  readonly desiredSpeedMps: number;
  /** What is left of the difference between how it accelerated when it was taken over and what IDM would have done. */
  readonly surplusMps2: number;
}

/** Traffic at one time. */
export interface Traffic {
  readonly step: number;
  readonly agents: readonly Agent[];
}

/** Time between looks at the lanes beside. */
const LOOK_ASIDE_S = 0.5;
/** Slower cars do not change lanes. */
const LEAST_CHANGING_MPS = 2;
/** A car that is further than this from where it means to be is still changing lanes. */
const SETTLED_M = 0.6;
/** Cars that pass closer than this are in each other's way. */
const PASSING_ROOM_M = 0.2;

/** Puts cars on routes through the lanes that they are in; a driver that is faster than desired means to stay so. */
export function startTraffic(road: Road, cars: readonly Car[], driving: Driving): Traffic {
  return { step: 0, agents: cars.map((car) => startAgent(road, car, driving)) };
}

function startAgent(road: Road, car: Car, driving: Driving): Agent {
  const lane = laneAt(road, car.x, car.y, car.dirX, car.dirY);
  const route = lane === undefined ? routeStraight(car.x, car.y, car.dirX, car.dirY) : routeFrom(road, lane);
  const { alongM, leftM, segment } = projectOnPath(route.path, car.x, car.y);
  const { directions } = route.path;
  const sine = directions[2 * segment]! * car.dirY - directions[2 * segment + 1]! * car.dirX;
  const limit = driving.limitFactor * (lane?.speedLimitMps ?? Number.POSITIVE_INFINITY);
  return {
    ...car,
    route,
    alongM,
    leftM,
    leftMps: car.speedMps * sine,
    aimM: leftM * driving.offsetKept,
    desiredSpeedMps: Math.max(car.speedMps, Math.min(driving.idm.desiredSpeedMps, limit)),
    surplusMps2: 0,
  };
}

/**
 * Advances traffic by one step: drivers choose lanes one after another (two that do so at once would swap them for ever), look
 * ahead at the same moment and move. A pure function.
 *
 * @param stepS 0.1 s or so.
 */
export function stepTraffic(road: Road, traffic: Traffic, driving: Driving, stepS: number): Traffic {
  const { step, agents } = traffic;
  const looks = step % Math.max(1, Math.round(LOOK_ASIDE_S / stepS)) === 0;
  const bound = looks ? changeLanes(road, agents, driving) : agents;
  const moved = bound.map((agent, index) => {
    const modelled = accelerationOf(bound, index, agent, driving);
    const surplus = step === 0 ? agent.accelerationMps2 - modelled : agent.surplusMps2;
    return moveAgent(agent, modelled, surplus, driving, stepS);
  });
  return { step: step + 1, agents: moved };
}

/** What IDM says to the car at `index` were it as `self` says. */
function accelerationOf(agents: readonly Agent[], index: number, self: Agent, driving: Driving): number {
  return idmAcceleration(driverOf(self, driving), self.speedMps, leaderOf(agents, index, self));
}

function driverOf({ desiredSpeedMps }: Agent, { idm }: Driving): IdmParameters {
  return { ...idm, desiredSpeedMps: Math.max(desiredSpeedMps, 0.1) };
}

/** The nearest car ahead on the route, in the way of where the car is or means to be. */
function leaderOf(agents: readonly Agent[], index: number, self: Agent): Leader | undefined {
  let nearest: Leader | undefined;
  for (const [other, { x, y, dirX, dirY, speedMps, lengthM, widthM }] of agents.entries()) {
    if (other === index || !mayMatter(self, x, y)) continue;
    const place = projectOnPath(self.route.path, x, y);
    const aheadM = place.alongM - self.alongM;
    if (aheadM <= 0) continue;
    const reach = (self.widthM + widthM) / 2 + PASSING_ROOM_M;
    const inTheWay = Math.abs(place.leftM - self.leftM) < reach || Math.abs(place.leftM - self.aimM) < reach;
    if (!inTheWay) continue;
    const { directions } = self.route.path;
    const cosine = dirX * directions[2 * place.segment]! + dirY * directions[2 * place.segment + 1]!;
    // Oncoming cars pass on a lane of their own, however the map's lanes overlap.
    if (cosine < -0.5) continue;
    const gapM = aheadM - (self.lengthM + lengthM) / 2;
    if (nearest === undefined || gapM < nearest.gapM)
      nearest = { gapM, speedMps: speedMps * Math.max(0, cosine) };
  }
  return nearest;
}

/** A car further than this needs no reaction, 15 s away at its speed. */
function mayMatter({ x, y, speedMps }: Agent, otherX: number, otherY: number): boolean {
  const far = 50 + 15 * speedMps;
  return (otherX - x) * (otherX - x) + (otherY - y) * (otherY - y) < far * far;
}

function changeLanes(road: Road, agents: readonly Agent[], driving: Driving): readonly Agent[] {
  const bound = [...agents];
  for (const index of agents.keys()) bound[index] = changeLane(road, bound, index, driving);
  return bound;
}

/** The car on a lane beside, where MOBIL says that this is better; else as it was. */
function changeLane(road: Road, agents: readonly Agent[], index: number, driving: Driving): Agent {
  const self = agents[index]!;
  if (self.speedMps < LEAST_CHANGING_MPS || Math.abs(self.leftM - self.aimM) > SETTLED_M) return self;
  const lane = laneOnRoute(road, self.route, self.alongM);
  let best = self;
  let most = 0;
  for (const beside of lane === undefined ? [] : [lane.adjacentLeft, lane.adjacentRight]) {
    const target = beside?.sameDirection ? road.get(beside.id) : undefined;
    if (target === undefined) continue;
    const moved = onLane(road, self, target);
    const incentive = incentiveOf(agents, index, moved, driving);
    if (incentive > most) [best, most] = [moved, incentive];
  }
  return best;
}

/** The same car, bound for the middle of another lane. */
function onLane(road: Road, self: Agent, target: Lane): Agent {
  const route = routeFrom(road, target);
  const { alongM, leftM } = projectOnPath(route.path, self.x, self.y);
  return { ...self, route, alongM, leftM, aimM: 0 };
}

function incentiveOf(agents: readonly Agent[], index: number, moved: Agent, driving: Driving): number {
  const self = agents[index]!;
  const own = {
    before: accelerationOf(agents, index, self, driving),
    // As it will be once it is there: what is ahead on the old lane is not in its way.
    after: accelerationOf(agents, index, { ...moved, leftM: 0 }, driving),
  };
  const there = poseOnPath(moved.route.path, moved.alongM, 0);
  const afterwards = agents.map((agent, i) => {
    if (i !== index) return agent;
    return { ...moved, x: there.x, y: there.y };
  });
  const consequenceFor = (follower: number | undefined) =>
    follower === undefined
      ? undefined
      : {
          before: accelerationOf(agents, follower, agents[follower]!, driving),
          after: accelerationOf(afterwards, follower, agents[follower]!, driving),
        };
  const behindNew = followerOf(agents, index, moved.route.path, moved.alongM, 0);
  const behindOld = followerOf(agents, index, self.route.path, self.alongM, self.leftM);
  return mobilIncentive(
    driving.mobil,
    own,
    consequenceFor(behindNew),
    behindOld === behindNew ? undefined : consequenceFor(behindOld),
  );
}

/** The nearest car behind a place on a path, in its way. */
function followerOf(
  agents: readonly Agent[],
  index: number,
  path: Path,
  alongM: number,
  leftM: number,
): number | undefined {
  const self = agents[index]!;
  let nearest: number | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const [other, { x, y, widthM }] of agents.entries()) {
    if (other === index || !mayMatter(self, x, y)) continue;
    const place = projectOnPath(path, x, y);
    const behindM = alongM - place.alongM;
    const apart = Math.abs(place.leftM - leftM);
    if (behindM < 0 || behindM >= least || apart >= (self.widthM + widthM) / 2 + PASSING_ROOM_M) continue;
    [nearest, least] = [other, behindM];
  }
  return nearest;
}

function moveAgent(
  self: Agent,
  modelledMps2: number,
  surplusMps2: number,
  driving: Driving,
  stepS: number,
): Agent {
  const kept = driving.accelerationMemoryS / (driving.accelerationMemoryS + stepS);
  const accelerationMps2 = Math.max(-HARDEST_BRAKING_MPS2, modelledMps2 + kept * surplusMps2);
  const speedMps = Math.max(0, self.speedMps + accelerationMps2 * stepS);
  const alongM = self.alongM + ((self.speedMps + speedMps) / 2) * stepS;
  const sideways = moveSideways(self, driving.lateralTimeS, stepS);
  const pose = poseOnPath(self.route.path, alongM, sideways.leftM);
  const forward = Math.max(speedMps, 1e-9);
  // A car turns about as far as it drifts; at a crawl it keeps to the lane's direction.
  const drift = speedMps < 1 ? 0 : Math.max(-0.5, Math.min(0.5, sideways.leftMps / forward));
  const norm = Math.sqrt(1 + drift * drift);
  return {
    ...self,
    x: pose.x,
    y: pose.y,
    dirX: (pose.dirX - drift * pose.dirY) / norm,
    dirY: (pose.dirY + drift * pose.dirX) / norm,
    speedMps,
    accelerationMps2: speedMps === 0 ? 0 : accelerationMps2,
    surplusMps2: kept * surplusMps2,
    alongM,
    ...sideways,
  };
}

/** One implicit step of `x'' = -2 x' / T - (x - aim) / T^2`, stable at any step; a car that stands does not slide. */
function moveSideways(
  { leftM, leftMps, aimM, speedMps }: Agent,
  timeS: number,
  stepS: number,
): Pick<Agent, 'leftM' | 'leftMps'> {
  if (speedMps < 0.1) return { leftM, leftMps: 0 };
  const [damping, stiffness] = [2 / timeS, 1 / (timeS * timeS)];
  const next =
    (leftMps - stiffness * (leftM - aimM) * stepS) / (1 + damping * stepS + stiffness * stepS * stepS);
  return { leftM: leftM + next * stepS, leftMps: next };
}
