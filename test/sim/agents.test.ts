import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Car, Driving } from '../../sim/agents/agent.js';
import { HARDEST_BRAKING_MPS2, IDM_2000, idmAcceleration, idmEquilibriumGapM } from '../../sim/agents/idm.js';
import { MOBIL_2007, mobilIncentive } from '../../sim/agents/mobil.js';
import { createPath, poseOnPath, projectOnPath } from '../../sim/agents/path.js';
import { createRoad, type LaneSpecification, laneAt, laneOnRoute } from '../../sim/agents/road.js';
import { startTraffic, stepTraffic, type Traffic } from '../../sim/agents/traffic.js';

const DRIVING: Driving = {
  idm: { ...IDM_2000, desiredSpeedMps: 20 },
  mobil: MOBIL_2007,
  limitFactor: 1,
  ownSpeed: 0,
  ownHeadway: 0,
  accelerationMemoryS: 0,
  lateralTimeS: 1,
  offsetKept: 1,
};

function lane(
  id: number,
  fromX: number,
  toX: number,
  y: number,
  more: Partial<LaneSpecification> = {},
): LaneSpecification {
  const bound = (at: number) => [fromX, (fromX + toX) / 2, toX].map((x): [number, number] => [x, at]);
  return { id, left: bound(y + 1.75), right: bound(y - 1.75), successors: [], ...more };
}

function car(x: number, y: number, speedMps: number, more: Partial<Car> = {}): Car {
  return { x, y, dirX: 1, dirY: 0, speedMps, accelerationMps2: 0, lengthM: 4, widthM: 2, ...more };
}

function drive(
  lanes: readonly LaneSpecification[],
  cars: readonly Car[],
  steps: number,
  driving = DRIVING,
): Traffic[] {
  const road = createRoad(lanes);
  const all = [startTraffic(road, cars, driving)];
  for (let step = 0; step < steps; step++) all.push(stepTraffic(road, all.at(-1)!, driving, 0.1));
  return all;
}

describe('the Intelligent Driver Model', () => {
  it('gives the full acceleration at a standstill and none at the desired speed', () => {
    expect(idmAcceleration(IDM_2000, 0, undefined)).toBe(0.73);
    expect(idmAcceleration(IDM_2000, IDM_2000.desiredSpeedMps, undefined)).toBeCloseTo(0, 12);
    // Half the desired speed: 1 - 1/16 of it.
    expect(idmAcceleration(IDM_2000, IDM_2000.desiredSpeedMps / 2, undefined)).toBeCloseTo(
      (0.73 * 15) / 16,
      12,
    );
  });

  it('is at rest at its equilibrium gap, at any speed', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 33, noNaN: true }), (speedMps) => {
        const gapM = idmEquilibriumGapM(IDM_2000, speedMps);
        expect(idmAcceleration(IDM_2000, speedMps, { gapM, speedMps })).toBeCloseTo(0, 9);
        expect(idmAcceleration(IDM_2000, speedMps, { gapM: gapM * 0.9, speedMps })).toBeLessThan(0);
      }),
    );
  });

  it('brakes by v^4 / (4 b s^2) towards what stands, as the paper derives, and no harder than a car can', () => {
    // Far above the comfortable braking, (v dv / (2 sqrt(ab) s))^2 a is what is left.
    const driver = { ...IDM_2000, minimumGapM: 0, timeHeadwayS: 0, desiredSpeedMps: 1e6 };
    const braking = idmAcceleration(driver, 20, { gapM: 100, speedMps: 0 });
    expect(braking).toBeCloseTo(0.73 - 20 ** 4 / (4 * 1.67 * 100 ** 2), 9);
    expect(idmAcceleration(IDM_2000, 20, { gapM: 1, speedMps: 0 })).toBe(-HARDEST_BRAKING_MPS2);
    expect(idmAcceleration(IDM_2000, 20, { gapM: -3, speedMps: 0 })).toBe(-HARDEST_BRAKING_MPS2);
  });
});

