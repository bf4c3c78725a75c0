/**
 * Trigonometric functions after fdlibm (Sun Microsystems 1993, FreeBSD's kernels), with nothing but operations that IEEE
 * 754 rounds exactly, so that every machine gives the same bits. Errors are below 1 ulp.
 */
import { highWord } from './float-bits.js';
import { reduceLargeAngle } from './large-angle.js';

const QUARTER_PI = 0.7853981633974483;
const INVERSE_HALF_PI = 0.6366197723675814;
/** pi / 2 in parts of 33 bits, each with the remainder that the next ones refine. */
const HALF_PI_1 = 1.5707963267341256;
const HALF_PI_1_REST = 6.077100506506192e-11;
const HALF_PI_2 = 6.077100506303966e-11;
const HALF_PI_2_REST = 2.0222662487959506e-21;
const HALF_PI_3 = 2.0222662487111665e-21;
const HALF_PI_3_REST = 8.4784276603689e-32;
/** 2^20 pi / 2: beyond it the three parts no longer suffice. */
const LARGE_ANGLE = 1647099.3291;

/** The reduced angle in [-pi/4, pi/4], and its rounding error, that `reduce` found: an array, to allocate nothing. */
const reduced = new Float64Array(2);

/** Subtracts the nearest multiple of pi / 2; returns which one, modulo 4. */
function reduce(x: number): number {
  if (Math.abs(x) > LARGE_ANGLE) {
    return reduceLargeAngle(x, reduced);
  }
  const n = Math.round(x * INVERSE_HALF_PI);
  let r = x - n * HALF_PI_1;
  let w = n * HALF_PI_1_REST;
  let angle = r - w;
  const exponent = (highWord(x) >> 20) & 0x7ff;
  if (exponent - ((highWord(angle) >> 20) & 0x7ff) > 16) {
    let t = r;
    w = n * HALF_PI_2;
    r = t - w;
    w = n * HALF_PI_2_REST - (t - r - w);
    angle = r - w;
    if (exponent - ((highWord(angle) >> 20) & 0x7ff) > 49) {
      t = r;
      w = n * HALF_PI_3;
      r = t - w;
      w = n * HALF_PI_3_REST - (t - r - w);
      angle = r - w;
    }
  }
  reduced[0] = angle;
  reduced[1] = r - angle - w;
  return n & 3;
}

function sinKernel(x: number, error: number): number {
  const z = x * x;
  const v = z * x;
  const r =
    0.00833333333332249 +
    z *
      (-0.0001984126982985795 +
        z * (2.7557313707070068e-6 + z * (-2.5050760253406863e-8 + z * 1.58969099521155e-10)));
  return x - (z * (0.5 * error - v * r) - error - v * -0.16666666666666632);
}

function cosKernel(x: number, error: number): number {
  const z = x * x;
  const w = z * z;
  const r =
    z * (0.0416666666666666 + z * (-0.001388888888887411 + z * 2.480158728947673e-5)) +
    w * w * (-2.7557314351390663e-7 + z * (2.087572321298175e-9 + z * -1.1359647557788195e-11));
  const halfSquare = 0.5 * z;
  const high = 1 - halfSquare;
  return high + (1 - high - halfSquare + (z * r - x * error));
}

/** tan(x + error), or its negative reciprocal where `reciprocal`. */
function tanKernel(angle: number, angleError: number, reciprocal: boolean): number {
  const big = Math.abs(angle) >= 0.67434;
  let x = angle;
  let error = angleError;
  if (big) {
    x = QUARTER_PI - Math.abs(angle) + (3.061616997868383e-17 - (angle < 0 ? -angleError : angleError));
    error = 0;
  }
  const z = x * x;
  const w = z * z;
  const odd =
    0.13333333333320124 +
    w *
      (0.021869488294859542 +
        w *
          (0.0035920791075913124 +
            w * (0.0005880412408202641 + w * (7.817944429395571e-5 + w * -1.8558637485527546e-5))));
  const even =
    z *
    (0.05396825397622605 +
      w *
        (0.0088632398235993 +
          w *
            (0.0014562094543252903 +
              w * (0.0002464631348184699 + w * (7.140724913826082e-5 + w * 2.590730518636337e-5)))));
  const s = z * x;
  const rest = error + z * (s * (odd + even) + error) + 0.3333333333333341 * s;
  const value = x + rest;
  if (big) {
    const one = reciprocal ? -1 : 1;
    const result = one - 2 * (x - ((value * value) / (value + one) - rest));
    return angle < 0 ? -result : result;
  }
  if (!reciprocal) return value;
  const high = Math.fround(value);
  const low = rest - (high - x);
  const inverse = -1 / value;
  const inverseHigh = Math.fround(inverse);
  return inverseHigh + inverse * (1 + inverseHigh * high + inverseHigh * low);
}

/** Sine of an angle in radians. */
export function sin(x: number): number {
  const size = Math.abs(x);
  if (size <= QUARTER_PI) return size < 1.4901161193847656e-8 ? x : sinKernel(x, 0);
  if (!(size < Number.POSITIVE_INFINITY)) return Number.NaN;
  switch (reduce(x)) {
    case 0:
      return sinKernel(reduced[0]!, reduced[1]!);
    case 1:
      return cosKernel(reduced[0]!, reduced[1]!);
    case 2:
      return -sinKernel(reduced[0]!, reduced[1]!);
    default:
      return -cosKernel(reduced[0]!, reduced[1]!);
  }
}

