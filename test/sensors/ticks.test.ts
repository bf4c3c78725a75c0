import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tickTimeNs } from '../../core/time.js';
import { createTicks, type Instant, poseAt } from '../../sensors/ticks.js';
import { body, scene, scripted } from './scene.js';

const ball = body('ball', 'dynamic', { kind: 'sphere', radiusM: 0.1 }, 'wood');

function ticks(rateHz: number, stepHz: number, durationS: number): Instant[] {
  const ticksUntil = createTicks(rateHz);
  return scripted(scene([ball], {}, durationS, stepHz)).flatMap((frame) => ticksUntil(frame));
}

describe('createTicks', () => {
  it('ticks once at each instant of its own clock, at any rate and step', () => {
    const rate = fc.integer({ min: 100, max: 5_000_000 }).map((millihertz) => millihertz / 1000);
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 2000 }), (rateHz, stepHz) => {
        const durationS = 20 / stepHz;
        const found = ticks(rateHz, stepHz, durationS);
        const endNs = tickTimeNs(20, stepHz);
        const expected: bigint[] = [];
        for (let tick = 0; tickTimeNs(tick, rateHz) <= endNs; tick++) expected.push(tickTimeNs(tick, rateHz));
        expect(found.map(({ timeNs }) => timeNs)).toEqual(expected);
        expect(found.map(({ tick }) => tick)).toEqual(expected.map((_, tick) => tick));
      }),
      { numRuns: 50 },
    );
  });

  it('places each tick between the frames around it', () => {
    for (const { timeNs, before, after, fraction } of ticks(7000, 1000, 0.02).slice(1)) {
      expect(before.timeNs).toBeLessThan(timeNs);
      expect(after.timeNs).toBeGreaterThanOrEqual(timeNs);
      expect(after.step).toBe(before.step + 1);
      expect(fraction).toBe(Number(timeNs - before.timeNs) / 1e6);
    }
  });

  it('meets the frames exactly where the clocks meet', () => {
    const met = ticks(148, 592, 1);
    expect(met).toHaveLength(149);
    expect(met.every(({ fraction }) => fraction === 1)).toBe(true);
    expect(met.map(({ after }) => after.step)).toEqual(met.map((_, tick) => tick * 4));
  });
});

describe('poseAt', () => {
  const half = Math.SQRT1_2;
  const between = (start: number[], end: number[], fraction: number) => {
    const [before, after] = scripted(scene([ball], {}, 1, 1), (step) => ({
      poses: step === 0 ? start : end,
    }));
    return poseAt({ tick: 0, timeNs: 0n, before: before!, after: after!, fraction }, 0);
  };

  it('moves along the chord and turns along the shorter arc', () => {
    // A quarter turn about z; -q is the same orientation as q.
    for (const sign of [1, -1]) {
      const end = [4, 2, 0, sign * half, 0, 0, sign * half];
      const { positionM, orientation } = between([0, 0, 8, 1, 0, 0, 0], end, 0.5);
      expect(positionM).toEqual([2, 1, 4]);
      [Math.cos(Math.PI / 8), 0, 0, Math.sin(Math.PI / 8)].forEach((value, k) => {
        expect(orientation[k]).toBeCloseTo(value, 14);
      });
    }
  });

  it('gives the frame itself, bit for bit, at its end', () => {
    const end = [0.1, 0.2, 0.3, half, 0, half, 0];
    const { positionM, orientation } = between([9, 9, 9, 1, 0, 0, 0], end, 1);
    expect([...positionM, ...orientation]).toEqual(end);
  });
});
