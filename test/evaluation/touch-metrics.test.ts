import { describe, expect, it } from 'vitest';
import { contactOnsetsS, pairContactsWithSounds } from '../../evaluation/metrics/cross-modal.js';
import {
  forceSpectrumDistanceDb,
  impulseErrorPct,
  impulseNs,
  lagS,
  nrmse,
  peakForceErrorPct,
  slipOnsetS,
} from '../../evaluation/metrics/touch.js';

describe('touch', () => {
  it('has an NRMSE over the range of the recording', () => {
    expect(nrmse([1, 2, 3, 6], [0, 2, 4, 4]).value).toBeCloseTo(Math.sqrt(6 / 4) / 4, 12);
    expect(nrmse([1, 1], [2, 2]).valid).toBe(false);
    expect(nrmse([Number.NaN, 1], [1, 2]).valid).toBe(false);
    expect(() => nrmse([1], [1, 2])).toThrow(/NRMSE: expected as many/);
  });

  it('has the errors of its largest force and its impulse', () => {
    expect(peakForceErrorPct([0, -8, 3], [0, 10, 2]).value).toBeCloseTo(20, 12);
    expect(peakForceErrorPct([0, Number.NaN, 3], [0, 10, 2]).valid).toBe(false);
    expect(peakForceErrorPct([1], [0]).valid).toBe(false);
    // A half sine of 100 N over 10 ms: 2 / pi x 1 N s.
    const halfSine = Float64Array.from({ length: 1001 }, (_, i) => 100 * Math.sin((Math.PI * i) / 1000));
    expect(impulseNs(halfSine, 100_000)).toBeCloseTo(2 / Math.PI, 5);
    expect(
      impulseErrorPct(
        halfSine.map((force) => 0.9 * force),
        halfSine,
      ).value,
    ).toBeCloseTo(10, 9);
    expect(impulseErrorPct([1, 1], [0, 0]).valid).toBe(false);
  });

  it('begins to slip where the tangential force stays beyond friction', () => {
    const normal = new Float64Array(100).fill(2);
    const tangential = Float64Array.from({ length: 100 }, (_, i) => (i === 20 ? 5 : i / 50));
    const onset = slipOnsetS(tangential, normal, 1000, { friction: 0.5, leastS: 0.005 });
    expect(onset.value).toBeCloseTo(0.05, 12);
    expect(slipOnsetS(tangential, normal, 1000, { friction: 2 }).valid).toBe(false);
    expect(slipOnsetS(tangential, new Float64Array(100), 1000, { friction: 0.5 }).valid).toBe(false);
    expect(lagS({ value: 0.06, valid: true }, onset).value).toBeCloseTo(0.01, 12);
    expect(lagS({ value: 0.06, valid: false }, onset).valid).toBe(false);
    expect(() => slipOnsetS([1], [1], 1000, { friction: 0 })).toThrow(/friction above 0/);
  });

  it('has a distance of spectra that knows loudness and pitch, not phase or offset', () => {
    const wave = (hz: number, phase = 0, offset = 0, size = 1) =>
      Float64Array.from(
        { length: 2048 },
        (_, i) => offset + size * Math.sin((2 * Math.PI * hz * i) / 1000 + phase),
      );
    expect(forceSpectrumDistanceDb(wave(62.5, 1, 5), wave(62.5)).value).toBeLessThan(0.01);
    const tenth = forceSpectrumDistanceDb(wave(62.5, 0, 0, 0.1), wave(62.5), { rangeDb: 500, window: 64 });
    expect(tenth.value).toBeCloseTo(20, 2);
    expect(forceSpectrumDistanceDb(wave(125), wave(62.5)).value).toBeGreaterThan(5);
    expect(forceSpectrumDistanceDb(wave(62.5), new Float64Array(2048).fill(3)).valid).toBe(false);
    expect(forceSpectrumDistanceDb([1, 2], [1, 2]).valid).toBe(false);
  });
});

describe('contacts and sounds', () => {
  it('are paired in order of time', () => {
    const {
      lagS: lag,
      contactWithoutSound,
      soundWithoutContact,
    } = pairContactsWithSounds([0.1, 0.5, 0.9], [0.103, 0.3, 0.501]);
    expect(lag.value).toBeCloseTo(0.002, 12);
    expect(contactWithoutSound.value).toBeCloseTo(1 / 3, 12);
    expect(soundWithoutContact.value).toBeCloseTo(1 / 3, 12);
  });

  it('share no sound, and a sound may come a little early', () => {
    expect(pairContactsWithSounds([0.1, 0.101], [0.102]).contactWithoutSound.value).toBe(0.5);
    expect(pairContactsWithSounds([0.1], [0.097]).lagS.value).toBeCloseTo(-0.003, 12);
    expect(pairContactsWithSounds([0.1], [0.09]).lagS.valid).toBe(false);
    expect(pairContactsWithSounds([], [1])).toMatchObject({
      contactWithoutSound: { valid: false },
      soundWithoutContact: { value: 1 },
    });
  });

  it('begin where contact states rise', () => {
    expect(contactOnsetsS([1, 1, 0, 0, 1, 0, 1], 10)).toEqual([0, 0.4, 0.6]);
  });
});
