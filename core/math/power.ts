/**
 * Powers and roots after fdlibm (Sun Microsystems 1993; FreeBSD's cube root), with nothing but operations that IEEE 754
 * rounds exactly, so that every machine gives the same bits. Errors are below 1 ulp.
 */
import { fromWords, highWord, lowWord, powerOfTwo, scaleByPowerOfTwo } from './float-bits.js';

/**
 * x^y, with the special values of Math.pow.
 *
 * log2(x) and its product with y are carried in a head of 21 to 32 bits and a tail, so that the error stays below 0.7 ulp.
 */
export function pow(x: number, y: number): number {
  if (y === 1) return x;
  if (y === 2) return x * x;
  if (y === -1) return 1 / x;
  if (
    !(Math.abs(x) > 0 && Math.abs(x) < Number.POSITIVE_INFINITY && Math.abs(y) < Number.POSITIVE_INFINITY) ||
    y === 0
  ) {
    return powOfSpecial(x, y);
  }
  if (x < 0 && !Number.isInteger(y)) return Number.NaN;
  if (y === 0.5) return Math.sqrt(x);
  const size = Math.abs(x);
  const sign = x < 0 && Math.abs(y) % 2 === 1 ? -1 : 1;
  // Beyond 2^64 every base but 1 over- or underflows, and y times its logarithm would lose its tail.
  if (Math.abs(y) > 1.8446744073709552e19) {
    if (size === 1) return sign;
    return size < 1 === y < 0 ? Number.POSITIVE_INFINITY : 0;
  }
  log2Split(size);
  const logHead = logParts[0]!;
  const logTail = logParts[1]!;
  const yHead = Math.fround(y);
  const tail = (y - yHead) * logHead + y * logTail;
  const product = yHead * logHead;
  const z = tail + product;
  if (z >= 1024) {
    if (z > 1024 || tail + 8.008566259537294e-17 > z - product) return sign * Number.POSITIVE_INFINITY;
  } else if (z <= -1075) {
    if (z < -1075 || tail <= z - product) return sign * 0;
  }
  return sign * exp2Split(z, product, tail);
}

