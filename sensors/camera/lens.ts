import { UmweltError } from '../../core/errors.js';
import { atan, tan } from '../../core/math/exact.js';
import type { LensSpecification } from './lens-specification.js';

/**
 * How a lens bends rays. Points are slopes in the image plane at distance 1: x to the image's right, y down, as in the
 * sources.
 */
export interface Lens {
  /** Bends the slopes of a ray into where it falls, in focal lengths from the principal point. */
  distort(x: number, y: number): readonly [number, number];
  /**
   * Inverse of `distort`, to rounding; `outside` where only rays beyond WIDEST_RAD fall, `folded` where none does or more than
   * one might.
   */
  undistort(x: number, y: number): readonly [number, number] | 'outside' | 'folded';
}

/** Rays further from the optical axis than this are not imaged: their depth would lose its meaning. */
export const WIDEST_RAD = 1.55;
const NEWTON_STEPS = 40;
const CONVERGED = 1e-14;
/** A fold is looked for at so many places between the axis and the widest ray. */
const FOLD_STEPS = 256;

/** Makes the lens of a specification; a pinhole bends nothing. */
export function createLens(specification: LensSpecification): Lens {
  switch (specification.kind) {
    case 'pinhole':
      return { distort: (x, y) => [x, y], undistort: (x, y) => [x, y] };
    case 'brown-conrady':
      return brownConrady(specification);
    case 'kannala-brandt':
      return kannalaBrandt(specification);
  }
}

/**
 * Finds the focal length that images the field of view on the image's width, px.
 *
 * @throws UmweltError `invalid-input` when the lens cannot image that field.
 */
export function focalLengthPx(name: string, lens: Lens, horizontalFovRad: number, widthPx: number): number {
  const slope = tan(horizontalFovRad / 2);
  const [edge, above] = horizontalFovRad / 2 < WIDEST_RAD ? lens.distort(slope, 0) : [Number.NaN, 0];
  if (edge > 0 && Number.isFinite(edge)) {
    const [back] = lens.undistort(edge, above);
    // Beyond a fold another ray falls on the edge too, and the image would show a narrower field.
    if (typeof back === 'number' && Math.abs(back - slope) < 1e-6 * (1 + slope)) return widthPx / 2 / edge;
    throw new UmweltError(
      'invalid-input',
      { sensor: name, horizontalFovRad },
      `sensors.${name}.lens: expected a lens with an inverse all over a field of ${horizontalFovRad} rad, got a singular inverse, ` +
        'where the distortion folds the image back; narrow horizontalFovRad or mend the coefficients',
    );
  }
  throw new UmweltError(
    'invalid-input',
    { sensor: name, horizontalFovRad },
    `sensors.${name}.lens: expected coefficients that image a field of ${horizontalFovRad} rad (at most ` +
      `${2 * WIDEST_RAD}), got a lens whose edge falls at ${edge} focal lengths; narrow horizontalFovRad or mend the coefficients`,
  );
}

/**
 * Brown-Conrady: radial polynomial and decentring (Brown 1966; as in OpenCV, calib3d).
 * `x' = x (1 + k1 r^2 + k2 r^4 + k3 r^6) + 2 p1 x y + p2 (r^2 + 2 x^2)`, y likewise with p1 and p2 exchanged.
 */
function brownConrady({ k1, k2, k3, p1, p2 }: Extract<LensSpecification, { kind: 'brown-conrady' }>): Lens {
  const distort = (x: number, y: number): readonly [number, number] => {
    const r2 = x * x + y * y;
    const radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
    return [
      x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
      y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    ];
  };
  return {
    distort,
    undistort(targetX, targetY) {
      let x = targetX;
      let y = targetY;
      for (let step = 0; step < NEWTON_STEPS; step++) {
        const [atX, atY] = distort(x, y);
        const r2 = x * x + y * y;
        const radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
        const slope = 2 * (k1 + r2 * (2 * k2 + 3 * r2 * k3));
        const xx = radial + x * x * slope + 2 * p1 * y + 6 * p2 * x;
        const xy = x * y * slope + 2 * p1 * x + 2 * p2 * y;
        const yy = radial + y * y * slope + 6 * p1 * y + 2 * p2 * x;
        const determinant = xx * yy - xy * xy;
        if (!(determinant > 0)) return 'folded';
        const dx = (yy * (targetX - atX) - xy * (targetY - atY)) / determinant;
        const dy = (xx * (targetY - atY) - xy * (targetX - atX)) / determinant;
        x += dx;
        y += dy;
        if (dx * dx + dy * dy < CONVERGED * CONVERGED * (1 + x * x + y * y)) {
          return unfoldedTo(Math.sqrt(x * x + y * y)) ? [x, y] : 'folded';
        }
      }
      return 'folded';
    },
  };

  /** Whether the radial part rises all the way from the axis: else another ray falls on the same place. */
  function unfoldedTo(radius: number): boolean {
    for (let share = 1; share <= FOLD_STEPS; share++) {
      const r = (radius * share) / FOLD_STEPS;
      const r2 = r * r;
      if (1 + r2 * (3 * k1 + r2 * (5 * k2 + r2 * 7 * k3)) <= 0) return false;
    }
    return true;
  }
}

/**
 * Kannala-Brandt fisheye (2006; as in OpenCV, fisheye): a ray at angle t from the axis falls at
 * `t (1 + k1 t^2 + k2 t^4 + k3 t^6 + k4 t^8)` focal lengths from the principal point.
 */
function kannalaBrandt({ k1, k2, k3, k4 }: Extract<LensSpecification, { kind: 'kannala-brandt' }>): Lens {
  const fall = (t: number): number => {
    const t2 = t * t;
    return t * (1 + t2 * (k1 + t2 * (k2 + t2 * (k3 + t2 * k4))));
  };
  const slope = (t: number): number => {
    const t2 = t * t;
    return 1 + t2 * (3 * k1 + t2 * (5 * k2 + t2 * (7 * k3 + t2 * 9 * k4)));
  };
  const widestRad = findFold();
  const reach = fall(widestRad);
  return {
    distort(x, y) {
      const radius = Math.sqrt(x * x + y * y);
      const factor = radius === 0 ? 1 : fall(atan(radius)) / radius;
      return [x * factor, y * factor];
    },
    undistort(x, y) {
      const target = Math.sqrt(x * x + y * y);
      if (target === 0) return [0, 0];
      if (!(target < reach)) return widestRad < WIDEST_RAD ? 'folded' : 'outside';
      // Bisection inside, Newton's steps where they stay inside: the function rises all the way.
      let [low, high] = [0, widestRad];
      let t = Math.min(target, widestRad / 2);
      for (let step = 0; step < NEWTON_STEPS; step++) {
        const off = fall(t) - target;
        if (off > 0) high = t;
        else low = t;
        const next = t - off / slope(t);
        if (Math.abs(next - t) < CONVERGED) break;
        t = next > low && next < high ? next : (low + high) / 2;
      }
      const factor = tan(t) / target;
      return [x * factor, y * factor];
    },
  };

  /** The angle at which rays begin to fall nearer to the axis again; WIDEST_RAD where they never do. */
  function findFold(): number {
    for (let share = 1; share <= FOLD_STEPS; share++) {
      const t = (share / FOLD_STEPS) * WIDEST_RAD;
      if (slope(t) <= 0) return t - WIDEST_RAD / FOLD_STEPS;
    }
    return WIDEST_RAD;
  }
}
