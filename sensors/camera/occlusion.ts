import { intersectBody } from './body-ray.js';
import { meshOccludes } from './mesh-intersection.js';
import { type Scene, SPHERE } from './scene.js';

/** Shadow rays start this far off the surface, so that two faces in one plane do not speckle each other, m. */
export const BIAS_M = 1e-6;

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
