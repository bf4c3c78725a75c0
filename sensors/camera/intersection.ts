/** No intersection in front of the ray's origin. */
export const MISS = Number.POSITIVE_INFINITY;

// The functions take plain numbers, with the ray in the body's own frame, and stay small: V8 inlines them into the pixel
// loops, where a call would box every argument.

/** The entry of an interval in front of the origin, else its exit, else a miss. A bound that is NaN is a miss. */
function nearest(enter: number, leave: number): number {
  if (!(enter <= leave) || leave <= 0) return MISS;
  return enter > 0 ? enter : leave;
}

/**
 * Intersects a ray with a box of half extents hx, hy, hz about the origin (slab method, Kay and Kajiya 1986).
 *
 * @returns the smallest t > 0 with o + t d on the surface, seen from outside or inside; MISS otherwise. A ray in the
 * plane of a face and parallel to it misses.
 */
export function intersectBox(
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
  // Plus 0 turns -0 into 0: parallel to a face, the slab is then all or nothing, never NaN in a bound that counts.
  const ix = 1 / (dx + 0);
  const iy = 1 / (dy + 0);
  const iz = 1 / (dz + 0);
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

/**
 * Intersects a ray with a sphere about the origin.
 *
 * @returns the smallest t > 0 with o + t d on the surface, seen from outside or inside; MISS otherwise.
 */
export function intersectSphere(
  radius: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const a = dx * dx + dy * dy + dz * dz;
  // From the point of the line nearest to the centre: b^2 - a c would cancel far away.
  const s = (ox * dx + oy * dy + oz * dz) / a;
  const px = ox - s * dx;
  const py = oy - s * dy;
  const pz = oz - s * dz;
  const discriminant = radius * radius - (px * px + py * py + pz * pz);
  if (discriminant < 0) return MISS;
  const half = Math.sqrt(discriminant / a);
  return nearest(-s - half, -s + half);
}

/**
 * Intersects a ray with a closed cylinder about the z axis, from -halfHeight to halfHeight.
 *
 * @returns the smallest t > 0 with o + t d on the surface, seen from outside or inside; MISS otherwise.
 */
export function intersectCylinder(
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
  // Along the axis the line keeps its distance: it is in the round wall for all t, or never.
  const s = a === 0 ? 0 : (ox * dx + oy * dy) / a;
  const px = ox - s * dx;
  const py = oy - s * dy;
  const discriminant = radius * radius - (px * px + py * py);
  if (discriminant < 0) return MISS;
  const half = a === 0 ? MISS : Math.sqrt(discriminant / a);
  const iz = 1 / (dz + 0);
  const az = (-halfHeight - oz) * iz;
  const bz = (halfHeight - oz) * iz;
  const near = az < bz ? az : bz;
  const far = az < bz ? bz : az;
  const enter = -s - half;
  const leave = -s + half;
  return nearest(near > enter ? near : enter, far < leave ? far : leave);
}
