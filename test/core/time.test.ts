import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requireRate, secondsFromNs, tickCount, tickTimeNs } from '../../core/time.js';

describe('ticks', () => {
  it('of clocks whose rates divide meet at the same nanosecond', () => {
    fc.assert(
      fc.property(
        fc.nat(100_000),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer({ min: 1, max: 64 }),
        (i, rate, n) => {
          expect(tickTimeNs(i * n, rate * n)).toBe(tickTimeNs(i, rate));
        },
      ),
    );
    expect(tickTimeNs(1, 30)).toBe(33_333_333n);
    expect(tickTimeNs(30, 30)).toBe(1_000_000_000n);
    expect(tickTimeNs(592, 592)).toBe(tickTimeNs(148, 148));
  });

  it('are counted with the one at zero, and the one at the end where a tick falls on it', () => {
    expect(tickCount(1, 30)).toBe(31);
    expect(tickCount(0.999, 30)).toBe(30);
    expect(tickCount(0.1, 10)).toBe(2);
    expect(tickCount(0.3, 1000)).toBe(301);
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 10_000 }),
        (s, rate) => {
          const last = tickCount(s, rate) - 1;
          expect(secondsFromNs(tickTimeNs(last, rate))).toBeLessThanOrEqual(s + 1e-8);
          expect(secondsFromNs(tickTimeNs(last + 1, rate))).toBeGreaterThan(s - 1e-8);
        },
      ),
    );
  });

  it('need a rate that can drive a clock', () => {
    expect(() => requireRate(148, 'test')).not.toThrow();
    for (const rate of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2e6]) {
      expect(() => requireRate(rate, 'sensors.state.rateHz')).toThrow(
        /^sensors\.state\.rateHz: expected a rate between/,
      );
    }
  });
});
