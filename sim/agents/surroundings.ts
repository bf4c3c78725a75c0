import type { Agent } from './agent.js';
import { idmAcceleration, type Leader } from './idm.js';
import { type Path, projectOnPath } from './path.js';

/** Cars that pass closer than this are in each other's way. */
const PASSING_ROOM_M = 0.2;
/** Cars that are further behind than this are not ahead, however the road bends, nor those further ahead behind. */
const CLEARLY_M = 15;
/** Cosine of the angle from which on another car is oncoming: it passes on a lane of its own, however the map's lanes overlap. */
const ONCOMING = -0.5;

/** What IDM says to the car at `index` were it as `self` says. */
export function accelerationOf(agents: readonly Agent[], index: number, self: Agent): number {
  return idmAcceleration(self.driver, self.speedMps, leaderOf(agents, index, self));
}

/** Finds the nearest car ahead on the route, in the way of where the car is or means to be. */
export function leaderOf(agents: readonly Agent[], index: number, self: Agent): Leader | undefined {
  const { path } = self.route;
  let nearest: Leader | undefined;
  for (const [other, { x, y, dirX, dirY, speedMps, lengthM, widthM }] of agents.entries()) {
    if (other === index || !mayMatter(self, x, y) || aheadOf(self, x, y) < -CLEARLY_M) continue;
    const place = projectOnPath(path, x, y, self.alongM, self.alongM + reachM(self));
    const aheadM = place.alongM - self.alongM;
    if (aheadM <= 0) continue;
    const room = (self.widthM + widthM) / 2 + PASSING_ROOM_M;
    if (Math.abs(place.leftM - self.leftM) >= room && Math.abs(place.leftM - self.aimM) >= room) continue;
    const [alongX, alongY] = [path.directions[2 * place.segment]!, path.directions[2 * place.segment + 1]!];
    const cosine = dirX * alongX + dirY * alongY;
    if (cosine < ONCOMING) continue;
    const gapM = aheadM - (self.lengthM + lengthM) / 2;
    if (nearest === undefined || gapM < nearest.gapM)
      nearest = { gapM, speedMps: speedMps * Math.max(0, cosine) };
  }
  return nearest;
}

/** Finds the nearest car behind a place on a path, in its way; the car at `index` is not looked at. */
export function followerOf(
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
    if (other === index || !mayMatter(self, x, y) || aheadOf(self, x, y) > CLEARLY_M) continue;
    const place = projectOnPath(path, x, y, alongM - reachM(self), alongM);
    const behindM = alongM - place.alongM;
    const room = (self.widthM + widthM) / 2 + PASSING_ROOM_M;
    if (behindM < 0 || behindM >= least || Math.abs(place.leftM - leftM) >= room) continue;
    [nearest, least] = [other, behindM];
  }
  return nearest;
}

function mayMatter(self: Agent, otherX: number, otherY: number): boolean {
  const far = reachM(self);
  return (otherX - self.x) * (otherX - self.x) + (otherY - self.y) * (otherY - self.y) < far * far;
}

/** How far a place is ahead, in the direction that the car has now. */
function aheadOf(self: Agent, x: number, y: number): number {
  return (x - self.x) * self.dirX + (y - self.y) * self.dirY;
}

/** A car further than this needs no reaction: 6 s away at its speed, and more. */
function reachM({ speedMps }: Agent): number {
  return 40 + 6 * speedMps;
}
