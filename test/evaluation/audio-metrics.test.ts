import { describe, expect, it } from 'vitest';
import { logSpectralDistanceDb, multiResolutionDistance } from '../../evaluation/metrics/audio.js';
import { compareEvents, contactF1 } from '../../evaluation/metrics/events.js';
import { findOnsetsS } from '../../evaluation/metrics/onsets.js';
import { powerFrames, welchDensity } from '../../evaluation/metrics/short-time-spectrum.js';
import { REFERENCE, uniformNumbers } from './reference/values.js';

const RATE = 8000;
const noiseA = uniformNumbers(4, RATE);
const noiseB = uniformNumbers(5, RATE);
const recorded = Float64Array.from({ length: RATE }, (_, i) => {
  const t = i / RATE;
  return Math.exp(-6 * t) * Math.sin(2 * Math.PI * 440 * t) + 0.02 * (noiseA[i]! - 0.5);
});
const predicted = Float64Array.from({ length: RATE }, (_, i) => {
  const t = i / RATE;
  return 0.9 * Math.exp(-5 * t) * Math.sin(2 * Math.PI * 450 * t) + 0.03 * (noiseB[i]! - 0.5);
});

describe('spectral distances', () => {
  it('are those that numpy and scipy compute', () => {
    const { audio } = REFERENCE;
    expect(logSpectralDistanceDb(predicted, recorded).value).toBeCloseTo(audio.logSpectralDistanceDb, 8);
    const { convergence, logMagnitude, total } = multiResolutionDistance(predicted, recorded);
    expect(convergence.value).toBeCloseTo(audio.convergence, 9);
    expect(logMagnitude.value).toBeCloseTo(audio.logMagnitude, 9);
    expect(total.value).toBeCloseTo(audio.convergence + audio.logMagnitude, 9);
  });

  it('of a density are those of scipy.signal.welch', () => {
    const density = welchDensity(recorded, RATE);
    for (const [place, bin] of [0, 5, 14, 100, 128].entries())
      expect(density[bin]! / REFERENCE.audio.welch[place]).toBeCloseTo(1, 8);
  });

  it('are 6 dB for half the amplitude, and 0 for the sound itself', () => {
    expect(logSpectralDistanceDb(recorded, recorded).value).toBe(0);
    expect(multiResolutionDistance(recorded, recorded).total.value).toBe(0);
    const half = recorded.map((sample) => sample / 2);
    expect(logSpectralDistanceDb(half, recorded, { rangeDb: 140 }).value).toBeCloseTo(6.02, 1);
    expect(multiResolutionDistance(half, recorded).convergence.value).toBeCloseTo(0.5, 3);
  });

  it('do not depend on the unit of pressure', () => {
    const scale = (sound: Float64Array) => sound.map((sample) => sample * 2e-4);
    expect(logSpectralDistanceDb(scale(predicted), scale(recorded)).value).toBeCloseTo(
      logSpectralDistanceDb(predicted, recorded).value,
      9,
    );
    expect(multiResolutionDistance(scale(predicted), scale(recorded)).total.value).toBeCloseTo(
      multiResolutionDistance(predicted, recorded).total.value,
      9,
    );
  });

  it('do not exist beside silence, and refuse sounds of different lengths', () => {
    const silence = new Float64Array(RATE);
    expect(logSpectralDistanceDb(recorded, silence).valid).toBe(false);
    expect(logSpectralDistanceDb(silence, recorded).valid).toBe(true);
    expect(multiResolutionDistance(recorded, silence).total.valid).toBe(false);
    expect(logSpectralDistanceDb([], []).valid).toBe(false);
    expect(logSpectralDistanceDb([Number.NaN, 1, 2], [1, 2, 3]).valid).toBe(false);
    expect(() => logSpectralDistanceDb(recorded, recorded.subarray(1))).toThrow(/8000.*7999|7999.*8000/);
    expect(() => powerFrames(recorded, { fft: 1000, hop: 1, window: 10 })).toThrow(/power of two/);
  });
});

describe('onsets', () => {
  const blows = (timesS: readonly number[], rateHz = 44100, hz = 900) =>
    Float64Array.from({ length: 2 * rateHz }, (_, i) => {
      let sum = 0;
      for (const t0 of timesS) {
        const t = i / rateHz - t0;
        if (t >= 0) sum += Math.exp(-25 * t) * Math.sin(2 * Math.PI * hz * t);
      }
      return sum;
    });

  it.each([8000, 16000, 44100])('of blows are found within 2 ms at %i Hz, in noise', (rateHz) => {
    const timesS = [0.1234, 0.4, 0.71, 1.3];
    const noise = uniformNumbers(9, 2 * rateHz);
    const found = findOnsetsS(
      blows(timesS, rateHz).map((sample, i) => sample + 0.01 * (noise[i]! - 0.5)),
      rateHz,
    );
    expect(found).toHaveLength(4);
    for (const [i, t] of timesS.entries()) expect(Math.abs(found[i]! - t)).toBeLessThan(0.002);
  });

  it('are none in silence or steady noise, and one in a sound cut short before it', () => {
    expect(findOnsetsS(new Float64Array(8000), 8000)).toEqual([]);
    const noise = uniformNumbers(10, 16000).map((value) => value - 0.5);
    expect(findOnsetsS(noise.slice(4000), 8000).filter((t) => t > 0.05)).toEqual([]);
    expect(findOnsetsS(blows([0.5]), 44100)).toHaveLength(1);
    expect(() => findOnsetsS([1, 2], 0)).toThrow(/rateHz above 0/);
  });
});

describe('events', () => {
  it('are matched once each, within the tolerance', () => {
    const scores = compareEvents([0.11, 0.52, 0.9, 2], [0.1, 0.5, 1]);
    expect(scores.matched).toBe(2);
    expect(scores.precision.value).toBeCloseTo(2 / 4, 12);
    expect(scores.recall.value).toBeCloseTo(2 / 3, 12);
    expect(scores.f1.value).toBeCloseTo(4 / 7, 12);
    expect(scores.lagS.value).toBeCloseTo(0.015, 12);
    expect(compareEvents([0.05, 0.09], [0.07]).matched).toBe(1);
    // A greedy match by distance would pair 0.04 with 0.05 and leave two alone.
    expect(compareEvents([0, 0.04], [0.05, 0.09]).matched).toBe(2);
    expect(compareEvents([0.48, 0.4], [0.45]).lagS.value).toBeCloseTo(-0.05, 9);
  });

  it('that did not happen have no recall', () => {
    expect(compareEvents([1], [])).toMatchObject({ recall: { valid: false }, f1: { value: 0, valid: true } });
    expect(compareEvents([], []).f1.valid).toBe(false);
    expect(compareEvents([], [1]).lagS.valid).toBe(false);
    expect(compareEvents([Number.NaN], [1])).toMatchObject({ matched: 0, precision: { value: 0 } });
  });

  it('of contact may be one frame off', () => {
    expect(contactF1([0, 1, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0]).value).toBe(1);
    expect(contactF1([0, 1, 1, 0, 0, 0], [0, 0, 1, 1, 0, 0], 0).value).toBeCloseTo(0.5, 12);
    expect(contactF1([1, 0, 0, 0], [0, 0, 1, 0]).value).toBe(0);
    expect(contactF1([1, 0, 0, 0], [0, 0, 0, 0])).toEqual({ value: 0, valid: true });
    expect(contactF1([0, 0], [0, 0]).valid).toBe(false);
  });
});
