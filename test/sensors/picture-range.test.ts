import { describe, expect, it } from 'vitest';
import type { Picture } from '../../sensors/picture/picture.js';
import { paintFromAbove, paintRanges, rayAngles } from '../../sensors/picture/range-pictures.js';

const pixel = ({ width, rgb }: Picture, row: number, column: number): number[] => [
  ...rgb.subarray((row * width + column) * 3, (row * width + column) * 3 + 3),
];
const NEAR = [253, 231, 37];
const NOTHING = [40, 40, 40];

describe('ranges', () => {
  it('are seen from the sensor: high rays at the top, those to the left on the left', () => {
    // Channels from low to high, columns from right to left, lines twice as far apart as columns.
    const angles = { elevationsRad: [-0.1, 0.1], azimuthsRad: [-0.1, 0, 0.1] };
    const nothing = Number.POSITIVE_INFINITY;
    const picture = paintRanges([nothing, 8, 4, 2, 1.5, 1], angles);
    expect([picture.width, picture.height]).toEqual([3, 4]);
    expect(pixel(picture, 0, 0)).toEqual(NEAR);
    expect(pixel(picture, 1, 0)).toEqual(NEAR);
    expect(pixel(picture, 3, 2)).toEqual(NOTHING);
  });

  it('lie where they are from above: forward up, left on the left', () => {
    const angles = { elevationsRad: [0], azimuthsRad: [0, Math.PI / 2] };
    const picture = paintFromAbove([10, 4], angles);
    const drawn: number[][] = [];
    for (let row = 0; row < picture.height; row++)
      for (let column = 0; column < picture.width; column++)
        if (pixel(picture, row, column).join() === '68,1,84') drawn.push([row, column]);
    const [ahead, left] = [drawn[0]!, drawn.at(-1)!];
    // 11 m from the metre behind the sensor to the farthest return are 480 pixels.
    expect(Math.abs(left[0]! - ahead[0]! - (10 * 480) / 11)).toBeLessThan(2);
    expect(Math.abs(ahead[1]! - left[1]! - (4 * 480) / 11)).toBeLessThan(2);
  });

  it('survive a row without any return, and need their angles', () => {
    const angles = { elevationsRad: [0], azimuthsRad: [0, 1] };
    const empty = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    expect(pixel(paintRanges(empty, angles), 0, 0)).toEqual(NOTHING);
    expect(paintFromAbove(empty, angles).width).toBeGreaterThan(0);
    expect(() => rayAngles('beam', {})).toThrow(/metadata elevationsRad and azimuthsRad of stream beam/);
  });
});
