import { cross, dot, normalise, type Vec3 } from '../../core/math/vector.js';
import type { LightingSpec } from '../../scenarios/contract.js';
import type { Image } from './image.js';
import { intersectBox, intersectCylinder, intersectSphere, MISS } from './intersection.js';
import type { Pinhole } from './pinhole.js';
import { alongAxis, BOX, extentAlong, type Scene, SPHERE } from './scene.js';

/** Edge of the square tiles of pixels that share one list of possible casters. */
const TILE = 6;
/** Shadow rays start this far off the surface, so that two faces in one plane do not speckle each other, m. */
const BIAS_M = 1e-6;

/** Coordinates with the sun at the end of `w`: a body can shade a point only where their `u` and `v` agree. */
interface SunFrame {
  readonly u: Vec3;
  readonly v: Vec3;
  readonly w: Vec3;
}

/** The sunlit pixels of one tile; used again for each. */
interface Tile {
  count: number;
  /** The body that all of them see; -1 when they see several. */
  owner: number;
  readonly pixels: Int32Array;
  /** Bounds of the points that the pixels see, in the sun's frame: least u, greatest u, least v, greatest v, least w. */
  readonly bounds: Float64Array;
}

/** The camera in the sun's frame: a point at depth t is position + t (forward + slope aside + slope' up) in each coordinate. */
type SunView = readonly {
  readonly position: number;
  readonly forward: number;
  readonly aside: number;
  readonly up: number;
}[];

/**
 * Adds sunlight with hard shadows: albedo x sun x cosine, where no other body stands between the point and the sun. A convex
 * body that faces the sun shades nothing of itself.
 *
 * Tile by tile: only the bodies that reach over the tile, seen from the sun, are asked, pixel by pixel.
 */
export function addSunlight(image: Image, camera: Pinhole, scene: Scene, lighting: LightingSpec): void {
  const frame = sunFrame(lighting.sunDirection);
  const casters = boundCasters(scene, frame);
  const view = viewFromSun(camera, frame);
  const tile: Tile = {
    count: 0,
    owner: -1,
    pixels: new Int32Array(TILE * TILE),
    bounds: new Float64Array(5),
  };
  for (let top = image.top; top < image.bottom; top += TILE) {
    for (let left = 0; left < image.width; left += TILE) {
      gather(tile, image, camera, view, top, left);
      if (tile.count === 0) continue;
      const [uMin, uMax, vMin, vMax, wMin] = tile.bounds as unknown as [
        number,
        number,
        number,
        number,
        number,
      ];
      for (let body = 0; body < scene.kinds.length; body++) {
        const at = body * 5;
        if (
          body !== tile.owner &&
          casters[at]! <= uMax &&
          casters[at + 1]! >= uMin &&
          casters[at + 2]! <= vMax &&
          casters[at + 3]! >= vMin &&
          casters[at + 4]! >= wMin
        ) {
          castShadow(tile, image, camera, scene, body, frame.w);
        }
      }
      deposit(tile, image, scene, lighting.sunRadiance);
    }
  }
}

