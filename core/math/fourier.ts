import { cos, sin } from './exact.js';

/**
 * Transforms a signal in place by the discrete Fourier transform (radix 2, Cooley and Tukey 1965).
 *
 * @param real [n] and imaginary [n], n a power of two; overwritten by the spectrum, unnormalised.
 */
export function fourierTransform(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  if ((n & (n - 1)) !== 0)
    throw new RangeError(`fourierTransform: expected a power of two, got ${n} samples`);
  reverseBits(real, imaginary);
  const { cosines, sines } = twiddles(n);
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const stride = n / size;
    for (let start = 0; start < n; start += size) {
      for (let offset = 0; offset < half; offset++) {
        const c = cosines[offset * stride]!;
        const s = sines[offset * stride]!;
        const even = start + offset;
        const odd = even + half;
        const re = real[odd]! * c + imaginary[odd]! * s;
        const im = imaginary[odd]! * c - real[odd]! * s;
        real[odd] = real[even]! - re;
        imaginary[odd] = imaginary[even]! - im;
        real[even] = real[even]! + re;
        imaginary[even] = imaginary[even]! + im;
      }
    }
  }
}

function reverseBits(real: Float64Array, imaginary: Float64Array): void {
  const n = real.length;
  for (let index = 1, reversed = 0; index < n; index++) {
    let bit = n >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (index >= reversed) continue;
    const re = real[index]!;
    real[index] = real[reversed]!;
    real[reversed] = re;
    const im = imaginary[index]!;
    imaginary[index] = imaginary[reversed]!;
    imaginary[reversed] = im;
  }
}

interface Twiddles {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

const known = new Map<number, Twiddles>();

function twiddles(n: number): Twiddles {
  let found = known.get(n);
  if (found === undefined) {
    const angle = (index: number): number => (2 * Math.PI * index) / n;
    found = {
      cosines: Float64Array.from({ length: n / 2 }, (_, index) => cos(angle(index))),
      sines: Float64Array.from({ length: n / 2 }, (_, index) => sin(angle(index))),
    };
    known.set(n, found);
  }
  return found;
}
