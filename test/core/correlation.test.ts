import { describe, expect, it } from 'vitest';
import { cholesky, drawCorrelated, faultOfCorrelations } from '../../core/correlation.js';
import { type Distribution, draw, findDistributions, quantileOf } from '../../core/distribution.js';
import { normalCdf, normalQuantile } from '../../core/math/normal.js';
import { randomStream } from '../../core/random.js';

describe('normalCdf', () => {
  it.each([
    [-8, 6.220960574271819e-16],
    [-3, 0.0013498980316300957],
    [-1.5, 0.06680720126885806],
    [-1, 0.15865525393145707],
    [0, 0.5],
    [0.5, 0.6914624612740131],
    [3.01, 0.9986937615512306],
    [40, 1],
    [-40, 0],
  ])('at %f is %f', (x, p) => {
    if (p === 0 || p === 1) expect(normalCdf(x)).toBe(p);
    else expect(normalCdf(x) / p).toBeCloseTo(1, 13);
  });

  it('is undone by the quantile', () => {
    for (let x = -8; x <= 3; x += 0.0625) expect(normalQuantile(normalCdf(x))).toBeCloseTo(x, 11);
    expect(normalQuantile(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(normalQuantile(1)).toBe(Number.POSITIVE_INFINITY);
  });
});

/** Greatest distance between a sample and the distribution that it was drawn from (Kolmogorov, Smirnov). */
function distance(sample: readonly number[], cdf: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((x, i) =>
      Math.max(Math.abs(cdf(x) - i / sorted.length), Math.abs(cdf(x) - (i + 1) / sorted.length)),
    ),
  );
}

function ranks(sample: readonly number[]): number[] {
  const order = sample.map((_, i) => i).sort((a, b) => sample[a]! - sample[b]!);
  const out: number[] = [];
  for (const [rank, i] of order.entries()) out[i] = rank;
  return out;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const product = (p: readonly number[], mp: number, q: readonly number[], mq: number) =>
    p.reduce((sum, value, i) => sum + (value - mp) * (q[i]! - mq), 0);
  return product(a, ma, b, mb) / Math.sqrt(product(a, ma, a, ma) * product(b, mb, b, mb));
}

const DOCUMENT = {
  a: { uniform: [2, 4] } as Distribution<number>,
  b: { logUniform: [1, 100] } as Distribution<number>,
  c: { normal: { mean: 1, standardDeviation: 2, min: 0, max: 6 } } as Distribution<number>,
  d: { uniformInteger: [0, 4] } as Distribution<number>,
  e: { choice: ['wood', 'tin', 'iron', 'glass'] } as Distribution<string>,
  alone: { uniform: [0, 1] } as Distribution<number>,
};
const MATRIX = [
  [1, 0.8, -0.5, 0, 0.3],
  [0.8, 1, -0.4, 0.1, 0.2],
  [-0.5, -0.4, 1, 0.2, 0],
  [0, 0.1, 0.2, 1, 0.6],
  [0.3, 0.2, 0, 0.6, 1],
];
const GROUP = { paths: ['a', 'b', 'c', 'd', 'e'], matrix: MATRIX };
const COUNT = 4000;

describe('correlated values', () => {
  const drawn = Array.from({ length: COUNT }, (_, episode) =>
    draw(DOCUMENT, (path) => randomStream(1, 'test', episode, path), [GROUP]),
  ).map(
    ({ value }) =>
      value as unknown as { a: number; b: number; c: number; d: number; e: string; alone: number },
  );
  // At this distance a true sample of 4000 is refused once in a thousand.
  const most = 1.95 / Math.sqrt(COUNT);

  it('keep their own distributions', () => {
    expect(
      distance(
        drawn.map(({ a }) => a),
        (x) => (x - 2) / 2,
      ),
    ).toBeLessThan(most);
    expect(
      distance(
        drawn.map(({ b }) => b),
        (x) => Math.log(x) / Math.log(100),
      ),
    ).toBeLessThan(most);
    const [below, above] = [normalCdf(-0.5), normalCdf(2.5)];
    expect(
      distance(
        drawn.map(({ c }) => c),
        (x) => (normalCdf((x - 1) / 2) - below) / (above - below),
      ),
    ).toBeLessThan(most);
    for (const whole of [0, 1, 2, 3, 4])
      expect(drawn.filter(({ d }) => d === whole).length / COUNT).toBeCloseTo(0.2, 1);
    for (const name of ['wood', 'tin', 'iron', 'glass'])
      expect(drawn.filter(({ e }) => e === name).length / COUNT).toBeCloseTo(0.25, 1);
  });

  it('have the rank correlation of the copula: 6 / pi asin(rho / 2)', () => {
    const columns = [drawn.map(({ a }) => a), drawn.map(({ b }) => b), drawn.map(({ c }) => c)].map(ranks);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const expected = (6 / Math.PI) * Math.asin(MATRIX[i]![j]! / 2);
      expect(Math.abs(correlation(columns[i]!, columns[j]!) - expected)).toBeLessThan(0.04);
    }
    const places = drawn.map(({ e }) => ['wood', 'tin', 'iron', 'glass'].indexOf(e));
    expect(
      correlation(
        drawn.map(({ d }) => d),
        places,
      ),
    ).toBeGreaterThan(0.45);
    expect(
      Math.abs(
        correlation(
          drawn.map(({ a }) => a),
          drawn.map(({ d }) => d),
        ),
      ),
    ).toBeLessThan(0.06);
  });

  it('leave all others as they were', () => {
    const streamFor = (path: string) => randomStream(3, path);
    const group = {
      paths: ['a', 'b'],
      matrix: [
        [1, 0.9],
        [0.9, 1],
      ],
    };
    const { draws } = draw(DOCUMENT, streamFor, [group]);
    const { draws: plain } = draw(DOCUMENT, streamFor);
    for (const path of ['c', 'd', 'e', 'alone']) expect(draws[path]).toBe(plain[path]);
    for (const path of ['a', 'b']) expect(draws[path]).not.toBe(plain[path]);
    expect(drawCorrelated([], streamFor).size).toBe(0);
  });
});

