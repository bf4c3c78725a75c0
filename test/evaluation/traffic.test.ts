import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DrivingCase,
  fitDriving,
  meanLoss,
} from '../../evaluation/tasks/commonroad-ngsim/fit-driving.js';
import {
  agents,
  constantAcceleration,
  constantVelocity,
  laneFollowing,
} from '../../evaluation/tasks/commonroad-ngsim/forecast.js';
import { driveAmong } from '../../evaluation/tasks/commonroad-ngsim/methods.js';
import {
  type CarMotion,
  motionFrom,
  type ShownScene,
  showScene,
  type TrafficMotion,
} from '../../evaluation/tasks/commonroad-ngsim/motion.js';
import { overlaps, type Rectangle } from '../../evaluation/tasks/commonroad-ngsim/overlap.js';
import { drivingOf, PUBLISHED_DRIVING } from '../../evaluation/tasks/commonroad-ngsim/parameters.js';
import { replayScene, replaySpec } from '../../evaluation/tasks/commonroad-ngsim/replay.js';
import type { Scene, SceneTrack } from '../../evaluation/tasks/commonroad-ngsim/scene.js';
import { hitBy, scoreMotion } from '../../evaluation/tasks/commonroad-ngsim/score.js';
import type { CarState } from '../../sim/agents/agent.js';
import { createRoad } from '../../sim/agents/road.js';
import { createWorld } from '../../sim/world.js';

const SIZE = { lengthM: 4, widthM: 2 };

function state(x: number, y: number, speedMps = 0, more: Partial<CarState> = {}): CarState {
  return { x, y, dirX: 1, dirY: 0, speedMps, accelerationMps2: 0, ...more };
}

function cruise(x: number, y: number, speedMps: number, frames: number): CarState[] {
  return Array.from({ length: frames }, (_, frame) => state(x + speedMps * frame * 0.1, y, speedMps));
}

function track(id: number, states: readonly CarState[], firstFrame = 0): SceneTrack {
  return { id, kind: 'car', isStatic: false, ...SIZE, firstFrame, states };
}

function sceneWith(tracks: readonly SceneTrack[], frames = 31): Scene {
  const bound = (y: number) => [0, 500].map((x): [number, number] => [x, y]);
  const road = createRoad([{ id: 1, left: bound(1.75), right: bound(-1.75), successors: [] }]);
  return { rateHz: 10, frames, tracks, road, removed: [] };
}

function motion(subject: number, cars: Readonly<Record<number, readonly CarState[]>>): TrafficMotion {
  const all = Object.entries(cars).map(([id, states]): CarMotion => ({ id: Number(id), ...SIZE, states }));
  return { rateHz: 10, subject, cars: all };
}

const shownOf = (scene: Scene): ShownScene => showScene(scene, 0, 1, 30);

