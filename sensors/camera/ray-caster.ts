import type { LightingSpec } from '../../scenarios/contract.js';
import { intersect, MISS, surfaceNormal } from './intersection.js';
import { boundSphere, type Pinhole } from './pinhole.js';
import type { SceneObject } from './scene.js';

/** What the rays through an image's pixel centres meet. Row-major, top row first, left column first. */
export interface RenderedImage {
  /** [height, width, 3] linear radiance, RGB. */
  readonly radiance: Float32Array;
  /** [height, width] metres along the optical axis; +Infinity where there is nothing. */
  readonly depthM: Float32Array;
  /** [height, width] 0 for nothing, 1 + index of the object otherwise. */
  readonly instance: Uint16Array;
}

/**
 * Casts one ray through each pixel's centre.
 *
 * Object by object: each is intersected analytically for the pixels that its bounding sphere can cover, and the nearest
 * hit is kept. Then each pixel is shaded: albedo times (sky light, more from above, and sun where no other object stands
 * between). The same scene gives the same bytes.
 *
 * @param image overwritten; must have the camera's size.
 */
export function castRays(
  image: RenderedImage,
  camera: Pinhole,
  scene: readonly SceneObject[],
  lighting: LightingSpec,
): void {
  image.depthM.fill(MISS);
  image.instance.fill(0);
  for (let index = 0; index < scene.length; index++) findHits(image, camera, scene[index]!, index + 1);
  shade(image, camera, scene, lighting);
}

/** The coordinates of a world vector in an object's frame. */
function inObject(axes: Float64Array, row: number, x: number, y: number, z: number): number {
  return axes[row * 3]! * x + axes[row * 3 + 1]! * y + axes[row * 3 + 2]! * z;
}

function findHits(image: RenderedImage, camera: Pinhole, object: SceneObject, label: number): void {
  const { width, height, focalPx, forward, left, up } = camera;
  const { axes, position, shape } = object;
  const x = camera.positionM[0] - position[0]!;
  const y = camera.positionM[1] - position[1]!;
  const z = camera.positionM[2] - position[2]!;
  const bounds = boundSphere(
    camera,
    -(forward[0] * x + forward[1] * y + forward[2] * z),
    -(left[0] * x + left[1] * y + left[2] * z),
    -(up[0] * x + up[1] * y + up[2] * z),
    object.boundingRadiusM,
  );
  if (bounds === null) return;
  const ox = inObject(axes, 0, x, y, z);
  const oy = inObject(axes, 1, x, y, z);
  const oz = inObject(axes, 2, x, y, z);
  const fx = inObject(axes, 0, ...forward);
  const fy = inObject(axes, 1, ...forward);
  const fz = inObject(axes, 2, ...forward);
  const lx = inObject(axes, 0, ...left);
  const ly = inObject(axes, 1, ...left);
  const lz = inObject(axes, 2, ...left);
  const ux = inObject(axes, 0, ...up);
  const uy = inObject(axes, 1, ...up);
  const uz = inObject(axes, 2, ...up);
  const { depthM, instance } = image;
  for (let row = bounds.top; row < bounds.bottom; row++) {
    const v = (height / 2 - row - 0.5) / focalPx;
    const rx = fx + v * ux;
    const ry = fy + v * uy;
    const rz = fz + v * uz;
    for (let column = bounds.left; column < bounds.right; column++) {
      const u = (width / 2 - column - 0.5) / focalPx;
      // The direction has length one along the optical axis, so t is the depth.
      const t = intersect(shape, ox, oy, oz, rx + u * lx, ry + u * ly, rz + u * lz);
      const pixel = row * width + column;
      if (t < depthM[pixel]!) {
        depthM[pixel] = t;
        instance[pixel] = label;
      }
    }
  }
}

const normal = new Float64Array(3);

function shade(
  image: RenderedImage,
  camera: Pinhole,
  scene: readonly SceneObject[],
  lighting: LightingSpec,
): void {
  const { width, height, focalPx, forward, left, up, positionM } = camera;
  const { radiance, depthM, instance } = image;
  const [sx, sy, sz] = lighting.sunDirection;
  const { sunRadiance, skyRadiance } = lighting;
  for (let row = 0; row < height; row++) {
    const v = (height / 2 - row - 0.5) / focalPx;
    for (let column = 0; column < width; column++) {
      const u = (width / 2 - column - 0.5) / focalPx;
      const pixel = row * width + column;
      const dx = forward[0] + u * left[0] + v * up[0];
      const dy = forward[1] + u * left[1] + v * up[1];
      const dz = forward[2] + u * left[2] + v * up[2];
      const label = instance[pixel]!;
      if (label === 0) {
        // Brightest at the horizon, as a clear sky is.
        const elevation = dz / Math.sqrt(dx * dx + dy * dy + dz * dz);
        const brightness = elevation < 0 ? 0.5 : 1.6 - 0.8 * elevation;
        for (let channel = 0; channel < 3; channel++)
          radiance[pixel * 3 + channel] = skyRadiance[channel]! * brightness;
        continue;
      }
      const object = scene[label - 1]!;
      const { axes, position, albedo } = object;
      const t = depthM[pixel]!;
      const px = positionM[0] + t * dx;
      const py = positionM[1] + t * dy;
      const pz = positionM[2] + t * dz;
      const rx = px - position[0]!;
      const ry = py - position[1]!;
      const rz = pz - position[2]!;
      surfaceNormal(
        normal,
        object.shape,
        inObject(axes, 0, rx, ry, rz),
        inObject(axes, 1, rx, ry, rz),
        inObject(axes, 2, rx, ry, rz),
      );
      const nx = normal[0]! * axes[0]! + normal[1]! * axes[3]! + normal[2]! * axes[6]!;
      const ny = normal[0]! * axes[1]! + normal[1]! * axes[4]! + normal[2]! * axes[7]!;
      const nz = normal[0]! * axes[2]! + normal[1]! * axes[5]! + normal[2]! * axes[8]!;
      const facing = nx * sx + ny * sy + nz * sz;
      const sun = facing > 0 && !isShadowed(scene, label - 1, px, py, pz, sx, sy, sz) ? facing : 0;
      const sky = 0.5 + 0.5 * nz;
      for (let channel = 0; channel < 3; channel++) {
        radiance[pixel * 3 + channel] =
          albedo[channel]! * (skyRadiance[channel]! * sky + sunRadiance[channel]! * sun);
      }
    }
  }
}

/** Tells whether another object stands between a point and the sun. A convex object that faces the sun shades nothing of itself. */
function isShadowed(
  scene: readonly SceneObject[],
  self: number,
  px: number,
  py: number,
  pz: number,
  sx: number,
  sy: number,
  sz: number,
): boolean {
  for (let index = 0; index < scene.length; index++) {
    if (index === self) continue;
    const { position, boundingRadiusM, axes, shape } = scene[index]!;
    const x = px - position[0]!;
    const y = py - position[1]!;
    const z = pz - position[2]!;
    const along = x * sx + y * sy + z * sz;
    const squared = x * x + y * y + z * z;
    const reach = boundingRadiusM * boundingRadiusM;
    if (squared - along * along > reach || (along > 0 && squared > reach)) continue;
    const t = intersect(
      shape,
      inObject(axes, 0, x, y, z),
      inObject(axes, 1, x, y, z),
      inObject(axes, 2, x, y, z),
      inObject(axes, 0, sx, sy, sz),
      inObject(axes, 1, sx, sy, sz),
      inObject(axes, 2, sx, sy, sz),
    );
    if (t !== MISS) return true;
  }
  return false;
}