describe('MOBIL', () => {
  const own = { before: -1, after: 0.5 };
  it('weighs what others lose by politeness', () => {
    const loss = { before: 0, after: -1 };
    expect(mobilIncentive(MOBIL_2007, own, undefined, undefined)).toBeCloseTo(1.4, 12);
    expect(mobilIncentive(MOBIL_2007, own, loss, undefined)).toBeCloseTo(0.9, 12);
    expect(mobilIncentive(MOBIL_2007, own, loss, { before: -1, after: 0 })).toBeCloseTo(1.4, 12);
    expect(mobilIncentive({ ...MOBIL_2007, politeness: 0 }, own, loss, undefined)).toBeCloseTo(1.4, 12);
  });

  it('never makes another brake harder than is safe', () => {
    const hit = { before: 0, after: -4.01 };
    expect(mobilIncentive({ ...MOBIL_2007, politeness: 0 }, own, hit, undefined)).toBe(
      Number.NEGATIVE_INFINITY,
    );
    expect(mobilIncentive(MOBIL_2007, hit, undefined, undefined)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('a path', () => {
  const bend = createPath([
    [0, 0],
    [0, 0],
    [10, 0],
    [10, 10],
  ]);

  it('gives back the place of every point beside it, before its start and beyond its end too', () => {
    const along = fc.double({ min: -5, max: 25, noNaN: true });
    const left = fc.double({ min: -0.5, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(along, left, (s, d) => {
        // Next to the bend a point has two places.
        fc.pre(Math.abs(s - 10) > 0.6);
        const { x, y } = poseOnPath(bend, s, d);
        const place = projectOnPath(bend, x, y);
        expect(place.alongM).toBeCloseTo(s, 9);
        expect(place.leftM).toBeCloseTo(d, 9);
      }),
    );
    expect(poseOnPath(bend, 12, 1)).toMatchObject({ x: 9, y: 2, dirX: 0, dirY: 1 });
  });

  it('measures from the nearest point outside a bend', () => {
    expect(projectOnPath(bend, 11, -1)).toMatchObject({ alongM: 10, leftM: -1 });
  });
});

describe('a road', () => {
  const lanes = [
    lane(1, 0, 50, 0, { successors: [2, 3], adjacentLeft: { id: 4, sameDirection: true } }),
    lane(2, 50, 100, 0),
    // Turns left off lane 1.
    {
      id: 3,
      left: [
        [50, 1.75],
        [52, 40],
      ],
      right: [
        [50, -1.75],
        [56, 40],
      ],
      successors: [],
    } as LaneSpecification,
    lane(4, 0, 50, 3.5),
    // Against the traffic, on top of lane 1.
    { ...lane(5, 50, 0, 0) },
  ];
  const road = createRoad(lanes);

  it('finds the lane that is near and in the same direction', () => {
    expect(laneAt(road, 20, 0.3, 1, 0)?.id).toBe(1);
    expect(laneAt(road, 20, 2.5, 1, 0)?.id).toBe(4);
    expect(laneAt(road, 20, 0, -1, 0)?.id).toBe(5);
    expect(laneAt(road, 20, 0, 0, 1)).toBeUndefined();
    expect(laneAt(road, 20, 30, 1, 0)).toBeUndefined();
  });

  it('goes straight on where lanes part', () => {
    const route = road.routes.get(1)!;
    expect(route.lanes).toEqual([
      { id: 1, fromM: 0 },
      { id: 2, fromM: 50 },
    ]);
    expect(laneOnRoute(road, route, 60)?.id).toBe(2);
    expect(laneOnRoute(road, route, -3)?.id).toBe(1);
  });

  it('ends, where lanes lead in a circle', () => {
    const circle = createRoad([lane(1, 0, 1, 0, { successors: [1] })]);
    expect(circle.routes.get(1)!.lanes.length).toBeLessThan(100);
  });
});

describe('traffic', () => {
  const ONE = [lane(1, 0, 200, 0, { successors: [2] }), lane(2, 200, 2000, 0)];

  it('reaches the speed that IDM says on an empty road', () => {
    const all = drive(ONE, [car(0, 0, 0)], 600, { ...DRIVING, accelerationMemoryS: 0 });
    let v = 0;
    for (let i = 0; i < 600; i++) v += 0.1 * 0.73 * (1 - (v / 20) ** 4);
    expect(v).toBeGreaterThan(19.9);
    expect(all.at(-1)!.agents[0]!.speedMps).toBeCloseTo(v, 9);
    expect(all.at(-1)!.agents[0]!.y).toBeCloseTo(0, 9);
  });

  it('closes up behind what stands, and stops at the minimum gap', () => {
    const crawl = { ...ONE[1]!, speedLimitMps: 0.1 };
    const all = drive([ONE[0]!, crawl], [car(0, 0, 15), car(230, 0, 0)], 900);
    const [behind, ahead] = all.at(-1)!.agents;
    expect(ahead!.speedMps).toBeCloseTo(0.1, 1);
    const gapM = ahead!.x - behind!.x - 4;
    expect(gapM).toBeGreaterThan(2);
    expect(gapM).toBeLessThan(2.3);
    for (const { agents } of all) expect(agents[1]!.x - agents[0]!.x).toBeGreaterThan(4);
  });

  it('keeps the lane without a reason to leave it, and leaves it for one', () => {
    const [left, right] = [
      { id: 2, sameDirection: true },
      { id: 1, sameDirection: true },
    ];
    const two = [
      lane(1, 0, 30, 0, { adjacentLeft: left, successors: [3] }),
      lane(2, 0, 30, 3.5, { adjacentRight: right, successors: [4] }),
      lane(3, 30, 3000, 0, { adjacentLeft: { ...left, id: 4 }, speedLimitMps: 5 }),
      lane(4, 30, 3000, 3.5, { adjacentRight: { ...right, id: 3 } }),
    ];
    const free = drive(two, [car(0, 0.4, 15)], 100).at(-1)!.agents[0]!;
    expect(free.y).toBeCloseTo(0.4, 3);
    const slow = car(60, 0, 5);
    const all = drive(two, [car(0, 0, 18), slow], 100);
    const [passing] = all.at(-1)!.agents;
    expect(passing!.y).toBeCloseTo(3.5, 1);
    expect(passing!.x).toBeGreaterThan(all.at(-1)!.agents[1]!.x);
    // No closer than a car's length and width at any time.
    for (const { agents } of all) {
      const [a, b] = agents;
      expect(Math.abs(a!.x - b!.x) > 4 || Math.abs(a!.y - b!.y) > 2).toBe(true);
    }
    // With somebody in the way on the other lane, it stays behind.
    const blocked = drive(two, [car(0, 0, 8), slow, car(-2, 3.5, 8)], 4);
    expect(blocked.at(-1)!.agents[0]!.aimM).toBe(0);
    expect(Math.abs(blocked.at(-1)!.agents[0]!.y)).toBeLessThan(0.1);
    // The lane on the left goes the other way.
    const opposite = [
      lane(1, 0, 3000, 0, { adjacentLeft: { id: 2, sameDirection: false } }),
      lane(2, 0, 3000, 3.5),
    ];
    expect(drive(opposite, [car(0, 0, 18), slow], 60).at(-1)!.agents[0]!.y).toBeCloseTo(0, 6);
  });

  it('lets the acceleration that a car came with die away', () => {
    const memory = drive(ONE, [car(0, 0, 10, { accelerationMps2: -2 })], 100, {
      ...DRIVING,
      accelerationMemoryS: 1,
    });
    expect(memory[1]!.agents[0]!.accelerationMps2).toBeCloseTo((-2 + 0.1 * 0.73 * (1 - 1 / 16)) / 1.1, 9);
    const modelled = idmAcceleration(
      { ...IDM_2000, desiredSpeedMps: 20 },
      memory[99]!.agents[0]!.speedMps,
      undefined,
    );
    expect(memory[100]!.agents[0]!.accelerationMps2).toBeCloseTo(modelled, 3);
    const none = drive(ONE, [car(0, 0, 10, { accelerationMps2: -2 })], 1);
    expect(none[1]!.agents[0]!.accelerationMps2).toBeCloseTo(0.73 * (1 - 1 / 16), 9);
  });

  it('takes what it was first seen doing for its own way, as far as it is told', () => {
    const content = { ...DRIVING, ownSpeed: 1, ownHeadway: 1 };
    // Alone, as fast as it was; behind another, as far behind as it was.
    expect(drive(ONE, [car(0, 0, 10)], 50, content).at(-1)!.agents[0]!.x).toBeCloseTo(50, 9);
    const [behind, ahead] = drive(ONE, [car(0, 0, 10), car(12, 0, 10)], 50, content).at(-1)!.agents;
    expect(ahead!.x - behind!.x).toBeCloseTo(12, 6);
    const [shy] = drive(ONE, [car(0, 0, 10), car(12, 0, 10)], 50).at(-1)!.agents;
    expect(shy!.x).toBeLessThan(behind!.x - 2);
  });

  it('follows cars that are driven by a script, and forgets them when they have left', () => {
    const road = createRoad(ONE);
    const cars = [car(0, 0, 10), car(20, 0, 10)];
    const start = startTraffic(road, cars, DRIVING);
    const at = (x: number) => new Map([[1, { ...cars[1]!, x, speedMps: 0 }]]);
    const stopped = stepTraffic(road, stepTraffic(road, start, DRIVING, 0.1, at(20)), DRIVING, 0.1, at(20));
    expect(stopped.agents[1]!.x).toBe(20);
    expect(stopped.agents[0]!.accelerationMps2).toBeLessThan(-2);
    const gone = stepTraffic(road, start, DRIVING, 0.1, new Map([[1, null]]));
    const after = stepTraffic(road, gone, DRIVING, 0.1, new Map([[1, null]]));
    expect(after.agents[0]!.accelerationMps2).toBeGreaterThan(0.5);
  });

  it('stays finite and never drives backwards, whatever it is given', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    const cars = fc.array(fc.tuple(number(0, 100), number(-6, 6), number(0, 40), number(-8, 8)), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(cars, number(0, 3), number(0.2, 5), (list, memory, lateral) => {
        const driving = { ...DRIVING, accelerationMemoryS: memory, lateralTimeS: lateral };
        const start = list.map(([x, y, v, a]) => car(x, y, v, { accelerationMps2: a }));
        for (const { agents } of drive(ONE, start, 30, driving)) {
          for (const { x, y, dirX, dirY, speedMps } of agents) {
            expect([x, y].every(Number.isFinite)).toBe(true);
            expect(dirX * dirX + dirY * dirY).toBeCloseTo(1, 9);
            expect(speedMps).toBeGreaterThanOrEqual(0);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});
