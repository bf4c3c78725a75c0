import { describe, expect, it } from 'vitest';
import type { StreamData } from '../../datasets/contract.js';
import { patchOrder, pictureTrack } from '../../worldmodel/observation/picture.js';

const SIDE = 16;
const PATCH = 8;

/** One frame whose red rises by the row, its green by the column, 1 m away. */
function frame(height: number, width: number): StreamData {
  const field = { dataType: 'float32', unit: '1', description: '' } as const;
  return {
    description: {
      name: 'camera',
      kind: 'camera',
      rateHz: 30,
      samplesPerRow: 1,
      fields: [
        { ...field, name: 'colour', shape: [height, width, 3] },
        { ...field, name: 'depthM', shape: [height, width] },
      ],
      metadata: {},
    },
    rows: 1,
    timeNs: BigInt64Array.of(0n),
    values: {
      colour: Float32Array.from({ length: height * width * 3 }, (_, i) => {
        const [y, x] = [Math.floor(i / 3 / width), Math.floor(i / 3) % width];
        return [10 + (200 * y) / height, 10 + (200 * x) / width, 255][i % 3]!;
      }),
      depthM: new Float32Array(height * width).fill(1),
    },
  };
}

describe('pictureTrack', () => {
  it.each([
    [12, 12],
    [12, 32],
    [48, 5],
    [1, 1],
    [40, 33],
  ])('fills every cell of its grid from a camera of %i x %i pixels', (height, width) => {
    const { values } = pictureTrack(frame(height, width), 1, 37, { picture: SIDE, patch: PATCH });
    const place = patchOrder(SIDE, PATCH);
    for (let index = 0; index < SIDE * SIDE; index++) {
      const [red, green, blue, nearness] = values.subarray(place[index]! * 4, place[index]! * 4 + 4);
      const [y, x] = [(Math.floor(index / SIDE) + 0.5) / SIDE, ((index % SIDE) + 0.5) / SIDE];
      expect(Math.abs(red! * 255 - 10 - 200 * y)).toBeLessThanOrEqual(201 / Math.min(height, SIDE));
      expect(Math.abs(green! * 255 - 10 - 200 * x)).toBeLessThanOrEqual(201 / Math.min(width, SIDE));
      expect(blue).toBeCloseTo(1, 5);
      expect(nearness).toBeCloseTo(0.5, 5);
    }
  });
});

describe('patchOrder', () => {
  it('lays patches one after the other, each pixel once', () => {
    expect([...patchOrder(4, 2)]).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
    expect([...patchOrder(32, 8)].sort((a, b) => a - b)).toEqual(Array.from({ length: 1024 }, (_, i) => i));
  });
});
