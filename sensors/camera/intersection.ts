import type { Shape } from '../../scenarios/contract.js';

/** No intersection in front of the ray's origin. */
export const MISS = Number.POSITIVE_INFINITY;

/**
 * Intersects a ray with a convex primitive in the primitive's own frame.
 *
 * @returns the smallest t > 0 with origin + t * direction on the surface, seen from outside or inside; MISS otherwise.
 */
export function intersect(
  shape: Shape,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  switch (shape.kind) {
    case 'box':
      return intersectBox(
        shape.halfExtentsM[0],
        shape.halfExtentsM[1],
        shape.halfExtentsM[2],
        ox,
        oy,
        oz,
        dx,
        dy,
        dz,
      );
    case 'sphere':
      return intersectSphere(shape.radiusM, ox, oy, oz, dx, dy, dz);
    case 'cylinder':
      return intersectCylinder(shape.radiusM, shape.halfHeightM, ox, oy, oz, dx, dy, dz);
  }
}

/** The entry of an interval in front of the origin, else its exit, else a miss. */
function nearest(enter: number, leave: number): number {
  if (!(enter <= leave) || leave <= 0) return MISS;
  return enter > 0 ? enter : leave;
}

/** Slab method (Kay and Kajiya 1986). A ray inside a slab's face plane and parallel to it gives NaN, a miss. */
function intersectBox(
  hx: number,
  hy: number,
  hz: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const ix = 1 / dx;
  const iy = 1 / dy;
  const iz = 1 / dz;
  const ax = (-hx - ox) * ix;
  const bx = (hx - ox) * ix;
  const ay = (-hy - oy) * iy;
  const by = (hy - oy) * iy;
  const az = (-hz - oz) * iz;
  const bz = (hz - oz) * iz;
  let enter = ax < bx ? ax : bx;
  let leave = ax < bx ? bx : ax;
  const nearY = ay < by ? ay : by;
  const farY = ay < by ? by : ay;
  if (nearY > enter) enter = nearY;
  if (farY < leave) leave = farY;
  const nearZ = az < bz ? az : bz;
  const farZ = az < bz ? bz : az;
  if (nearZ > enter) enter = nearZ;
  if (farZ < leave) leave = farZ;
  return nearest(enter, leave);
}

function intersectSphere(
  radius: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const a = dx * dx + dy * dy + dz * dz;
  const b = ox * dx + oy * dy + oz * dz;
  // The distance of the ray's line from the centre, not b^2 - a c: no cancellation far away (Hearn and Baker).
  const s = b / a;
  const px = ox - s * dx;
  const py = oy - s * dy;
  const pz = oz - s * dz;
  const discriminant = radius * radius - (px * px + py * py + pz * pz);
  if (discriminant < 0) return MISS;
  const half = Math.sqrt(discriminant / a);
  return nearest(-s - half, -s + half);
}

/** A solid cylinder about z: its round side and its slab. */
function intersectCylinder(
  radius: number,
  halfHeight: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const a = dx * dx + dy * dy;
  let enter = Number.NEGATIVE_INFINITY;
  let leave = Number.POSITIVE_INFINITY;
  if (a === 0) {
    if (ox * ox + oy * oy > radius * radius) return MISS;
  } else {
    const s = (ox * dx + oy * dy) / a;
    const px = ox - s * dx;
    const py = oy - s * dy;
    const discriminant = radius * radius - (px * px + py * py);
    if (discriminant < 0) return MISS;
    const half = Math.sqrt(discriminant / a);
    enter = -s - half;
    leave = -s + half;
  }
  const iz = 1 / dz;
  const az = (-halfHeight - oz) * iz;
  const bz = (halfHeight - oz) * iz;
  const near = az < bz ? az : bz;
  const far = az < bz ? bz : az;
  return nearest(near > enter ? near : enter, far < leave ? far : leave);
}

/**
 * Writes the outward unit normal at a point on a primitive's surface, in its own frame.
 *
 * @param normal [3], overwritten.
 */
export function surfaceNormal(normal: Float64Array, shape: Shape, x: number, y: number, z: number): void {
  normal.fill(0);
  switch (shape.kind) {
    case 'sphere':
      normal[0] = x / shape.radiusM;
      normal[1] = y / shape.radiusM;
      normal[2] = z / shape.radiusM;
      return;
    case 'box': {
      const [hx, hy, hz] = shape.halfExtentsM;
      const gapX = hx - Math.abs(x);
      const gapY = hy - Math.abs(y);
      const gapZ = hz - Math.abs(z);
      if (gapX <= gapY && gapX <= gapZ) normal[0] = x < 0 ? -1 : 1;
      else if (gapY <= gapZ) normal[1] = y < 0 ? -1 : 1;
      else normal[2] = z < 0 ? -1 : 1;
      return;
    }
    case 'cylinder': {
      const radial = Math.sqrt(x * x + y * y);
      if (shape.halfHeightM - Math.abs(z) < shape.radiusM - radial) {
        normal[2] = z < 0 ? -1 : 1;
      } else {
        normal[0] = x / radial;
        normal[1] = y / radial;
      }
    }
  }
}
