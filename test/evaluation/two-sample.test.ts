import { describe, expect, it } from 'vitest';
import { normalQuantile } from '../../core/math/normal.js';
import { type RandomStream, randomStream } from '../../core/random.js';
import { areaUnderCurve, kolmogorovSmirnov } from '../../evaluation/two-sample/auc.js';
import { classifierTest } from '../../evaluation/two-sample/c2st.js';
import { energyDistance, maximumMeanDiscrepancy } from '../../evaluation/two-sample/kernel-tests.js';
import { type Samples, samplesOf, standardiseTogether } from '../../evaluation/two-sample/samples.js';
import { REFERENCE, uniformNumbers } from './reference/values.js';

const reference = REFERENCE.two_sample;
const normalRows = (seed: number, rows: number, scale = 1, shift = 0): number[][] => {
  const numbers = uniformNumbers(seed, rows * 3);
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: 3 }, (__, column) => normalQuantile(numbers[row * 3 + column]!) * scale + shift),
  );
};
const a = normalRows(12, 30);
const b = normalRows(13, 25, 1.2, 0.5);

const draw = (
  random: RandomStream,
  rows: number,
  { width = 4, shift = 0, scale = 1 }: { width?: number; shift?: number; scale?: number } = {},
): Samples =>
  samplesOf(
    Array.from({ length: rows }, () =>
      Array.from({ length: width }, (_, column) => scale * random.normal() + (column === 0 ? shift : 0)),
    ),
  );

describe('distances of samples', () => {
  it('are those that numpy and scipy compute', () => {
    const { statistic, bandwidth } = maximumMeanDiscrepancy(samplesOf(a), samplesOf(b), { permutations: 0 });
    expect(bandwidth).toBeCloseTo(reference.bandwidth, 9);
    expect(statistic.value).toBeCloseTo(reference.mmdSquared, 9);
    const energy = energyDistance(samplesOf(a), samplesOf(b), { permutations: 0 });
    expect(energy.statistic.value).toBeCloseTo(reference.energyDistance, 9);
    const column = (rows: readonly number[][]) => rows.map((row) => row[0]!);
    expect(areaUnderCurve(column(a), column(b))).toBeCloseTo(reference.auc, 12);
  });

  it('are no more significant than chance on equal samples: p below 0.1 in about a tenth of trials', () => {
    const random = randomStream(1, 'test', 'null');
    const trials = 60;
    let [mmd, energy, sum] = [0, 0, 0];
    for (let seed = 0; seed < trials; seed++) {
      const [x, y] = [draw(random, 25), draw(random, 25)];
      const found = maximumMeanDiscrepancy(x, y, { permutations: 99, seed });
      if (found.pValue <= 0.1) mmd++;
      if (energyDistance(x, y, { permutations: 99, seed }).pValue <= 0.1) energy++;
      sum += found.statistic.value / trials;
    }
    expect(mmd).toBeLessThanOrEqual(13);
    expect(energy).toBeLessThanOrEqual(13);
    expect(Math.abs(sum)).toBeLessThan(0.006);
  });

  it.each([
    ['a shift', { shift: 1.5 }],
    ['a spread', { scale: 2.2 }],
  ])('see %s', (_, change) => {
    const random = randomStream(2, 'test', 'seen');
    const [x, y] = [draw(random, 40), draw(random, 40, change)];
    for (const { statistic, lo, pValue } of [maximumMeanDiscrepancy(x, y), energyDistance(x, y)]) {
      expect(pValue).toBeLessThan(0.01);
      expect(statistic.value).toBeGreaterThan(0);
      expect(lo).toBeGreaterThan(0);
    }
  });

  it('do not take the windows of one recording for independent', () => {
    const random = randomStream(3, 'test', 'units');
    const clustered = () => {
      const unitOf = Array.from({ length: 60 }, (_, i) => Math.floor(i / 10));
      const centres = Array.from({ length: 6 }, () => 2 * random.normal());
      return [
        Array.from(unitOf, (unit) => [centres[unit]! + 0.1 * random.normal(), random.normal()]),
        unitOf,
      ] as const;
    };
    let [whole, apart] = [0, 0];
    for (let seed = 0; seed < 20; seed++) {
      const [[x, xUnits], [y, yUnits]] = [clustered(), clustered()];
      const options = { permutations: 59, seed };
      if (energyDistance(samplesOf(x, xUnits), samplesOf(y, yUnits), options).pValue <= 0.05) whole++;
      if (energyDistance(samplesOf(x), samplesOf(y), options).pValue <= 0.05) apart++;
    }
    expect(whole).toBeLessThanOrEqual(4);
    expect(apart).toBeGreaterThan(12);
  });

  it('do not exist for one unit, and refuse rows of other widths or without numbers', () => {
    const one = samplesOf([[1, 2]]);
    expect(energyDistance(one, samplesOf([[1, 2], [3, 4]])).statistic.valid).toBe(false); // biome-ignore format: one line
    expect(maximumMeanDiscrepancy(samplesOf([[1], [1]]), samplesOf([[1], [1]])).statistic.valid).toBe(false);
    expect(() => energyDistance(samplesOf([[1]]), one)).toThrow(/equally many numbers, got 1 and 2/);
    expect(() => samplesOf([[1, 2], [1]])).toThrow(/row 1/);
    expect(() => samplesOf([[1, Number.NaN]])).toThrow(/row 0, column 1/);
  });
});

