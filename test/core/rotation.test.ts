import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conjugate, IDENTITY, multiply, nlerp, type Quaternion, rotate } from '../../core/math/quaternion.js';
import {
  fromAxisAngle,
  fromRollPitchYaw,
  fromRotationVector,
  geodesicAngle,
  slerp,
  toRotationVector,
  uniformRotation,
} from '../../core/math/rotation.js';
import { length, type Vec3 } from '../../core/math/vector.js';
import { randomStream } from '../../core/random.js';

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const rotation = fc.tuple(unit, unit, unit).map(([u, v, w]) => uniformRotation(u, v, w));

function expectVector(actual: readonly number[], expected: readonly number[], digits = 12): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, value] of actual.entries()) expect(value).toBeCloseTo(expected[i]!, digits);
}

describe('rotations', () => {
  it('turn x to y about z by a right angle', () => {
    expectVector(rotate(fromAxisAngle([0, 0, 5], Math.PI / 2), [1, 0, 0]), [0, 1, 0]);
    expectVector(rotate(fromRotationVector([0, 0, Math.PI / 2]), [1, 0, 0]), [0, 1, 0]);
    expect(fromAxisAngle([0, 0, 0], 1)).toEqual(IDENTITY);
  });

  it('pitch the nose down and yaw left when positive, and roll about the nose', () => {
    expectVector(rotate(fromRollPitchYaw(0, Math.PI / 2, 0), [1, 0, 0]), [0, 0, -1]);
    expectVector(rotate(fromRollPitchYaw(0, 0, Math.PI / 2), [1, 0, 0]), [0, 1, 0]);
    const yaw = 0.7;
    expectVector(rotate(fromRollPitchYaw(1.1, 0, yaw), [1, 0, 0]), [Math.cos(yaw), Math.sin(yaw), 0]);
  });

  it('have a logarithm that the exponential map inverts', () => {
    fc.assert(
      fc.property(rotation, (q) => {
        const vector = toRotationVector(q);
        expect(length(vector)).toBeLessThanOrEqual(Math.PI + 1e-12);
        expect(geodesicAngle(fromRotationVector(vector), q)).toBeLessThan(1e-12);
      }),
    );
    expectVector(toRotationVector(fromRotationVector([1e-12, -2e-12, 0])), [1e-12, -2e-12, 0], 24);
  });

  it('are as far apart as the rotation between them', () => {
    fc.assert(
      fc.property(rotation, rotation, (a, b) => {
        const between = length(toRotationVector(multiply(conjugate(a), b)));
        expect(geodesicAngle(a, b)).toBeCloseTo(between, 10);
        expect(geodesicAngle(a, b.map((x) => -x) as unknown as Quaternion)).toBeCloseTo(between, 10);
      }),
    );
    expect(geodesicAngle(IDENTITY, fromAxisAngle([1, 0, 0], 1e-9))).toBeCloseTo(1e-9, 20);
  });

  it('are interpolated at constant speed, the shorter way', () => {
    fc.assert(
      fc.property(rotation, rotation, unit, (a, b, fraction) => {
        const whole = geodesicAngle(a, b);
        fc.pre(whole < 3.1);
        const part = slerp(a, b, fraction);
        expect(geodesicAngle(a, part)).toBeCloseTo(fraction * whole, 7);
        expect(geodesicAngle(part, b)).toBeCloseTo((1 - fraction) * whole, 7);
      }),
    );
    const near = fromAxisAngle([0, 1, 0], 0.3);
    expect(geodesicAngle(slerp(IDENTITY, near, 0.3), nlerp(IDENTITY, near, 0.3))).toBeLessThan(3e-4);
  });

  it('are uniform on SO(3): every axis points everywhere, with the right spread of angles', () => {
    const stream = randomStream(3, 'rotation.test');
    const count = 20_000;
    const mean: [number, number, number] = [0, 0, 0];
    let upper = 0;
    let wide = 0;
    for (let i = 0; i < count; i++) {
      const q = uniformRotation(stream.uniform(), stream.uniform(), stream.uniform());
      const axis: Vec3 = rotate(q, [0, 0, 1]);
      for (let k = 0; k < 3; k++) mean[k]! += axis[k]! / count;
      if (axis[2] > 0.5) upper++;
      if (geodesicAngle(IDENTITY, q) > Math.PI / 2) wide++;
    }
    for (const value of mean) expect(Math.abs(value)).toBeLessThan((4 * 0.577) / Math.sqrt(count));
    expect(Math.abs(upper / count - 0.25)).toBeLessThan((4 * 0.433) / Math.sqrt(count));
    // P(angle > a) = 1 - (a - sin a) / pi.
    expect(Math.abs(wide / count - (0.5 + 1 / Math.PI))).toBeLessThan((4 * 0.387) / Math.sqrt(count));
  });
});