describe('quantileOf', () => {
  it('stays within the support at both ends', () => {
    for (const u of [0, 1e-300, 0.5, 1 - 2 ** -53, 1]) {
      expect([0, 1, 2]).toContain(quantileOf({ uniformInteger: [0, 2] }, u));
      expect(['x', 'y']).toContain(quantileOf({ choice: ['x', 'y'] }, u));
      const value = quantileOf(DOCUMENT.c, u) as number;
      expect(value).toBeGreaterThanOrEqual(0);
      expect(value).toBeLessThanOrEqual(6);
    }
    expect(quantileOf({ normal: { mean: 2, standardDeviation: 0, min: 1, max: 3 } }, 0.1)).toBe(2);
  });
});

describe('cholesky', () => {
  it('gives the factor, or none where correlations cannot hold together', () => {
    const factor = cholesky(MATRIX)!;
    for (const [i, row] of MATRIX.entries())
      for (const [j, value] of row.entries())
        expect(factor[i]!.reduce((sum, x, k) => sum + x * factor[j]![k]!, 0)).toBeCloseTo(value, 12);
    expect(
      cholesky([
        [1, 1],
        [1, 1],
      ]),
    ).toBeUndefined();
    const torn = [
      [1, 0.9, -0.9],
      [0.9, 1, 0.9],
      [-0.9, 0.9, 1],
    ];
    expect(cholesky(torn)).toBeUndefined();
    expect(faultOfCorrelations(torn, 3)?.expected).toContain('positive definite');
    expect(
      faultOfCorrelations(
        [
          [1, 0.5],
          [0.4, 1],
        ],
        2,
      )?.at,
    ).toEqual([1, 0]);
    expect(
      faultOfCorrelations(
        [
          [0.9, 0.5],
          [0.5, 1],
        ],
        2,
      )?.at,
    ).toEqual([0, 0]);
    expect(faultOfCorrelations([[1]], 2)?.got).toBe('1 rows of 1');
  });
});

describe('findDistributions', () => {
  it('lists paths, without what is inside choices', () => {
    const document = { x: [1, { uniform: [0, 1] }], y: { choice: [{ z: { uniform: [0, 1] } }] }, w: null };
    expect(findDistributions(document)).toEqual(['x.1', 'y']);
  });
});