describe('the classifier two-sample test', () => {
  it('gives 0.5 on equal samples, and its interval holds it', () => {
    const random = randomStream(4, 'test', 'c2st');
    const trials = 60;
    let [sum, covered] = [0, 0];
    for (let seed = 0; seed < trials; seed++) {
      const [x, y] = standardiseTogether(draw(random, 60), draw(random, 50));
      const { auc, lo, hi } = classifierTest(x, y, { seed });
      sum += auc.value / trials;
      if (lo <= 0.5 && hi >= 0.5) covered++;
    }
    expect(Math.abs(sum - 0.5)).toBeLessThan(0.02);
    expect(covered / trials).toBeGreaterThan(0.88);
  });

  it('gives 0.5 on equal samples of clustered windows', () => {
    const random = randomStream(5, 'test', 'c2st-units');
    const trials = 30;
    const clustered = () => {
      const unitOf = Array.from({ length: 80 }, (_, i) => Math.floor(i / 8));
      const centres = Array.from({ length: 10 }, () => [2 * random.normal(), 2 * random.normal()]);
      const rows = unitOf.map((unit) => centres[unit]!.map((centre) => centre + 0.2 * random.normal()));
      return samplesOf(rows, unitOf);
    };
    let [sum, covered] = [0, 0];
    for (let seed = 0; seed < trials; seed++) {
      const [x, y] = standardiseTogether(clustered(), clustered());
      const { auc, lo, hi } = classifierTest(x, y, { seed });
      sum += auc.value / trials;
      if (lo <= 0.5 && hi >= 0.5) covered++;
    }
    expect(Math.abs(sum - 0.5)).toBeLessThan(0.06);
    expect(covered / trials).toBeGreaterThan(0.85);
  });

  it('knows a shift: AUC is Phi(shift / sqrt 2) at best', () => {
    const random = randomStream(6, 'test', 'shift');
    const [x, y] = standardiseTogether(
      draw(random, 150, { width: 2 }),
      draw(random, 150, { width: 2, shift: 1.5 }),
    );
    const { auc, lo, hi } = classifierTest(x, y);
    // Phi(1.5 / sqrt 2) = 0.856.
    expect(auc.value).toBeGreaterThan(0.8);
    expect(lo).toBeLessThan(0.856);
    expect(hi).toBeGreaterThan(0.84);
  });

  it('sees a spread that no line can, by its neighbours', () => {
    const random = randomStream(7, 'test', 'spread');
    const [x, y] = standardiseTogether(
      draw(random, 120, { width: 3 }),
      draw(random, 120, { width: 3, scale: 3 }),
    );
    expect(classifierTest(x, y).lo).toBeGreaterThan(0.6);
  });

  it('cannot be run on fewer than 4 units a side', () => {
    expect(classifierTest(draw(randomStream(8), 3), draw(randomStream(9), 30)).auc.valid).toBe(false);
  });
});

describe('two lists of numbers', () => {
  it('have an area under the curve and a largest difference of distributions', () => {
    expect(areaUnderCurve([1, 2, 3], [4, 5])).toBe(1);
    expect(areaUnderCurve([1, 2, 3], [2])).toBe(0.5);
    expect(areaUnderCurve([], [2])).toBeNaN();
    expect(kolmogorovSmirnov([1, 2, 3, 4], [1, 2, 3, 4])).toBe(0);
    expect(kolmogorovSmirnov([1, 2, 3, 4], [3, 4, 5, 6])).toBe(0.5);
    expect(kolmogorovSmirnov([-2, 2], [-1, 1])).toBe(0.5);
  });
});
