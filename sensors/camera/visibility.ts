import { intersectBody } from './body-ray.js';
import type { Image } from './image.js';
import { intersectBox, intersectCylinder, intersectSphere, MISS } from './intersection.js';
import type { Pinhole } from './pinhole.js';
import { BOX, CYLINDER, type Scene, SPHERE, VIEW } from './scene.js';
import { boundBody, type PixelBounds } from './screen-bounds.js';

/** What each body would show if it were alone; of bodies out of sight nothing is written. */
export interface Coverage {
  /** [bodies] pixels. */
  readonly pixels: Int32Array;
  /** [bodies, 4] first column, first row, last column, last row that show it. */
  readonly boxes: Int32Array;
}

/**
 * Finds what each pixel sees: writes `depthM` and `instance` in the rows `image.top` to `image.bottom`.
 *
 * Body by body, each intersected analytically for the pixels within its bounds; the nearest hit stays, the earlier body
 * where two are equally near.
 *
 * @param views [bodies, VIEW] of `viewFromBodies`.
 * @param coverage added to; null where nobody asks.
 */
export function findVisible(
  image: Image,
  camera: Pinhole,
  scene: Scene,
  views: Float64Array,
  coverage: Coverage | null = null,
): void {
  image.depthM.fill(MISS, image.top * image.width, image.bottom * image.width);
  image.instance.fill(0, image.top * image.width, image.bottom * image.width);
  for (let body = 0; body < scene.kinds.length; body++) {
    if (scene.present[body] === 0) continue;
    const seen = boundBody(camera, scene, body);
    if (seen === null) continue;
    const bounds = {
      ...seen,
      top: Math.max(seen.top, image.top),
      bottom: Math.min(seen.bottom, image.bottom),
    };
    if (camera.bent === null && scene.kinds[body]! <= CYLINDER)
      castStraight(image, camera, scene, views, body, bounds, coverage);
    else castAny(image, camera, scene, views, body, bounds, coverage);
  }
}

/** The commonest case on its own, so that its loop stays short: a pinhole and a box, sphere or cylinder. */
function castStraight(
  image: Image,
  camera: Pinhole,
  scene: Scene,
  views: Float64Array,
  body: number,
  bounds: PixelBounds,
  coverage: Coverage | null,
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
    let count = 0;
    let first = 0;
    let last = 0;
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
      if (t === MISS) continue;
      if (count === 0) first = column;
      last = column;
      count += 1;
      const pixel = row * width + column;
      if (t < depthM[pixel]!) {
        depthM[pixel] = t;
        instance[pixel] = body + 1;
      }
    }
    if (coverage !== null && count > 0) cover(coverage, body, row, first, last, count);
  }
}

/** Any lens and any shape; counts coverage where it is asked for. */
function castAny(
  image: Image,
  { columnSlopes, rowSlopes, bent }: Pinhole,
  scene: Scene,
  views: Float64Array,
  body: number,
  bounds: PixelBounds,
  coverage: Coverage | null,
): void {
  const { depthM, instance, width } = image;
  const at = body * VIEW;
  const ox = views[at]!;
  const oy = views[at + 1]!;
  const oz = views[at + 2]!;
  for (let row = bounds.top; row < bounds.bottom; row++) {
    for (let column = bounds.left; column < bounds.right; column++) {
      const pixel = row * width + column;
      const u = bent === null ? columnSlopes[column]! : bent.u[pixel]!;
      const v = bent === null ? rowSlopes[row]! : bent.v[pixel]!;
      if (Number.isNaN(u)) continue;
      const dx = views[at + 3]! + v * views[at + 9]! + u * views[at + 6]!;
      const dy = views[at + 4]! + v * views[at + 10]! + u * views[at + 7]!;
      const dz = views[at + 5]! + v * views[at + 11]! + u * views[at + 8]!;
      const t = intersectBody(scene, body, ox, oy, oz, dx, dy, dz, MISS);
      if (t === MISS) continue;
      if (coverage !== null) cover(coverage, body, row, column, column, 1);
      if (t < depthM[pixel]!) {
        depthM[pixel] = t;
        instance[pixel] = body + 1;
      }
    }
  }
}

/** Adds pixels of a row that show a body, from its first column to its last; rows come from the top. */
export function cover(
  { pixels, boxes }: Coverage,
  body: number,
  row: number,
  first: number,
  last: number,
  count: number,
): void {
  const at = body * 4;
  if (pixels[body] === 0) {
    boxes[at] = first;
    boxes[at + 1] = row;
    boxes[at + 2] = last;
  }
  pixels[body]! += count;
  if (first < boxes[at]!) boxes[at] = first;
  if (last > boxes[at + 2]!) boxes[at + 2] = last;
  boxes[at + 3] = row;
}
