import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import type { Episode } from '../../datasets/contract.js';
import { multiarmPendulum } from '../../datasets/recordings/multiarm-pendulum.js';
import { decompose, invertPositive, solvePositive } from '../../evaluation/cholesky.js';
import { energyOf, followChain } from '../../evaluation/tasks/multiarm-pendulum/chain.js';
import { equivalentViscous } from '../../evaluation/tasks/multiarm-pendulum/equivalent-friction.js';
import { fitChain } from '../../evaluation/tasks/multiarm-pendulum/fit-chain.js';
import { stateByModel, stateByParabola } from '../../evaluation/tasks/multiarm-pendulum/initial-state.js';
import {
  modelParameters,
  nominalModel,
  type PendulumModel,
  valuesOf,
} from '../../evaluation/tasks/multiarm-pendulum/model.js';
import { publishedModel } from '../../evaluation/tasks/multiarm-pendulum/published.js';
import type { SwingWindow } from '../../evaluation/tasks/multiarm-pendulum/shooting.js';

const REAL = '../shared/recordings/multiarm-pendulum';

/** What encoders with an error of 0.01 degrees read of a model's motion. */
function readings(
  model: PendulumModel,
  start: readonly number[],
  frames: number,
  errorRad = 2e-4,
): SwingWindow {
  const arms = model.biasRad.length;
  const path = followChain(model.chain, Float64Array.from(start), 1000, frames);
  const random = randomStream(1, 'test', 'pendulum', ...start);
  const angleRad = Float64Array.from({ length: frames * arms }, (_, i) => {
    const arm = i % arms;
    return path[((i - arm) / arms) * 2 * arms + arm]! + model.biasRad[arm]! + errorRad * random.normal();
  });
  return { arms, rateHz: 1000, frames, angleRad };
}

/** A double pendulum that is not as drawn. */
function builtDouble(): PendulumModel {
  const { chain } = publishedModel('double');
  const friction = { viscousMps: [0, 0], dryMps2: [0.012, 0.005], dragM: [0.0003, 0.0002] };
  return { chain: { ...chain, ...friction }, biasRad: [0.002, -0.001] };
}

describe('solvePositive', () => {
  it('solves, inverts and refuses what is not positive definite', () => {
    const matrix = Float64Array.of(4, 2, 2, 3);
    expect([...solvePositive(matrix, Float64Array.of(8, 8), 2)!]).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(2, 12),
    ]);
    const inverse = invertPositive(matrix, 2)!;
    expect([...inverse].map((value) => value * 8)).toEqual(
      [3, -2, -2, 4].map((value) => expect.closeTo(value, 12)),
    );
    expect(decompose(Float64Array.of(1, 2, 2, 1), 2)).toBeNull();
  });
});

describe('the state at the end of a context', () => {
  it('comes out of the readings, better with the model than without', () => {
    const model = builtDouble();
    const whole = readings(model, [1.2, 1.5, 3, -4], 200);
    const context = { ...whole, frames: 50, angleRad: whole.angleRad.slice(0, 100) };
    const truth = followChain(model.chain, Float64Array.of(1.2, 1.5, 3, -4), 1000, 50).subarray(-4);
    const { state, factor, first } = stateByModel(model, context);
    for (const i of [0, 1]) expect(Math.abs(state[i]! - truth[i]!)).toBeLessThan(5e-4);
    for (const i of [2, 3]) expect(Math.abs(state[i]! - truth[i]!)).toBeLessThan(0.02);
    const byParabola = stateByParabola(context);
    expect(Math.abs(byParabola[3]! - truth[3]!)).toBeGreaterThan(Math.abs(state[3]! - truth[3]!));
    // The errors that the estimate claims are those of the readings.
    expect(factor[0]).toBeGreaterThan(2e-5);
    expect(factor[0]).toBeLessThan(2e-4);
    expect(first).toHaveLength(4);
  });

  it('takes a context of one and of two frames', () => {
    const one = { arms: 1, rateHz: 1000, frames: 1, angleRad: Float64Array.of(0.5) };
    expect([...stateByParabola(one)]).toEqual([0.5, 0]);
    expect(stateByModel(nominalModel(1), one).state[0]).toBeCloseTo(0.5, 6);
    const two = { ...one, frames: 2, angleRad: Float64Array.of(0.5, 0.502) };
    expect(stateByParabola(two)[1]).toBeCloseTo(2, 9);
  });
});

