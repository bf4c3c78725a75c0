/**
 * Axes are x forward, y left, z up, right-handed, in every frame of umwelt, the camera's included (its optical axis is
 * its +x). Lengths are metres.
 */
export type Vec3 = readonly [number, number, number];

export const ZERO: Vec3 = [0, 0, 0];

export function add(a: Vec3, b: Vec3): Vec3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

export function subtract(a: Vec3, b: Vec3): Vec3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

export function scale(a: Vec3, factor: number): Vec3 {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

export function dot(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function cross(a: Vec3, b: Vec3): Vec3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** Euclidean length (exact on every machine: no Math.hypot). */
export function length(a: Vec3): number {
  return Math.sqrt(dot(a, a));
}

/** Returns `a` at length one; a zero vector comes back unchanged. */
export function normalise(a: Vec3): Vec3 {
  const norm = length(a);
  return norm === 0 ? a : scale(a, 1 / norm);
}

/** Linear interpolation: `a` at fraction 0, `b` at fraction 1. */
export function lerp(a: Vec3, b: Vec3, fraction: number): Vec3 {
  return [a[0] + (b[0] - a[0]) * fraction, a[1] + (b[1] - a[1]) * fraction, a[2] + (b[2] - a[2]) * fraction];
}
