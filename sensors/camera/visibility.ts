import type { Image } from './image.js';
import { intersectBox, intersectCylinder, intersectSphere, MISS } from './intersection.js';
import type { Pinhole } from './pinhole.js';
import { alongAxis, BOX, type Scene, SPHERE } from './scene.js';
import { boundBody, type PixelBounds } from './screen-bounds.js';

/**
 * Finds what each pixel sees: writes `depthM` and `instance` of the image.
 *
 * Body by body, each intersected analytically for the pixels within its bounds; the nearest hit stays, the earlier body
 * where two are equally near.
 */
export function findVisible(image: Image, camera: Pinhole, scene: Scene): void {
  image.depthM.fill(MISS);
  image.instance.fill(0);
  for (let body = 0; body < scene.kinds.length; body++) {
    const bounds = boundBody(camera, scene, body);
    if (bounds !== null) castAt(image, camera, scene, body, bounds);
  }
}

function castAt(image: Image, camera: Pinhole, scene: Scene, body: number, bounds: PixelBounds): void {
  const { forward, left, up, columnSlopes, rowSlopes } = camera;
  const { depthM, instance, width } = image;
  const kind = scene.kinds[body]!;
  const hx = scene.sizesM[body * 3]!;
  const hy = scene.sizesM[body * 3 + 1]!;
  const hz = scene.sizesM[body * 3 + 2]!;
  const x = camera.positionM[0] - scene.positionsM[body * 3]!;
  const y = camera.positionM[1] - scene.positionsM[body * 3 + 1]!;
  const z = camera.positionM[2] - scene.positionsM[body * 3 + 2]!;
  const ox = alongAxis(scene, body, 0, x, y, z);
  const oy = alongAxis(scene, body, 1, x, y, z);
  const oz = alongAxis(scene, body, 2, x, y, z);
  const fx = alongAxis(scene, body, 0, ...forward);
  const fy = alongAxis(scene, body, 1, ...forward);
  const fz = alongAxis(scene, body, 2, ...forward);
  const lx = alongAxis(scene, body, 0, ...left);
  const ly = alongAxis(scene, body, 1, ...left);
  const lz = alongAxis(scene, body, 2, ...left);
  const ux = alongAxis(scene, body, 0, ...up);
  const uy = alongAxis(scene, body, 1, ...up);
  const uz = alongAxis(scene, body, 2, ...up);
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
