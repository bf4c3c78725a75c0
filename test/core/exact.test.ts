import { describe, expect, it } from 'vitest';
import { sha256 } from '../../core/digest.js';
import {
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  cos,
  exp,
  expm1,
  hypot,
  log,
  log1p,
  log2,
  log10,
  pow,
  sin,
  tan,
  tanh,
} from '../../core/math/exact.js';
import { randomStream } from '../../core/random.js';

const exact = {
  acos,
  asin,
  atan,
  atan2,
  cbrt,
  cos,
  exp,
  expm1,
  hypot,
  log,
  log10,
  log1p,
  log2,
  pow,
  sin,
  tan,
  tanh,
};

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

function ordinal(x: number): bigint {
  double[0] = x;
  const value = bits[0]!;
  return value < 0n ? -(value & 0x7fffffffffffffffn) : value;
}

/** How many doubles lie between two. */
function ulps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.POSITIVE_INFINITY;
  const difference = ordinal(a) - ordinal(b);
  return Number(difference < 0n ? -difference : difference) || 1;
}

const random = randomStream(1, 'exact.test');

/** A double with random bits: any magnitude, infinities and NaN included. */
function anyDouble(): number {
  bits[0] = BigInt.asIntN(64, (BigInt(random.integer(2 ** 32)) << 32n) | BigInt(random.integer(2 ** 32)));
  return double[0]!;
}

const RANGES = [
  () => anyDouble(),
  () => (random.uniform() - 0.5) * 4,
  () => (random.uniform() - 0.5) * 60,
  () => (random.uniform() - 0.5) * 2000,
  () => (random.uniform() - 0.5) * 4e6,
];

const SPECIAL = [
  ...[0, 0.5, 1, 2, 3, 1e-300, 5e-324, 1e-310, 1e308, 2 ** 31, 2 ** 53 + 2, 1e22, 709.8, 745.2],
  ...[Number.POSITIVE_INFINITY, Math.PI, Math.PI / 2, Math.PI / 4],
].flatMap((x) => [x, -x]);

type Unary = {
  [K in keyof typeof exact]: (typeof exact)[K] extends (x: number) => number ? K : never;
}[keyof typeof exact];

/** Math.log10 of V8 is off by an ulp itself; the rest of V8's functions are fdlibm's. */
const UNARY: readonly [Unary, number][] = [
  ...(['sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'exp', 'expm1', 'log', 'log1p'] as const).map(
    (name): [Unary, number] => [name, 1],
  ),
  ['log2', 1],
  ['log10', 2],
  ['cbrt', 1],
  ['tanh', 1],
];

describe('exact functions of one number', () => {
  it.each(UNARY)('%s is within %i ulp of Math', (name, tolerance) => {
    const mine: (x: number) => number = exact[name];
    const reference: (x: number) => number = Math[name];
    let worst = { x: 0, ulps: 0 };
    for (let i = 0; i < 40_000; i++) {
      const x = RANGES[i % RANGES.length]!();
      const error = ulps(mine(x), reference(x));
      if (error > worst.ulps) worst = { x, ulps: error };
    }
    expect(worst.ulps, `at ${worst.x}`).toBeLessThanOrEqual(tolerance);
  });

  it.each(UNARY)('%s has the special values of Math', (name, tolerance) => {
    for (const x of [...SPECIAL, Number.NaN]) {
      expect(ulps(exact[name](x), Math[name](x)), `at ${x}`).toBeLessThanOrEqual(tolerance);
    }
  });
});

describe('exact functions of two numbers', () => {
  it.each([
    ['pow', 2],
    ['atan2', 2],
    ['hypot', 2],
  ] as const)('%s is within %i ulp of Math', (name, tolerance) => {
    const bases = [() => random.uniform() * 4, () => (random.uniform() - 0.1) * 60, anyDouble];
    let worst = { x: 0, y: 0, ulps: 0 };
    for (let i = 0; i < 60_000; i++) {
      const x = bases[i % 3]!();
      const free = i % 5 === 0 ? anyDouble() : (random.uniform() - 0.5) * 60;
      const y = i % 7 === 0 ? Math.round(free) : free;
      const error = ulps(exact[name](x, y), Math[name](x, y));
      if (error > worst.ulps) worst = { x, y, ulps: error };
    }
    expect(worst.ulps, `at ${worst.x}, ${worst.y}`).toBeLessThanOrEqual(tolerance);
  });

  it.each(['pow', 'atan2', 'hypot'] as const)('%s has the special values of Math', (name) => {
    for (const x of [...SPECIAL, Number.NaN]) {
      for (const y of [...SPECIAL, Number.NaN]) {
        expect(ulps(exact[name](x, y), Math[name](x, y)), `at ${x}, ${y}`).toBeLessThanOrEqual(2);
      }
    }
  });
});

it('takes the length of three numbers without overflow', () => {
  expect(exact.hypot(2, 3, 6)).toBe(7);
  expect(exact.hypot(3e200, 4e200)).toBeCloseTo(5e200, -190);
  expect(exact.hypot(3e-200, 0, 4e-200) / 5e-200).toBeCloseTo(1, 14);
});

it('is exact where the result is', () => {
  for (let k = -1022; k < 1024; k++) expect(exact.log2(2 ** k)).toBe(k);
  for (let k = 0; k <= 22; k++) expect(exact.log10(Number(`1e${k}`))).toBe(k);
  for (let k = 1; k < 100; k++) expect(exact.cbrt(k * k * k)).toBe(k);
  expect(exact.pow(3, 20)).toBe(3486784401);
  expect(exact.pow(-2, 63)).toBe(-(2 ** 63));
});

/** Every function on a fixed grid: a platform on which the bits differ shows here. */
it('keeps its bits', () => {
  const grid = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 97);
  const wide = Array.from({ length: 601 }, (_, i) => (i % 2 === 0 ? 1 : -1) * Number(`1.7e${i - 300}`));
  const points = [...grid, ...wide];
  const values = new Float64Array((UNARY.length + 3) * points.length);
  let n = 0;
  for (const [name] of UNARY) for (const x of points) values[n++] = exact[name](x);
  for (const x of points) {
    values[n++] = exact.pow(Math.abs(x), 2.4);
    values[n++] = exact.atan2(x, 1.5);
    values[n++] = exact.hypot(x, 2.5, -1);
  }
  const view = new DataView(new ArrayBuffer(8 * n));
  for (const [i, value] of values.entries())
    view.setFloat64(8 * i, Number.isNaN(value) ? Number.NaN : value, true);
  expect(sha256(new Uint8Array(view.buffer))).toBe(
    '9b541bcc62ed6753f081551fcfc50ec6151510418b66bd292d64c6aac1eeac6d',
  );
});
