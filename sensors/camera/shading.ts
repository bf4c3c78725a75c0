import type { LightingSpec } from '../../scenarios/contract.js';
import type { Image } from './image.js';
import type { Pinhole } from './pinhole.js';
import { alongAxis, BOX, contains, type Scene, SPHERE } from './scene.js';

/**
 * Lights what is visible by the sky: writes `radiance`, without the sun, and `sunCosine` of the image.
 *
 * A surface of normal n gets albedo x sky x (1 + n_z) / 2, the share of a uniform sky that it sees above a dark horizon.
 * The background is the sky itself: 1.6 times its radiance at the horizon, 0.8 overhead, linear in the sine of the elevation
 * (a clear sky is brightest at the horizon), and half its radiance below.
 * The inside of a body that holds the camera is dark.
 */
export function shadeBySky(image: Image, camera: Pinhole, scene: Scene, lighting: LightingSpec): void {
  const { skyRadiance, sunDirection } = lighting;
  const dark = new Uint8Array(scene.kinds.length);
  const sunInBody = new Float64Array(scene.kinds.length * 3);
  for (let body = 0; body < dark.length; body++) {
    dark[body] = contains(scene, body, ...camera.positionM) ? 1 : 0;
    for (let axis = 0; axis < 3; axis++) {
      sunInBody[body * 3 + axis] = alongAxis(scene, body, axis, ...sunDirection);
    }
  }
  for (let row = 0; row < image.height; row++) {
    shadeRow(image, camera, scene, row, skyRadiance, dark, sunInBody);
  }
}

function shadeRow(
  image: Image,
  camera: Pinhole,
  scene: Scene,
  row: number,
  [skyRed, skyGreen, skyBlue]: LightingSpec['skyRadiance'],
  dark: Uint8Array,
  sunInBody: Float64Array,
): void {
  const { forward, left, up, positionM, columnSlopes } = camera;
  const { radiance, depthM, instance, sunCosine, width } = image;
  const { kinds, sizesM, positionsM, axes, albedos } = scene;
  const v = camera.rowSlopes[row]!;
  const rx = forward[0] + v * up[0];
  const ry = forward[1] + v * up[1];
  const rz = forward[2] + v * up[2];
  for (let column = 0; column < width; column++) {
    const pixel = row * width + column;
    const u = columnSlopes[column]!;
    const dx = rx + u * left[0];
    const dy = ry + u * left[1];
    const dz = rz + u * left[2];
    const body = instance[pixel]! - 1;
    if (body < 0) {
      const sky = skyBrightness(dx, dy, dz);
      radiance[pixel * 3] = skyRed * sky;
      radiance[pixel * 3 + 1] = skyGreen * sky;
      radiance[pixel * 3 + 2] = skyBlue * sky;
      sunCosine[pixel] = 0;
      continue;
    }
    const at = body * 3;
    const turn = body * 9;
    const t = depthM[pixel]!;
    const x = positionM[0] + t * dx - positionsM[at]!;
    const y = positionM[1] + t * dy - positionsM[at + 1]!;
    const z = positionM[2] + t * dz - positionsM[at + 2]!;
    // The hit in the body's frame, turned into the outward normal there.
    let nx = axes[turn]! * x + axes[turn + 1]! * y + axes[turn + 2]! * z;
    let ny = axes[turn + 3]! * x + axes[turn + 4]! * y + axes[turn + 5]! * z;
    let nz = axes[turn + 6]! * x + axes[turn + 7]! * y + axes[turn + 8]! * z;
    const kind = kinds[body]!;
    if (kind === BOX) {
      const gapX = sizesM[at]! - Math.abs(nx);
      const gapY = sizesM[at + 1]! - Math.abs(ny);
      const gapZ = sizesM[at + 2]! - Math.abs(nz);
      const alongX = gapX <= gapY && gapX <= gapZ;
      const alongY = !alongX && gapY <= gapZ;
      nx = alongX ? (nx < 0 ? -1 : 1) : 0;
      ny = alongY ? (ny < 0 ? -1 : 1) : 0;
      nz = alongX || alongY ? 0 : nz < 0 ? -1 : 1;
    } else {
      const radial = Math.sqrt(nx * nx + ny * ny + (kind === SPHERE ? nz * nz : 0));
      const cap = kind !== SPHERE && sizesM[at + 2]! - Math.abs(nz) < sizesM[at]! - radial;
      nx = cap ? 0 : nx / radial;
      ny = cap ? 0 : ny / radial;
      nz = cap ? (nz < 0 ? -1 : 1) : kind === SPHERE ? nz / radial : 0;
    }
    const lit = 1 - dark[body]!;
    const cosine = nx * sunInBody[at]! + ny * sunInBody[at + 1]! + nz * sunInBody[at + 2]!;
    const upward = nx * axes[turn + 2]! + ny * axes[turn + 5]! + nz * axes[turn + 8]!;
    const sky = lit * (0.5 + 0.5 * upward);
    sunCosine[pixel] = cosine > 0 ? lit * cosine : 0;
    radiance[pixel * 3] = albedos[at]! * skyRed * sky;
    radiance[pixel * 3 + 1] = albedos[at + 1]! * skyGreen * sky;
    radiance[pixel * 3 + 2] = albedos[at + 2]! * skyBlue * sky;
  }
}

/** Brightness of the background relative to the sky's radiance, brightest at the horizon as a clear sky is. */
function skyBrightness(dx: number, dy: number, dz: number): number {
  const elevation = dz / Math.sqrt(dx * dx + dy * dy + dz * dz);
  return elevation < 0 ? 0.5 : 1.6 - 0.8 * elevation;
}
