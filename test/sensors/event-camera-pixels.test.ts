import { describe, expect, it } from 'vitest';
import { randomStream } from '../../core/random.js';
import {
  addNoiseEvents,
  createEventPixels,
  type EventPixelSettings,
} from '../../sensors/event-camera/pixels.js';

const PLAIN: EventPixelSettings = {
  thresholdOn: 0.2,
  thresholdOff: 0.2,
  thresholdMismatch: 0,
  refractoryS: 0,
  leakRateHz: 0,
};

interface Told {
  readonly pixel: number;
  readonly timeS: number;
  readonly brighter: number;
}

/** Runs pixels over pictures at a rate; `light` gives the logarithm at a time. */
function run(
  settings: Partial<EventPixelSettings>,
  light: (timeS: number, pixel: number) => number,
  { pixels = 1, rateHz = 1000, durationS = 1, seed = null as number | null } = {},
): Told[] {
  const camera = createEventPixels(
    pixels,
    { ...PLAIN, ...settings },
    seed === null ? null : randomStream(seed, 'events'),
  );
  const told: Told[] = [];
  for (let tick = 0; tick <= Math.round(durationS * rateHz); tick++) {
    const timeS = tick / rateHz;
    const values = Float64Array.from({ length: pixels }, (_, pixel) => light(timeS, pixel));
    camera.step(values, 1 / rateHz, (pixel, offsetS, brighter) =>
      told.push({ pixel, timeS: (tick - 1) / rateHz + offsetS, brighter }),
    );
  }
  return told;
}

describe('pixels of an event camera', () => {
  it('tell an event a threshold, when the light crosses it', () => {
    const events = run({}, (t) => 3 * t);
    expect(events.length).toBe(14);
    for (const [k, { timeS, brighter }] of events.entries()) {
      expect(timeS).toBeCloseTo((0.2 * (k + 1)) / 3, 10);
      expect(brighter).toBe(1);
    }
    expect(run({}, (t) => -3 * t).every(({ brighter }) => brighter === 0)).toBe(true);
  });

  it('tell many events of one step, at the times that interpolation gives', () => {
    const events = run({}, (t) => (t > 0.5004 ? 1.1 : 0), { rateHz: 100 });
    expect(events.map(({ timeS }) => timeS)).toEqual(
      [0.2, 0.4, 0.6, 0.8, 1.0].map((level) => expect.closeTo(0.5 + (0.01 * level) / 1.1, 12)),
    );
  });

  it('follow a sine: the count is its travel over the threshold', () => {
    const events = run({ thresholdOn: 0.1, thresholdOff: 0.1 }, (t) => 2.03 * Math.sin(2 * Math.PI * 2 * t));
    const [on, off] = [1, 0].map((kind) => events.filter(({ brighter }) => brighter === kind).length);
    expect(Math.abs(on! - 80)).toBeLessThanOrEqual(1);
    expect(off).toBe(80);
  });

  it('use a threshold of their own each way', () => {
    const events = run({ thresholdOn: 0.3, thresholdOff: 0.15 }, (t) =>
      t < 0.5 ? 2 * t : 1 - 2.2 * (t - 0.5),
    );
    expect(events.filter(({ brighter }) => brighter === 1).length).toBe(3);
    expect(events.filter(({ brighter }) => brighter === 0).length).toBe(6);
  });

  it('tell nothing of constant light', () => {
    expect(run({}, () => -1.234)).toEqual([]);
  });

  it('are blind for the refractory period, then start from the light there is', () => {
    const events = run({ refractoryS: 0.1 }, (t) => 4 * t);
    // 0.05 s to the threshold, then 0.1 s blind: a period of 0.15 s.
    expect(events.length).toBe(7);
    for (const [k, { timeS }] of events.entries()) expect(timeS).toBeCloseTo(0.05 + 0.15 * k, 9);
    // Light that has changed and come back meanwhile leaves no trace.
    expect(run({ refractoryS: 0.1 }, (t) => (t > 0.5 && t < 0.55 ? 0.21 : 0)).length).toBe(1);
  });

  it('low-pass the light: a ramp arrives late by the time constant', () => {
    const bandwidthHz = 10;
    const late = 1 / (2 * Math.PI * bandwidthHz);
    const events = run({ bandwidthHz }, (t) => 3 * t).filter(({ timeS }) => timeS > 0.2);
    for (const { timeS } of events) {
      const steps = (3 * (timeS - late)) / 0.2;
      expect(Math.abs(steps - Math.round(steps))).toBeLessThan(2e-3);
    }
    // Fast flicker does not get through.
    const flicker = (t: number): number => Math.sin(2 * Math.PI * 200 * t + 0.3);
    expect(run({ bandwidthHz: 5 }, flicker).filter(({ timeS }) => timeS > 0.3)).toEqual([]);
    expect(run({}, flicker).length).toBeGreaterThan(1000);
  });

  it('have thresholds of the asked spread, each its own for the whole episode', () => {
    const pixels = 4000;
    const events = run({ thresholdMismatch: 0.1 }, (t) => 0.4 * t, { pixels, rateHz: 100, seed: 4 });
    const first = new Map<number, number>();
    for (const { pixel, timeS } of events) if (!first.has(pixel)) first.set(pixel, timeS * 0.4);
    const levels = [...first.values()];
    expect(levels.length).toBe(pixels);
    const mean = levels.reduce((a, b) => a + b) / pixels;
    const deviation = Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / pixels);
    expect(mean).toBeCloseTo(0.2, 2);
    expect(deviation / 0.2).toBeCloseTo(0.1, 2);
    const again = run({ thresholdMismatch: 0.1 }, (t) => 0.4 * t, { pixels, rateHz: 100, seed: 4 });
    expect(again).toEqual(events);
  });

  it('leak brighter events at a rate, at random phases', () => {
    const events = run({ leakRateHz: 5 }, () => 0, { pixels: 500, rateHz: 100, durationS: 2, seed: 1 });
    expect(events.length / 1000).toBeCloseTo(5, 1);
    expect(events.every(({ brighter }) => brighter === 1)).toBe(true);
    const early = events.filter(({ timeS }) => timeS % 0.2 < 0.1).length;
    expect(Math.abs(early / events.length - 0.5)).toBeLessThan(0.08);
  });
});

describe('noise events', () => {
  it('are a Poisson process of the given rate, of both kinds', () => {
    const counts: number[] = [];
    let brighter = 0;
    for (let tick = 0; tick < 2000; tick++) {
      let count = 0;
      addNoiseEvents(64, 20, 1e-3, randomStream(1, tick), (pixel, offsetS, kind) => {
        expect(pixel >= 0 && pixel < 64 && offsetS >= 0 && offsetS <= 1e-3).toBe(true);
        brighter += kind;
        count += 1;
      });
      counts.push(count);
    }
    const total = counts.reduce((a, b) => a + b);
    const mean = total / counts.length;
    expect(Math.abs(mean - 1.28)).toBeLessThan(0.1);
    const variance = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length;
    expect(variance / mean).toBeCloseTo(1, 0.8);
    expect(Math.abs(brighter / total - 0.5)).toBeLessThan(0.05);
  });

  it('are none at a rate of 0', () => {
    addNoiseEvents(64, 0, 1, randomStream(1), () => expect.unreachable());
  });
});
