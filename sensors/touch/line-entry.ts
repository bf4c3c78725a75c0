import type { Shape } from '../../core/shape.js';

/**
 * Returns where a line enters a solid: the least `t` at which `p + t d` is inside, negative where `p` is already past it;
 * Infinity where the line misses. Body frame, m.
 *
 * The line has no beginning, so that a point that is buried in the solid gets minus its depth along the line. A hollow
 * solid is entered from outside. Meshes are not looked at (Infinity).
 */
export function lineEntry(
  shape: Shape,
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  switch (shape.kind) {
    case 'box':
      return enterBox(shape.halfExtentsM, px, py, pz, dx, dy, dz);
    case 'sphere':
      return enterSphere(shape.radiusM, px, py, pz, dx, dy, dz);
    case 'cylinder':
      return enterCylinder(shape.radiusM, shape.halfHeightM, px, py, pz, dx, dy, dz);
    case 'capsule':
      return enterCapsule(shape.radiusM, shape.halfHeightM, px, py, pz, dx, dy, dz);
    case 'cone':
      return enterCone(shape.radiusM, shape.halfHeightM, px, py, pz, dx, dy, dz);
    case 'mesh':
      return Number.POSITIVE_INFINITY;
  }
}

const MISS = Number.POSITIVE_INFINITY;

function enterBox(
  [hx, hy, hz]: readonly [number, number, number],
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const enter = Math.max(slabEntry(hx, px, dx), slabEntry(hy, py, dy), slabEntry(hz, pz, dz));
  const leave = Math.min(slabExit(hx, px, dx), slabExit(hy, py, dy), slabExit(hz, pz, dz));
  return enter <= leave ? enter : MISS;
}

/** Where a line comes within +-h along one axis; Infinity where it never is. */
function slabEntry(h: number, p: number, d: number): number {
  if (d === 0) return p < -h || p > h ? MISS : -MISS;
  return (d > 0 ? -h - p : h - p) / d;
}

/** Where it leaves again. */
function slabExit(h: number, p: number, d: number): number {
  if (d === 0) return MISS;
  return (d > 0 ? h - p : -h - p) / d;
}

function enterSphere(
  r: number,
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const along = px * dx + py * dy + pz * dz;
  const square = along * along - (px * px + py * py + pz * pz - r * r);
  return square < 0 ? MISS : -along - Math.sqrt(square);
}

function enterCylinder(
  r: number,
  h: number,
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const enter = slabEntry(h, pz, dz);
  const leave = slabExit(h, pz, dz);
  const a = dx * dx + dy * dy;
  const c = px * px + py * py - r * r;
  if (a < 1e-24) return c <= 0 && enter <= leave ? enter : MISS;
  const b = px * dx + py * dy;
  const square = b * b - a * c;
  if (square < 0) return MISS;
  const root = Math.sqrt(square);
  const first = Math.max(enter, (-b - root) / a);
  return first <= Math.min(leave, (-b + root) / a) ? first : MISS;
}

/** A convex union is entered where the first of its parts is. */
function enterCapsule(
  r: number,
  h: number,
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  return Math.min(
    enterCylinder(r, h, px, py, pz, dx, dy, dz),
    enterSphere(r, px, py, pz - h, dx, dy, dz),
    enterSphere(r, px, py, pz + h, dx, dy, dz),
  );
}

/** Points within a cone have x2 + y2 <= k2 (h - z)2 and |z| <= h, k = r / 2 h. */
function enterCone(
  r: number,
  h: number,
  px: number,
  py: number,
  pz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const k2 = (r / (2 * h)) * (r / (2 * h));
  const q = h - pz;
  const a = dx * dx + dy * dy - k2 * dz * dz;
  const b = px * dx + py * dy + k2 * q * dz;
  const c = px * px + py * py - k2 * q * q;
  let first = MISS;
  const consider = (t: number): void => {
    const z = pz + t * dz;
    if (z >= -h * (1 + 1e-12) && z <= h) first = Math.min(first, t);
  };
  if (Math.abs(a) < 1e-15) {
    if (b !== 0) consider(-c / (2 * b));
  } else if (b * b - a * c >= 0) {
    const root = Math.sqrt(b * b - a * c);
    consider((-b - root) / a);
    consider((-b + root) / a);
  }
  if (dz !== 0) {
    const t = (-h - pz) / dz;
    const [x, y] = [px + t * dx, py + t * dy];
    if (x * x + y * y <= r * r) first = Math.min(first, t);
  }
  return first;
}
