/**
 * Exponentials and logarithms after fdlibm (Sun Microsystems 1993, and FreeBSD's later log2 and log10), with nothing but
 * operations that IEEE 754 rounds exactly, so that every machine gives the same bits. Errors are below 1 ulp.
 */
import { highWord, powerOfTwo, scaleByPowerOfTwo } from './float-bits.js';

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = Math.LOG2E;
/** Heads of 24 bits, as Math.fround makes them, so that the product of two is exact. */
const INVERSE_LN2_HIGH = 1.4426950216293335;
const INVERSE_LN2_LOW = 1.9259629911266175e-8;
const INVERSE_LN10_HIGH = 0.4342944920063019;
const INVERSE_LN10_LOW = -1.0103050052231683e-8;
const LOG10_2_HIGH = 0.30102999566361177;
const LOG10_2_LOW = 3.694239077158931e-13;

/** e^x. */
export function exp(x: number): number {
  if (!(x <= 709.782712893384)) return x > 0 ? Number.POSITIVE_INFINITY : x;
  if (x < -745.1332191019411) return 0;
  const size = Math.abs(x);
  if (size < 3.725290298461914e-9) return 1 + x;
  let k = 0;
  let high = x;
  let low = 0;
  if (size > 0.34657359027997264) {
    k = size < 1.0397207708399179 ? (x > 0 ? 1 : -1) : (INVERSE_LN2 * x + (x > 0 ? 0.5 : -0.5)) | 0;
    high = x - k * LN2_HIGH;
    low = k * LN2_LOW;
  }
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  if (k === 0) return 1 - ((r * c) / (c - 2) - r);
  return scaleByPowerOfTwo(1 - (low - (r * c) / (2 - c) - high), k);
}

/** e^x - 1, accurate near zero. */
export function expm1(x: number): number {
  if (!(x <= 709.782712893384)) return x > 0 ? Number.POSITIVE_INFINITY : x;
  if (x < -38.816242) return -1;
  const size = Math.abs(x);
  if (size < 5.551115123125783e-17) return x;
  let k = 0;
  let r = x;
  let correction = 0;
  if (size > 0.34657359027997264) {
    k = size < 1.0397207708399179 ? (x > 0 ? 1 : -1) : (INVERSE_LN2 * x + (x > 0 ? 0.5 : -0.5)) | 0;
    const high = x - k * LN2_HIGH;
    const low = k * LN2_LOW;
    r = high - low;
    correction = high - r - low;
  }
  const half = 0.5 * r;
  const square = r * half;
  const r1 =
    1 +
    square *
      (-0.03333333333333313 +
        square *
          (0.0015873015872548146 +
            square *
              (-7.93650757867488e-5 + square * (4.008217827329362e-6 + square * -2.0109921818362437e-7))));
  const t = 3 - r1 * half;
  let e = square * ((r1 - t) / (6 - r * t));
  if (k === 0) return r - (r * e - square);
  e = r * (e - correction) - correction - square;
  if (k === -1) return 0.5 * (r - e) - 0.5;
  if (k === 1) return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + 2 * (r - e);
  if (k <= -2 || k > 56) return scaleByPowerOfTwo(1 - (e - r), k) - 1;
  if (k < 20) return scaleByPowerOfTwo(1 - scaleByPowerOfTwo(1, -k) - (e - r), k);
  return scaleByPowerOfTwo(r - (e + scaleByPowerOfTwo(1, -k)) + 1, k);
}

/** Hyperbolic tangent. */
export function tanh(x: number): number {
  const size = Math.abs(x);
  if (!(size < 22)) return x > 0 ? 1 : x < 0 ? -1 : x;
  if (size < 2.7755575615628914e-17) return x;
  let result: number;
  if (size >= 1) {
    result = 1 - 2 / (expm1(2 * size) + 2);
  } else {
    const t = expm1(-2 * size);
    result = -t / (t + 2);
  }
  return x < 0 ? -result : result;
}