describe('fitChain', () => {
  it('finds a double pendulum from the drawing, within the deviations that it gives', async () => {
    const model = builtDouble();
    const starts = [
      [1.5, 1, 2, 0],
      [0.6, 1.4, -3, 4],
      [0.3, -0.5, 1, 2],
      [-1, 0.2, 0, 5],
    ];
    const recordings = starts.map((start) => readings(model, start, 1200));
    const options = {
      frees: ({ name }: { name: string }) => !name.startsWith('viscous'),
      windowsS: [0.2, 0.6],
    };
    const fit = await fitChain(recordings, nominalModel(2), options);
    expect(fit.residualRad).toBeLessThan(2.5e-4);
    const [truth, found] = [valuesOf(model), valuesOf(fit.model)];
    const scales = modelParameters(2).map(({ scale }) => scale);
    for (const [k, place] of fit.free.entries()) {
      const deviation = Math.sqrt(fit.covariance[k * (fit.free.length + 1)]!);
      expect(Math.abs(found[place]! - truth[place]!)).toBeLessThan(5 * deviation);
      expect(deviation).toBeLessThan(scales[place]!);
    }
  }, 30_000);

  it('stops when it is told to', async () => {
    const aborted = AbortSignal.abort();
    const recordings = [readings(builtDouble(), [1, 1, 0, 0], 300)];
    await expect(
      fitChain(recordings, nominalModel(2), { frees: () => true, windowsS: [0.2], signal: aborted }),
    ).rejects.toThrow(/interrupted/);
  });
});

describe('equivalentViscous', () => {
  it('takes out as much energy as dry friction and drag do', () => {
    const model = builtDouble();
    const start = Float64Array.of(1.4, 1.6, 0, 0);
    const viscous = equivalentViscous(model.chain, start, 1000, 1500);
    expect(viscous.dryMps2).toEqual([0, 0]);
    const lostBy = (chain: PendulumModel['chain']) =>
      energyOf(model.chain, start) -
      energyOf(model.chain, followChain(chain, start, 1000, 1500).subarray(-4));
    expect(lostBy(model.chain)).toBeGreaterThan(0.05);
    expect(lostBy(viscous) / lostBy(model.chain)).toBeCloseTo(1, 1);
  });
});

describe.skipIf(!existsSync(REAL))('fitted to real swings (needs shared recordings)', () => {
  it('agrees with what the authors identified', async () => {
    const set = await multiarmPendulum.open(REAL);
    const recordings: SwingWindow[] = [];
    for (const entry of set.entries.slice(2, 4)) {
      const samples = [
        ...((await set.read(entry)).samples as Iterable<{ values: Episode['streams'][string]['values'] }>),
      ];
      const angleRad = Float64Array.from(samples, ({ values }) => values.angleRad![0]!);
      recordings.push({ arms: 1, rateHz: 1000, frames: angleRad.length, angleRad });
    }
    const options = {
      frees: ({ name }: { name: string }) => !name.startsWith('viscous'),
      windowsS: [0.3, 1, 3],
    };
    const { model, residualRad } = await fitChain(recordings, nominalModel(1), options);
    expect(model.chain.lengthM[0]! / publishedModel('single').chain.lengthM[0]!).toBeCloseTo(1, 2);
    expect(residualRad).toBeLessThan((0.1 * Math.PI) / 180);
    // A bearing of some mN m and the drag of a flat arm: both friction laws are in the motion.
    expect(model.chain.dryMps2[0]).toBeGreaterThan(0.01);
    expect(model.chain.dragM[0]).toBeGreaterThan(1e-4);
  }, 30_000);
});
