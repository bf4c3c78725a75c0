import { describe, expect, it } from 'vitest';
import type { Quaternion } from '../../core/math/quaternion.js';
import { fromAxisAngle, geodesicAngle } from '../../core/math/rotation.js';
import { randomStream } from '../../core/random.js';
import { setState, stateAt } from '../../evaluation/body-state.js';
import { startOf, valuesAt } from '../../evaluation/calibrate/parameter-space.js';
import type { Trajectory } from '../../evaluation/contract.js';
import {
  believe,
  DOUBT_PARAMETERS,
  type Doubt,
  doubtOf,
} from '../../evaluation/tasks/contactnets-cube/beliefs.js';
import { cornersOf, cubeParameters } from '../../evaluation/tasks/contactnets-cube/calibration.js';
import { simulateCorners } from '../../evaluation/tasks/contactnets-cube/corner-contact.js';
import { medianMotion } from '../../evaluation/tasks/contactnets-cube/median-motion.js';
import { perturbLast } from '../../evaluation/tasks/contactnets-cube/perturbed-replay.js';
import { framesOf, joinTrajectories } from '../../evaluation/trajectory.js';
import { CUBE } from './sample-overlay.js';
import { stillTrajectory } from './sample-recordings.js';

const PARAMETERS = cubeParameters(CUBE);
const MODEL = cornersOf(valuesAt(PARAMETERS, startOf(PARAMETERS)), CUBE);
const DOUBT: Doubt = {
  ...doubtOf(valuesAt(DOUBT_PARAMETERS, startOf(DOUBT_PARAMETERS))),
  stretch: 1,
  turnStretch: 1,
};
const MEMBERS = 9;

/** Two frames of a toss. */
function toss(): Trajectory {
  const seen = stillTrajectory(2, CUBE.rateHz);
  for (const frame of [0, 1]) {
    setState(seen, frame, {
      positionM: [0.005 * frame, 0, 0.09],
      orientation: fromAxisAngle([1, 1, 0], 0.4),
      linearVelocityMps: [0.7, 0, -0.2],
      angularVelocityRadps: [1, 2, 0],
    });
  }
  return seen;
}

/** A single frame at a position. */
function at(x: number, y = 0, z = 0, orientation: Quaternion = [1, 0, 0, 0]): Trajectory {
  const frame = stillTrajectory(1);
  const rest = { linearVelocityMps: [x, 0, 0], angularVelocityRadps: [0, 0, y] } as const;
  setState(frame, 0, { positionM: [x, y, z], orientation, ...rest });
  return frame;
}

describe('the median motion', () => {
  it('is the median of an odd number of points on a line', () => {
    for (const xs of [[3], [0, 1, 5], [9, 0, 2, 3, 2.5]]) {
      const median = [...xs].sort((a, b) => a - b)[(xs.length - 1) / 2]!;
      const { positionM } = medianMotion(xs.map((x) => at(x)));
      expect(Math.abs(positionM[0]! - median)).toBeLessThan(
        0.01 * (Math.max(...xs) - Math.min(...xs)) + 1e-9,
      );
    }
  });

  it('has no greater mean distance to the members than any of them or the mean', () => {
    const random = randomStream(1, 'test', 'median');
    const points = Array.from({ length: 12 }, () =>
      at(random.normal(), random.normal(), random.normal() ** 3),
    );
    const cost = ({ positionM: [x, y, z] }: Trajectory) =>
      points.reduce((sum, { positionM: p }) => sum + Math.hypot(p[0]! - x!, p[1]! - y!, p[2]! - z!), 0);
    const median = medianMotion(points);
    for (const other of points) expect(cost(median)).toBeLessThanOrEqual(cost(other) + 1e-3);
    const mean = [0, 1, 2].map((i) => points.reduce((sum, { positionM }) => sum + positionM[i]! / 12, 0));
    expect(cost(median)).toBeLessThan(cost(at(mean[0]!, mean[1]!, mean[2]!)));
  });

  it('hardly moves for one that goes astray, and its velocity is the mean', () => {
    const members = [at(0), at(0.01), at(-0.01), at(0.005), at(-0.005)];
    const { positionM } = medianMotion([...members, at(100, 50)]);
    expect(Math.hypot(...positionM)).toBeLessThan(0.02);
    expect(medianMotion([at(1), at(3)]).linearVelocityMps[0]).toBe(2);
  });

  it('takes q and -q for one orientation, and is not turned by a member that is', () => {
    const tilts = [-0.2, -0.1, 0, 0.15, 0.3].map((angle) => fromAxisAngle([0, 1, 0], angle));
    const negated = tilts.map((q, i) => (i % 2 === 0 ? q : (q.map((x) => -x) as unknown as Quaternion)));
    const turned = (list: readonly Quaternion[]) =>
      stateAt(medianMotion(list.map((q) => at(0, 0, 0, q))), 0).orientation;
    expect(geodesicAngle(turned(negated), turned(tilts))).toBeLessThan(1e-9);
    expect(geodesicAngle(turned(tilts), tilts[2]!)).toBeLessThan(0.02);
    const astray = fromAxisAngle([1, 0, 0], 3);
    expect(geodesicAngle(turned([...tilts, astray]), tilts[2]!)).toBeLessThan(0.1);
  });
});

