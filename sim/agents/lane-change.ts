import type { Agent } from './agent.js';
import { type Consequence, type MobilParameters, mobilIncentive } from './mobil.js';
import { poseOnPath, projectOnPath } from './path.js';
import { type Lane, laneOnRoute, type Road } from './road.js';
import { accelerationOf, followerOf } from './surroundings.js';

/** Slower cars do not change lanes. */
const LEAST_CHANGING_MPS = 2;
/** A car that is further than this from where it means to be is still changing lanes. */
const SETTLED_M = 0.6;

/**
 * Lets drivers choose lanes one after another: two that do so at once would swap them for ever.
 *
 * @returns the cars where they were, some bound for another lane.
 */
export function changeLanes(road: Road, agents: readonly Agent[], mobil: MobilParameters): readonly Agent[] {
  const bound = [...agents];
  for (const index of agents.keys()) bound[index] = changeLane(road, bound, index, mobil);
  return bound;
}

/** The car bound for a lane beside, where MOBIL says that this is better; else as it was. */
function changeLane(road: Road, agents: readonly Agent[], index: number, mobil: MobilParameters): Agent {
  const self = agents[index]!;
  if (self.speedMps < LEAST_CHANGING_MPS || Math.abs(self.leftM - self.aimM) > SETTLED_M) return self;
  const lane = laneOnRoute(road, self.route, self.alongM);
  let best = self;
  let most = 0;
  for (const beside of lane === undefined ? [] : [lane.adjacentLeft, lane.adjacentRight]) {
    const target = beside?.sameDirection ? road.lanes.get(beside.id) : undefined;
    if (target === undefined) continue;
    const moved = onLane(road, self, target);
    const incentive = incentiveOf(agents, index, moved, mobil);
    if (incentive > most) [best, most] = [moved, incentive];
  }
  return best;
}

/** The same car, bound for the middle of another lane. */
function onLane(road: Road, self: Agent, target: Lane): Agent {
  const route = road.routes.get(target.id)!;
  const { alongM, leftM } = projectOnPath(route.path, self.x, self.y);
  return { ...self, route, alongM, leftM, aimM: 0 };
}

function incentiveOf(agents: readonly Agent[], index: number, moved: Agent, mobil: MobilParameters): number {
  const self = agents[index]!;
  // As it will be once it is there: what is ahead on the old lane is not in its way.
  const { x, y } = poseOnPath(moved.route.path, moved.alongM, 0);
  const there = { ...moved, x, y, leftM: 0 };
  const afterwards = agents.map((agent, i) => (i === index ? there : agent));
  const consequenceFor = (follower: number | undefined): Consequence | undefined =>
    follower === undefined
      ? undefined
      : {
          before: accelerationOf(agents, follower, agents[follower]!),
          after: accelerationOf(afterwards, follower, agents[follower]!),
        };
  const behindNew = followerOf(agents, index, moved.route.path, moved.alongM, 0);
  const behindOld = followerOf(agents, index, self.route.path, self.alongM, self.leftM);
  return mobilIncentive(
    mobil,
    { before: accelerationOf(agents, index, self), after: accelerationOf(agents, index, there) },
    consequenceFor(behindNew),
    behindOld === behindNew ? undefined : consequenceFor(behindOld),
  );
}
