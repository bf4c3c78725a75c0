import { powerOfTwo } from './float-bits.js';

/** Fractional bits that reduce the largest double and leave 170 correct bits behind the point. */
const BITS = 1280n;
/** Bits of the reduced angle that are kept: a double and its rounding error need 106 below the first. */
const KEPT = 200n;

let halfPi: bigint | undefined;

/** atan(1 / n) in fixed point, by its Taylor series. */
function arctangentOfInverse(n: bigint, one: bigint): bigint {
  let power = one / n;
  let sum = power;
  for (let k = 3n, sign = -1n; power !== 0n; k += 2n, sign = -sign) {
    power /= n * n;
    sum += (sign * power) / k;
  }
  return sum;
}

/**
 * Subtracts the nearest multiple of pi / 2 from a finite angle of any size, exactly, in whole numbers.
 *
 * pi / 2 = 8 atan(1 / 5) - 2 atan(1 / 239) (Machin 1706), computed when first needed. Slow beside the three-part
 * reduction, which serves every angle below 1.6 million radians.
 *
 * @param reduced receives the rest in [-pi/4, pi/4] as a double and its rounding error.
 * @returns the multiple modulo 4.
 */
export function reduceLargeAngle(x: number, reduced: Float64Array): number {
  if (halfPi === undefined) {
    const guard = 64n;
    const one = 1n << (BITS + guard);
    halfPi = (8n * arctangentOfInverse(5n, one) - 2n * arctangentOfInverse(239n, one)) >> guard;
  }
  const size = Math.abs(x);
  const fixed = size < 2 ** 53 ? BigInt(size * 2 ** 32) << (BITS - 32n) : BigInt(size) << BITS;
  const quotient = (2n * fixed + halfPi) / (2n * halfPi);
  const rest = (fixed - quotient * halfPi) >> (BITS - KEPT);
  const high = Number(rest);
  const low = Number(rest - BigInt(high));
  const unit = powerOfTwo(-Number(KEPT)) * (x < 0 ? -1 : 1);
  reduced[0] = high * unit;
  reduced[1] = low * unit;
  const quadrant = Number(quotient & 3n);
  return x < 0 ? (4 - quadrant) & 3 : quadrant;
}
