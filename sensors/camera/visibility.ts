import type { Image } from './image.js';
import { intersectBox, intersectCylinder, intersectSphere, MISS } from './intersection.js';
import type { Pinhole } from './pinhole.js';
import { BOX, type Scene, SPHERE, VIEW } from './scene.js';
import { boundBody, type PixelBounds } from './screen-bounds.js';

/**
 * Finds what each pixel sees: writes `depthM` and `instance` of the image.
 *
 * Body by body, each intersected analytically for the pixels within its bounds; the nearest hit stays, the earlier body
 * where two are equally near.
 *
 * @param views [bodies, VIEW] of `viewFromBodies`.
 */
export function findVisible(image: Image, camera: Pinhole, scene: Scene, views: Float64Array): void {
  image.depthM.fill(MISS);
  image.instance.fill(0);
  for (let body = 0; body < scene.kinds.length; body++) {
    const bounds = boundBody(camera, scene, body);
    if (bounds !== null) castAt(image, camera, scene, views, body, bounds);
  }
}

function castAt(
  image: Image,
  camera: Pinhole,
  scene: Scene,
  views: Float64Array,
  body: number,
  bounds: PixelBounds,
): void {
  const { columnSlopes, rowSlopes } = camera;
  const { depthM, instance, width } = image;
  const kind = scene.kinds[body]!;
  const hx = scene.sizesM[body * 3]!;
  const hy = scene.sizesM[body * 3 + 1]!;
  const hz = scene.sizesM[body * 3 + 2]!;
  const at = body * VIEW;
  const ox = views[at]!;
  const oy = views[at + 1]!;
  const oz = views[at + 2]!;
  const fx = views[at + 3]!;
  const fy = views[at + 4]!;
  const fz = views[at + 5]!;
  const lx = views[at + 6]!;
  const ly = views[at + 7]!;
  const lz = views[at + 8]!;
  const ux = views[at + 9]!;
  const uy = views[at + 10]!;
  const uz = views[at + 11]!;
  for (let row = bounds.top; row < bounds.bottom; row++) {
    const v = rowSlopes[row]!;
    const rx = fx + v * ux;
    const ry = fy + v * uy;
    const rz = fz + v * uz;
    for (let column = bounds.left; column < bounds.right; column++) {
      const u = columnSlopes[column]!;
      // Of length one along the optical axis, so that t is the depth.
      const dx = rx + u * lx;
      const dy = ry + u * ly;
      const dz = rz + u * lz;
      const t =
        kind === BOX
          ? intersectBox(hx, hy, hz, ox, oy, oz, dx, dy, dz)
          : kind === SPHERE
            ? intersectSphere(hx, ox, oy, oz, dx, dy, dz)
            : intersectCylinder(hx, hz, ox, oy, oz, dx, dy, dz);
      const pixel = row * width + column;
      if (t < depthM[pixel]!) {
        depthM[pixel] = t;
        instance[pixel] = body + 1;
      }
    }
  }
}
