import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Quaternion } from '../../core/math/quaternion.js';
import { multiply, rotate } from '../../core/math/quaternion.js';
import { fromAxisAngle, uniformRotation } from '../../core/math/rotation.js';
import { atHorizon, horizonGrid, meanOverFrames } from '../../evaluation/metrics/aggregate.js';
import { penetrationPctWidth } from '../../evaluation/metrics/penetration.js';
import { positionErrorPctWidth } from '../../evaluation/metrics/position.js';
import { rotationErrorDeg } from '../../evaluation/metrics/rotation.js';
import { stillTrajectory } from './sample-recordings.js';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const rotation = fc.tuple(unit, unit, unit).map(([u, v, w]) => uniformRotation(u, v, w));

function oriented(q: Quaternion) {
  const trajectory = stillTrajectory(1);
  trajectory.orientation.set(q);
  return trajectory;
}

describe('position error', () => {
  it('is the distance in % of the width', () => {
    const predicted = stillTrajectory(2);
    predicted.positionM.set([0.03, 0, 0.04], 3);
    expect([...positionErrorPctWidth(predicted, stillTrajectory(2), 0.1)]).toEqual([0, 50]);
  });

  it('refuses trajectories that do not fit together', () => {
    expect(() => positionErrorPctWidth(stillTrajectory(2), stillTrajectory(3), 0.1)).toThrow(/expected 3 at/);
    expect(() => positionErrorPctWidth(stillTrajectory(2, 50), stillTrajectory(2), 0.1)).toThrow(/at 100 Hz/);
  });
});

describe('rotation error', () => {
  it.each([0, 1e-6, 0.5, 90, 179.9, 180])('of a turn by %f degrees is that angle', (angleDeg) => {
    const turned = oriented(fromAxisAngle([1, -2, 0.5], (angleDeg * Math.PI) / 180));
    expect(rotationErrorDeg(turned, stillTrajectory(1))[0]).toBeCloseTo(angleDeg, 9);
  });

  it('agrees with the trace of the rotation matrix, whatever the sign of the quaternions', () => {
    fc.assert(
      fc.property(rotation, rotation, (a, b) => {
        const axes = [
          [1, 0, 0],
          [0, 1, 0],
          [0, 0, 1],
        ] as const;
        const trace = axes.reduce((sum, axis) => {
          const [p, q] = [rotate(a, axis), rotate(b, axis)];
          return sum + p[0] * q[0] + p[1] * q[1] + p[2] * q[2];
        }, 0);
        const expected = (Math.acos(Math.min(1, Math.max(-1, (trace - 1) / 2))) * 180) / Math.PI;
        const negated: Quaternion = [-a[0], -a[1], -a[2], -a[3]];
        expect(rotationErrorDeg(oriented(a), oriented(b))[0]).toBeCloseTo(expected, 4);
        expect(rotationErrorDeg(oriented(negated), oriented(b))[0]).toBeCloseTo(expected, 4);
      }),
    );
  });

  it('does not change when both are turned alike', () => {
    fc.assert(
      fc.property(rotation, rotation, rotation, (a, b, turn) => {
        const before = rotationErrorDeg(oriented(a), oriented(b))[0]!;
        const after = rotationErrorDeg(oriented(multiply(turn, a)), oriented(multiply(turn, b)))[0]!;
        expect(after).toBeCloseTo(before, 6);
      }),
    );
  });
});

describe('penetration', () => {
  it('is 0 on the table, half the width at its height, and grows from a corner by sqrt(3)', () => {
    const flat = stillTrajectory(3);
    flat.positionM.set([0, 0, 0.05, 0, 0, 0, 0, 0, 1]);
    expect([...penetrationPctWidth(flat, 0.1)]).toEqual([0, 50, 0]);
    const onCorner = oriented(fromAxisAngle([1, -1, 0], Math.acos(1 / Math.sqrt(3))));
    expect(penetrationPctWidth(onCorner, 0.1)[0]).toBeCloseTo(50 * Math.sqrt(3), 9);
  });

  it('agrees with the lowest of the eight corners', () => {
    fc.assert(
      fc.property(rotation, fc.double({ min: -0.2, max: 0.2, noNaN: true }), (q, z) => {
        const trajectory = oriented(q);
        trajectory.positionM[2] = z;
        const corners = [-1, 1].flatMap((x) =>
          [-1, 1].flatMap((y) => [-1, 1].map((s) => z + rotate(q, [x * 0.05, y * 0.05, s * 0.05])[2])),
        );
        const expected = (100 * Math.max(0, -Math.min(...corners))) / 0.1;
        expect(penetrationPctWidth(trajectory, 0.1)[0]).toBeCloseTo(expected, 9);
      }),
    );
  });
});

describe('aggregation', () => {
  it('averages frames, and has no value where there is none', () => {
    expect(meanOverFrames(Float64Array.of(0, 1, 5))).toEqual({ value: 2, valid: true });
    expect(meanOverFrames(new Float64Array()).valid).toBe(false);
    expect(meanOverFrames(Float64Array.of(1, Number.NaN)).valid).toBe(false);
  });

  it('interpolates between frames, up to the last one', () => {
    const values = Float64Array.of(0, 10, 30);
    expect(atHorizon(values, 10, 0.1)).toEqual({ value: 10, valid: true });
    expect(atHorizon(values, 10, 0.15).value).toBeCloseTo(20, 9);
    expect(atHorizon(values, 10, 0.2)).toEqual({ value: 30, valid: true });
    expect(atHorizon(values, 10, 0.21).valid).toBe(false);
  });

  it('reaches the last frame of a horizon that does not divide exactly', () => {
    const values = new Float64Array(149).fill(1);
    for (const horizonS of horizonGrid(0.05, 1)) expect(atHorizon(values, 148, horizonS).valid).toBe(true);
  });

  it('spaces horizons evenly, without rounding noise', () => {
    expect(horizonGrid(0.05, 0.2)).toEqual([0.05, 0.1, 0.15, 0.2]);
    expect(horizonGrid(0.05, 0.19)).toEqual([0.05, 0.1, 0.15]);
    expect(horizonGrid(0.05, 0.01)).toEqual([]);
  });
});
