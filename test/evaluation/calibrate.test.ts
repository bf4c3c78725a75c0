import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import { type CaseLosses, calibrate } from '../../evaluation/calibrate/calibrate.js';
import type { CalibrationParameter } from '../../evaluation/calibrate/contract.js';
import { requireValues, startOf, valuesAt } from '../../evaluation/calibrate/parameter-space.js';

const parameter = (name: string, lo: number, start: number, hi: number): CalibrationParameter => ({
  name,
  unit: 'm',
  description: name,
  lo,
  hi,
  start,
  scale: 'linear',
});
const PARAMETERS: readonly CalibrationParameter[] = [
  parameter('slope', -2, 0, 2),
  parameter('level', -2, 0, 2),
  { ...parameter('rate', 0.25, 0.5, 4), scale: 'log' },
];
const TRUTH = { slope: 0.7, level: -0.4, rate: 1.3 };

/** Cases are noisy points of level + slope x + exp(-rate x); without `isOpen` at many x, else all at one. */
function points(count: number, isOpen = false): CaseLosses {
  const random = randomStream(2, 'test', 'points');
  const cases = Array.from({ length: count }, (_, i) => {
    const x = isOpen ? 0.5 : (2 * i) / count;
    return { x, y: model(TRUTH, x) + 0.03 * random.normal() };
  });
  return async (candidates) =>
    candidates.map((values) =>
      Float64Array.from(cases, ({ x, y }) => (model(values as typeof TRUTH, x) - y) ** 2),
    );
}

function model({ slope, level, rate }: typeof TRUTH, x: number): number {
  return level + slope * x + Math.exp(-rate * x);
}

function spread(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    mean,
    deviation: Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1)),
  };
}

