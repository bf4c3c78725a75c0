import { intersectBody, meshHit } from './body-ray.js';
import type { Image } from './image.js';
import { meshNormal } from './mesh-intersection.js';
import type { Pinhole } from './pinhole.js';
import { BOX, CAPSULE, CONE, CYLINDER, MESH, type Scene, SPHERE, VIEW } from './scene.js';

/** The normal that `bodyNormal` found, in the body's frame. */
export const found = new Float64Array(3);

/** Writes to `found` the outward normal of a primitive at a point on it, in the body's frame. */
export function bodyNormal({ kinds, sizesM }: Scene, body: number, x: number, y: number, z: number): void {
  const hx = sizesM[body * 3]!;
  const hz = sizesM[body * 3 + 2]!;
  const kind = kinds[body]!;
  let nx = 0;
  let ny = 0;
  let nz = 0;
  if (kind === BOX) {
    const gapX = hx - Math.abs(x);
    const gapY = sizesM[body * 3 + 1]! - Math.abs(y);
    const gapZ = hz - Math.abs(z);
    if (gapX <= gapY && gapX <= gapZ) nx = x < 0 ? -1 : 1;
    else if (gapY <= gapZ) ny = y < 0 ? -1 : 1;
    else nz = z < 0 ? -1 : 1;
  } else {
    // Of a ball from its centre, of a capsule from the nearest point of its axis.
    const straight = hz - hx;
    const above =
      kind === SPHERE
        ? z
        : kind === CAPSULE
          ? z > straight
            ? z - straight
            : z < -straight
              ? z + straight
              : 0
          : 0;
    const radial = Math.sqrt(x * x + y * y + above * above);
    if (kind === CYLINDER && hz - Math.abs(z) < hx - radial) nz = z < 0 ? -1 : 1;
    else if (kind === CONE) {
      const slope = hx / (2 * hz);
      const scale = 1 / Math.sqrt(1 + slope * slope);
      // The wall or the base, whichever is nearer.
      if (radial === 0 || z + hz < (slope * (hz - z) - radial) * scale) nz = z < 0 ? -1 : 1;
      else {
        nx = (x / radial) * scale;
        ny = (y / radial) * scale;
        nz = slope * scale;
      }
    } else {
      nx = x / radial;
      ny = y / radial;
      nz = above / radial;
    }
  }
  found[0] = nx;
  found[1] = ny;
  found[2] = nz;
}

/** Writes to `found` the normal of the triangle of a mesh that a ray meets, on the side that it comes from. Body frame. */
export function meshNormalAlong(
  scene: Scene,
  body: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): void {
  intersectBody(scene, body, ox, oy, oz, dx, dy, dz, Number.POSITIVE_INFINITY);
  meshNormal(scene.meshes[body]!, meshHit[0]!, dx, dy, dz, found);
}

/**
 * Writes the normals of what an image's rows show, in the camera's frame.
 *
 * @param normal [height, width, 3]; zeros stay where there is nothing.
 * @param views [bodies, VIEW] of `viewFromBodies`.
 */
export function findNormals(
  normal: Float32Array,
  { instance, depthM, width, top, bottom }: Image,
  { columnSlopes, rowSlopes, bent }: Pinhole,
  scene: Scene,
  views: Float64Array,
): void {
  for (let row = top; row < bottom; row++) {
    for (let column = 0; column < width; column++) {
      const pixel = row * width + column;
      const body = instance[pixel]! - 1;
      if (body < 0) continue;
      const u = bent === null ? columnSlopes[column]! : bent.u[pixel]!;
      const v = bent === null ? rowSlopes[row]! : bent.v[pixel]!;
      const t = depthM[pixel]!;
      const at = body * VIEW;
      const ox = views[at]!;
      const oy = views[at + 1]!;
      const oz = views[at + 2]!;
      const dx = views[at + 3]! + u * views[at + 6]! + v * views[at + 9]!;
      const dy = views[at + 4]! + u * views[at + 7]! + v * views[at + 10]!;
      const dz = views[at + 5]! + u * views[at + 8]! + v * views[at + 11]!;
      if (scene.kinds[body] === MESH) meshNormalAlong(scene, body, ox, oy, oz, dx, dy, dz);
      else bodyNormal(scene, body, ox + t * dx, oy + t * dy, oz + t * dz);
      const x = found[0]!;
      const y = found[1]!;
      const z = found[2]!;
      normal[pixel * 3] = x * views[at + 3]! + y * views[at + 4]! + z * views[at + 5]!;
      normal[pixel * 3 + 1] = x * views[at + 6]! + y * views[at + 7]! + z * views[at + 8]!;
      normal[pixel * 3 + 2] = x * views[at + 9]! + y * views[at + 10]! + z * views[at + 11]!;
    }
  }
}