/** Returns k with x = 2^k (1 + f), 1 + f in [sqrt(2) / 2, sqrt(2)), for a positive normal number. */
function exponentOf(x: number): number {
  return ((highWord(x) + (0x3ff00000 - 0x3fe6a09e)) >> 20) - 0x3ff;
}

/** x / 2^k - 1, exactly. */
function fractionOf(x: number, k: number): number {
  // 2^-1024, which the largest numbers would need, is not a normal number.
  return k > 1022 ? x * 0.25 * powerOfTwo(2 - k) - 1 : x * powerOfTwo(-k) - 1;
}

/** Returns log(1 + f) - f + f^2 / 2 = s (f^2 / 2 + R(s^2)), s = f / (2 + f). */
function logRemainder(f: number, halfSquare: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const odd = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const even =
    z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)));
  return s * (halfSquare + (even + odd));
}

/** The logarithm of numbers that are not positive and finite. */
function logOfSpecial(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x > 0 ? x : Number.NaN;
}

const SMALLEST_NORMAL = 2.2250738585072014e-308;
const TWO_54 = 18014398509481984;

/** Natural logarithm. */
export function log(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return logOfSpecial(x);
  const subnormal = x < SMALLEST_NORMAL;
  const normal = subnormal ? x * TWO_54 : x;
  const k = exponentOf(normal);
  const f = fractionOf(normal, k);
  const n = subnormal ? k - 54 : k;
  const halfSquare = 0.5 * f * f;
  return logRemainder(f, halfSquare) + n * LN2_LOW - halfSquare + f + n * LN2_HIGH;
}

/** log(1 + x), accurate near zero. */
export function log1p(x: number): number {
  if (Math.abs(x) < 1.1102230246251565e-16) return x;
  const u = 1 + x;
  if (!(u > 0 && u < Number.POSITIVE_INFINITY)) return logOfSpecial(u);
  if (x > -0.2928932188134524 && x < 0.41421356237309503) {
    const halfSquare = 0.5 * x * x;
    return x - (halfSquare - logRemainder(x, halfSquare));
  }
  const k = exponentOf(u);
  const f = fractionOf(u, k);
  const rounding = k > 54 ? 0 : (k >= 2 ? 1 - (u - x) : x - (u - 1)) / u;
  const halfSquare = 0.5 * f * f;
  return k * LN2_HIGH - (halfSquare - (logRemainder(f, halfSquare) + (k * LN2_LOW + rounding)) - f);
}

/** Logarithm to base 2; exact at powers of two. */
export function log2(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return logOfSpecial(x);
  const subnormal = x < SMALLEST_NORMAL;
  const normal = subnormal ? x * TWO_54 : x;
  const k = exponentOf(normal);
  const f = fractionOf(normal, k);
  const n = subnormal ? k - 54 : k;
  const halfSquare = 0.5 * f * f;
  const high = Math.fround(f - halfSquare);
  const low = f - high - halfSquare + logRemainder(f, halfSquare);
  const valueHigh = high * INVERSE_LN2_HIGH;
  const sum = n + valueHigh;
  return (low + high) * INVERSE_LN2_LOW + low * INVERSE_LN2_HIGH + (n - sum + valueHigh) + sum;
}

/** Logarithm to base 10. */
export function log10(x: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return logOfSpecial(x);
  const subnormal = x < SMALLEST_NORMAL;
  const normal = subnormal ? x * TWO_54 : x;
  const k = exponentOf(normal);
  const f = fractionOf(normal, k);
  const n = subnormal ? k - 54 : k;
  const halfSquare = 0.5 * f * f;
  const high = Math.fround(f - halfSquare);
  const low = f - high - halfSquare + logRemainder(f, halfSquare);
  const valueHigh = high * INVERSE_LN10_HIGH;
  const whole = n * LOG10_2_HIGH;
  const sum = whole + valueHigh;
  const valueLow = n * LOG10_2_LOW + (low + high) * INVERSE_LN10_LOW + low * INVERSE_LN10_HIGH;
  return valueLow + (whole - sum + valueHigh) + sum;
}
