import type { BentRays } from './bent-rays.js';
import type { Pinhole } from './pinhole.js';
import { type Scene, SPHERE } from './scene.js';

/** Part of an image, in pixels; `right` and `bottom` are exclusive. */
export interface PixelBounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Slack in pixels, so that rounding drops no pixel on an outline. */
const MARGIN_PX = 1e-6;
/** Slack in slopes. */
const MARGIN = 1e-9;

/** Bounds the image of a body: null when no pixel's centre can show it. */
export function boundBody(camera: Pinhole, scene: Scene, body: number): PixelBounds | null {
  const { forward, left, up, positionM } = camera;
  const at = body * 3;
  const x = scene.positionsM[at]! - positionM[0];
  const y = scene.positionsM[at + 1]! - positionM[1];
  const z = scene.positionsM[at + 2]! - positionM[2];
  const depth = forward[0] * x + forward[1] * y + forward[2] * z;
  const aside = left[0] * x + left[1] * y + left[2] * z;
  const above = up[0] * x + up[1] * y + up[2] * z;
  if (scene.kinds[body] === SPHERE) {
    const radius = scene.sizesM[at]!;
    if (depth <= -radius) return null;
    const [uMin, uMax] = tangentSlopes(depth, aside, radius);
    const [vMin, vMax] = tangentSlopes(depth, above, radius);
    return pixelBounds(camera, uMin, uMax, vMin, vMax);
  }
  return boundCorners(camera, scene, body, depth, aside, above);
}

/** Slopes of the tangents from the origin to a circle at (x, y); unbounded when the circle reaches beside the origin. */
function tangentSlopes(x: number, y: number, radius: number): readonly [number, number] {
  if (x <= radius) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const denominator = x * x - radius * radius;
  const root = radius * Math.sqrt(x * x + y * y - radius * radius);
  return [(x * y - root) / denominator, (x * y + root) / denominator];
}

/** Bounds the corners of the box about a body; the whole image when some lie behind the camera. */
function boundCorners(
  camera: Pinhole,
  scene: Scene,
  body: number,
  depth: number,
  aside: number,
  above: number,
): PixelBounds | null {
  const { forward, left, up } = camera;
  let uMin = Number.POSITIVE_INFINITY;
  let uMax = Number.NEGATIVE_INFINITY;
  let vMin = Number.POSITIVE_INFINITY;
  let vMax = Number.NEGATIVE_INFINITY;
  let inFront = 0;
  for (let corner = 0; corner < 8; corner++) {
    let x = depth;
    let y = aside;
    let z = above;
    for (let axis = 0; axis < 3; axis++) {
      const at = body * 9 + axis * 3;
      const size = (corner >> axis) & 1 ? scene.sizesM[body * 3 + axis]! : -scene.sizesM[body * 3 + axis]!;
      const ax = scene.axes[at]! * size;
      const ay = scene.axes[at + 1]! * size;
      const az = scene.axes[at + 2]! * size;
      x += forward[0] * ax + forward[1] * ay + forward[2] * az;
      y += left[0] * ax + left[1] * ay + left[2] * az;
      z += up[0] * ax + up[1] * ay + up[2] * az;
    }
    if (x <= 0) continue;
    inFront += 1;
    const u = y / x;
    const v = z / x;
    if (u < uMin) uMin = u;
    if (u > uMax) uMax = u;
    if (v < vMin) vMin = v;
    if (v > vMax) vMax = v;
  }
  if (inFront === 0) return null;
  if (inFront === 8) return pixelBounds(camera, uMin, uMax, vMin, vMax);
  return { left: 0, right: camera.width, top: 0, bottom: camera.height };
}

/** Slopes grow to the left and to the top, pixel indices to the right and to the bottom. */
function pixelBounds(
  { width, height, focalPx, principalPx, bent }: Pinhole,
  uMin: number,
  uMax: number,
  vMin: number,
  vMax: number,
): PixelBounds | null {
  if (bent !== null) return bentBounds(bent, uMin, uMax, vMin, vMax);
  const [centreX, centreY] = principalPx;
  const left = Math.max(0, Math.ceil(centreX - uMax * focalPx - 0.5 - MARGIN_PX));
  const right = Math.min(width, Math.floor(centreX - uMin * focalPx - 0.5 + MARGIN_PX) + 1);
  const top = Math.max(0, Math.ceil(centreY - vMax * focalPx - 0.5 - MARGIN_PX));
  const bottom = Math.min(height, Math.floor(centreY - vMin * focalPx - 0.5 + MARGIN_PX) + 1);
  return left < right && top < bottom ? { left, right, top, bottom } : null;
}

/** The columns and rows of a lens whose rays reach into the bounds. */
function bentBounds(
  { columns, rows }: BentRays,
  uMin: number,
  uMax: number,
  vMin: number,
  vMax: number,
): PixelBounds | null {
  const [left, right] = reached(columns, uMin - MARGIN, uMax + MARGIN);
  const [top, bottom] = reached(rows, vMin - MARGIN, vMax + MARGIN);
  return left < right && top < bottom ? { left, right, top, bottom } : null;
}

function reached(ranges: Float64Array, least: number, greatest: number): readonly [number, number] {
  let first = ranges.length / 2;
  let last = -1;
  for (let index = 0; index < ranges.length / 2; index++) {
    if (ranges[index * 2]! > greatest || ranges[index * 2 + 1]! < least) continue;
    first = Math.min(first, index);
    last = index;
  }
  return [first, last + 1];
}
