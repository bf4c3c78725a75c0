import type { Agent, Car, CarState, Driving } from './agent.js';
import { HARDEST_BRAKING_MPS2, type IdmParameters } from './idm.js';
import { changeLanes } from './lane-change.js';
import { poseOnPath, projectOnPath } from './path.js';
import { laneAt, type Road, routeStraight } from './road.js';
import { accelerationOf, leaderOf } from './surroundings.js';

/** Traffic at one time. */
export interface Traffic {
  readonly step: number;
  readonly agents: readonly Agent[];
}

/** Time between looks at the lanes beside. */
const LOOK_ASIDE_S = 0.5;
/** A car follows the one ahead where it would be there sooner than this; else it drives as if it were alone. */
const FOLLOWING_S = 4;
/** A driver's own time headway is only told from its distance at this speed and more, and is at least so long. */
const LEAST_FOLLOWING_MPS = 1;
const LEAST_HEADWAY_S = 0.2;
/** Who follows could go faster, by this factor at least: it is not by choice that it is as fast as the car ahead. */
const RESERVE = 1.15;
/** Nobody means to be slower than this. */
const LEAST_DESIRED_MPS = 0.1;
/** Where a car is that is not there. */
const AWAY_M = 1e9;

/**
 * Puts cars on routes through the lanes that they are in, and gives every driver its own values: who drives alone keeps
 * `ownSpeed` of its speed, who follows keeps `ownHeadway` of its distance.
 */
export function startTraffic(road: Road, cars: readonly Car[], driving: Driving): Traffic {
  const placed = cars.map((car) => placeAgent(road, car, driving));
  const settled = placed.map((agent, index) => settleAgent(placed, index, agent, driving));
  return { step: 0, agents: settled };
}

function placeAgent(road: Road, car: Car, driving: Driving): Agent {
  const lane = laneAt(road, car.x, car.y, car.dirX, car.dirY);
  const straight = () => routeStraight(car.x, car.y, car.dirX, car.dirY);
  const route = lane === undefined ? straight() : road.routes.get(lane.id)!;
  const { alongM, leftM, segment } = projectOnPath(route.path, car.x, car.y);
  const { directions } = route.path;
  const sine = directions[2 * segment]! * car.dirY - directions[2 * segment + 1]! * car.dirX;
  const limit = driving.limitFactor * (lane?.speedLimitMps ?? Number.POSITIVE_INFINITY);
  const desiredSpeedMps = Math.max(LEAST_DESIRED_MPS, Math.min(driving.idm.desiredSpeedMps, limit));
  return {
    ...car,
    route,
    alongM,
    leftM,
    leftMps: car.speedMps * sine,
    aimM: leftM * driving.offsetKept,
    driver: { ...driving.idm, desiredSpeedMps },
    surplusMps2: 0,
  };
}

function settleAgent(agents: readonly Agent[], index: number, agent: Agent, driving: Driving): Agent {
  const leader = leaderOf(agents, index, agent);
  const { speedMps, driver } = agent;
  const isFollowing = leader !== undefined && leader.gapM < FOLLOWING_S * speedMps;
  const own = isFollowing
    ? followerLike(driver, speedMps, leader.gapM, driving.ownHeadway)
    : aloneLike(driver, speedMps, driving.ownSpeed);
  const settled = { ...agent, driver: own };
  return { ...settled, surplusMps2: agent.accelerationMps2 - accelerationOf(agents, index, settled) };
}

function aloneLike(driver: IdmParameters, speedMps: number, share: number): IdmParameters {
  const above = Math.max(0, driver.desiredSpeedMps - speedMps);
  return { ...driver, desiredSpeedMps: Math.max(LEAST_DESIRED_MPS, speedMps + (1 - share) * above) };
}

/** Moves the time headway by a share towards the one at which the gap would be IDM's equilibrium. */
function followerLike(driver: IdmParameters, speedMps: number, gapM: number, share: number): IdmParameters {
  const desiredSpeedMps = Math.max(driver.desiredSpeedMps, RESERVE * speedMps);
  if (speedMps < LEAST_FOLLOWING_MPS) return { ...driver, desiredSpeedMps };
  const load = (speedMps / desiredSpeedMps) * (speedMps / desiredSpeedMps);
  const seenS = (gapM * Math.sqrt(1 - load * load) - driver.minimumGapM) / speedMps;
  const own = Math.min(FOLLOWING_S, Math.max(LEAST_HEADWAY_S, seenS));
  return {
    ...driver,
    desiredSpeedMps,
    timeHeadwayS: driver.timeHeadwayS + share * (own - driver.timeHeadwayS),
  };
}

/**
 * Advances traffic by one step: drivers choose lanes, look ahead at the same moment and move. A pure function.
 *
 * @param stepS 0.1 s or so.
 * @param scripted by index, for cars that are not driven by agents: where they are after the step, null where they have left.
 */
export function stepTraffic(
  road: Road,
  traffic: Traffic,
  driving: Driving,
  stepS: number,
  scripted: ReadonlyMap<number, CarState | null> = new Map(),
): Traffic {
  const { step, agents } = traffic;
  const looks = step % Math.max(1, Math.round(LOOK_ASIDE_S / stepS)) === 0;
  const bound = looks ? changeLanes(road, agents, driving.mobil) : agents;
  const moved = bound.map((agent, index) => {
    const told = scripted.get(index);
    if (told === undefined) return moveAgent(agent, accelerationOf(bound, index, agent), driving, stepS);
    return { ...agents[index]!, ...(told ?? { x: AWAY_M, y: AWAY_M }) };
  });
  return { step: step + 1, agents: moved };
}

function moveAgent(self: Agent, modelledMps2: number, driving: Driving, stepS: number): Agent {
  const kept = driving.accelerationMemoryS / (driving.accelerationMemoryS + stepS);
  const surplusMps2 = kept * self.surplusMps2;
  const accelerationMps2 = Math.max(-HARDEST_BRAKING_MPS2, modelledMps2 + surplusMps2);
  const speedMps = Math.max(0, self.speedMps + accelerationMps2 * stepS);
  const alongM = self.alongM + ((self.speedMps + speedMps) / 2) * stepS;
  const sideways = moveSideways(self, driving.lateralTimeS, stepS);
  const pose = poseOnPath(self.route.path, alongM, sideways.leftM);
  // A car turns about as far as it drifts; at a crawl it keeps to the lane's direction.
  const drift = speedMps < 1 ? 0 : Math.max(-0.5, Math.min(0.5, sideways.leftMps / speedMps));
  const norm = Math.sqrt(1 + drift * drift);
  return {
    ...self,
    x: pose.x,
    y: pose.y,
    dirX: (pose.dirX - drift * pose.dirY) / norm,
    dirY: (pose.dirY + drift * pose.dirX) / norm,
    speedMps,
    accelerationMps2: speedMps === 0 ? 0 : accelerationMps2,
    surplusMps2,
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
