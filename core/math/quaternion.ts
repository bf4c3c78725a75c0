import { cross, type Vec3 } from './vector.js';

/** Unit quaternion in the order w x y z; rotates from the body's frame to its parent's. */
export type Quaternion = readonly [number, number, number, number];

/** Rigid transform from a body's frame to the world's: rotate, then translate. */
export interface Pose {
  readonly positionM: Vec3;
  readonly orientation: Quaternion;
}

export const IDENTITY: Quaternion = [1, 0, 0, 0];

/** Hamilton product: first `b`, then `a`. */
export function multiply(a: Quaternion, b: Quaternion): Quaternion {
  return [
    a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
    a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
    a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
    a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
  ];
}

/** Inverse of a unit quaternion. */
export function conjugate(q: Quaternion): Quaternion {
  return [q[0], -q[1], -q[2], -q[3]];
}

/** Returns `q` at unit norm; the zero quaternion becomes the identity. */
export function normaliseQuaternion(q: Quaternion): Quaternion {
  const norm = Math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]);
  if (norm === 0) return IDENTITY;
  return [q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm];
}

/** Rotates a vector from the body's frame to its parent's. */
export function rotate(q: Quaternion, v: Vec3): Vec3 {
  const axis: Vec3 = [q[1], q[2], q[3]];
  const t = cross(axis, v);
  const u = cross(axis, t);
  return [v[0] + 2 * (q[0] * t[0] + u[0]), v[1] + 2 * (q[0] * t[1] + u[1]), v[2] + 2 * (q[0] * t[2] + u[2])];
}

/**
 * Interpolates along the shorter arc by normalised linear interpolation: exact at both ends, and within 1e-4 rad of
 * slerp for arcs under 0.3 rad, which is what two neighbouring simulation steps span.
 */
export function nlerp(a: Quaternion, b: Quaternion, fraction: number): Quaternion {
  const sign = a[0] * b[0] + a[1] * b[1] + a[2] * b[2] + a[3] * b[3] < 0 ? -1 : 1;
  return normaliseQuaternion([
    a[0] + (sign * b[0] - a[0]) * fraction,
    a[1] + (sign * b[1] - a[1]) * fraction,
    a[2] + (sign * b[2] - a[2]) * fraction,
    a[3] + (sign * b[3] - a[3]) * fraction,
  ]);
}

/** Maps a point from a body's frame to the world's. */
export function transformPoint(worldFromBody: Pose, point: Vec3): Vec3 {
  const r = rotate(worldFromBody.orientation, point);
  const p = worldFromBody.positionM;
  return [r[0] + p[0], r[1] + p[1], r[2] + p[2]];
}
