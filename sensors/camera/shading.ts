import type { LightingSpec } from '../../scenarios/contract.js';
import type { Image } from './image.js';
import type { Pinhole } from './pinhole.js';
import { alongAxis, BOX, contains, type Scene, SPHERE, VIEW } from './scene.js';

/** Numbers a face of a box: sky-lit red, green, blue, and the cosine to the sun. */
const FACE = 4;
/** Faces of a box: -x, +x, -y, +y, -z, +z. */
const FACES = 6 * FACE;

/** Sine of the elevation below which the ground is free of haze. */
const HAZE_ENDS = -1.1 / 3;

/** What the pixels of one body share. */
interface Surface {
  /** [bodies, VIEW] the camera in the body's frame. */
  readonly views: Float64Array;
  /** [bodies, FACES] a box's light, face by face. */
  readonly faces: Float64Array;
  /** [bodies, 3] the sun's direction in the body's frame. */
  readonly suns: Float64Array;
  /** [bodies] 0 for a body that holds the camera, 1 for the others. */
  readonly lit: Uint8Array;
}

/**
 * Lights what is visible by the sky: writes `radiance`, without the sun, and `sunCosine` of the image.
 *
 * A surface of normal n gets albedo x sky x (1 + n_z) / 2, the share of a uniform sky that it sees above a dark horizon.
 * The background is the sky itself: 1.6 times its radiance at the horizon, 0.8 overhead, linear in the sine of the elevation
 * (a clear sky is brightest at the horizon); below, haze fades at 3 times the sine to ground of half the sky's radiance.
 * The inside of a body that holds the camera is dark.
 *
 * @param views [bodies, VIEW] of `viewFromBodies`.
 */
export function shadeBySky(
  image: Image,
  camera: Pinhole,
  scene: Scene,
  views: Float64Array,
  lighting: LightingSpec,
): void {
  const surface = prepare(camera, scene, views, lighting);
  const { instance, width } = image;
  for (let row = image.top; row < image.bottom; row++) {
    const start = row * width;
    let column = 0;
    while (column < width) {
      const label = instance[start + column]!;
      let end = column + 1;
      while (end < width && instance[start + end] === label) end += 1;
      if (label === 0) shadeBackground(image, camera, row, column, end, lighting.skyRadiance);
      else if (scene.kinds[label - 1] === BOX)
        shadeBox(image, camera, scene, surface, label - 1, row, column, end);
      else shadeRound(image, camera, scene, surface, label - 1, row, column, end, lighting.skyRadiance);
      column = end;
    }
  }
}

function prepare(
  camera: Pinhole,
  scene: Scene,
  views: Float64Array,
  { sunDirection, skyRadiance }: LightingSpec,
): Surface {
  const bodies = scene.kinds.length;
  const surface: Surface = {
    views,
    faces: new Float64Array(bodies * FACES),
    suns: new Float64Array(bodies * 3),
    lit: new Uint8Array(bodies),
  };
  for (let body = 0; body < bodies; body++) {
    const lit = contains(scene, body, ...camera.positionM) ? 0 : 1;
    surface.lit[body] = lit;
    for (let axis = 0; axis < 3; axis++) {
      const sun = alongAxis(scene, body, axis, ...sunDirection);
      const upward = scene.axes[body * 9 + axis * 3 + 2]!;
      surface.suns[body * 3 + axis] = sun;
      for (let side = -1; side <= 1; side += 2) {
        const sky = lit * (0.5 + 0.5 * side * upward);
        const at = body * FACES + axis * 2 * FACE + (side > 0 ? FACE : 0);
        for (let channel = 0; channel < 3; channel++) {
          surface.faces[at + channel] = scene.albedos[body * 3 + channel]! * skyRadiance[channel]! * sky;
        }
        surface.faces[at + 3] = side * sun > 0 ? lit * side * sun : 0;
      }
    }
  }
  return surface;
}

/** Brightness of the background over the sky's radiance, by the sine of the elevation. */
export function skyBrightness(elevation: number): number {
  return elevation > 0 ? 1.6 - 0.8 * elevation : elevation > HAZE_ENDS ? 1.6 + 3 * elevation : 0.5;
}

/** Shades part of a row where nothing is: brightest at the horizon, as a clear sky is. */
function shadeBackground(
  { radiance, sunCosine, width }: Image,
  { forward, left, up, columnSlopes, rowSlopes }: Pinhole,
  row: number,
  begin: number,
  end: number,
  [red, green, blue]: LightingSpec['skyRadiance'],
): void {
  const v = rowSlopes[row]!;
  const rz = forward[2] + v * up[2];
  const lz = left[2];
  for (let column = begin; column < end; column++) {
    const u = columnSlopes[column]!;
    const dz = rz + u * lz;
    const elevation = dz / Math.sqrt(1 + u * u + v * v);
    const sky = skyBrightness(elevation);
    const pixel = row * width + column;
    radiance[pixel * 3] = red * sky;
    radiance[pixel * 3 + 1] = green * sky;
    radiance[pixel * 3 + 2] = blue * sky;
    sunCosine[pixel] = 0;
  }
}