function sunFrame(sunDirection: Vec3): SunFrame {
  const w = normalise(sunDirection);
  const u = normalise(cross(Math.abs(w[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0], w));
  return { u, v: cross(w, u), w };
}

/** [bodies, 5] least u, greatest u, least v, greatest v, greatest w; of a body that is not there, bounds that hold nothing. */
function boundCasters(scene: Scene, { u, v, w }: SunFrame): Float64Array {
  const bodies = scene.kinds.length;
  const casters = new Float64Array(bodies * 5);
  for (let body = 0; body < bodies; body++) {
    if (scene.present[body] === 0) {
      casters[body * 5] = MISS;
      continue;
    }
    const x = scene.positionsM[body * 3]!;
    const y = scene.positionsM[body * 3 + 1]!;
    const z = scene.positionsM[body * 3 + 2]!;
    const centreU = u[0] * x + u[1] * y + u[2] * z;
    const centreV = v[0] * x + v[1] * y + v[2] * z;
    const reachU = extentAlong(scene, body, ...u) + BIAS_M;
    const reachV = extentAlong(scene, body, ...v) + BIAS_M;
    casters[body * 5] = centreU - reachU;
    casters[body * 5 + 1] = centreU + reachU;
    casters[body * 5 + 2] = centreV - reachV;
    casters[body * 5 + 3] = centreV + reachV;
    casters[body * 5 + 4] = w[0] * x + w[1] * y + w[2] * z + extentAlong(scene, body, ...w) + BIAS_M;
  }
  return casters;
}

function viewFromSun({ positionM, forward, left, up }: Pinhole, { u, v, w }: SunFrame): SunView {
  return [u, v, w].map((axis) => ({
    position: dot(axis, positionM),
    forward: dot(axis, forward),
    aside: dot(axis, left),
    up: dot(axis, up),
  }));
}

/** Collects the pixels of a tile whose surface faces the sun. */
function gather(
  tile: Tile,
  { width, bottom: end, sunCosine, instance, depthM }: Image,
  { columnSlopes, rowSlopes }: Pinhole,
  [inU, inV, inW]: SunView,
  top: number,
  left: number,
): void {
  const { pixels, bounds } = tile;
  const { position: pu, aside: au } = inU!;
  const { position: pv, aside: av } = inV!;
  const { position: pw, aside: aw } = inW!;
  let uMin = MISS;
  let uMax = -MISS;
  let vMin = MISS;
  let vMax = -MISS;
  let wMin = MISS;
  let count = 0;
  let owner = -2;
  const bottom = Math.min(top + TILE, end);
  const right = Math.min(left + TILE, width);
  for (let row = top; row < bottom; row++) {
    const above = rowSlopes[row]!;
    const ru = inU!.forward + above * inU!.up;
    const rv = inV!.forward + above * inV!.up;
    const rw = inW!.forward + above * inW!.up;
    for (let column = left; column < right; column++) {
      const pixel = row * width + column;
      if (!(sunCosine[pixel]! > 0)) continue;
      const body = instance[pixel]! - 1;
      owner = owner === -2 || owner === body ? body : -1;
      pixels[count] = pixel;
      count += 1;
      const slope = columnSlopes[column]!;
      const t = depthM[pixel]!;
      const u = pu + t * (ru + slope * au);
      const v = pv + t * (rv + slope * av);
      const w = pw + t * (rw + slope * aw);
      if (u < uMin) uMin = u;
      if (u > uMax) uMax = u;
      if (v < vMin) vMin = v;
      if (v > vMax) vMax = v;
      if (w < wMin) wMin = w;
    }
  }
  tile.count = count;
  tile.owner = owner;
  bounds[0] = uMin;
  bounds[1] = uMax;
  bounds[2] = vMin;
  bounds[3] = vMax;
  bounds[4] = wMin;
}

/** Takes the pixels that a body shades out of the tile. */
function castShadow(
  tile: Tile,
  image: Image,
  { positionM, forward, left, up, columnSlopes, rowSlopes }: Pinhole,
  scene: Scene,
  body: number,
  sun: Vec3,
): void {
  const { pixels } = tile;
  const { positionsM, sizesM, axes } = scene;
  const kind = scene.kinds[body]!;
  const cx = positionsM[body * 3]!;
  const cy = positionsM[body * 3 + 1]!;
  const cz = positionsM[body * 3 + 2]!;
  const hx = sizesM[body * 3]!;
  const hy = sizesM[body * 3 + 1]!;
  const hz = sizesM[body * 3 + 2]!;
  const turn = body * 9;
  const dx = alongAxis(scene, body, 0, ...sun);
  const dy = alongAxis(scene, body, 1, ...sun);
  const dz = alongAxis(scene, body, 2, ...sun);
  let kept = 0;
  for (let index = 0; index < tile.count; index++) {
    const pixel = pixels[index]!;
    const row = Math.floor(pixel / image.width);
    const above = rowSlopes[row]!;
    const slope = columnSlopes[pixel - row * image.width]!;
    const depth = image.depthM[pixel]!;
    // From the point that the pixel sees, lifted towards the sun, to the body's centre.
    const x = positionM[0] + depth * (forward[0] + slope * left[0] + above * up[0]) + BIAS_M * sun[0] - cx;
    const y = positionM[1] + depth * (forward[1] + slope * left[1] + above * up[1]) + BIAS_M * sun[1] - cy;
    const z = positionM[2] + depth * (forward[2] + slope * left[2] + above * up[2]) + BIAS_M * sun[2] - cz;
    const ox = axes[turn]! * x + axes[turn + 1]! * y + axes[turn + 2]! * z;
    const oy = axes[turn + 3]! * x + axes[turn + 4]! * y + axes[turn + 5]! * z;
    const oz = axes[turn + 6]! * x + axes[turn + 7]! * y + axes[turn + 8]! * z;
    const t =
      kind === BOX
        ? intersectBox(hx, hy, hz, ox, oy, oz, dx, dy, dz)
        : kind === SPHERE
          ? intersectSphere(hx, ox, oy, oz, dx, dy, dz)
          : intersectCylinder(hx, hz, ox, oy, oz, dx, dy, dz);
    if (t !== MISS && image.instance[pixel] !== body + 1) continue;
    pixels[kept] = pixel;
    kept += 1;
  }
  tile.count = kept;
}

function deposit(tile: Tile, image: Image, { albedos }: Scene, [red, green, blue]: Vec3): void {
  const { radiance, sunCosine, instance } = image;
  for (let index = 0; index < tile.count; index++) {
    const pixel = tile.pixels[index]!;
    const cosine = sunCosine[pixel]!;
    const at = (instance[pixel]! - 1) * 3;
    radiance[pixel * 3] = radiance[pixel * 3]! + albedos[at]! * red * cosine;
    radiance[pixel * 3 + 1] = radiance[pixel * 3 + 1]! + albedos[at + 1]! * green * cosine;
    radiance[pixel * 3 + 2] = radiance[pixel * 3 + 2]! + albedos[at + 2]! * blue * cosine;
  }
}