/** Cosine of an angle in radians. */
export function cos(x: number): number {
  const size = Math.abs(x);
  if (size <= QUARTER_PI) return cosKernel(x, 0);
  if (!(size < Number.POSITIVE_INFINITY)) return Number.NaN;
  switch (reduce(x)) {
    case 0:
      return cosKernel(reduced[0]!, reduced[1]!);
    case 1:
      return -sinKernel(reduced[0]!, reduced[1]!);
    case 2:
      return -cosKernel(reduced[0]!, reduced[1]!);
    default:
      return sinKernel(reduced[0]!, reduced[1]!);
  }
}

/** Tangent of an angle in radians. */
export function tan(x: number): number {
  const size = Math.abs(x);
  if (size <= QUARTER_PI) return size < 1.4901161193847656e-8 ? x : tanKernel(x, 0, false);
  if (!(size < Number.POSITIVE_INFINITY)) return Number.NaN;
  const odd = (reduce(x) & 1) === 1;
  return tanKernel(reduced[0]!, reduced[1]!, odd);
}

/** The rational function with asin(x) = x + x R(x^2). */
function arcsineRatio(z: number): number {
  const p =
    z *
    (0.16666666666666666 +
      z *
        (-0.3255658186224009 +
          z *
            (0.20121253213486293 +
              z * (-0.04005553450067941 + z * (0.0007915349942898145 + z * 3.479331075960212e-5)))));
  const q =
    1 +
    z * (-2.403394911734414 + z * (2.0209457602335057 + z * (-0.6882839716054533 + z * 0.07703815055590194)));
  return p / q;
}

const HALF_PI_HIGH = 1.5707963267948966;
const HALF_PI_LOW = 6.123233995736766e-17;

/** Arc sine in [-pi/2, pi/2]; NaN outside [-1, 1]. */
export function asin(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return Number.NaN;
  if (size < 0.5) return size < 1.4901161193847656e-8 ? x : x + x * arcsineRatio(x * x);
  const z = (1 - size) * 0.5;
  const s = Math.sqrt(z);
  const ratio = arcsineRatio(z);
  let result: number;
  if (size >= 0.975) {
    result = HALF_PI_HIGH - (2 * (s + s * ratio) - HALF_PI_LOW);
  } else {
    const high = Math.fround(s);
    const low = (z - high * high) / (s + high);
    result = QUARTER_PI - (2 * s * ratio - (HALF_PI_LOW - 2 * low) - (QUARTER_PI - 2 * high));
  }
  return x > 0 ? result : -result;
}

/** Arc cosine in [0, pi]; NaN outside [-1, 1]. */
export function acos(x: number): number {
  const size = Math.abs(x);
  if (!(size <= 1)) return Number.NaN;
  if (size < 0.5) return HALF_PI_HIGH - (x - (HALF_PI_LOW - x * arcsineRatio(x * x)));
  const z = (1 - size) * 0.5;
  const s = Math.sqrt(z);
  if (x < 0) return 2 * (HALF_PI_HIGH - (s + (arcsineRatio(z) * s - HALF_PI_LOW)));
  const high = Math.fround(s);
  const low = s === 0 ? 0 : (z - high * high) / (s + high);
  return 2 * (high + (arcsineRatio(z) * s + low));
}

const ATAN_HIGH = [0.4636476090008061, 0.7853981633974483, 0.982793723247329, 1.5707963267948966];
const ATAN_LOW = [
  2.2698777452961687e-17, 3.061616997868383e-17, 1.3903311031230998e-17, 6.123233995736766e-17,
];

/** Arc tangent in [-pi/2, pi/2]. */
export function atan(x: number): number {
  const size = Math.abs(x);
  if (!(size < 7.378697629483821e19)) return x > 0 ? HALF_PI_HIGH : x < 0 ? -HALF_PI_HIGH : Number.NaN;
  if (size < 7.450580596923828e-9) return x;
  let interval = -1;
  let t = x;
  if (size >= 2.4375) {
    interval = 3;
    t = -1 / size;
  } else if (size >= 1.1875) {
    interval = 2;
    t = (size - 1.5) / (1 + 1.5 * size);
  } else if (size >= 0.6875) {
    interval = 1;
    t = (size - 1) / (size + 1);
  } else if (size >= 0.4375) {
    interval = 0;
    t = (2 * size - 1) / (2 + size);
  }
  const z = t * t;
  const w = z * z;
  const odd =
    z *
    (0.3333333333333293 +
      w *
        (0.14285714272503466 +
          w *
            (0.09090887133436507 +
              w * (0.06661073137387531 + w * (0.049768779946159324 + w * 0.016285820115365782)))));
  const even =
    w *
    (-0.19999999999876483 +
      w *
        (-0.11111110405462356 +
          w * (-0.0769187620504483 + w * (-0.058335701337905735 + w * -0.036531572744216916))));
  if (interval < 0) return t - t * (odd + even);
  const result = ATAN_HIGH[interval]! - (t * (odd + even) - ATAN_LOW[interval]! - t);
  return x < 0 ? -result : result;
}

/** Angle in (-pi, pi] of the point (x, y), with the signs of zero that IEEE 754 asks. */
export function atan2(y: number, x: number): number {
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const yNegative = y < 0 || Object.is(y, -0);
  const xNegative = x < 0 || Object.is(x, -0);
  let result: number;
  if (y === 0) result = xNegative ? Math.PI : 0;
  else if (x === 0) result = HALF_PI_HIGH;
  else if (Math.abs(x) === Number.POSITIVE_INFINITY) {
    if (Math.abs(y) === Number.POSITIVE_INFINITY) result = xNegative ? 3 * QUARTER_PI : QUARTER_PI;
    else result = xNegative ? Math.PI : 0;
  } else {
    const ratio = Math.abs(y / x);
    const acute = ratio > 1.152921504606847e18 ? HALF_PI_HIGH : atan(ratio);
    result = xNegative ? Math.PI - (acute - 1.2246467991473532e-16) : acute;
  }
  return yNegative ? -result : result;
}
