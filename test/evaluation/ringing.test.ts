import { describe, expect, it } from 'vitest';
import { compareRinging, measureRinging } from '../../evaluation/metrics/ringing.js';
import { uniformNumbers } from './reference/values.js';

interface Tone {
  readonly hz: number;
  readonly decay: number;
  readonly level: number;
}

const ring = (tones: readonly Tone[], rateHz: number, seconds: number, noise = 0) => {
  const random = uniformNumbers(11, Math.round(seconds * rateHz));
  return Float64Array.from({ length: random.length }, (_, i) => {
    const t = i / rateHz;
    const sum = tones.reduce(
      (total, { hz, decay, level }) =>
        total + level * Math.exp(-decay * t) * Math.sin(2 * Math.PI * hz * t + 0.3),
      0,
    );
    return sum + noise * (random[i]! - 0.5);
  });
};

describe('a ringing', () => {
  const tones = [
    { hz: 523.3, decay: 6, level: 1 },
    { hz: 1410.7, decay: 15, level: 0.6 },
    { hz: 2781.9, decay: 40, level: 0.5 },
  ];

  it.each([
    [44100, 1, 0],
    [44100, 0.5, 0.02],
    [16000, 1, 0.02],
    [8000, 0.7, 0],
  ])('at %i Hz over %f s with noise %f has its tones and decays measured', (rateHz, seconds, noise) => {
    const found = measureRinging(ring(tones, rateHz, seconds, noise), rateHz, { most: 3 });
    expect(found).toHaveLength(3);
    for (const [i, tone] of tones.entries()) {
      expect(Math.abs(found[i]!.frequencyHz / tone.hz - 1)).toBeLessThan(0.001);
      expect(Math.abs(found[i]!.decayPerS / tone.decay - 1)).toBeLessThan(0.05);
    }
    expect(found[0]!.belowLoudestDb).toBe(0);
  });

  it('of one tone does not find others', () => {
    expect(measureRinging(ring([{ hz: 880, decay: 10, level: 1 }], 16000, 1), 16000)).toHaveLength(1);
  });

  it('does not exist in silence or in a few samples', () => {
    expect(measureRinging(new Float64Array(4096), 16000)).toEqual([]);
    expect(measureRinging([1, 0, 1], 16000)).toEqual([]);
    expect(() => measureRinging(new Float64Array(512), -1)).toThrow(/rateHz/);
  });

  it('is compared tone by tone', () => {
    const mode = (frequencyHz: number, decayPerS: number, belowLoudestDb = 0) => ({
      frequencyHz,
      decayPerS,
      belowLoudestDb,
    });
    const agreement = compareRinging([mode(510, 12), mode(2000, 5)], [mode(500, 6), mode(1000, 5, 10)]);
    expect(agreement.frequencyErrorPct.value).toBeCloseTo(2, 9);
    expect(agreement.logDecayError.value).toBeCloseTo(Math.LN2, 9);
    expect(agreement.found.value).toBe(0.5);
    expect(compareRinging([], [mode(500, 6)])).toMatchObject({
      frequencyErrorPct: { valid: false },
      found: { value: 0, valid: true },
    });
    expect(compareRinging([mode(1, 1)], []).found.valid).toBe(false);
  });
});
