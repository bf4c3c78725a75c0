import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLens, focalLengthPx } from '../../sensors/camera/lens.js';
import { type LensSpecification, lensSpecification } from '../../sensors/camera/lens-specification.js';

const lens = (document: object) => createLens(lensSpecification.parse(document) as LensSpecification);
const wide = lens({ kind: 'brown-conrady', k1: -0.28, k2: 0.07, p1: 0.0006, p2: -0.0004 });
const fisheye = lens({ kind: 'kannala-brandt', k1: -0.02, k2: 0.004, k3: -0.001, k4: 0.0001 });

describe('lenses', () => {
  it('return to the pixel that they came from within 1e-4 px', () => {
    for (const [bent, fovRad] of [
      [wide, 1.6],
      [fisheye, 2.9],
      [lens({ kind: 'pinhole' }), 2],
    ] as const) {
      const focalPx = focalLengthPx('eye', bent, fovRad, 640);
      fc.assert(
        fc.property(
          fc.double({ min: -320, max: 320, noNaN: true }),
          fc.double({ min: -150, max: 150, noNaN: true }),
          (px, py) => {
            const ray = bent.undistort(px / focalPx, py / focalPx);
            if (ray === 'outside') return;
            expect(ray).not.toBe('folded');
            const [x, y] = bent.distort(...(ray as [number, number]));
            expect(Math.abs(x * focalPx - px)).toBeLessThan(1e-4);
            expect(Math.abs(y * focalPx - py)).toBeLessThan(1e-4);
          },
        ),
      );
    }
  });

  it('bend as their formulas say', () => {
    const [x, y] = wide.distort(0.5, -0.2);
    const r2 = 0.29;
    const radial = 1 - 0.28 * r2 + 0.07 * r2 * r2;
    expect(x).toBeCloseTo(0.5 * radial + 2 * 0.0006 * 0.5 * -0.2 - 0.0004 * (r2 + 0.5), 14);
    expect(y).toBeCloseTo(-0.2 * radial + 0.0006 * (r2 + 0.08) - 2 * 0.0004 * 0.5 * -0.2, 14);
    const equidistant = lens({ kind: 'kannala-brandt' });
    expect(equidistant.distort(Math.tan(1.2), 0)[0]).toBeCloseTo(1.2, 12);
    expect(equidistant.distort(0, 0)).toEqual([0, 0]);
  });

  it('image the field of view on the width of the image', () => {
    for (const bent of [wide, fisheye]) {
      const focalPx = focalLengthPx('eye', bent, 1.4, 100);
      expect(bent.distort(Math.tan(0.7), 0)[0] * focalPx).toBeCloseTo(50, 9);
    }
    // The fold lies at 30 degrees: the edge of 43 falls where another ray does.
    const back = lens({ kind: 'brown-conrady', k1: -1 });
    expect(() => focalLengthPx('eye', back, 1.5, 100)).toThrow(/sensors\.eye\.lens: .*singular inverse/);
    expect(focalLengthPx('eye', back, 1, 100)).toBeGreaterThan(0);
    expect(() => focalLengthPx('eye', wide, 3.12, 100)).toThrow(/sensors\.eye\.lens: .*3\.12 rad/);
  });

  it('have no inverse where the image folds back', () => {
    const folding = lens({ kind: 'brown-conrady', k1: -0.5 });
    // r (1 - r^2 / 2) has its maximum 0.544 at r = 0.816.
    expect(folding.undistort(0.5, 0)[0]).toBeLessThan(0.8165);
    expect(folding.undistort(0.56, 0)).toBe('folded');
    const turning = lens({ kind: 'kannala-brandt', k1: -0.4 });
    expect(turning.undistort(0.8, 0)).toBe('folded');
    expect(lens({ kind: 'kannala-brandt' }).undistort(1.56, 0)).toBe('outside');
  });
});
