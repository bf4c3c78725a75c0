import { describe, expect, it } from 'vitest';
import { rotate } from '../../core/math/quaternion.js';
import type { BodyState } from '../../evaluation/body-state.js';
import { stateAt } from '../../evaluation/body-state.js';
import { startOf, valuesAt } from '../../evaluation/calibrate/parameter-space.js';
import { cubeWorld } from '../../evaluation/tasks/contactnets-cube/cube-world.js';
import { physicsForecaster } from '../../evaluation/tasks/contactnets-cube/physics.js';
import {
  agedVelocity,
  nominalRig,
  type Rig,
  rigOf,
  rigParameters,
} from '../../evaluation/tasks/contactnets-cube/rig.js';
import { createWorld } from '../../sim/world.js';
import { CUBE } from './sample-overlay.js';
import { stillTrajectory } from './sample-recordings.js';

const START: BodyState = {
  positionM: [0.1, -0.2, 0.3],
  orientation: [0.5, 0.5, -0.5, 0.5],
  linearVelocityMps: [0.4, 0.2, -0.1],
  angularVelocityRadps: [1, 2, 3],
};
const CONTACT = { friction: 0.2, restitution: 0.1, substeps: 4, lengthUnitM: 0.1 };

describe('the rig', () => {
  it('as its drawing says changes nothing of the world: flat table at 0, plain gravity, centred mass', () => {
    const world = cubeWorld(CUBE, 148, START, CONTACT);
    expect(cubeWorld(CUBE, 148, START, { ...CONTACT, rig: nominalRig(CUBE) })).toEqual(world);
    expect(world.physics).toEqual({
      stepHz: 592,
      gravityMps2: [0, 0, -9.81],
      lengthUnitM: 0.1,
      solverIterations: 4,
    });
    const [table, cube] = world.bodies;
    expect(table!.pose).toEqual({ positionM: [0, 0, -0.5], orientation: [1, 0, 0, 0] });
    expect(cube).toMatchObject({
      massKg: CUBE.massKg,
      inertiaKgm2: [CUBE.inertiaKgm2, CUBE.inertiaKgm2, CUBE.inertiaKgm2],
      pose: { positionM: START.positionM, orientation: START.orientation },
      linearVelocityMps: START.linearVelocityMps,
      angularVelocityRadps: START.angularVelocityRadps,
    });
    expect(cube).not.toHaveProperty('centreOfMassM');
  });

  it('is read from the values that its parameters name, and each reaches the world', () => {
    const parameters = rigParameters(CUBE);
    const start = valuesAt(parameters, startOf(parameters));
    const plain = cubeWorld(CUBE, 148, START, { ...CONTACT, rig: rigOf(start) });
    for (const { name, lo, hi } of parameters) {
      expect(start[name]).toBeGreaterThanOrEqual(lo);
      expect(start[name]).toBeLessThanOrEqual(hi);
      const rig = rigOf({ ...start, [name]: hi });
      expect(cubeWorld(CUBE, 148, START, { ...CONTACT, rig }), name).not.toEqual(plain);
    }
    expect(rigOf({ ...start, 'rig.gravityMps2': 9.7 }).gravityMps2[2]).toBe(-9.7);
  });

  it('ages a velocity by what falls in the meantime', () => {
    const rig: Rig = { ...nominalRig(CUBE), gravityMps2: [0.1, 0, -10], velocityAgeS: 0.005 };
    expect(agedVelocity([1, 2, 3], rig)).toEqual([1.0005, 2, 2.95]);
  });
});

describe('the engine with a rig', () => {
  it.each([
    ['flat', [0, 0], 0],
    ['sunk', [0, 0], -0.003],
    ['sloped', [0.012, -0.009], 0.001],
  ] as const)('lets a cube come to rest on the table: %s', async (_, tableSlope, tableHeightM) => {
    const rig: Rig = { ...nominalRig(CUBE), tableSlope, tableHeightM };
    const [sx, sy] = tableSlope;
    const half = CUBE.widthM / 2;
    const seen = stillTrajectory(1, 148);
    const [x, y] = [0.3, -0.2];
    seen.positionM.set([x, y, tableHeightM + sx * x + sy * y + half + 0.003]);
    const engine = physicsForecaster('test', createWorld, CUBE, {
      friction: 0.5,
      restitution: 0,
      substeps: 4,
      lengthUnitM: 0.02,
      rig,
    });
    const rest = stateAt(await engine.forecast(seen, 60), 59);
    expect(Math.hypot(...rest.linearVelocityMps)).toBeLessThan(2e-3);
    const top = rotate(rest.orientation, [0, 0, 1]);
    expect(top[0]).toBeCloseTo(-sx, 3);
    expect(top[1]).toBeCloseTo(-sy, 3);
    const [restX, restY, restZ] = rest.positionM;
    expect(Math.hypot(restX - x, restY - y)).toBeLessThan(2e-3);
    expect(restZ - (tableHeightM + sx * restX + sy * restY) - half).toBeCloseTo(0, 3);
  });
});
