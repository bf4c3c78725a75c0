import { describe, expect, it } from 'vitest';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { Trajectory } from '../../evaluation/contract.js';
import { energyErrorPct, mechanicalEnergyJ } from '../../evaluation/metrics/energy.js';
import {
  driftPctOfDistance,
  faceUp,
  finalFaceAgrees,
  firstExceedance,
} from '../../evaluation/metrics/travel.js';

const RATE = 100;

/** A body thrown upwards that turns about an axis. */
function thrown(speedMps: number, spinRadps: number, frames = 50): Trajectory {
  const each = (width: number, value: (t: number) => readonly number[]) =>
    Float64Array.from({ length: frames * width }, (_, i) => value(Math.floor(i / width) / RATE)[i % width]!);
  return {
    rateHz: RATE,
    frames,
    positionM: each(3, (t) => [2 * t, 0, 1 + speedMps * t - 4.905 * t * t]),
    orientation: each(4, (t) => fromAxisAngle([0, 1, 0], spinRadps * t)),
    linearVelocityMps: each(3, (t) => [2, 0, speedMps - 9.81 * t]),
    angularVelocityRadps: each(3, () => [0, spinRadps, 0]),
  };
}

describe('drift', () => {
  it('is the error in % of the way travelled', () => {
    const actual = Float64Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? i / 3 : 0));
    const predicted = actual.map((value, i) => (i % 3 === 1 ? 0.1 * Math.floor(i / 3) : value));
    const drift = driftPctOfDistance(predicted, actual);
    expect(drift[0]).toBeNaN();
    for (let frame = 1; frame < 10; frame++) expect(drift[frame]).toBeCloseTo(10, 9);
    // There and back is travelled twice.
    expect(driftPctOfDistance([0, 0, 1, 0, 1, 0], [0, 0, 1, 0, 0, 0], 2)[2]).toBeCloseTo(50, 9);
    expect(() => driftPctOfDistance([1], [1, 2])).toThrow(/drift/);
  });
});

describe('the first exceedance', () => {
  it('is interpolated, and censored where it does not come', () => {
    expect(firstExceedance([0, 1, 3, 9], 10, 2)).toEqual({ timeS: expect.closeTo(0.15, 12), reached: true });
    expect(firstExceedance([0, 1, 2], 10, 2)).toEqual({ timeS: 0.2, reached: false });
    expect(firstExceedance([5, 1], 10, 2)).toEqual({ timeS: 0, reached: true });
    expect(firstExceedance([0, 1, Number.NaN], 10, 2)).toEqual({ timeS: 0.2, reached: true });
    expect(firstExceedance([], 10, 2)).toEqual({ timeS: 0, reached: false });
  });
});

describe('the final face', () => {
  it('is the one that looks up', () => {
    expect(faceUp([1, 0, 0, 0])).toBe(4);
    expect(faceUp(fromAxisAngle([1, 0, 0], Math.PI))).toBe(5);
    expect(faceUp(fromAxisAngle([1, 0, 0], Math.PI / 2))).toBe(2);
    expect(faceUp(fromAxisAngle([1, 0, 0], -Math.PI / 2))).toBe(3);
    expect(faceUp(fromAxisAngle([0, 1, 0], Math.PI / 2))).toBe(1);
    expect(faceUp(fromAxisAngle([0, 1, 0], -Math.PI / 2))).toBe(0);
  });

  it('does not depend on yaw or on the sign of the quaternion', () => {
    const yawed = fromAxisAngle([0, 0, 1], 2.1);
    expect(faceUp(yawed)).toBe(4);
    expect(faceUp(yawed.map((value) => -value))).toBe(4);
  });

  it('agrees or not', () => {
    const still = thrown(1, 0);
    expect(finalFaceAgrees(still, thrown(1, 0.5)).value).toBe(1);
    expect(finalFaceAgrees(still, thrown(1, 3)).value).toBe(0);
    const broken = { ...still, orientation: still.orientation.map(() => Number.NaN) };
    expect(finalFaceAgrees(broken, still).valid).toBe(false);
  });
});

describe('mechanical energy', () => {
  const body = { massKg: 0.37, inertiaKgM2: [1e-3, 2e-3, 3e-3] as const };

  it('is kept in flight, and is the textbook sum', () => {
    const energy = mechanicalEnergyJ(thrown(3, 4), body);
    const expected = 0.37 * (9.81 * 1 + (4 + 9) / 2) + (2e-3 * 16) / 2;
    for (const value of energy) expect(value).toBeCloseTo(expected, 9);
  });

  it('turns with the body: the axis of a world spin is looked up in its own frame', () => {
    const turned = thrown(0, 0, 1);
    turned.orientation.set(fromAxisAngle([0, 0, 1], Math.PI / 2));
    turned.angularVelocityRadps.set([0, 10, 0]);
    // The world's y is the body's x after a quarter turn about z.
    expect(mechanicalEnergyJ(turned, body)[0]).toBeCloseTo(0.37 * (9.81 + 2) + (1e-3 * 100) / 2, 9);
  });

  it('has an error in % of what there was to lose', () => {
    const fast = thrown(3, 0);
    const slow = thrown(2, 0);
    const lowest = fast.positionM.filter((_, i) => i % 3 === 2).reduce((a, b) => Math.min(a, b));
    const toLose = 9.81 * (1 - lowest) + (4 + 9) / 2;
    expect(energyErrorPct(slow, fast, body)[0]).toBeCloseTo((100 * 2.5) / toLose, 6);
    expect(energyErrorPct(fast, fast, body)[30]).toBe(0);
  });
});
