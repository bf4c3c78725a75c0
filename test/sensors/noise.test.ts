import { describe, expect, it } from 'vitest';
import { addNoise, createNoise } from '../../sensors/noise.js';

const COUNT = 1_000_000;

function draw(count: number, seed: number, ...name: (string | number)[]): Float64Array {
  const values = new Float64Array(count);
  addNoise(values, 1, createNoise(seed, ...name));
  return values;
}

const mean = (values: Float64Array, of: (value: number, index: number) => number) =>
  values.reduce((sum, value, index) => sum + of(value, index), 0) / values.length;

describe('createNoise', () => {
  const values = draw(COUNT, 1, 'noise');

  it('has the moments of the standard normal distribution', () => {
    // Five standard errors of a million draws, and the 3.9 sigma at which the table ends.
    expect(Math.abs(mean(values, (x) => x))).toBeLessThan(0.005);
    expect(Math.abs(mean(values, (x) => x * x) - 1)).toBeLessThan(0.008);
    expect(Math.abs(mean(values, (x) => x ** 3))).toBeLessThan(0.02);
    expect(Math.abs(mean(values, (x) => x ** 4) - 3)).toBeLessThan(0.06);
  });

  it.each([
    [1, 0.682689],
    [2, 0.9545],
    [3, 0.9973],
  ])('lies within %f standard deviations as often as it should', (sigmas, share) => {
    const inside = values.filter((x) => Math.abs(x) < sigmas).length / COUNT;
    expect(Math.abs(inside - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / COUNT) + 2e-4);
  });

  it.each([1, 2, 3, 16, 256])('does not remember what it drew %i values before', (lag) => {
    const product = mean(values.subarray(lag), (x, index) => x * values[index]!);
    expect(Math.abs(product)).toBeLessThan(0.005);
  });

  it('differs from stream to stream and repeats by name', () => {
    const other = draw(COUNT, 1, 'noise', 2);
    expect(Math.abs(mean(values, (x, index) => x * other[index]!))).toBeLessThan(0.005);
    expect(draw(100, 1, 'noise')).toEqual(values.subarray(0, 100));
  });

  it('repeats bit for bit, today as then', () => {
    expect([...draw(4, 1, 'golden')]).toEqual([
      -1.2921367483636463, 0.37818805191431565, -1.3515956691868887, 0.1775764683358668,
    ]);
  });
});
