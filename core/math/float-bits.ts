/** Index of the upper word of a double among its two: 1 where the machine is little-endian. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** Returns sign, exponent and upper 20 bits of the fraction of a double, as int32. */
export function highWord(x: number): number {
  double[0] = x;
  return words[HIGH]!;
}

/** Returns the lower 32 bits of the fraction of a double, as int32. */
export function lowWord(x: number): number {
  double[0] = x;
  return words[LOW]!;
}

/** Builds a double from its two words. */
export function fromWords(high: number, low: number): number {
  words[HIGH] = high;
  words[LOW] = low;
  return double[0]!;
}

const POWERS = Float64Array.from({ length: 2046 }, (_, i) => fromWords((i + 1) << 20, 0));

/** Returns 2^exponent, for exponents of normal numbers (-1022 to 1023). */
export function powerOfTwo(exponent: number): number {
  return POWERS[exponent + 1022]!;
}

/** Returns x 2^exponent for any whole exponent between -2000 and 2000, rounded once. */
export function scaleByPowerOfTwo(x: number, exponent: number): number {
  if (exponent > 1023) return x * powerOfTwo(1023) * powerOfTwo(Math.min(1023, exponent - 1023));
  if (exponent < -1022) return x * powerOfTwo(Math.max(-1022, exponent + 969)) * powerOfTwo(-969);
  return x * powerOfTwo(exponent);
}
