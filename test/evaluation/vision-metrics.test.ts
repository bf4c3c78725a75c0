import { describe, expect, it } from 'vitest';
import { type Picture, psnrDb, ssim } from '../../evaluation/metrics/image.js';
import { centroidErrorPx, maskCentroidPx, maskIou, motionIou } from '../../evaluation/metrics/motion.js';
import { REFERENCE, uniformNumbers } from './reference/values.js';

const [width, height] = [24, 20];
const first = uniformNumbers(1, width * height * 3).map((value) => Math.floor(value * 256));
const noise = uniformNumbers(2, first.length);
const second = first.map((value, i) => Math.min(255, Math.max(0, Math.floor(value * 0.8 + 40 * noise[i]!))));
const picture = (values: ArrayLike<number>, channels = 3): Picture => ({ width, height, channels, values });
const grey = (level: (x: number, y: number) => number): Picture =>
  picture(
    Float64Array.from({ length: width * height }, (_, i) => level(i % width, Math.floor(i / width))),
    1,
  );

describe('pictures', () => {
  it('have the PSNR and SSIM that numpy and scipy compute', () => {
    expect(psnrDb(picture(first), picture(second)).value).toBeCloseTo(REFERENCE.vision.psnrDb, 9);
    expect(ssim(picture(first), picture(second)).value).toBeCloseTo(REFERENCE.vision.ssim, 9);
  });

  it('that are alike have an SSIM of 1 and no PSNR, unless one stands for it', () => {
    expect(ssim(picture(first), picture(first)).value).toBeCloseTo(1, 12);
    expect(psnrDb(picture(first), picture(first)).valid).toBe(false);
    expect(psnrDb(picture(first), picture(first), 255, 60)).toEqual({ value: 60, valid: true });
  });

  it('of two constant greys have the SSIM of their luminances alone', () => {
    const c1 = (0.01 * 255) ** 2;
    const expected = (2 * 100 * 120 + c1) / (100 ** 2 + 120 ** 2 + c1);
    expect(
      ssim(
        grey(() => 100),
        grey(() => 120),
      ).value,
    ).toBeCloseTo(expected, 9);
    expect(
      psnrDb(
        grey(() => 100),
        grey(() => 120),
      ).value,
    ).toBeCloseTo(20 * Math.log10(255 / 20), 9);
  });

  it('do not look at alpha', () => {
    const rgba = (values: Float64Array, alpha: number) =>
      picture(
        Float64Array.from({ length: width * height * 4 }, (_, i) =>
          i % 4 === 3 ? alpha : values[Math.floor(i / 4) * 3 + (i % 4)]!,
        ),
        4,
      );
    expect(psnrDb(rgba(first, 0), rgba(second, 255)).value).toBeCloseTo(REFERENCE.vision.psnrDb, 9);
    expect(ssim(rgba(first, 0), rgba(second, 255)).value).toBeCloseTo(REFERENCE.vision.ssim, 9);
  });

  it('are refused when they differ in size, and have no SSIM below 11 pixels', () => {
    expect(() => psnrDb(picture(first), picture(first.subarray(3)))).toThrow(/24 x 20 x 3/);
    expect(() => ssim(picture(first), { ...picture(second), width: 20, height: 24 })).toThrow(/alike/);
    const small = { width: 10, height: 12, channels: 1, values: new Float64Array(120) };
    expect(ssim(small, small).valid).toBe(false);
  });
});

describe('motion', () => {
  const square = (left: number) => grey((x, y) => (x >= left && x < left + 4 && y >= 3 && y < 7 ? 200 : 50));

  it('overlaps by intersection over union', () => {
    // From 2 to 4 the square leaves columns 2 to 3 and enters 6 to 7; from 2 to 3 it leaves 2 and enters 6.
    expect(motionIou(square(2), square(3), square(4)).value).toBeCloseTo(2 / 4, 12);
    expect(motionIou(square(2), square(4), square(4)).value).toBe(1);
    expect(motionIou(square(2), square(2), square(4)).value).toBe(0);
    expect(motionIou(square(2), square(2), square(2)).valid).toBe(false);
    expect(maskIou([1, 1, 0, 0], [0, 1, 1, 0]).value).toBeCloseTo(1 / 3, 12);
  });

  it('has the centroid that scipy finds, and its error in pixels', () => {
    const mask = uniformNumbers(3, width * height).map((value) => (value > 0.7 ? 1 : 0));
    const [x, y] = maskCentroidPx(mask, width)!;
    expect(x).toBeCloseTo(REFERENCE.vision.centroidPx[0], 9);
    expect(y).toBeCloseTo(REFERENCE.vision.centroidPx[1], 9);
    const one = (column: number, row: number) =>
      Uint8Array.from({ length: 100 }, (_, i) => (i === row * 10 + column ? 1 : 0));
    expect(centroidErrorPx(one(1, 1), one(4, 5), 10).value).toBeCloseTo(5, 12);
    expect(centroidErrorPx(one(1, 1), new Uint8Array(100), 10).valid).toBe(false);
  });
});
