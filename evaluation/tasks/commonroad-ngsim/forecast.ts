import type { Car, CarState, Driving } from '../../../sim/agents/agent.js';
import { poseOnPath, projectOnPath } from '../../../sim/agents/path.js';
import { laneAt, routeStraight } from '../../../sim/agents/road.js';
import { startTraffic, stepTraffic } from '../../../sim/agents/traffic.js';
import type { CarMotion, ShownCar, ShownScene } from './motion.js';

/** Predicts everybody in a scene: frame 0 is the last one that was shown. */
export type ForecastScene = (scene: ShownScene) => readonly CarMotion[];

/** Keeps speed and heading. */
export const constantVelocity: ForecastScene = (scene) =>
  eachAlone(scene, (start, timeS) => ahead(start, start.speedMps * timeS, start.speedMps));

/** Keeps acceleration and heading, and stands once it has stopped. */
export const constantAcceleration: ForecastScene = (scene) =>
  eachAlone(scene, (start, timeS) => {
    const { speedMps, accelerationMps2: a } = start;
    const movingS = a < 0 ? Math.min(timeS, -speedMps / a) : timeS;
    return ahead(start, speedMps * movingS + (a * movingS * movingS) / 2, speedMps + a * movingS);
  });

/** Keeps speed and its distance from the middle of the lane that it is in. */
export const laneFollowing: ForecastScene = (scene) => {
  const { road } = scene;
  return eachAlone(scene, (start) => {
    const { x, y, dirX, dirY, speedMps } = start;
    const lane = laneAt(road, x, y, dirX, dirY);
    const { path } = lane === undefined ? routeStraight(x, y, dirX, dirY) : road.routes.get(lane.id)!;
    const { alongM, leftM } = projectOnPath(path, x, y);
    return (timeS) => ({
      ...start,
      ...poseOnPath(path, alongM + speedMps * timeS, leftM),
      accelerationMps2: 0,
    });
  });
};

/** Drives everybody by IDM and MOBIL, in one simulation. */
export function agents(driving: Driving): ForecastScene {
  return (scene) => {
    const { road, cars, removed, frames, rateHz } = scene;
    const start = [...cars.map(carOf), ...removed];
    const motions = cars.map(({ id, lengthM, widthM, states }) => ({
      id,
      lengthM,
      widthM,
      states: [states.at(-1)!],
    }));
    const still = new Map(
      [...cars.entries()].filter(([, car]) => car.isStatic).map(([i, car]) => [i, carOf(car)]),
    );
    let traffic = startTraffic(road, start, driving);
    for (let frame = 1; frame <= frames; frame++) {
      traffic = stepTraffic(road, traffic, driving, 1 / rateHz, still);
      for (const [index, motion] of motions.entries()) motion.states.push(stateOf(traffic.agents[index]!));
    }
    return motions;
  };
}

/** The last state of a car that is shown, with its size. */
export function carOf({ lengthM, widthM, states }: ShownCar): Car {
  return { ...states.at(-1)!, lengthM, widthM };
}

/** What is known of a car at one time, without its driver. */
export function stateOf({ x, y, dirX, dirY, speedMps, accelerationMps2 }: CarState): CarState {
  return { x, y, dirX, dirY, speedMps, accelerationMps2 };
}

type After = (timeS: number) => CarState;

function eachAlone(
  { cars, frames, rateHz }: ShownScene,
  after: (start: CarState, timeS: number) => CarState | After,
): readonly CarMotion[] {
  return cars.map(({ id, lengthM, widthM, states }) => {
    const start = states.at(-1)!;
    const motion = [start];
    let closed: CarState | After | undefined;
    for (let frame = 1; frame <= frames; frame++) {
      if (typeof closed !== 'function') closed = after(start, frame / rateHz);
      motion.push(typeof closed === 'function' ? closed(frame / rateHz) : closed);
    }
    return { id, lengthM, widthM, states: motion };
  });
}

function ahead(start: CarState, distanceM: number, speedMps: number): CarState {
  const { x, y, dirX, dirY } = start;
  return { ...start, x: x + dirX * distanceM, y: y + dirY * distanceM, speedMps };
}
