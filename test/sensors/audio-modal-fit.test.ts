import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FittedMode, fitModes } from '../../sensors/audio/modal-fit.js';

const RATE = 44100;

function ring(modes: readonly FittedMode[], samples: number, noise = 0): Float64Array {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2147483648;
  };
  return Float64Array.from({ length: samples }, (_, n) => {
    const t = n / RATE;
    let sum = noise * random();
    for (const { frequencyHz, decayPerS, amplitude, phaseRad } of modes)
      sum += amplitude * Math.exp(-decayPerS * t) * Math.cos(2 * Math.PI * frequencyHz * t + phaseRad);
    return sum;
  });
}

const mode = (frequencyHz: number, decayPerS: number, amplitude = 1, phaseRad = 0.3): FittedMode => ({
  frequencyHz,
  decayPerS,
  amplitude,
  phaseRad,
});

describe('fitModes', () => {
  it('finds one tone exactly, with its amplitude and phase', () => {
    const [found] = fitModes(ring([mode(441.7, 12, 0.4, -1.1)], 32768), RATE, { most: 1 });
    expect(found!.frequencyHz).toBeCloseTo(441.7, 6);
    expect(found!.decayPerS).toBeCloseTo(12, 5);
    expect(found!.amplitude).toBeCloseTo(0.4, 6);
    expect(found!.phaseRad).toBeCloseTo(-1.1, 5);
  });

  it('finds sums of damped tones: frequency within 0.1 %, decay within 2 %', () => {
    const place = fc.tuple(
      fc.double({ min: 0.2, max: 0.8, noNaN: true }),
      fc.double({ min: 3, max: 40, noNaN: true }),
      fc.double({ min: 0.2, max: 1, noNaN: true }),
      fc.double({ min: -3, max: 3, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(place, { minLength: 2, maxLength: 8 }), (places) => {
        const modes = places.map(([at, decay, amplitude, phase], index) =>
          mode(180 * 1.55 ** (index + at), decay, amplitude, phase),
        );
        const found = fitModes(ring(modes, 44100), RATE, { most: 12, rangeDb: 70 });
        for (const { frequencyHz, decayPerS } of modes) {
          const nearest = found.reduce((best, other) =>
            Math.abs(other.frequencyHz - frequencyHz) < Math.abs(best.frequencyHz - frequencyHz)
              ? other
              : best,
          );
          expect(Math.abs(nearest.frequencyHz / frequencyHz - 1)).toBeLessThan(1e-3);
          expect(Math.abs(nearest.decayPerS / decayPerS - 1)).toBeLessThan(0.02);
        }
      }),
      { numRuns: 10 },
    );
  });

  it('tells two tones 8 Hz apart from each other', () => {
    const found = fitModes(ring([mode(500, 5), mode(508, 9, 0.7, 2)], 44100), RATE, { most: 2 });
    expect(found).toHaveLength(2);
    expect(found[0]!.frequencyHz).toBeCloseTo(500, 1);
    expect(found[1]!.frequencyHz).toBeCloseTo(508, 1);
    expect(found[1]!.decayPerS / 9).toBeCloseTo(1, 1);
  });

  it('holds in noise 40 dB down', () => {
    const found = fitModes(ring([mode(300, 10), mode(1234, 25, 0.5)], 44100, 0.01), RATE, { most: 2 });
    expect(Math.abs(found[1]!.frequencyHz / 1234 - 1)).toBeLessThan(1e-3);
    expect(Math.abs(found[1]!.decayPerS / 25 - 1)).toBeLessThan(0.05);
  });

  it('finds nothing in silence', () => {
    expect(fitModes(new Float64Array(4096), RATE)).toEqual([]);
  });

  it('refuses too short a sound, numbers that are not finite, and a rate of none', () => {
    expect(() => fitModes(new Float64Array(10), RATE)).toThrow(/at least 64 samples, got 10/);
    expect(() => fitModes(new Float64Array(100).fill(Number.NaN), RATE)).toThrow(
      /finite samples, got NaN at 0/,
    );
    expect(() => fitModes(new Float64Array(100), 0)).toThrow(/rate above 0/);
  });
});
