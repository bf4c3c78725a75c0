import type { Vec3 } from '../../core/math/vector.js';
import { intersectBody } from './body-ray.js';
import { meshOccludes } from './mesh-intersection.js';
import { type Scene, SPHERE } from './scene.js';

/** Shadow rays start this far off the surface, so that two faces in one plane do not speckle each other, m. */
export const BIAS_M = 1e-6;
/** Casters are sought this far towards the sun, m. */
const FAR_M = 1e7;

/** A sun or a lamp. */
export interface Light {
  /** Of a sun: unit vector towards it; of a lamp: where it is, m. World frame. */
  readonly place: Vec3;
  readonly distant: boolean;
  /** Of a sun: the tangent of its angular radius; of a lamp: its radius, m. 0 casts hard shadows. */
  readonly radius: number;
  /** Radiance that a white surface facing the light sends back: of a sun anywhere, of a lamp from 1 m away. Linear RGB. */
  readonly colour: Vec3;
}

/** Tells whether a body stands in the way of a ray of the world, before tMost; t > 0 in units of the direction's length. */
export function bodyOccludes(
  scene: Scene,
  body: number,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
  tMost: number,
): boolean {
  const { positionsM, axes, present } = scene;
  if (present[body] === 0) return false;
  const at = body * 3;
  const turn = body * 9;
  const rx = x - positionsM[at]!;
  const ry = y - positionsM[at + 1]!;
  const rz = z - positionsM[at + 2]!;
  const ox = axes[turn]! * rx + axes[turn + 1]! * ry + axes[turn + 2]! * rz;
  const oy = axes[turn + 3]! * rx + axes[turn + 4]! * ry + axes[turn + 5]! * rz;
  const oz = axes[turn + 6]! * rx + axes[turn + 7]! * ry + axes[turn + 8]! * rz;
  const ex = axes[turn]! * dx + axes[turn + 1]! * dy + axes[turn + 2]! * dz;
  const ey = axes[turn + 3]! * dx + axes[turn + 4]! * dy + axes[turn + 5]! * dz;
  const ez = axes[turn + 6]! * dx + axes[turn + 7]! * dy + axes[turn + 8]! * dz;
  const mesh = scene.meshes[body];
  if (mesh) return meshOccludes(mesh, ox, oy, oz, ex, ey, ez, tMost);
  return intersectBody(scene, body, ox, oy, oz, ex, ey, ez, tMost) < tMost;
}

/** Radius of a sphere about a body's origin that holds it, m. */
export function reachOf({ kinds, sizesM }: Scene, body: number): number {
  const at = body * 3;
  const x = sizesM[at]!;
  const y = sizesM[at + 1]!;
  const z = sizesM[at + 2]!;
  return kinds[body] === SPHERE ? x : Math.sqrt(x * x + y * y + z * z);
}

/** Tells whether a body's origin stays further than `reach` from the cone between a point and a light. */
export function gapBeyond(
  { positionsM }: Scene,
  body: number,
  reach: number,
  x: number,
  y: number,
  z: number,
  { place, distant, radius }: Light,
): boolean {
  const bx = positionsM[body * 3]! - x;
  const by = positionsM[body * 3 + 1]! - y;
  const bz = positionsM[body * 3 + 2]! - z;
  const ux = distant ? place[0] * FAR_M : place[0] - x;
  const uy = distant ? place[1] * FAR_M : place[1] - y;
  const uz = distant ? place[2] * FAR_M : place[2] - z;
  const squared = ux * ux + uy * uy + uz * uz;
  const share = squared === 0 ? 0 : (bx * ux + by * uy + bz * uz) / squared;
  const along = share < 0 ? 0 : share > 1 ? 1 : share;
  const gapX = bx - along * ux;
  const gapY = by - along * uy;
  const gapZ = bz - along * uz;
  // The cone is widest where the body, which reaches to both sides, is nearest to the light.
  const spread = distant ? radius * (along * FAR_M + reach) : radius;
  const limit = reach + spread;
  return gapX * gapX + gapY * gapY + gapZ * gapZ > limit * limit;
}

/**
 * Tells whether all rays from a point to a light stay on one side of the box along a body's axes that holds it: a wide floor
 * under the point, which a sphere about it does not tell.
 */
export function passesBox(
  { positionsM, axes, sizesM }: Scene,
  body: number,
  x: number,
  y: number,
  z: number,
  { place, distant, radius }: Light,
): boolean {
  const bx = x - positionsM[body * 3]!;
  const by = y - positionsM[body * 3 + 1]!;
  const bz = z - positionsM[body * 3 + 2]!;
  const ux = distant ? place[0] : place[0] - x;
  const uy = distant ? place[1] : place[1] - y;
  const uz = distant ? place[2] : place[2] - z;
  for (let axis = 0; axis < 3; axis++) {
    const k = body * 9 + axis * 3;
    const from = axes[k]! * bx + axes[k + 1]! * by + axes[k + 2]! * bz;
    const side = from < 0 ? -1 : 1;
    const beyond = side * from - sizesM[body * 3 + axis]!;
    if (!(beyond > 0)) continue;
    // How far from the box's side the rays end at the least; a sun's go on for ever, outwards or along.
    const away = side * (axes[k]! * ux + axes[k + 1]! * uy + axes[k + 2]! * uz) - radius;
    if (distant ? away >= 0 : beyond + away > 0) return true;
  }
  return false;
}