/** Shades part of a row that shows a box: the nearest face's light. */
function shadeBox(
  { radiance, depthM, sunCosine, width }: Image,
  { columnSlopes, rowSlopes }: Pinhole,
  { sizesM }: Scene,
  { views, faces }: Surface,
  body: number,
  row: number,
  begin: number,
  end: number,
): void {
  const at = body * VIEW;
  const v = rowSlopes[row]!;
  const ox = views[at]!;
  const oy = views[at + 1]!;
  const oz = views[at + 2]!;
  const rx = views[at + 3]! + v * views[at + 9]!;
  const ry = views[at + 4]! + v * views[at + 10]!;
  const rz = views[at + 5]! + v * views[at + 11]!;
  const lx = views[at + 6]!;
  const ly = views[at + 7]!;
  const lz = views[at + 8]!;
  const hx = sizesM[body * 3]!;
  const hy = sizesM[body * 3 + 1]!;
  const hz = sizesM[body * 3 + 2]!;
  for (let column = begin; column < end; column++) {
    const pixel = row * width + column;
    const u = columnSlopes[column]!;
    const t = depthM[pixel]!;
    const x = ox + t * (rx + u * lx);
    const y = oy + t * (ry + u * ly);
    const z = oz + t * (rz + u * lz);
    const gapX = hx - Math.abs(x);
    const gapY = hy - Math.abs(y);
    const gapZ = hz - Math.abs(z);
    const face =
      gapX <= gapY && gapX <= gapZ ? (x < 0 ? 0 : 1) : gapY <= gapZ ? (y < 0 ? 2 : 3) : z < 0 ? 4 : 5;
    const light = body * FACES + face * FACE;
    radiance[pixel * 3] = faces[light]!;
    radiance[pixel * 3 + 1] = faces[light + 1]!;
    radiance[pixel * 3 + 2] = faces[light + 2]!;
    sunCosine[pixel] = faces[light + 3]!;
  }
}

/** Shades part of a row that shows a sphere or a cylinder. */
function shadeRound(
  { radiance, depthM, sunCosine, width }: Image,
  { columnSlopes, rowSlopes }: Pinhole,
  { kinds, sizesM, axes, albedos }: Scene,
  { views, suns, lit }: Surface,
  body: number,
  row: number,
  begin: number,
  end: number,
  [skyRed, skyGreen, skyBlue]: LightingSpec['skyRadiance'],
): void {
  const at = body * VIEW;
  const v = rowSlopes[row]!;
  const ox = views[at]!;
  const oy = views[at + 1]!;
  const oz = views[at + 2]!;
  const rx = views[at + 3]! + v * views[at + 9]!;
  const ry = views[at + 4]! + v * views[at + 10]!;
  const rz = views[at + 5]! + v * views[at + 11]!;
  const lx = views[at + 6]!;
  const ly = views[at + 7]!;
  const lz = views[at + 8]!;
  const round = kinds[body] === SPHERE;
  const radius = sizesM[body * 3]!;
  const halfHeight = sizesM[body * 3 + 2]!;
  const share = lit[body]!;
  const red = albedos[body * 3]! * skyRed;
  const green = albedos[body * 3 + 1]! * skyGreen;
  const blue = albedos[body * 3 + 2]! * skyBlue;
  const sx = suns[body * 3]!;
  const sy = suns[body * 3 + 1]!;
  const sz = suns[body * 3 + 2]!;
  const ux = axes[body * 9 + 2]!;
  const uy = axes[body * 9 + 5]!;
  const uz = axes[body * 9 + 8]!;
  for (let column = begin; column < end; column++) {
    const pixel = row * width + column;
    const u = columnSlopes[column]!;
    const t = depthM[pixel]!;
    const x = ox + t * (rx + u * lx);
    const y = oy + t * (ry + u * ly);
    const z = oz + t * (rz + u * lz);
    const radial = Math.sqrt(x * x + y * y + (round ? z * z : 0));
    const cap = !round && halfHeight - Math.abs(z) < radius - radial;
    const nx = cap ? 0 : x / radial;
    const ny = cap ? 0 : y / radial;
    const nz = cap ? (z < 0 ? -1 : 1) : round ? z / radial : 0;
    const cosine = nx * sx + ny * sy + nz * sz;
    const sky = share * (0.5 + 0.5 * (nx * ux + ny * uy + nz * uz));
    sunCosine[pixel] = cosine > 0 ? share * cosine : 0;
    radiance[pixel * 3] = red * sky;
    radiance[pixel * 3 + 1] = green * sky;
    radiance[pixel * 3 + 2] = blue * sky;
  }
}
