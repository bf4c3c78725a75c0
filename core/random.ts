import { UmweltError } from './errors.js';
import { exp, log } from './math/exact.js';

/**
 * A named stream of random numbers. Two streams with different names are independent; a stream's numbers depend on its
 * name alone, never on what other streams exist or in which order they are read.
 */
export interface RandomStream {
  /** Next number, uniform in [0, 1), float64 with 53 random bits. */
  uniform(): number;
  /** Next number from the standard normal distribution, in steps of about 2^-22. */
  normal(): number;
  /**
   * Next integer, uniform in [0, bound), without bias.
   *
   * @throws UmweltError `invalid-input` when bound is not an integer between 1 and 2^53.
   */
  integer(bound: number): number;
}

/**
 * Opens the stream of the given name at its start.
 *
 * Philox4x32-10, a counter-based generator (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3,
 * SC 2011). Its key and the upper half of its counter are a 128-bit hash of seed and name, in which 'ab' 'c' differs
 * from 'a' 'bc', and 1 from '1'.
 *
 * @throws UmweltError `invalid-input` when the seed or a number in the name is not finite.
 */
export function randomStream(seed: number, ...name: (string | number)[]): RandomStream {
  return new PhiloxStream(hashName([seed, ...name]));
}

/**
 * Computes one block of Philox4x32-10 in place.
 *
 * @param block counter in, four random words out (the bits of a uint32 each).
 */
export function philox4x32(block: Int32Array, key0: number, key1: number): void {
  let c0 = block[0]!;
  let c1 = block[1]!;
  let c2 = block[2]!;
  let c3 = block[3]!;
  let k0 = key0;
  let k1 = key1;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(0xd251, 0x1f53, c0);
    const high1 = multiplyHigh(0xcd9e, 0x8d57, c2);
    const low0 = Math.imul(0xd2511f53, c0);
    const low1 = Math.imul(0xcd9e8d57, c2);
    c0 = high1 ^ c1 ^ k0;
    c2 = high0 ^ c3 ^ k1;
    c1 = low1;
    c3 = low0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  block[0] = c0;
  block[1] = c1;
  block[2] = c2;
  block[3] = c3;
}

/** Upper 32 bits of the product of two uint32, the first given by its halves. */
function multiplyHigh(aHigh: number, aLow: number, b: number): number {
  const bHigh = b >>> 16;
  const bLow = b & 0xffff;
  const low = Math.imul(aLow, bLow) >>> 16;
  const cross = Math.imul(aHigh, bLow);
  const middle = Math.imul(aLow, bHigh) + low;
  const carry = ((cross & 0xffff) + (middle & 0xffff)) >>> 16;
  return (Math.imul(aHigh, bHigh) + (cross >>> 16) + (middle >>> 16) + carry) | 0;
}

const doubleBits = new Float64Array(1);
const doubleWords = new DataView(doubleBits.buffer);

/** Absorbs the parts, each behind its type and length, word by word through Philox as a block cipher in CBC mode. */
function hashName(parts: readonly (string | number)[]): Int32Array {
  const state = new Int32Array(4);
  let absorbed = 0;
  const absorb = (a: number, b: number): void => {
    state[0]! ^= a;
    state[1]! ^= b;
    philox4x32(state, absorbed++, 0x756d7765);
  };
  for (const part of parts) {
    if (typeof part === 'string') {
      absorb(1, part.length);
      for (let i = 0; i < part.length; i += 4) absorb(codeUnits(part, i), codeUnits(part, i + 2));
    } else {
      if (!Number.isFinite(part)) {
        throw new UmweltError(
          'invalid-input',
          { name: parts },
          `random stream: expected finite numbers in its seed and name, got ${part} in [${parts.join(', ')}]`,
        );
      }
      absorb(2, 2);
      doubleWords.setFloat64(0, part === 0 ? 0 : part);
      absorb(doubleWords.getUint32(0), doubleWords.getUint32(4));
    }
  }
  absorb(3, parts.length);
  return state;
}

function codeUnits(text: string, at: number): number {
  const first = at < text.length ? text.charCodeAt(at) : 0;
  const second = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
  return first | (second << 16);
}

const LAYERS = 256;
/** Where the tail of the ziggurat of 256 layers begins, and the area of each layer under exp(-x^2 / 2). */
const TAIL = 3.6541528853610088;
const LAYER_AREA = 0.00492867323399;

/** Right edge of each layer, from the base (widened to hold the tail's area) to the peak. */
const EDGES = ziggurat();

function ziggurat(): Float64Array {
  const edges = new Float64Array(LAYERS + 1);
  let density = exp(-0.5 * TAIL * TAIL);
  edges[0] = LAYER_AREA / density;
  edges[1] = TAIL;
  for (let i = 2; i < LAYERS; i++) {
    density += LAYER_AREA / edges[i - 1]!;
    edges[i] = Math.sqrt(-2 * log(density));
  }
  return edges;
}

class PhiloxStream implements RandomStream {
  readonly #block = new Int32Array(4);
  readonly #name: Int32Array;
  #counter = 0;
  #used = 4;

  constructor(name: Int32Array) {
    this.#name = name;
  }

  uniform(): number {
    const high = this.#word() >>> 5;
    const low = this.#word() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /**
   * Ziggurat method (Marsaglia, Tsang 2000), with separate bits for layer and place as Doornik (2005) asks. One word a
   * number: places are 24 bits fine, which a float32 sensor value cannot tell from more.
   */
  normal(): number {
    for (;;) {
      const word = this.#word();
      const layer = word & 0xff;
      const signed = ((word >> 8) + 0.5) / 8388608;
      const x = signed * EDGES[layer]!;
      if (Math.abs(x) < EDGES[layer + 1]!) return x;
      if (layer === 0) return this.#tail(signed < 0);
      const upper = exp(-0.5 * (EDGES[layer + 1]! * EDGES[layer + 1]! - x * x));
      const lower = exp(-0.5 * (EDGES[layer]! * EDGES[layer]! - x * x));
      if (lower + this.uniform() * (upper - lower) < 1) return x;
    }
  }

  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 9007199254740992) {
      throw new UmweltError(
        'invalid-input',
        { bound },
        `random integer: expected a whole bound between 1 and 2^53, got ${bound}`,
      );
    }
    const range = bound <= 4294967296 ? 4294967296 : 9007199254740992;
    const limit = range - (range % bound);
    for (;;) {
      const value = range === 4294967296 ? this.#word() >>> 0 : this.uniform() * range;
      if (value < limit) return value % bound;
    }
  }

  /** A normal number beyond TAIL (Marsaglia 1964). */
  #tail(negative: boolean): number {
    for (;;) {
      const x = -log(1 - this.uniform()) / TAIL;
      const y = -log(1 - this.uniform());
      if (y + y > x * x) return negative ? -(TAIL + x) : TAIL + x;
    }
  }

  #word(): number {
    if (this.#used === 4) {
      const block = this.#block;
      block[0] = this.#counter;
      block[1] = Math.floor(this.#counter / 4294967296);
      block[2] = this.#name[2]!;
      block[3] = this.#name[3]!;
      this.#counter++;
      this.#used = 0;
      philox4x32(block, this.#name[0]!, this.#name[1]!);
    }
    return this.#block[this.#used++]!;
  }
}