/** Powers of which either part is zero, infinite or not a number. */
function powOfSpecial(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const size = Math.abs(x);
  if (Math.abs(y) === Number.POSITIVE_INFINITY) {
    if (size === 1) return Number.NaN;
    return size > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  const value = (size === 0) === y > 0 ? 0 : Number.POSITIVE_INFINITY;
  const negative = (x < 0 || Object.is(x, -0)) && Math.abs(y) % 2 === 1;
  return negative ? -value : value;
}

/** log2 of a number as a head, whose product with another head is exact, and a tail: an array, to allocate nothing. */
const logParts = new Float64Array(2);

const LOG2_1_5_HIGH = 0.5849624872207642;
const LOG2_1_5_LOW = 1.350039202129749e-8;
/** 2 / (3 ln 2) and its two parts. */
const CP = 0.9617966939259756;
const CP_HIGH = 0.9617967009544373;
const CP_LOW = -7.028461650952758e-9;

/** Computes log2 of a positive finite number into logParts. */
function log2Split(size: number): void {
  const subnormal = size < 2.2250738585072014e-308;
  const scaled = subnormal ? size * 9007199254740992 : size;
  const high = highWord(scaled);
  let n = (high >> 20) - 0x3ff - (subnormal ? 53 : 0);
  const fraction = high & 0xfffff;
  const aboveOneAndHalf = fraction > 0x3988e && fraction < 0xbb67a;
  if (fraction >= 0xbb67a) n += 1;
  const ax = n > 1022 ? size * 0.25 * powerOfTwo(2 - n) : scaled * powerOfTwo(-(subnormal ? n + 53 : n));
  const breakpoint = aboveOneAndHalf ? 1.5 : 1;
  const u = ax - breakpoint;
  const v = 1 / (ax + breakpoint);
  const ss = u * v;
  const sHigh = Math.fround(ss);
  const tHigh = Math.fround(ax + breakpoint);
  const tLow = ax - (tHigh - breakpoint);
  const sLow = v * (u - sHigh * tHigh - sHigh * tLow);
  let s2 = ss * ss;
  let r =
    s2 *
    s2 *
    (0.5999999999999946 +
      s2 *
        (0.4285714285785502 +
          s2 *
            (0.33333332981837743 +
              s2 * (0.272728123808534 + s2 * (0.23066074577556175 + s2 * 0.20697501780033842)))));
  r += sLow * (sHigh + ss);
  s2 = sHigh * sHigh;
  const t = Math.fround(3 + s2 + r);
  const rest = r - (t - 3 - s2);
  const a = sHigh * t;
  const b = sLow * t + rest * ss;
  const pHigh = Math.fround(a + b);
  const pLow = b - (pHigh - a);
  const zHigh = CP_HIGH * pHigh;
  const zLow = CP_LOW * pHigh + pLow * CP + (aboveOneAndHalf ? LOG2_1_5_LOW : 0);
  const breakLog = aboveOneAndHalf ? LOG2_1_5_HIGH : 0;
  const logHead = Math.fround(zHigh + zLow + breakLog + n);
  logParts[0] = logHead;
  logParts[1] = zLow - (logHead - n - breakLog - zHigh);
}

const LN2 = Math.LN2;
const LN2_HIGH = 0.6931471824645996;
const LN2_LOW = -1.904654299957768e-9;

/** 2^(head + tail), given z = head + tail. */
function exp2Split(z: number, productHead: number, tail: number): number {
  const n = Math.abs(z) > 0.5 ? Math.floor(z + 0.5) : 0;
  const high = productHead - n;
  const t = Math.fround(tail + high);
  const u = t * LN2_HIGH;
  const v = (tail - (t - high)) * LN2 + t * LN2_LOW;
  const w = u + v;
  const rest = v - (w - u);
  const square = w * w;
  const c =
    w -
    square *
      (0.16666666666666602 +
        square *
          (-0.0027777777777015593 +
            square *
              (6.613756321437934e-5 + square * (-1.6533902205465252e-6 + square * 4.1381367970572385e-8))));
  const r = (w * c) / (c - 2) - (rest + w * rest);
  return scaleByPowerOfTwo(1 - (r - w), n);
}

/** Cube root, of negative numbers too. */
export function cbrt(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const size = Math.abs(x);
  let t: number;
  if (size < 2.2250738585072014e-308) {
    t = fromWords(Math.trunc(highWord(size * 18014398509481984) / 3) + 696219795, 0);
  } else {
    t = fromWords(Math.trunc(highWord(size) / 3) + 715094163, 0);
  }
  let r = t * t * (t / size);
  t *=
    1.87595182427177 +
    r * (-1.8849797954337717 + r * 1.6214297201053545) +
    r * r * r * (-0.758397934778766 + r * 0.14599619288661245);
  // Rounds to 23 bits so that its square is exact, then takes one step of Halley's method.
  const low = lowWord(t);
  t = fromWords(highWord(t) + (low >>> 31), (low ^ 0x80000000) & 0xc0000000);
  r = size / (t * t);
  t += t * ((r - t) / (t + t + r));
  return x < 0 ? -t : t;
}

/** Rounding error of `square` = x^2 (Dekker 1971). */
function squareError(x: number, square: number): number {
  const c = x * 134217729;
  const high = x - c + c;
  const low = x - high;
  return high * high - square + 2 * high * low + low * low;
}

/** Euclidean length of (x, y) or (x, y, z), without overflow; infinite when any is, even beside a NaN. */
export function hypot(x: number, y: number, z = 0): number {
  const a = Math.abs(x);
  const b = Math.abs(y);
  const c = Math.abs(z);
  const infinity = Number.POSITIVE_INFINITY;
  if (a === infinity || b === infinity || c === infinity) return infinity;
  const largest = Math.max(a, b, c);
  if (largest === 0 || Number.isNaN(largest)) return largest;
  let scale = 1;
  if (largest > 1.157920892373162e77) scale = powerOfTwo(-700);
  else if (largest < 8.636168555094445e-78) scale = powerOfTwo(700);
  const sa = a * scale;
  const sb = b * scale;
  const sc = c * scale;
  const a2 = sa * sa;
  const b2 = sb * sb;
  const c2 = sc * sc;
  const tails = squareError(sa, a2) + squareError(sb, b2) + squareError(sc, c2);
  const ab = a2 + b2;
  const abTail = a2 > b2 ? a2 - ab + b2 : b2 - ab + a2;
  const sum = ab + c2;
  const sumTail = ab > c2 ? ab - sum + c2 : c2 - sum + ab;
  const root = Math.sqrt(sum + (tails + abTail + sumTail));
  return root * (scale === 1 ? 1 : 1 / scale);
}
