import { describe, expect, it } from 'vitest';
import { calibrate } from '../../evaluation/calibrate/calibrate.js';
import { startOf, valuesAt } from '../../evaluation/calibrate/parameter-space.js';
import type { CalibrationProblem, OpenTask } from '../../evaluation/task.js';
import { cubeParameters } from '../../evaluation/tasks/contactnets-cube/calibration.js';
import { contactnetsCubeTask } from '../../evaluation/tasks/contactnets-cube/task.js';
import { createWorld } from '../../sim/world.js';
import { cubeOverlay } from './sample-overlay.js';
import { RATE_HZ, recordedDataset, WIDTH_M } from './sample-recordings.js';
import { sampleTosses } from './sample-tosses.js';

/** As `recordedDataset` says. */
const CUBE = { rateHz: RATE_HZ, widthM: WIDTH_M, massKg: 0.4, inertiaKgm2: 0.001 };
const PARAMETERS = cubeParameters(CUBE);
const START = valuesAt(PARAMETERS, startOf(PARAMETERS));
const WORST = 145;

async function opened(speedMps?: number): Promise<OpenTask> {
  const recordings = recordedDataset(sampleTosses(3, 24, CUBE, speedMps));
  const setup = { recordings, createWorld, models: [], contextFrames: 1, seed: 0, overlay: null };
  return contactnetsCubeTask.open(setup);
}

async function problemOf(name: string, speedMps?: number): Promise<CalibrationProblem> {
  const task = await opened(speedMps);
  return task.calibration!(task.cases).problems.find((problem) => problem.name === name)!;
}

describe('the calibration of tosses', () => {
  it('names every parameter once, and takes it in', async () => {
    const task = await opened();
    const { problems, scenario, patch } = task.calibration!(task.cases);
    const names = problems.flatMap(({ parameters }) => parameters.map(({ name }) => name));
    expect([...names].sort()).toEqual(PARAMETERS.map(({ name }) => name).sort());
    expect(new Set(names).size).toBe(names.length);
    expect(scenario).toBe('cube-toss');
    expect(patch!([START])).toHaveProperty('bodies.cube.friction', START['engine.friction']);
    for (const { parameters } of problems) {
      for (const { lo, hi, start } of parameters) expect(lo <= start && start <= hi).toBe(true);
    }
  });

  it("has no mismatch where tosses are the corner model's own, and some for any other value", async () => {
    const { loss, cases, parameters } = await problemOf('corners');
    for (const chosen of cases) expect(await loss(START, chosen)).toBeLessThan(1e-9);
    for (const { name, lo, hi, start } of parameters) {
      // At the start friction does not change with speed, and none of these tosses is slow enough to stick.
      if (name === 'corners.stribeckMps' || name === 'corners.creepMps') continue;
      const other = { ...START, [name]: start === hi ? lo : hi };
      let sum = 0;
      for (const chosen of cases) sum += await loss(other, chosen);
      expect(sum, name).toBeGreaterThan(1e-3);
      expect(sum, name).toBeLessThanOrEqual(cases.length * WORST);
    }
  });

  it('finds friction and height again with the rest given', async () => {
    const { loss, cases, parameters } = await problemOf('corners');
    const sought = ['corners.slidingFriction', 'rig.tableHeightM'];
    const { best } = await calibrate({
      parameters: parameters
        .filter(({ name }) => sought.includes(name))
        .map((one) => ({ ...one, start: 0.7 * one.start })),
      losses: (candidates) =>
        Promise.all(
          candidates.map(async (values) =>
            Float64Array.from(
              await Promise.all(cases.map((chosen) => loss({ ...START, ...values }, chosen))),
            ),
          ),
        ),
      seed: 1,
      evaluations: 240,
      restarts: 1,
    });
    expect(best['corners.slidingFriction']! / START['corners.slidingFriction']!).toBeCloseTo(1, 1);
    expect(Math.abs(best['rig.tableHeightM']! - START['rig.tableHeightM']!)).toBeLessThan(2e-4);
  });

  it('counts a start that the engine refuses as the worst', async () => {
    const { loss, cases } = await problemOf('engine', 3);
    expect(await loss({ ...START, 'engine.lengthUnitM': 0.005 }, cases[0]!)).toBe(WORST);
    expect(await loss(START, cases[0]!)).toBeLessThan(WORST);
  });

  it('charges for more doubt than there is', async () => {
    const { loss, cases } = await problemOf('beliefs');
    const cost = async (name: string, value: number) => {
      let sum = 0;
      for (const chosen of cases) sum += await loss({ ...START, [name]: value }, chosen);
      return sum;
    };
    expect(await cost('beliefs.linearVelocityMps', 0.1)).toBeGreaterThan(
      await cost('beliefs.linearVelocityMps', 0.01),
    );
  });
});

describe('the methods of an overlay', () => {
  it('are there with an overlay alone, and forecast finitely', async () => {
    const recordings = recordedDataset(sampleTosses(2, 16, CUBE));
    const overlay = cubeOverlay();
    const within = overlay.posterior.map((member) => ({ ...member, 'rig.inertiaKgm2': 0.001 }));
    const task = await contactnetsCubeTask.open({
      recordings,
      createWorld,
      models: [],
      contextFrames: 1,
      seed: 0,
      overlay: { ...overlay, posterior: within },
    });
    const methods = task.methods([]);
    const names = methods.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['physics-calibrated', 'corner-contact', 'corner-beliefs']));
    expect(names).not.toContain('physics-fitted');
    const chosen = task.cases[0]!;
    const { context, truth } = await task.load(chosen);
    for (const method of methods.filter(({ name }) => /calibrated|corner/.test(name))) {
      const { forecast } = await method.prepare({});
      const { finite, pit } = task.score(await forecast(context, chosen), truth, [0.05]);
      expect(finite, method.name).toBe(true);
      expect(pit !== undefined, method.name).toBe(method.name === 'corner-beliefs');
    }
  });
});
