import { MISS } from './intersection.js';

/** Where a line is within a convex body: [enter, leave] in `span`, enter > leave where it misses. */
const span = new Float64Array(2);

/**
 * Intersects a ray with a capsule about the z axis: a cylinder from -halfHeight to halfHeight with round ends.
 *
 * @returns the smallest t > 0 with o + t d on the surface, seen from outside or inside; MISS otherwise.
 */
export function intersectCapsule(
  radius: number,
  halfHeight: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  // The line is within the capsule from where it enters the first of three convex parts to where it leaves the last.
  let enter = MISS;
  let leave = -MISS;
  cylinderSpan(radius, halfHeight, ox, oy, oz, dx, dy, dz);
  for (let part = 0; part < 3; part++) {
    if (part > 0) sphereSpan(radius, ox, oy, oz + (part === 1 ? halfHeight : -halfHeight), dx, dy, dz);
    if (!(span[0]! <= span[1]!)) continue;
    if (span[0]! < enter) enter = span[0]!;
    if (span[1]! > leave) leave = span[1]!;
  }
  return enter > 0 ? enter : leave > 0 ? leave : MISS;
}

/**
 * Intersects a ray with a closed cone about the z axis: its base at -halfHeight, its tip at halfHeight.
 *
 * @returns the smallest t > 0 with o + t d on the surface, seen from outside or inside; MISS otherwise.
 */
export function intersectCone(
  radius: number,
  halfHeight: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const slope = radius / (2 * halfHeight);
  // Height below the tip; the wall is x^2 + y^2 = (slope h)^2 with h >= 0.
  const h = halfHeight - oz;
  const a = dx * dx + dy * dy - slope * slope * dz * dz;
  const b = ox * dx + oy * dy + slope * slope * h * dz;
  const c = ox * ox + oy * oy - slope * slope * h * h;
  let nearest = MISS;
  const discriminant = b * b - a * c;
  if (discriminant >= 0) {
    const root = Math.sqrt(discriminant);
    // Without cancellation: q / a and c / q.
    const q = b > 0 ? -b - root : -b + root;
    for (let index = 0; index < 2; index++) {
      const t = index === 0 ? q / a : c / q;
      if (!(t > 0) || t >= nearest) continue;
      const below = h - t * dz;
      if (below >= 0 && below <= 2 * halfHeight) nearest = t;
    }
  }
  const base = (-halfHeight - oz) / (dz + 0);
  if (base > 0 && base < nearest) {
    const x = ox + base * dx;
    const y = oy + base * dy;
    if (x * x + y * y <= radius * radius) nearest = base;
  }
  return nearest;
}

function sphereSpan(
  radius: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): void {
  const a = dx * dx + dy * dy + dz * dz;
  const s = (ox * dx + oy * dy + oz * dz) / a;
  const px = ox - s * dx;
  const py = oy - s * dy;
  const pz = oz - s * dz;
  const half = Math.sqrt((radius * radius - (px * px + py * py + pz * pz)) / a);
  span[0] = -s - half;
  span[1] = -s + half;
}

function cylinderSpan(
  radius: number,
  halfHeight: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): void {
  const a = dx * dx + dy * dy;
  const s = a === 0 ? 0 : (ox * dx + oy * dy) / a;
  const px = ox - s * dx;
  const py = oy - s * dy;
  const inside = radius * radius - (px * px + py * py);
  const half = a === 0 ? (inside >= 0 ? MISS : Number.NaN) : Math.sqrt(inside / a);
  const iz = 1 / (dz + 0);
  const az = (-halfHeight - oz) * iz;
  const bz = (halfHeight - oz) * iz;
  const near = az < bz ? az : bz;
  const far = az < bz ? bz : az;
  span[0] = near > -s - half ? near : -s - half;
  span[1] = far < -s + half ? far : -s + half;
}
