import { expect, it } from 'vitest';
import { paintPolarity } from '../../sensors/picture/polarity.js';

it('paints brighter orange, darker blue, strong sums stronger and none grey', () => {
  const { rgb } = paintPolarity(Int32Array.of(0, 4, 1, -4, -1), 5, 1);
  const at = (pixel: number) => [...rgb.subarray(pixel * 3, pixel * 3 + 3)];
  expect([at(0), at(1), at(3)]).toEqual([
    [90, 90, 90],
    [255, 120, 60],
    [40, 110, 255],
  ]);
  expect(at(2)[0]! > 90 && at(2)[0]! < 255).toBe(true);
  expect(at(4)[2]! > 90 && at(4)[2]! < 255).toBe(true);
  expect([...paintPolarity(new Int32Array(2), 2, 1).rgb]).toEqual(new Array(6).fill(90));
});
