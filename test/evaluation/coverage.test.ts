import { describe, expect, it } from 'vitest';
import { type RandomStream, randomStream } from '../../core/random.js';
import type { Estimate, Metric } from '../../evaluation/contract.js';
import { estimateInterquartileMean } from '../../evaluation/statistics/robust.js';
import {
  drawBlockResamples,
  drawResamples,
  estimateMean,
  type Resamples,
} from '../../evaluation/statistics.js';

/** More trials for the figures in docs/decisions: `UMWELT_COVERAGE_TRIALS=4000 npx vitest run test/evaluation/coverage.test.ts`. */
const TRIALS = Number(process.env.UMWELT_COVERAGE_TRIALS ?? 200);
const SHOW = process.env.UMWELT_COVERAGE_TRIALS !== undefined;

const exponential = (random: RandomStream) => -Math.log(1 - random.uniform());
const studentT5 = (random: RandomStream) => {
  let squares = 0;
  for (let i = 0; i < 5; i++) squares += random.normal() ** 2;
  return random.normal() / Math.sqrt(squares / 5);
};

/** How errors of forecasts are spread, and their true means. */
const DISTRIBUTIONS: readonly (readonly [string, (random: RandomStream) => number, number])[] = [
  ['normal', (random) => random.normal(), 0],
  ['uniform', (random) => random.uniform(), 0.5],
  ['exponential', exponential, 1],
  ['gamma of shape 2', (random) => exponential(random) + exponential(random), 2],
  ['log-normal of sigma 1', (random) => Math.exp(random.normal()), Math.exp(0.5)],
  ["Student's t of 5 degrees", studentT5, 0],
  ['success of 1 in 5', (random) => (random.uniform() < 0.2 ? 1 : 0), 0.2],
  [
    'hits and, 1 in 5, misses',
    (random) => (random.uniform() < 0.8 ? Math.abs(random.normal()) : 10 + 3 * random.normal()),
    0.8 * Math.sqrt(2 / Math.PI) + 2,
  ],
];

/** Share of samples whose interval holds the truth. The table of draws is another in every 30th trial. */
function coverageOf(
  name: string,
  truth: number,
  trials: number,
  sample: (random: RandomStream) => readonly number[],
  draw: (seed: number) => Resamples,
  estimate: (values: readonly Metric[], resamples: Resamples) => Estimate = estimateMean,
): number {
  const random = randomStream(11, 'test', 'coverage', name);
  let resamples = draw(0);
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    if (trial % 30 === 29) resamples = draw(trial);
    const { lo, hi } = estimate(
      sample(random).map((value) => ({ value, valid: true })),
      resamples,
    );
    if (lo <= truth && truth <= hi) covered++;
  }
  const share = covered / trials;
  if (SHOW) console.log(`${name}: ${(100 * share).toFixed(1)} %`);
  return share;
}

describe('95 % intervals of a mean', () => {
  it.each(DISTRIBUTIONS)('hold the truth 93 to 97 times in 100: %s, n 50 to 150', (name, draw, mean) => {
    const shares = [50, 100, 150].map((n) =>
      coverageOf(
        `${name} ${n}`,
        mean,
        TRIALS,
        (random) => Array.from({ length: n }, () => draw(random)),
        (seed) => drawResamples(n, seed, 499),
      ),
    );
    const share = (shares[0]! + shares[1]! + shares[2]!) / 3;
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.97);
  });

  it('hold it for cases that were drawn together: 12 recordings of 8 cases', () => {
    const unitOf = Int32Array.from({ length: 96 }, (_, i) => Math.floor(i / 8));
    const draw = (seed: number): Resamples => {
      const { counts, resamples } = drawResamples(12, seed, 499);
      const repeated = Uint16Array.from({ length: resamples * 96 }, (_, i) => counts[Math.floor(i / 8)]!);
      return { recordings: 96, resamples, counts: repeated, unitOf };
    };
    const sample = (random: RandomStream) =>
      Array.from({ length: 12 }, () => random.normal()).flatMap((shared) =>
        Array.from({ length: 8 }, () => shared + 0.3 * random.normal()),
      );
    const share = coverageOf('clusters', 0, 2 * TRIALS, sample, draw);
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.97);
    const apart = coverageOf('clusters taken for 96 recordings', 0, TRIALS, sample, (seed) =>
      drawResamples(96, seed, 499),
    );
    expect(apart).toBeLessThan(0.7);
  });

  it('hold it within strata, and are not wide for the difference between them', () => {
    const stratumOf = Int32Array.from({ length: 60 }, (_, i) => (i < 20 ? 0 : 1));
    const draw = (seed: number): Resamples => {
      const [a, b] = [drawResamples(20, seed, 499), drawResamples(40, seed, 499)];
      const counts = Uint16Array.from({ length: 499 * 60 }, (_, i) => {
        const [row, column] = [Math.floor(i / 60), i % 60];
        return column < 20 ? a.counts[row * 20 + column]! : b.counts[row * 40 + column - 20]!;
      });
      return { recordings: 60, resamples: 499, counts, stratumOf };
    };
    const widths: number[] = [];
    const share = coverageOf(
      'strata',
      (20 * 100 + 40 * 1) / 60,
      2 * TRIALS,
      (random) =>
        Array.from({ length: 60 }, (_, i) => (i < 20 ? 100 + random.normal() : exponential(random))),
      draw,
      (values, resamples) => {
        const estimate = estimateMean(values, resamples);
        widths.push(estimate.hi - estimate.lo);
        return estimate;
      },
    );
    expect(share).toBeGreaterThan(0.93);
    expect(share).toBeLessThan(0.97);
    // Two deviations of 1 / sqrt(60) to either side, not of the 47 between the strata.
    expect(Math.max(...widths)).toBeLessThan(2);
  });

  it('hold it for a series with a memory only when it is drawn by blocks', () => {
    const sample = (random: RandomStream): number[] => {
      let state = random.normal();
      return Array.from({ length: 200 }, () => {
        state = 0.6 * state + 0.8 * random.normal();
        return state;
      });
    };
    const blocks = coverageOf('blocks of 15', 0, 2 * TRIALS, sample, (seed) =>
      drawBlockResamples(200, seed, 15, 499),
    );
    const single = coverageOf('no blocks', 0, TRIALS, sample, (seed) => drawResamples(200, seed, 499));
    // Known of block bootstraps (Lahiri 2003): a little narrow at such lengths.
    expect(blocks).toBeGreaterThan(0.88);
    expect(single).toBeLessThan(0.75);
  });
});

describe('95 % intervals of an interquartile mean', () => {
  // Between its quartiles the exponential has the mean 2 (F(3/4) - F(1/4)), F(p) = p + (1 - p) ln(1 - p).
  const between = (p: number) => p + (1 - p) * Math.log(1 - p);
  it.each([
    ['normal', (random: RandomStream) => random.normal(), 0],
    ['exponential', exponential, 2 * (between(0.75) - between(0.25))],
  ] as const)('hold the truth 93 to 97 times in 100: %s, n 100', (name, draw, truth) => {
    const share = coverageOf(
      `interquartile ${name}`,
      truth,
      3 * TRIALS,
      (random) => Array.from({ length: 100 }, () => draw(random)),
      (seed) => drawResamples(100, seed, 499),
      estimateInterquartileMean,
    );
    expect(share).toBeGreaterThanOrEqual(0.93);
    expect(share).toBeLessThanOrEqual(0.97);
  });
});
