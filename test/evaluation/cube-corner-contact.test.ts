import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { multiply, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { fromAxisAngle, geodesicAngle } from '../../core/math/rotation.js';
import { add, cross, dot, subtract, type Vec3 } from '../../core/math/vector.js';
import { type BodyState, stateAt } from '../../evaluation/body-state.js';
import { valuesAt } from '../../evaluation/calibrate/parameter-space.js';
import { cornersOf, cubeParameters } from '../../evaluation/tasks/contactnets-cube/calibration.js';
import { type CornerModel, simulateCorners } from '../../evaluation/tasks/contactnets-cube/corner-contact.js';
import { nominalRig, type Rig } from '../../evaluation/tasks/contactnets-cube/rig.js';
import { isFiniteTrajectory } from '../../evaluation/trajectory.js';
import { CUBE } from './sample-overlay.js';

const RATE_HZ = 148;
const HALF_M = CUBE.widthM / 2;
const STEP_S = 1 / (16 * RATE_HZ);

interface Changes {
  readonly contact?: Partial<CornerModel['contact']>;
  readonly rig?: Partial<Rig>;
}

function modelWith({ contact, rig }: Changes = {}): CornerModel {
  return {
    contact: {
      stiffnessN: 10,
      exponent: 1.2,
      dissipationSpm: 2,
      slidingFriction: 0.2,
      stickingFriction: 0.2,
      stribeckMps: 0.1,
      creepMps: 0.005,
      cornerRadiusM: 0.002,
      ...contact,
    },
    rig: { ...nominalRig(CUBE), ...rig },
    massKg: CUBE.massKg,
    widthM: CUBE.widthM,
  };
}

function stateWith(changes: Partial<BodyState> = {}): BodyState {
  return {
    positionM: [0, 0, HALF_M],
    orientation: [1, 0, 0, 0],
    linearVelocityMps: [0, 0, 0],
    angularVelocityRadps: [0, 0, 0],
    ...changes,
  };
}

function lastOf(start: BodyState, frames: number, model: CornerModel, rateHz = RATE_HZ): BodyState {
  return stateAt(simulateCorners(start, rateHz, frames, model), frames - 1);
}

/** Kinetic and potential energy of a cube whose centre of mass is its centre, J, without what its springs hold. */
function energyJ(
  { positionM, linearVelocityMps: v, angularVelocityRadps: w }: BodyState,
  model: CornerModel,
): number {
  return (
    0.5 * model.massKg * dot(v, v) +
    0.5 * model.rig.inertiaKgm2 * dot(w, w) -
    model.massKg * dot(model.rig.gravityMps2, positionM)
  );
}

const distance = (a: Vec3, b: Vec3) => Math.hypot(...subtract(a, b));

describe('a cube in the air', () => {
  it('moves as the closed form says: about its centre of mass, from the velocity of its age, in tilted gravity', () => {
    const rig = {
      centreOfMassM: [0.004, -0.003, 0.006],
      gravityMps2: [0.1, -0.05, -9.7],
      velocityAgeS: 0.004,
    } as const;
    const model = modelWith({ rig });
    const orientation = fromAxisAngle([1, 2, -1], 0.8);
    const start = stateWith({
      positionM: [0.1, 0.2, 2],
      orientation,
      linearVelocityMps: [0.5, -0.2, 0.3],
      angularVelocityRadps: [2, -5, 7],
    });
    const frames = 60;
    const timeS = frames / RATE_HZ;
    const arm = rotate(orientation, rig.centreOfMassM);
    const aged = add(
      start.linearVelocityMps,
      rig.gravityMps2.map((g) => g * rig.velocityAgeS) as unknown as Vec3,
    );
    const velocity = add(aged, cross(start.angularVelocityRadps, arm));
    const spin = Math.hypot(...start.angularVelocityRadps);
    const turned = multiply(fromAxisAngle(start.angularVelocityRadps, spin * timeS), orientation);
    const centre = add(start.positionM, arm).map(
      (x, i) => x + velocity[i]! * timeS + 0.5 * rig.gravityMps2[i]! * timeS * (timeS + STEP_S),
    ) as unknown as Vec3;

    const end = lastOf(start, frames, model);
    expect(geodesicAngle(end.orientation, turned)).toBeLessThan(2e-4);
    expect(distance(end.positionM, subtract(centre, rotate(turned, rig.centreOfMassM)))).toBeLessThan(1e-5);
    expect(end.angularVelocityRadps).toEqual(start.angularVelocityRadps);
    const expected = subtract(
      velocity.map((v, i) => v + rig.gravityMps2[i]! * timeS) as unknown as Vec3,
      cross(start.angularVelocityRadps, rotate(turned, rig.centreOfMassM)),
    );
    expect(distance(end.linearVelocityMps, expected)).toBeLessThan(1e-4);
  });
});

describe('a cube on the table', () => {
  it.each([
    ['flat', [0, 0], 0],
    ['lower', [0, 0], -0.003],
    ['sloped', [0.012, -0.008], 0.001],
  ] as const)('rests at the height where four springs carry it: %s', (_, tableSlope, tableHeightM) => {
    const model = modelWith({ rig: { tableSlope, tableHeightM } });
    const [sx, sy] = tableSlope;
    const [x, y] = [0.2, -0.1];
    const surface = tableHeightM + sx * x + sy * y;
    const end = lastOf(stateWith({ positionM: [x, y, surface + HALF_M + 0.01] }), 150, model);
    const sunkM = ((CUBE.massKg * 9.81) / 4 / 10) ** (1 / 1.2) / 1000;
    const top: Vec3 = rotate(end.orientation, [0, 0, 1]);
    expect(Math.hypot(...end.linearVelocityMps)).toBeLessThan(2e-3);
    // Lies along the slope, its lowest face at the table less what it sinks in.
    expect(top[0] + sx).toBeCloseTo(0, 3);
    expect(top[1] + sy).toBeCloseTo(0, 3);
    const under = tableHeightM + sx * end.positionM[0] + sy * end.positionM[1];
    expect(end.positionM[2] - under - (HALF_M - sunkM)).toBeCloseTo(0, 4);
    expect(distance(end.positionM, [x, y, end.positionM[2]])).toBeLessThan(5e-3);
  });

  it('slides to a stop in v^2 / (2 mu g)', () => {
    for (const friction of [0.1, 0.25]) {
      const contact = { slidingFriction: friction, stickingFriction: friction };
      const sunkM = ((CUBE.massKg * 9.81) / 4 / 10) ** (1 / 1.2) / 1000;
      const start = stateWith({ positionM: [0, 0, HALF_M - sunkM], linearVelocityMps: [0.8, 0, 0] });
      const end = lastOf(start, 200, modelWith({ contact }));
      expect(end.positionM[0] / (0.8 ** 2 / (2 * friction * 9.81))).toBeCloseTo(1, 1);
      expect(Math.abs(end.positionM[0] - 0.8 ** 2 / (2 * friction * 9.81))).toBeLessThan(0.005);
      expect(Math.abs(end.linearVelocityMps[0])).toBeLessThan(2e-3);
      expect(end.positionM[1]).toBeCloseTo(0, 6);
    }
  });

  it('slides on where friction falls with speed, and less far where it grows', () => {
    const slide = (sticking: number) =>
      lastOf(
        stateWith({ linearVelocityMps: [0.5, 0, 0] }),
        150,
        modelWith({ contact: { stickingFriction: sticking } }),
      ).positionM[0];
    expect(slide(0.1)).toBeGreaterThan(slide(0.2) + 1e-3);
    expect(slide(0.4)).toBeLessThan(slide(0.2) - 1e-3);
  });

  it('never gains energy from bounce to bounce, and loses more with more dissipation', () => {
    const start = stateWith({
      positionM: [0, 0, 0.2],
      orientation: fromAxisAngle([1, 0.4, 0.2], 0.6),
      linearVelocityMps: [0.6, -0.3, -0.5],
      angularVelocityRadps: [3, 1, -2],
    });
    const left = [1, 3].map((dissipationSpm) => {
      const model = modelWith({ contact: { dissipationSpm } });
      const motion = simulateCorners(start, RATE_HZ, 120, model);
      let most = energyJ(start, model);
      const before = most;
      for (let frame = 0; frame < motion.frames; frame++) {
        const state = stateAt(motion, frame);
        const now = energyJ(state, model);
        // What a frame in contact keeps in its springs comes back: compare with the most since the last fall alone.
        expect(now).toBeLessThan(before + 1e-3);
        if (state.positionM[2] > 0.1) {
          expect(now).toBeLessThanOrEqual(most + 1e-3);
          most = now;
        }
      }
      return energyJ(stateAt(motion, 40), model);
    });
    expect(left[1]).toBeLessThan(left[0]!);
  });

  it('is as well turned about the vertical before as after', () => {
    const start = stateWith({
      positionM: [0.05, 0, 0.12],
      orientation: fromAxisAngle([1, 0.2, 0], 0.5),
      linearVelocityMps: [0.7, 0.1, -0.4],
      angularVelocityRadps: [2, -3, 1],
    });
    const model = modelWith();
    const about: Quaternion = fromAxisAngle([0, 0, 1], 1.1);
    const turned = stateWith({
      positionM: rotate(about, start.positionM),
      orientation: multiply(about, start.orientation),
      linearVelocityMps: rotate(about, start.linearVelocityMps),
      angularVelocityRadps: rotate(about, start.angularVelocityRadps),
    });
    const [plain, other] = [lastOf(start, 60, model), lastOf(turned, 60, model)];
    expect(distance(other.positionM, rotate(about, plain.positionM))).toBeLessThan(1e-7);
    expect(geodesicAngle(other.orientation, multiply(about, plain.orientation))).toBeLessThan(1e-6);
  });

  it('moves much the same with half the step', () => {
    const start = stateWith({
      positionM: [0, 0, 0.1],
      orientation: fromAxisAngle([1, 0.2, 0], 0.3),
      linearVelocityMps: [0.7, 0.1, -0.4],
    });
    // A frame has a fixed number of steps: twice the rate is half the step.
    const [coarse, fine] = [lastOf(start, 60, modelWith()), lastOf(start, 120, modelWith(), 2 * RATE_HZ)];
    expect(distance(coarse.positionM, fine.positionM)).toBeLessThan(0.01 * CUBE.widthM);
    expect(geodesicAngle(coarse.orientation, fine.orientation)).toBeLessThan(0.02);
  });
});

describe('any start and any model that calibration may try', () => {
  const parameters = cubeParameters(CUBE);
  const vector = (most: number) => {
    const part = fc.double({ min: -most, max: most, noNaN: true });
    return fc.tuple(part, part, part);
  };

  it('gives finite numbers and unit quaternions', () => {
    const point = fc.array(fc.constantFrom(0, 0.5, 1), {
      minLength: parameters.length,
      maxLength: parameters.length,
    });
    fc.assert(
      fc.property(point, vector(2), vector(3), vector(40), vector(500), (at, positionM, axis, v, w) => {
        const model = cornersOf(valuesAt(parameters, at), CUBE);
        const start = stateWith({
          positionM,
          orientation: fromAxisAngle(axis, 1),
          linearVelocityMps: v,
          angularVelocityRadps: w,
        });
        const motion = simulateCorners(start, RATE_HZ, 20, model);
        expect(isFiniteTrajectory(motion)).toBe(true);
        const q = motion.orientation.subarray(76, 80);
        expect(Math.hypot(...q)).toBeCloseTo(1, 9);
      }),
      { numRuns: 60 },
    );
  });
});
