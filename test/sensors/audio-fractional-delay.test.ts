import { describe, expect, it } from 'vitest';
import { depositSample, readBetween } from '../../sensors/audio/fractional-delay.js';

describe('a place between samples', () => {
  /** What is read of a tone of amplitude one, as gain and lateness in samples, at 64 places between two samples. */
  const readings = (share: number) => {
    const w = 2 * Math.PI * share;
    const ring = (phase: number) =>
      Float64Array.from({ length: 64 }, (_, n) => Math.cos(w * (n - 32) + phase));
    const [real, imaginary] = [ring(0), ring(-Math.PI / 2)];
    return Array.from({ length: 64 }, (_, k) => {
      const place = 32 + k / 64;
      const [re, im] = [readBetween(real, place), readBetween(imaginary, place)];
      const angle = Math.atan2(im, re) - w * (k / 64);
      const turn = angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
      return { gain: Math.hypot(re, im), lateSamples: turn / w };
    });
  };

  it.each([0.001, 0.02, 0.1, 0.2, 0.3])('is read as the tone has it there, at %f of the rate', (share) => {
    for (const { gain, lateSamples } of readings(share)) {
      expect(Math.abs(20 * Math.log10(gain))).toBeLessThan(0.06);
      // Half a microsecond at 8 kHz.
      expect(Math.abs(lateSamples)).toBeLessThan(0.004);
    }
  });

  it('is read exactly of what is steady or rises evenly', () => {
    const ramp = Float64Array.from({ length: 64 }, (_, n) => 3 + 0.5 * n);
    for (let place = 20; place < 21; place += 0.037)
      expect(readBetween(ramp, place)).toBeCloseTo(3 + 0.5 * place, 9);
  });

  it('takes a click whose sum and middle are exact', () => {
    for (const place of [20, 20.25, 20.7, 20.999]) {
      const out = new Float64Array(40);
      depositSample(out, place, 2);
      const sum = out.reduce((total, value) => total + value, 0);
      const middle = out.reduce((total, value, n) => total + value * n, 0) / sum;
      expect(sum).toBeCloseTo(2, 12);
      expect(middle).toBeCloseTo(place, 9);
    }
  });

  it('drops what lies outside of the samples', () => {
    const out = new Float64Array(8);
    for (const place of [-9.5, 20]) depositSample(out, place, 1);
    expect(out.every((value) => value === 0)).toBe(true);
  });
});
