import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import { minimise } from '../../evaluation/calibrate/cma-es.js';
import { symmetricEigen } from '../../evaluation/calibrate/eigen.js';

const run = (f: (x: readonly number[]) => number, n: number, evaluations = 2000) =>
  minimise(async (points) => points.map(f), {
    start: new Array(n).fill(0.5),
    evaluations,
    random: randomStream(1, 'test', 'cma-es'),
    tolerance: 1e-9,
  });

describe('the search', () => {
  it('finds the bottom of a narrow, turned valley', async () => {
    const ellipsoid = (x: readonly number[]) => {
      const [a, b, c] = [x[0]! - 0.3, x[1]! - 0.7, x[2]! - 0.55];
      return (a + b) ** 2 + 1e4 * (a - b) ** 2 + 1e2 * (c - a) ** 2;
    };
    const { best } = await run(ellipsoid, 3);
    expect(best.value).toBeLessThan(1e-10);
    expect(best.point.map((x) => Math.round(x * 1e4) / 1e4)).toEqual([0.3, 0.7, 0.55]);
  });

  it('follows a curved valley', async () => {
    const rosenbrock = (x: readonly number[]) => {
      const [a, b] = [4 * x[0]! - 2, 4 * x[1]! - 2];
      return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
    };
    expect((await run(rosenbrock, 2)).best.value).toBeLessThan(1e-8);
  });

  it('stays in the box, where the bottom lies outside', async () => {
    const asked: number[] = [];
    const { best } = await run((x) => {
      asked.push(...x);
      return (x[0]! + 0.5) ** 2 + (x[1]! - 0.4) ** 2;
    }, 2);
    expect(Math.min(...asked)).toBeGreaterThanOrEqual(0);
    expect(best.point[0]).toBeCloseTo(0, 4);
    expect(best.point[1]).toBeCloseTo(0.4, 3);
  });

  it('lives with values that are not finite, and is the same twice', async () => {
    const f = (x: readonly number[]) => (x[0]! < 0.4 ? Number.NaN : (x[0]! - 0.45) ** 2 + x[1]! ** 2);
    const [a, b] = [await run(f, 2, 300), await run(f, 2, 300)];
    expect(a.best.value).toBeLessThan(1e-6);
    expect(a.evaluated).toEqual(b.evaluated);
    expect(a.evaluated.length).toBeLessThanOrEqual(300);
  });

  it('stops when asked', async () => {
    const signal = AbortSignal.abort();
    const options = { start: [0.5], evaluations: 100, random: randomStream(1, 'test'), signal };
    await expect(minimise(async () => [1], options)).rejects.toMatchObject({ code: 'interrupted' });
  });
});

describe('symmetricEigen', () => {
  it('rebuilds the matrix from its eigenvectors, which are orthonormal', () => {
    const random = randomStream(3, 'test', 'eigen');
    const n = 6;
    const half = Array.from({ length: n }, () => Array.from({ length: n }, () => random.normal()));
    const matrix = half.map((row, i) => row.map((x, j) => x + half[j]![i]!));
    const { vectors, values } = symmetricEigen(matrix);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const sum = (f: (k: number) => number) => values.reduce((total, _, k) => total + f(k), 0);
        expect(sum((k) => vectors[i]![k]! * values[k]! * vectors[j]![k]!)).toBeCloseTo(matrix[i]![j]!, 10);
        expect(sum((k) => vectors[k]![i]! * vectors[k]![j]!)).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
  });
});