describe('calibrate', () => {
  it('finds the parameters, with a posterior that holds them', async () => {
    const found = await calibrate({
      parameters: PARAMETERS.slice(0, 2),
      losses: (candidates) =>
        points(60)(candidates.map((values) => ({ ...values, rate: TRUTH.rate }) as typeof TRUTH)),
      seed: 3,
      evaluations: 600,
      restarts: 2,
    });
    expect(found.posterior).toHaveLength(32);
    expect(found.posterior[0]).toEqual(found.best);
    for (const name of ['slope', 'level'] as const) {
      const { mean, deviation } = spread(found.posterior.map((values) => values[name]!));
      expect(Math.abs(mean - TRUTH[name])).toBeLessThan(3 * deviation);
      expect(deviation).toBeLessThan(0.05);
      expect(deviation).toBeGreaterThan(0.002);
    }
    expect(found.bestLoss).toBeLessThan(0.0015);
    expect(found.startLoss).toBeGreaterThan(100 * found.bestLoss);
  });

  it('says by its restarts that the bottom is the same', async () => {
    const found = await calibrate({
      parameters: PARAMETERS,
      losses: points(40),
      seed: 4,
      evaluations: 1600,
      restarts: 3,
    });
    expect(found.restartLosses).toHaveLength(3);
    for (const loss of found.restartLosses) expect(loss).toBeLessThan(1.02 * found.bestLoss);
    expect(Math.min(...found.restartLosses)).toBe(found.bestLoss);
  });

  it('is wide where the cases leave a direction open, and narrow across it', async () => {
    // At one x only level + x slope shows.
    const found = await calibrate({
      parameters: PARAMETERS.slice(0, 2),
      losses: (candidates) =>
        points(60, true)(candidates.map((values) => ({ ...values, rate: TRUTH.rate }) as typeof TRUTH)),
      seed: 3,
      evaluations: 600,
      restarts: 2,
    });
    const { posterior } = found;
    const slope = spread(posterior.map((values) => values.slope!));
    const sum = spread(posterior.map((values) => values.level! + 0.5 * values.slope!));
    expect(sum.deviation).toBeLessThan(0.02);
    expect(slope.deviation).toBeGreaterThan(10 * sum.deviation);
    expect(Math.abs(sum.mean - (TRUTH.level + 0.5 * TRUTH.slope))).toBeLessThan(0.03);
  });

  it('is the same twice, whatever the order in which losses come back, and another with another seed', async () => {
    const run = (seed: number) =>
      calibrate({ parameters: PARAMETERS, losses: points(10), seed, evaluations: 60, restarts: 2 });
    expect(await run(1)).toEqual(await run(1));
    expect((await run(2)).best).not.toEqual((await run(1)).best);
  });

  it.each([
    [13, 1, 13],
    [13, 2, 13],
    [100, 50, 97],
    [200, 2, 193],
  ])('tries no more than %d candidates in %d restarts', async (evaluations, restarts, expected) => {
    let asked = 0;
    const done: number[] = [];
    const found = await calibrate({
      parameters: PARAMETERS,
      losses: (candidates) => {
        asked += candidates.length;
        return points(5)(candidates);
      },
      seed: 1,
      evaluations,
      restarts,
      onProgress: (progress) => done.push(progress.done),
    });
    expect(asked).toBe(expected);
    expect(found.evaluations).toBe(expected);
    expect(Math.max(...done)).toBeLessThanOrEqual(evaluations);
    expect([...done].sort((a, b) => a - b)).toEqual(done);
  });

  it('lives with candidates that have no finite loss, and gives numbers that JSON can hold', async () => {
    const found = await calibrate({
      parameters: PARAMETERS,
      losses: async (candidates) =>
        (await points(10)(candidates)).map((row, i) =>
          candidates[i]!.slope! < 0.2 ? row.fill(Number.NaN) : row,
        ),
      seed: 1,
      evaluations: 200,
      restarts: 2,
    });
    expect(found.best.slope).toBeGreaterThanOrEqual(0.2);
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });

  it('says so when nothing has a finite loss, and stops when asked', async () => {
    const options = { parameters: PARAMETERS, seed: 1, evaluations: 30, restarts: 1 };
    const never: CaseLosses = async (candidates) => candidates.map(() => Float64Array.of(Number.NaN));
    await expect(calibrate({ ...options, losses: never })).rejects.toMatchObject({ code: 'invalid-input' });
    const signal = AbortSignal.abort();
    await expect(calibrate({ ...options, losses: points(3), signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('the space of parameters', () => {
  it('maps its ends and the start there and back', () => {
    expect(valuesAt(PARAMETERS, [0, 0, 0])).toEqual({ slope: -2, level: -2, rate: 0.25 });
    expect(valuesAt(PARAMETERS, [1, 1, 1])).toEqual({ slope: 2, level: 2, rate: 4 });
    expect(valuesAt(PARAMETERS, startOf(PARAMETERS))).toEqual({ slope: 0, level: 0, rate: 0.5 });
  });

  it('never leaves the range by rounding', () => {
    const third = [parameter('third', 1 / 3, 0.5, 2 / 3)];
    for (const x of [0, 1]) {
      const values = valuesAt(third, [x]);
      expect(requireValues(third, values, 'a test')).toBe(values);
    }
  });

  it.each([
    ['nothing', {}, /overlay: expected slope between -2 and 2 m, got nothing; calibrate again/],
    ['too much', { slope: 3, level: 0, rate: 1 }, /slope between -2 and 2 m, got 3/],
    ['too little', { slope: 0, level: -2.1, rate: 1 }, /level between .* got -2.1/],
    ['NaN', { slope: 0, level: 0, rate: Number.NaN }, /rate between .* got NaN/],
    ['infinity', { slope: Number.POSITIVE_INFINITY, level: 0, rate: 1 }, /slope between .* got Infinity/],
  ])('names a parameter that has %s', (_, values, message) => {
    expect(() => requireValues(PARAMETERS, values, 'overlay')).toThrow(message);
  });
});
