import { describe, expect, it } from 'vitest';
import { distance, meanOfSlides, relevant } from '../../evaluation/tasks/fabricslide-tactile/kernel.js';
import { replay } from '../../evaluation/tasks/fabricslide-tactile/rerun.js';
import { addRow, noRows, solveRidge } from '../../evaluation/tasks/fabricslide-tactile/ridge.js';
import { type Slide, TAXELS } from '../../evaluation/tasks/fabricslide-tactile/slide.js';
import { spanOf } from '../../evaluation/tasks/fabricslide-tactile/spans.js';

const KERNEL = { levelWidth: 0.1, speedCost: 1 };

function slideOf(
  fabric: string,
  forceLevelCount: number,
  speedMps: number,
  values: readonly number[],
): Slide {
  const taxels = Float64Array.from(
    { length: values.length * TAXELS },
    (_, at) => values[Math.floor(at / TAXELS)]!,
  );
  return { condition: { fabric, forceLevelCount, speedMps }, frames: values.length, taxels };
}

const firstTaxel = (taxels: Float64Array) => [...taxels.filter((_, at) => at % TAXELS === 0)];

describe('the mean of like slides', () => {
  it('is the re-run where nothing else is near, in units of the level', () => {
    const known = [slideOf('a', 100, 0.1, [100, 200, 300]), slideOf('a', 1000, 0.1, [0, 0, 0])];
    expect(firstTaxel(meanOfSlides(known, known[0]!.condition, 4, KERNEL))).toEqual([1, 2, 3, 3]);
  });

  it('weighs by the command', () => {
    const known = [slideOf('a', 100, 0.1, [100]), slideOf('a', 100, 0.05, [200])];
    // Half the speed costs a factor e.
    const [value] = firstTaxel(meanOfSlides(known, known[0]!.condition, 1, KERNEL));
    expect(value).toBeCloseTo((1 + 2 / Math.E) / (1 + 1 / Math.E), 12);
    expect(distance(known[1]!.condition, known[0]!.condition, KERNEL)).toBeCloseTo(1, 12);
  });

  it('puts the finger at the same place, however fast it goes', () => {
    const slow = slideOf('a', 100, 0.05, [0, 100, 200, 300, 400]);
    const wanted = { ...slow.condition, speedMps: 0.1 };
    expect(firstTaxel(meanOfSlides([slow], wanted, 3, KERNEL))).toEqual([0, 2, 4]);
    const fast = { ...slow, condition: wanted };
    expect(firstTaxel(meanOfSlides([fast], slow.condition, 4, KERNEL))).toEqual([0, 0.5, 1, 1.5]);
  });

  it('looks at the fabric first, then at the direction', () => {
    const [down, up, other, far] = [
      slideOf('a', 100, -0.1, [1]),
      slideOf('a', 100, 0.1, [1]),
      slideOf('b', 100, 0.1, [1]),
      slideOf('b', 100, -0.1, [1]),
    ];
    const wanted = up.condition;
    expect(relevant([down, up, other, far], wanted)).toEqual([up]);
    expect(relevant([down, other, far], wanted)).toEqual([down]);
    expect(relevant([other, far], wanted)).toEqual([other]);
    expect(relevant([far], wanted)).toEqual([far]);
  });
});

describe('a re-run', () => {
  it('is joined where the recording was last seen, and remembers it for a while', () => {
    const run = slideOf('a', 100, 0.1, [0, 10, 10, 10]);
    const seen = slideOf('a', 100, 0.1, [0, 20]);
    const [first, second, third] = firstTaxel(replay(run, { seen, frames: 5 }, 10).mean);
    expect(first).toBeCloseTo(10 + 10 * Math.exp(-0.1 / 0.06), 10);
    expect(second).toBeCloseTo(10 + 10 * Math.exp(-0.2 / 0.06), 10);
    // It ended before the recording did.
    expect(third).toBeUndefined();
    expect(replay(null, { seen, frames: 5 }, 10).mean).toHaveLength(0);
  });
});

describe('ridge regression', () => {
  it('finds the coefficients of a plane, and leaves a feature that is always 0 alone', () => {
    const sums = noRows(3);
    for (const [x, y] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
      [2, 1],
    ] as const)
      addRow(sums, Float64Array.of(x, y, 0), 3 * x - 2 * y, 1);
    const [a, b, c] = solveRidge(sums, 1e-9);
    expect(a).toBeCloseTo(3, 6);
    expect(b).toBeCloseTo(-2, 6);
    expect(c).toBe(0);
  });

  it('shrinks what little says', () => {
    const sums = noRows(1);
    addRow(sums, Float64Array.of(2), 4, 1);
    expect(solveRidge(sums, 1)[0]).toBeCloseTo(1, 12);
  });
});

describe('spans of horizons', () => {
  it('widen with the horizon and leave none out', () => {
    expect([1, 2, 5, 6, 7, 8, 499, 500, 10_000].map(spanOf)).toEqual([0, 1, 3, 4, 4, 5, 14, 15, 15]);
  });
});