describe('the overlap of outlines', () => {
  const turned = (x: number, y: number, yawRad: number, lengthM = 4, widthM = 2): Rectangle => ({
    x,
    y,
    dirX: Math.cos(yawRad),
    dirY: Math.sin(yawRad),
    lengthM,
    widthM,
  });

  it('is right where the answer is known', () => {
    const still = turned(0, 0, 0);
    expect(overlaps(still, turned(3.99, 0, 0))).toBe(true);
    expect(overlaps(still, turned(4, 0, 0))).toBe(false);
    expect(overlaps(still, turned(0, 2.01, 0))).toBe(false);
    // Corner to corner: bounding boxes overlap, the outlines do not.
    expect(overlaps(still, turned(3.3, 2.3, Math.PI / 4))).toBe(true);
    expect(overlaps(still, turned(3.8, 2.8, -Math.PI / 4))).toBe(false);
    // One inside the other, and a cross in which no corner is inside.
    expect(overlaps(still, turned(0.5, 0, 1, 0.5, 0.5))).toBe(true);
    expect(overlaps(turned(0, 0, 0, 10, 1), turned(0, 0, Math.PI / 2, 10, 1))).toBe(true);
  });

  it('agrees with a grid of points in both', () => {
    const number = (reach: number) => fc.double({ min: -reach, max: reach, noNaN: true });
    const inside = ({ x, y, dirX, dirY, lengthM, widthM }: Rectangle, px: number, py: number) =>
      Math.abs((px - x) * dirX + (py - y) * dirY) < lengthM / 2 &&
      Math.abs((py - y) * dirX - (px - x) * dirY) < widthM / 2;
    fc.assert(
      fc.property(number(5), number(5), number(Math.PI), number(Math.PI), (x, y, yawA, yawB) => {
        const [a, b] = [turned(0, 0, yawA), turned(x, y, yawB)];
        let shared = false;
        for (let u = -2; u <= 2; u += 0.1)
          for (let v = -1; v <= 1; v += 0.1) {
            const [px, py] = [u * a.dirX - v * a.dirY, u * a.dirY + v * a.dirX];
            if (inside(a, px, py) && inside(b, px, py)) shared = true;
          }
        if (shared) expect(overlaps(a, b)).toBe(true);
        // Outlines that are smaller by the grid's width and still overlap hold a point of it.
        const less = { lengthM: 3.6, widthM: 1.6 };
        if (!shared) expect(overlaps({ ...a, ...less }, { ...b, ...less })).toBe(false);
        expect(overlaps(b, a)).toBe(overlaps(a, b));
      }),
    );
  });
});

describe('the score of a forecast', () => {
  it('is displacement along and across the recorded heading, from the first predicted frame on', () => {
    const truth = motion(1, { 1: cruise(0, 0, 10, 21) });
    const off = motion(1, {
      1: cruise(0, 0, 10, 31).map((s, k) => ({ ...s, x: s.x + 0.3 * k, y: 0.4 * k, speedMps: 13 })),
    });
    const { overall, byHorizon, finite } = scoreMotion(off, truth, [0.5, 1, 3]);
    expect(finite).toBe(true);
    expect(overall.displacement_m!.value).toBeCloseTo(0.5 * 10.5, 9);
    expect(overall.final_displacement_m!.value).toBeCloseTo(10, 9);
    expect(overall.along_m!.value).toBeCloseTo(0.3 * 10.5, 9);
    expect(overall.across_m!.value).toBeCloseTo(0.4 * 10.5, 9);
    expect(overall.speed_mps!.value).toBeCloseTo(3, 9);
    expect(byHorizon.displacement_m!.map(({ value, valid }) => valid && Math.round(value * 10) / 10)).toEqual(
      [2.5, 5, false],
    );
    expect(scoreMotion(motion(1, { 1: cruise(0, 0, Number.NaN, 21) }), truth, []).finite).toBe(false);
    // A forecast that ends too soon has no score, not a good one.
    expect(scoreMotion(motion(1, { 1: cruise(0, 0, 10, 5) }), truth, []).overall.displacement_m!.valid).toBe(
      false,
    );
  });

  it('counts a hit from when it happens, with cars that are still there, beyond what tracking cannot tell', () => {
    const truth = motion(1, { 1: cruise(0, 0, 10, 21), 2: cruise(20, 0, 10, 21), 3: cruise(8, 3.5, 10, 3) });
    expect([...hitBy(truth, truth)]).toEqual(Array(21).fill(0));
    const stops = motion(1, { ...byId(truth), 2: Array(21).fill(state(20, 0)) });
    // Bumper to bumper at 16 m, a quarter of a metre of allowance: from 1.7 s on.
    expect(hitBy(stops, truth).indexOf(1)).toBe(17);
    const { overall, byHorizon } = scoreMotion(stops, truth, [1.65, 1.7, 3]);
    expect(overall.collision_rate!.value).toBe(1);
    expect(byHorizon.collision_rate).toMatchObject([{ value: 0 }, { value: 1 }, { valid: false }]);
    const gone = motion(1, { ...byId(truth), 3: Array(21).fill(state(15, 0)) });
    expect(hitBy(gone, truth).indexOf(1)).toBe(-1);
    const brushed = motion(1, { ...byId(truth), 2: cruise(3.8, 0, 10, 21) });
    expect(hitBy(brushed, truth).indexOf(1)).toBe(-1);
  });
});

