import { acos, atan2, cos, sin } from './exact.js';
import { IDENTITY, multiply, normaliseQuaternion, type Quaternion } from './quaternion.js';
import { length, type Vec3 } from './vector.js';

/** Below this half angle (rad) sin(a) / a is 1 to the last bit. */
const TINY = 1e-8;

/** Returns the rotation by an angle about an axis of any length; a zero axis gives the identity. */
export function fromAxisAngle(axis: Vec3, angleRad: number): Quaternion {
  const norm = length(axis);
  if (norm === 0) return IDENTITY;
  const factor = sin(angleRad / 2) / norm;
  return [cos(angleRad / 2), axis[0] * factor, axis[1] * factor, axis[2] * factor];
}

/** Exponential map: the rotation about `vector` by its length in radians. */
export function fromRotationVector(vector: Vec3): Quaternion {
  const half = length(vector) / 2;
  const factor = half < TINY ? 0.5 : sin(half) / (2 * half);
  return [cos(half), vector[0] * factor, vector[1] * factor, vector[2] * factor];
}

/** Logarithm: the rotation vector (axis times angle, rad, at most pi long) of a unit quaternion. */
export function toRotationVector(q: Quaternion): Vec3 {
  const sign = q[0] < 0 ? -1 : 1;
  const sine = Math.sqrt(q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  const factor = sign * (sine < TINY ? 2 : (2 * atan2(sine, sign * q[0])) / sine);
  return [q[1] * factor, q[2] * factor, q[3] * factor];
}

/**
 * Returns the rotation by roll about x, then pitch about y, then yaw about z, all about the parent's fixed axes
 * (ISO 8855; with x forward, y left, z up, positive pitch is nose down and positive yaw turns left).
 */
export function fromRollPitchYaw(rollRad: number, pitchRad: number, yawRad: number): Quaternion {
  const roll: Quaternion = [cos(rollRad / 2), sin(rollRad / 2), 0, 0];
  const pitch: Quaternion = [cos(pitchRad / 2), 0, sin(pitchRad / 2), 0];
  const yaw: Quaternion = [cos(yawRad / 2), 0, 0, sin(yawRad / 2)];
  return multiply(yaw, multiply(pitch, roll));
}

/** Returns the angle (rad, 0 to pi) of the rotation that takes one orientation to the other. */
export function geodesicAngle(a: Quaternion, b: Quaternion): number {
  const w = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const x = a[0] * b[1] - a[1] * b[0] - a[2] * b[3] + a[3] * b[2];
  const y = a[0] * b[2] - a[2] * b[0] - a[3] * b[1] + a[1] * b[3];
  const z = a[0] * b[3] - a[3] * b[0] - a[1] * b[2] + a[2] * b[1];
  return 2 * atan2(Math.sqrt(x * x + y * y + z * z), Math.abs(w));
}

/** Interpolates at constant angular velocity along the shorter arc (Shoemake 1985). */
export function slerp(a: Quaternion, b: Quaternion, fraction: number): Quaternion {
  const signed = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3];
  const sign = signed < 0 ? -1 : 1;
  const cosine = Math.min(1, Math.abs(signed));
  let weightA = 1 - fraction;
  let weightB = fraction * sign;
  // Closer than 1e-4 rad the chord and the arc agree to the last bit, and the division would not.
  if (cosine < 1 - 5e-9) {
    const angle = acos(cosine);
    const sine = sin(angle);
    weightA = sin((1 - fraction) * angle) / sine;
    weightB = (sin(fraction * angle) / sine) * sign;
  }
  return normaliseQuaternion([
    a[0] * weightA + b[0] * weightB,
    a[1] * weightA + b[1] * weightB,
    a[2] * weightA + b[2] * weightB,
    a[3] * weightA + b[3] * weightB,
  ]);
}

/**
 * Maps three numbers, uniform in [0, 1), to a rotation that is uniform on SO(3) (Shoemake, Graphics Gems III, 1992).
 */
export function uniformRotation(u: number, v: number, w: number): Quaternion {
  const a = Math.sqrt(1 - u);
  const b = Math.sqrt(u);
  return [
    b * cos(2 * Math.PI * w),
    a * sin(2 * Math.PI * v),
    a * cos(2 * Math.PI * v),
    b * sin(2 * Math.PI * w),
  ];
}