describe('beliefs', () => {
  const seen = toss();
  const context = { seen, frames: 40 };
  const forecast = believe(context, [{ model: MODEL, doubt: DOUBT }], MEMBERS, 3, 'a');

  it('are the same for the same seed and toss, and others for others', () => {
    expect(believe(context, [{ model: MODEL, doubt: DOUBT }], MEMBERS, 3, 'a')).toEqual(forecast);
    expect(believe(context, [{ model: MODEL, doubt: DOUBT }], MEMBERS, 4, 'a').members).not.toEqual(
      forecast.members,
    );
    expect(believe(context, [{ model: MODEL, doubt: DOUBT }], MEMBERS, 3, 'b').members).not.toEqual(
      forecast.members,
    );
  });

  it("begin with the last frame that was seen, and the point is the members' median", () => {
    expect(forecast.members).toHaveLength(MEMBERS);
    for (const motion of [forecast.point, ...forecast.members!]) {
      expect(motion.frames).toBe(41);
      expect(stateAt(motion, 0)).toEqual(stateAt(seen, 1));
    }
    const median = medianMotion(forecast.members!.map((member) => framesOf(member, 1, 40)));
    for (const frame of [1, 20, 40]) {
      const [a, b] = [stateAt(forecast.point, frame), stateAt(median, frame - 1)];
      for (const axis of [0, 1, 2]) expect(a.positionM[axis]).toBeCloseTo(b.positionM[axis]!, 12);
      expect(geodesicAngle(a.orientation, b.orientation)).toBeLessThan(1e-9);
    }
  });

  it('leave members as they are at stretch 1, and move them from the point by any other', () => {
    const noise = { ...DOUBT, frictionShare: 0 };
    const random = randomStream(3, 'evaluation', 'beliefs', 'a');
    const first = simulateCorners(stateAt(perturbLast(seen, random, DOUBT), 1), seen.rateHz, 40, MODEL);
    const members = believe(context, [{ model: MODEL, doubt: noise }], MEMBERS, 3, 'a').members!;
    for (const [i, x] of first.positionM.entries()) expect(members[0]!.positionM[i + 3]).toBeCloseTo(x, 12);

    const wide = believe(
      context,
      [{ model: MODEL, doubt: { ...DOUBT, stretch: 3, turnStretch: 3 } }],
      MEMBERS,
      3,
      'a',
    );
    expect(wide.point).toEqual(forecast.point);
    for (const [k, member] of wide.members!.entries()) {
      const [far, near, centre] = [member, forecast.members![k]!, forecast.point].map((one) =>
        stateAt(one, 30),
      );
      for (const i of [0, 1, 2]) {
        const moved = centre!.positionM[i]! + 3 * (near!.positionM[i]! - centre!.positionM[i]!);
        expect(far!.positionM[i]).toBeCloseTo(moved, 12);
      }
      const turn = geodesicAngle(near!.orientation, centre!.orientation);
      if (turn < 1) expect(geodesicAngle(far!.orientation, centre!.orientation)).toBeCloseTo(3 * turn, 8);
    }
  });

  it('without any doubt are the single motion of the model', () => {
    const sure: Doubt = {
      positionM: 0,
      orientationRad: 0,
      linearVelocityMps: 0,
      angularVelocityRadps: 0,
      frictionShare: 0,
      stretch: 2,
      turnStretch: 2,
    };
    const single = simulateCorners(stateAt(seen, 1), seen.rateHz, 40, MODEL);
    const { point, members } = believe(context, [{ model: MODEL, doubt: sure }], 3, 1, 'a');
    for (const motion of [point, ...members!]) {
      for (const [i, x] of single.positionM.entries()) expect(motion.positionM[i + 3]).toBeCloseTo(x, 9);
    }
  });

  it('take models in turn: where every other one is slippery, every other member slides farther', () => {
    const ice = { ...MODEL, contact: { ...MODEL.contact, slidingFriction: 0.05, stickingFriction: 0.05 } };
    const [plain, mixed] = [[MODEL], [MODEL, ice]].map((models) => {
      const { members } = believe(
        context,
        models.map((model) => ({ model, doubt: DOUBT })),
        4,
        3,
        'a',
      );
      return members!.map(({ positionM }) => positionM.at(-3)!);
    });
    for (const k of [0, 2]) expect(mixed![k]).toBeCloseTo(plain![k]!, 12);
    for (const k of [1, 3]) expect(mixed![k]).toBeGreaterThan(plain![k]! + 0.005);
  });

  it('see nothing before the last frame of the context, and nothing after it', () => {
    const earlier = joinTrajectories(stillTrajectory(1, CUBE.rateHz), framesOf(seen, 1, 1));
    expect(believe({ seen: earlier, frames: 40 }, [{ model: MODEL, doubt: DOUBT }], MEMBERS, 3, 'a')).toEqual(
      forecast,
    );
    // A longer forecast goes on where a shorter one ends: no frame depends on what is asked of later ones.
    const short = believe({ seen, frames: 15 }, [{ model: MODEL, doubt: DOUBT }], MEMBERS, 3, 'a');
    expect(framesOf(forecast.point, 0, 16)).toEqual(short.point);
  });
});