function byId({ cars }: TrafficMotion): Record<number, readonly CarState[]> {
  return Object.fromEntries(cars.map(({ id, states }) => [id, states]));
}

describe('forecasts', () => {
  it('by constant velocity and acceleration are exact for such cars, and stand once they have stopped', () => {
    const braking = Array.from({ length: 31 }, (_, k) => {
      const t = Math.min(k * 0.1, 2);
      return state(8 * t - 2 * t * t, 0, 8 - 4 * t, { accelerationMps2: k < 20 ? -4 : 0 });
    });
    const scene = sceneWith([track(1, cruise(100, 0, 12, 31)), track(2, braking)]);
    const [steady] = constantVelocity(shownOf(scene));
    const [, stopping] = constantAcceleration(shownOf(scene));
    for (const [k, { x, speedMps }] of steady!.states.entries()) {
      expect(x).toBeCloseTo(100 + 1.2 * k, 9);
      expect(speedMps).toBe(12);
    }
    for (const [k, { x, speedMps }] of stopping!.states.entries()) {
      expect(x).toBeCloseTo(braking[k]!.x, 9);
      expect(speedMps).toBeCloseTo(braking[k]!.speedMps, 9);
    }
  });

  it('along the lane go round a bend', () => {
    const arc = (radius: number) =>
      Array.from({ length: 91 }, (_, i): [number, number] => {
        const angle = (i * Math.PI) / 180;
        return [radius * Math.sin(angle), 100 - radius * Math.cos(angle)];
      });
    const road = createRoad([{ id: 1, left: arc(98), right: arc(102), successors: [] }]);
    const start = state(0, 0.5, 10);
    const scene: Scene = { ...sceneWith([track(1, Array(31).fill(start))]), road };
    const [car] = laneFollowing(shownOf(scene));
    const last = car!.states.at(-1)!;
    // Half a metre inside the middle, 30 m along the middle.
    expect(Math.hypot(last.x, last.y - 100)).toBeCloseTo(99.5, 1);
    expect(last.x).toBeCloseTo(99.5 * Math.sin(0.3), 1);
    const straight = constantVelocity(shownOf(scene))[0]!.states.at(-1)!;
    expect(Math.hypot(straight.x - last.x, straight.y - last.y)).toBeGreaterThan(4);
  });

  it('show nothing of what comes', () => {
    const scene = sceneWith([track(1, cruise(0, 0, 10, 31)), track(2, cruise(20, 0, 8, 10))]);
    const other = sceneWith([
      track(1, [...cruise(0, 0, 10, 3), ...Array(28).fill(state(2, 0))]),
      track(2, cruise(20, 0, 8, 31)),
    ]);
    expect(showScene(scene, 0, 3, 20).cars).toEqual(showScene(other, 0, 3, 20).cars);
    expect(showScene(scene, 0, 3, 20).cars[0]!.states).toHaveLength(3);
    expect(showScene(scene, 12, 1, 20).cars.map(({ id }) => id)).toEqual([1]);
    expect(motionFrom(scene, 2, 20, 1).cars.map(({ states }) => states.length)).toEqual([21, 8]);
  });

  it('of agents do not drive into the car ahead, where constant velocity does', () => {
    const scene = sceneWith([track(1, cruise(0, 0, 15, 31)), track(2, Array(31).fill(state(40, 0)))]);
    const truth = motionFrom(scene, 0, 30, 1);
    const hits = (cars: readonly CarMotion[]) => hitBy({ ...truth, cars }, truth).at(-1);
    expect(hits(constantVelocity(shownOf(scene)))).toBe(1);
    expect(hits(agents(PUBLISHED_DRIVING)(shownOf(scene)))).toBe(0);
  });

  it('of agents leave what never moves where it is', () => {
    const barrier = { ...track(2, Array(31).fill(state(60, 0))), isStatic: true };
    const [car, still] = agents(PUBLISHED_DRIVING)(
      shownOf(sceneWith([track(1, cruise(0, 0, 10, 31)), barrier])),
    );
    expect(still!.states.every(({ x, y }) => x === 60 && y === 0)).toBe(true);
    expect(car!.states.at(-1)!.speedMps).toBeLessThan(10);
    const parked = { ...barrier, isStatic: false };
    const [, driven] = agents(PUBLISHED_DRIVING)(
      shownOf(sceneWith([track(1, cruise(0, 0, 10, 31)), parked])),
    );
    expect(driven!.states.at(-1)!.x).toBeGreaterThan(62);
  });

  it('one by one leave all others where they were recorded', () => {
    const swerve = cruise(30, 0, 8, 31).map((s, k) => ({ ...s, y: 0.02 * k }));
    const scene = sceneWith([track(1, cruise(0, 0, 15, 31)), track(2, swerve)]);
    const recorded = motionFrom(scene, 0, 30, 1);
    const among = driveAmong({ scene: shownOf(scene), subject: 1 }, recorded, PUBLISHED_DRIVING);
    expect(among.cars[1]).toEqual(recorded.cars[1]);
    expect(among.cars[0]!.states).toHaveLength(31);
    expect(among.cars[0]!.states.at(-1)!.speedMps).toBeLessThan(12);
  });
});

