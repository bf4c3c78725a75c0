import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import { randomStream } from '../../core/random.js';
import type { Forecaster } from '../../evaluation/contract.js';
import { goldenSection } from '../../evaluation/golden-section.js';
import { rotationErrorDeg } from '../../evaluation/metrics/rotation.js';
import { continueFrom } from '../../evaluation/rollout.js';
import { constantVelocity } from '../../evaluation/tasks/contactnets-cube/constant-velocity.js';
import { copyLast } from '../../evaluation/tasks/contactnets-cube/copy-last.js';
import { cubeWorld } from '../../evaluation/tasks/contactnets-cube/cube-world.js';
import { fitForecasts, fitPhysics } from '../../evaluation/tasks/contactnets-cube/fit-physics.js';
import { freeFall } from '../../evaluation/tasks/contactnets-cube/free-fall.js';
import { DEFAULT_PHYSICS, physicsForecaster } from '../../evaluation/tasks/contactnets-cube/physics.js';
import type { RecordedCube } from '../../evaluation/tasks/contactnets-cube/recorded-cube.js';
import { dreamOn, episodeOf } from '../../evaluation/tasks/contactnets-cube/world-model.js';
import { trajectoryOf } from '../../evaluation/trajectory.js';
import type { WorldModel } from '../../worldmodel/contract.js';
import {
  RATE_HZ,
  slidingEngine,
  slidingTrajectory,
  stillModel,
  stillTrajectory,
  WIDTH_M,
} from './sample-recordings.js';

const CUBE: RecordedCube = {
  rateHz: RATE_HZ,
  widthM: WIDTH_M,
  massKg: 0.4,
  inertiaKgm2: 0.001,
};

function spinning() {
  const context = stillTrajectory(1);
  context.positionM.set([1, 2, 3]);
  context.linearVelocityMps.set([0.5, 0, 2]);
  context.angularVelocityRadps.set([0, 0, Math.PI]);
  return context;
}

describe('closed forms', () => {
  it('copy-last holds the last frame of the context', async () => {
    const context = slidingTrajectory(5, 0, 1, 0);
    const { positionM, frames } = await copyLast.forecast(context, 3);
    expect(frames).toBe(3);
    expect([...positionM.slice(6)]).toEqual([...context.positionM.slice(12)]);
  });

  it('constant-velocity moves by v t and turns by w t', async () => {
    const forecast = await constantVelocity.forecast(spinning(), 50);
    const at = 49 * 3;
    expect(forecast.positionM[at]).toBeCloseTo(1.25, 12);
    expect(forecast.positionM[at + 2]).toBeCloseTo(4, 12);
    const quarter = stillTrajectory(50);
    for (let i = 0; i < 50; i++) quarter.orientation.set(fromAxisAngle([0, 0, 1], Math.PI / 2), i * 4);
    expect(rotationErrorDeg(forecast, quarter)[49]).toBeCloseTo(0, 6);
  });

  it('free-fall drops by g t^2 / 2 and goes through the table', async () => {
    const forecast = await freeFall.forecast(spinning(), 200);
    expect(forecast.positionM[99 * 3 + 2]).toBeCloseTo(3 + 2 - 9.81 / 2, 12);
    expect(forecast.linearVelocityMps[99 * 3 + 2]).toBeCloseTo(2 - 9.81, 12);
    expect(forecast.positionM[199 * 3 + 2]).toBeLessThan(-10);
  });
});

