import { intersectBox, intersectCylinder, intersectSphere } from './intersection.js';
import { intersectCapsule, intersectCone } from './intersection-round.js';
import { intersectMesh } from './mesh-intersection.js';
import { BOX, CAPSULE, CONE, CYLINDER, type Scene, SPHERE } from './scene.js';

/** Place of the triangle that the last ray at a mesh met. */
export const meshHit = new Int32Array(1);

/**
 * Intersects a ray with a body of any shape, in the body's frame.
 *
 * @param tMost a mesh is not searched beyond; other shapes take no notice.
 * @returns the smallest t > 0 with o + t d on the surface, seen from outside or inside; MISS otherwise.
 */
export function intersectBody(
  { kinds, sizesM, meshes }: Scene,
  body: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
  tMost: number,
): number {
  const hx = sizesM[body * 3]!;
  const hz = sizesM[body * 3 + 2]!;
  switch (kinds[body]) {
    case BOX:
      return intersectBox(hx, sizesM[body * 3 + 1]!, hz, ox, oy, oz, dx, dy, dz);
    case SPHERE:
      return intersectSphere(hx, ox, oy, oz, dx, dy, dz);
    case CYLINDER:
      return intersectCylinder(hx, hz, ox, oy, oz, dx, dy, dz);
    case CAPSULE:
      return intersectCapsule(hx, hz - hx, ox, oy, oz, dx, dy, dz);
    case CONE:
      return intersectCone(hx, hz, ox, oy, oz, dx, dy, dz);
    default:
      return intersectMesh(meshes[body]!, ox, oy, oz, dx, dy, dz, tMost, meshHit);
  }
}
