import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UmweltError } from '../../core/errors.js';
import { philox4x32, type RandomStream, randomStream } from '../../core/random.js';

function block(counter: readonly number[], key: readonly [number, number]): string[] {
  const words = Int32Array.from(counter, (word) => word | 0);
  philox4x32(words, key[0], key[1]);
  return Array.from(words, (word) => (word >>> 0).toString(16).padStart(8, '0'));
}

function take(stream: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => stream.uniform());
}

describe('philox4x32', () => {
  /** Random123 1.14, tests/kat_vectors, philox 4x32 10. */
  it('gives the known answers of Random123', () => {
    const ones = 0xffffffff;
    expect(block([0, 0, 0, 0], [0, 0])).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']);
    expect(block([ones, ones, ones, ones], [ones, ones])).toEqual([
      '408f276d',
      '41c83b0e',
      'a20bc7c6',
      '6d5451fd',
    ]);
    expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
      ...['d16cfe09', '94fdcceb', '5001e420', '24126ea1'],
    ]);
  });
});

describe('randomStream', () => {
  it('depends on its name alone', () => {
    const alone = take(randomStream(7, 'a', 1), 20);
    const other = randomStream(7, 'b');
    const between = randomStream(7, 'a', 1);
    const mixed = Array.from({ length: 20 }, () => {
      other.normal();
      return between.uniform();
    });
    expect(mixed).toEqual(alone);
  });

  it('keeps its numbers', () => {
    const stream = randomStream(42, 'golden', 3);
    expect([stream.uniform(), stream.normal(), stream.integer(1000), stream.integer(2 ** 40)]).toEqual([
      0.6335257508008207, 0.3894516382070633, 784, 479129490558,
    ]);
  });

  it('tells apart names that read alike', () => {
    const names: (string | number)[][] = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['abc'],
      ['a', 'b', 'c'],
      ['abc', ''],
      ['', 'abc'],
      ['abc\u0000'],
      ['1'],
      [1],
      [],
      [0],
      [2 ** 32],
      [2 ** -1074],
    ];
    const seeds = [0, 1, 2 ** 32, -1, 0.5];
    const first = seeds.flatMap((seed) => names.map((name) => randomStream(seed, ...name).uniform()));
    expect(new Set(first).size).toBe(first.length);
    expect(randomStream(0, -0).uniform()).toBe(randomStream(-0, 0).uniform());
  });

  it('spreads neighbouring names over the unit interval', () => {
    const count = 20_000;
    const first = Array.from({ length: count }, (_, i) => randomStream(i, 'neighbour', i % 7).uniform());
    const cells = new Array<number>(100).fill(0);
    for (const value of first) cells[Math.floor(value * 100)]!++;
    const chiSquare = cells.reduce((sum, n) => sum + (n - count / 100) ** 2 / (count / 100), 0);
    // 99 degrees of freedom: mean 99, standard deviation 14.1.
    expect(chiSquare).toBeGreaterThan(99 - 4 * 14.1);
    expect(chiSquare).toBeLessThan(99 + 4 * 14.1);
    const lagged = first.slice(1).reduce((sum, value, i) => sum + (value - 0.5) * (first[i]! - 0.5), 0);
    expect(Math.abs((12 * lagged) / count)).toBeLessThan(4 / Math.sqrt(count));
  });

  it('draws normal numbers with the moments and the tails of the normal distribution', () => {
    const stream = randomStream(5, 'normal');
    const count = 400_000;
    const sums = [0, 0, 0, 0];
    const beyond = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const z = stream.normal();
      for (let power = 0; power < 4; power++) sums[power]! += z ** (power + 1);
      for (const [k, limit] of [1, 2, 3.6541528853610088].entries()) if (Math.abs(z) > limit) beyond[k]!++;
    }
    const expected = [0, 1, 0, 3];
    const variance = [1, 2, 15, 96];
    for (const [i, sum] of sums.entries()) {
      expect(Math.abs(sum / count - expected[i]!)).toBeLessThan(4 * Math.sqrt(variance[i]! / count));
    }
    for (const [i, p] of [0.3173105, 0.0455003, 2.5804e-4].entries()) {
      expect(Math.abs(beyond[i]! - p * count)).toBeLessThan(4 * Math.sqrt(p * count));
    }
  });

  it('draws integers evenly, up to 2^53', () => {
    const stream = randomStream(5, 'integer');
    const counts = [0, 0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]!++;
    for (const n of counts) expect(Math.abs(n - 10_000)).toBeLessThan(4 * Math.sqrt(10_000));
    // Without rejection, 2^32 mod (3 2^30) would make the lower third twice as likely.
    let low = 0;
    for (let i = 0; i < 30_000; i++) if (stream.integer(3 * 2 ** 30) < 2 ** 30) low++;
    expect(Math.abs(low - 10_000)).toBeLessThan(4 * Math.sqrt(10_000));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bound) => {
        const value = stream.integer(bound);
        return Number.isSafeInteger(value) && value >= 0 && value < bound;
      }),
    );
    expect(stream.integer(1)).toBe(0);
  });

  it('refuses what cannot name or bound', () => {
    expect(() => randomStream(Number.NaN)).toThrow(UmweltError);
    expect(() => randomStream(1, 'a', Number.POSITIVE_INFINITY)).toThrow(/finite numbers.*got Infinity/);
    for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 53 + 2]) {
      expect(() => randomStream(1).integer(bound)).toThrow(/whole bound between 1 and 2\^53/);
    }
  });
});