describe('physics', () => {
  it('starts from the last state that was seen, with the recorded cube above the plane z = 0', () => {
    const spec = cubeWorld(
      CUBE,
      RATE_HZ,
      {
        positionM: [1, 2, 3],
        orientation: [1, 0, 0, 0],
        linearVelocityMps: [4, 5, 6],
        angularVelocityRadps: [7, 8, 9],
      },
      { ...DEFAULT_PHYSICS, substeps: 4 },
    );
    const [table, cube] = spec.bodies;
    expect(spec.physics.stepHz).toBe(400);
    expect(table!.pose.positionM[2] + (table!.shape.kind === 'box' ? table!.shape.halfExtentsM[2] : 9)).toBe(
      0,
    );
    expect(cube).toMatchObject({
      massKg: 0.4,
      inertiaKgm2: [0.001, 0.001, 0.001],
      shape: { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] },
      linearVelocityMps: [4, 5, 6],
      angularVelocityRadps: [7, 8, 9],
    });
  });

  it('samples every substeps-th step', async () => {
    const forecaster = physicsForecaster('p', slidingEngine(), CUBE, { ...DEFAULT_PHYSICS, substeps: 4 });
    const { predicted } = await continueFrom(forecaster, slidingTrajectory(11, 0, 1, 0.5), 1);
    expect(predicted.positionM[30]).toBeCloseTo(0.05, 12);
  });

  it('is fitted: finds the friction and restitution that made the motion', async () => {
    const truth = { ...DEFAULT_PHYSICS, friction: 0.23, restitution: 0.1 };
    const engine = physicsForecaster('truth', slidingEngine(), CUBE, truth);
    const tosses = [];
    for (let i = 0; i < 20; i++) {
      tosses.push((await continueFrom(engine, slidingTrajectory(30, i, 1 + i / 10, 0), 1)).predicted);
      tosses[i]!.linearVelocityMps[0] = 1 + i / 10;
    }
    const seen: number[] = [];
    const total = fitForecasts(tosses.length);
    const { parameters, loss } = await fitPhysics(tosses, CUBE, slidingEngine(), 1, {
      onProgress: (progress) => {
        expect(progress.total).toBe(total);
        seen.push(progress.done);
      },
    });
    expect(parameters.friction).toBeCloseTo(0.23, 2);
    expect(parameters.restitution).toBe(0.1);
    expect(loss).toBeLessThan(1);
    expect(seen.at(-1)).toBe(total);
  });

  it('stops fitting when asked', async () => {
    const signal = AbortSignal.abort();
    const tosses = [slidingTrajectory(10, 0, 1, 0.2)];
    await expect(fitPhysics(tosses, CUBE, slidingEngine(), 1, { signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('golden section', () => {
  it('closes in on the minimum by the golden ratio', async () => {
    let calls = 0;
    const distance = async (at: number) => {
      calls++;
      return Math.abs(at - 0.3);
    };
    const { x } = await goldenSection(distance, 0, 1, 12);
    expect(calls).toBe(12);
    expect(Math.abs(x - 0.3)).toBeLessThan(0.618 ** 10);
  });
});

/** What a world model expects, as a forecaster of single motions. */
const dreaming = (model: WorldModel): Forecaster => ({
  name: model.name,
  forecast: async (context, frames) =>
    (await dreamOn(model, context, frames, 0, randomStream(0, 'test', 'dream'))).point,
});

describe('world models', () => {
  it('are asked for the frames beyond the context, whatever their clock', async () => {
    const recording = slidingTrajectory(40, 0, 1, 0);
    for (const contextFrames of [1, 2, 7, 20]) {
      const forecaster = dreaming(stillModel('still'));
      const { predicted, actual } = await continueFrom(forecaster, recording, contextFrames);
      expect(predicted.frames).toBe(41 - contextFrames);
      expect(predicted.positionM[predicted.positionM.length - 3]).toBeCloseTo(actual.positionM[0]!, 6);
    }
  });

  it('are interpolated through positions and velocities: exact for a fall', async () => {
    const drop = spinning();
    const truth = await freeFall.forecast(drop, 40);
    const model = stillModel('falling');
    model.rollout = async () => {
      const ticks = 20;
      const times = Array.from({ length: ticks }, (_, i) => (i + 1) / 40);
      const channel = (width: number, valuesAt: (t: number) => number[]) => ({
        shape: [1, width],
        mean: Float32Array.from(times.flatMap(valuesAt)),
        standardDeviation: new Float32Array(ticks * width),
      });
      return {
        tickHz: 40,
        ticks,
        contextEndNs: 0n,
        state: {
          positionM: channel(3, (t) => [1 + t / 2, 2, 3 + 2 * t - (9.81 * t * t) / 2]),
          orientation: channel(4, (t) => [...fromAxisAngle([0, 0, 1], Math.PI * t)]),
          linearVelocityMps: channel(3, (t) => [0.5, 0, 2 - 9.81 * t]),
          angularVelocityRadps: channel(3, () => [0, 0, Math.PI]),
        },
        channels: {},
        samples: 1,
        disagreement: new Float32Array(ticks),
      };
    };
    const forecast = await dreaming(model).forecast(drop, 40);
    for (const [i, x] of truth.positionM.entries()) expect(forecast.positionM[i]).toBeCloseTo(x, 5);
    for (const error of rotationErrorDeg(forecast, truth)) expect(error).toBeLessThan(1e-3);
    await expect(dreaming(model).forecast(drop, 60)).rejects.toThrow(
      /has 20 ticks of 40 Hz; the recording needs 24/,
    );
  });
});

describe('trajectories', () => {
  it('survive the way through an episode', () => {
    const trajectory = slidingTrajectory(4, 0, 1, 0);
    expect(trajectoryOf(episodeOf(trajectory))).toEqual(trajectory);
  });

  it('need a stream of states with that body', () => {
    const episode = episodeOf(slidingTrajectory(4, 0, 1, 0));
    expect(() => trajectoryOf({ ...episode, streams: {} })).toThrow(
      /expected a stream "state".*got no stream/,
    );
    expect(() => trajectoryOf(episode, 1)).toThrow(/with a body 1, got 1 bodies/);
  });
});