describe('the fit of drivers', () => {
  it('finds headway and speed that made the traffic, as far as the traffic tells them', async () => {
    const truth = drivingOf({ timeHeadwayS: 2, accelerationMps2: 2, ownSpeed: 0.5, ownHeadway: 0.2 });
    const cases = [8, 16].flatMap((speed): DrivingCase[] => {
      const starts = [0, 18, 60].map((x, i) => track(i + 1, [state(x, 0, speed)]));
      const scene = shownOf(sceneWith(starts));
      const cars = agents(truth)(scene);
      return cars.map(({ id }) => ({
        context: { scene, subject: id },
        truth: { rateHz: 10, subject: id, cars },
      }));
    });
    expect(
      meanLoss({ timeHeadwayS: 2, accelerationMps2: 2, ownSpeed: 0.5, ownHeadway: 0.2 }, cases),
    ).toBeLessThan(1e-9);
    const fit = await fitDriving(cases, 1, 110);
    expect(fit.startLossM).toBeGreaterThan(0.3);
    expect(fit.lossM).toBeLessThan(fit.startLossM / 2);
    expect(fit.lossM).toBeCloseTo(meanLoss(fit.values, cases), 12);
    expect(await fitDriving(cases, 1, 22)).toEqual(await fitDriving(cases, 1, 22));
  });
});

describe('the replay of a log', () => {
  it('puts every car where it was at every frame, and those that are not there below the road', async () => {
    const bend = Array.from({ length: 15 }, (_, k) =>
      state(3 * k - 200, 0.3 * k * k + 400, 20, {
        dirX: Math.cos(3 + 0.05 * k),
        dirY: Math.sin(3 + 0.05 * k),
      }),
    );
    const scene = sceneWith([track(1, cruise(0, 0, 30, 31)), track(2, bend, 7)]);
    const { largestErrorM, largestAngleRad, states, scene: replayed } = await replayScene(createWorld, scene);
    expect(states).toBe(46);
    expect(largestErrorM).toBeLessThan(1e-6);
    expect(largestAngleRad).toBeLessThan(1e-6);
    expect(replayed.tracks[1]!.states[3]!.x).toBeCloseTo(bend[3]!.x, 6);
    const world = await createWorld(replaySpec(scene));
    expect(world.frame().poses[7 + 2]).toBe(-10);
    expect(world.step(70).poses[7 + 2]).toBe(0.75);
    expect(world.step(240).poses[7 + 2]).toBe(-10);
    world.free();
  });
});
