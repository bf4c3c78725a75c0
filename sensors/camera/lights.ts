import { tan } from '../../core/math/exact.js';
import type { LightingSpec } from '../../scenarios/contract.js';
import type { Image } from './image.js';
import { DISC, LIGHT_SAMPLES, ROTATIONS, rotationOf } from './light-samples.js';
import { BIAS_M, bodyOccludes, gapBeyond, type Light, passesBox, reachOf } from './occlusion.js';
import { glossyReflection, throughGloss } from './reflection.js';
import { MESH, type Scene } from './scene.js';
import type { Finishes, Surfaces } from './surfaces.js';

/** Edge of the square tiles of pixels that share one list of possible casters. */
const TILE = 8;

/** Lists the lights of a scene that shine. */
export function lightsOf({ sunDirection, sunRadiance, sunAngularRadiusRad, lamps }: LightingSpec): Light[] {
  const sun: Light = {
    place: sunDirection,
    distant: true,
    radius: tan(sunAngularRadiusRad),
    colour: sunRadiance,
  };
  const others = lamps.map(({ positionM, radiusM, intensity }) => ({
    place: positionM,
    distant: false,
    radius: radiusM,
    colour: intensity,
  }));
  return [sun, ...others].filter(({ colour }) => colour.some((value) => value > 0));
}

/** One tile's pixels that face the light, and the bodies that may shade them; used again for each. */
interface Tile {
  count: number;
  readonly pixels: Int32Array;
  casters: number;
  readonly bodies: Int32Array;
  /** Bodies that may shade the pixel in hand. */
  readonly near: Int32Array;
}

/**
 * Adds one light, with shadows, to what is visible: Lambert's cosine law with the surface's albedo, and gloss by
 * microfacets. A lamp's light falls with the square of the distance from its centre.
 *
 * Towards a light of some size, `LIGHT_SAMPLES` shadow rays go to points spread over the disc that it shows, turned from pixel to
 * pixel; the share that arrives is the share of light. A convex body shades nothing of itself.
 */
export function addLight(
  image: Image,
  surfaces: Surfaces,
  scene: Scene,
  finishes: Finishes,
  light: Light,
): void {
  const bodies = scene.kinds.length;
  const reaches = Float64Array.from({ length: bodies }, (_, body) => reachOf(scene, body) + BIAS_M);
  const tile: Tile = {
    count: 0,
    pixels: new Int32Array(TILE * TILE),
    casters: 0,
    bodies: new Int32Array(bodies),
    near: new Int32Array(bodies),
  };
  for (let top = image.top; top < image.bottom; top += TILE) {
    for (let left = 0; left < image.width; left += TILE) {
      gather(tile, image, surfaces, light, top, left);
      if (tile.count === 0) continue;
      findCasters(tile, surfaces, scene, reaches, light);
      for (let index = 0; index < tile.count; index++) {
        const pixel = tile.pixels[index]!;
        const share = visibleShare(tile, image, surfaces, scene, reaches, light, pixel);
        if (share > 0) deposit(image, surfaces, finishes, light, pixel, share);
      }
    }
  }
}

function gather(
  tile: Tile,
  { instance, width, bottom: end }: Image,
  { pointsM, normals }: Surfaces,
  { place, distant }: Light,
  top: number,
  left: number,
): void {
  let count = 0;
  const bottom = Math.min(top + TILE, end);
  const right = Math.min(left + TILE, width);
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const pixel = row * width + column;
      if (instance[pixel] === 0) continue;
      const at = pixel * 3;
      const x = distant ? place[0] : place[0] - pointsM[at]!;
      const y = distant ? place[1] : place[1] - pointsM[at + 1]!;
      const z = distant ? place[2] : place[2] - pointsM[at + 2]!;
      if (!(normals[at]! * x + normals[at + 1]! * y + normals[at + 2]! * z > 0)) continue;
      tile.pixels[count] = pixel;
      count += 1;
    }
  }
  tile.count = count;
}

/** Lists the bodies that reach into the tube from the tile's points to the light. */
function findCasters(
  tile: Tile,
  { pointsM }: Surfaces,
  scene: Scene,
  reaches: Float64Array,
  light: Light,
): void {
  const least = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const most = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < tile.count; index++) {
    const at = tile.pixels[index]! * 3;
    for (let axis = 0; axis < 3; axis++) {
      const value = pointsM[at + axis]!;
      if (value < least[axis]!) least[axis] = value;
      if (value > most[axis]!) most[axis] = value;
    }
  }
  const x = (least[0]! + most[0]!) / 2;
  const y = (least[1]! + most[1]!) / 2;
  const z = (least[2]! + most[2]!) / 2;
  const dx = most[0]! - x;
  const dy = most[1]! - y;
  const dz = most[2]! - z;
  const halfDiagonal = Math.sqrt(dx * dx + dy * dy + dz * dz) + BIAS_M;
  let casters = 0;
  for (let body = 0; body < reaches.length; body++) {
    if (gapBeyond(scene, body, reaches[body]! + halfDiagonal, x, y, z, light)) continue;
    tile.bodies[casters] = body;
    casters += 1;
  }
  tile.casters = casters;
}

/** The share of a light that a pixel's point sees past all bodies. */
function visibleShare(
  tile: Tile,
  { instance, width }: Image,
  { pointsM, normals }: Surfaces,
  scene: Scene,
  reaches: Float64Array,
  light: Light,
  pixel: number,
): number {
  const { place, distant, radius } = light;
  const owner = instance[pixel]! - 1;
  const at = pixel * 3;
  const x = pointsM[at]! + BIAS_M * normals[at]!;
  const y = pointsM[at + 1]! + BIAS_M * normals[at + 1]!;
  const z = pointsM[at + 2]! + BIAS_M * normals[at + 2]!;
  let near = 0;
  for (let index = 0; index < tile.casters; index++) {
    const body = tile.bodies[index]!;
    if (body === owner && scene.kinds[body] !== MESH) continue;
    if (gapBeyond(scene, body, reaches[body]!, x, y, z, light)) continue;
    if (passesBox(scene, body, x, y, z, light)) continue;
    tile.near[near] = body;
    near += 1;
  }
  if (near === 0) return 1;
  const lx = distant ? place[0] : place[0] - x;
  const ly = distant ? place[1] : place[1] - y;
  const lz = distant ? place[2] : place[2] - z;
  // A lamp is at t = 1.
  const tMost = distant ? Number.POSITIVE_INFINITY : 1;
  if (radius === 0) return isBlocked(tile, near, scene, x, y, z, lx, ly, lz, tMost) ? 0 : 1;
  const length = Math.sqrt(lx * lx + ly * ly + lz * lz);
  const wx = lx / length;
  const wy = ly / length;
  const wz = lz / length;
  // An orthonormal basis about the direction (Duff et al. 2017).
  const sign = wz < 0 ? -1 : 1;
  const a = -1 / (sign + wz);
  const b = wx * wy * a;
  const ux = 1 + sign * wx * wx * a;
  const uy = sign * b;
  const uz = -sign * wx;
  const vy = sign + wy * wy * a;
  const row = Math.floor(pixel / width);
  const turn = rotationOf(row, pixel - row * width) * 2;
  const cosine = ROTATIONS[turn]! * radius;
  const sine = ROTATIONS[turn + 1]! * radius;
  let seen = 0;
  for (let sample = 0; sample < LIGHT_SAMPLES; sample++) {
    const p = DISC[sample * 2]! * cosine - DISC[sample * 2 + 1]! * sine;
    const q = DISC[sample * 2]! * sine + DISC[sample * 2 + 1]! * cosine;
    const dx = lx + p * ux + q * b;
    const dy = ly + p * uy + q * vy;
    const dz = lz + p * uz - q * wy;
    if (!isBlocked(tile, near, scene, x, y, z, dx, dy, dz, tMost)) seen += 1;
  }
  return seen / LIGHT_SAMPLES;
}

function isBlocked(
  { near }: Tile,
  count: number,
  scene: Scene,
  x: number,
  y: number,
  z: number,
  dx: number,
  dy: number,
  dz: number,
  tMost: number,
): boolean {
  for (let index = 0; index < count; index++) {
    if (bodyOccludes(scene, near[index]!, x, y, z, dx, dy, dz, tMost)) {
      // Neighbouring rays are most likely blocked by the same body: it is asked first next time.
      const body = near[index]!;
      near[index] = near[0]!;
      near[0] = body;
      return true;
    }
  }
  return false;
}

function deposit(
  { radiance, instance }: Image,
  { pointsM, normals, viewers, albedos }: Surfaces,
  { specular, roughness }: Finishes,
  { place, distant, radius, colour }: Light,
  pixel: number,
  share: number,
): void {
  const at = pixel * 3;
  let lx = place[0];
  let ly = place[1];
  let lz = place[2];
  let strength = share;
  if (!distant) {
    lx -= pointsM[at]!;
    ly -= pointsM[at + 1]!;
    lz -= pointsM[at + 2]!;
    const squared = lx * lx + ly * ly + lz * lz;
    const scale = 1 / Math.sqrt(squared);
    lx *= scale;
    ly *= scale;
    lz *= scale;
    strength /= squared > radius * radius ? squared : radius * radius;
  }
  const nx = normals[at]!;
  const ny = normals[at + 1]!;
  const nz = normals[at + 2]!;
  const nl = nx * lx + ny * ly + nz * lz;
  const body = instance[pixel]! - 1;
  const gloss = specular[body]!;
  let matt = nl;
  let shine = 0;
  if (gloss > 0) {
    const vx = viewers[at]!;
    const vy = viewers[at + 1]!;
    const vz = viewers[at + 2]!;
    const nv = nx * vx + ny * vy + nz * vz;
    const hx = lx + vx;
    const hy = ly + vy;
    const hz = lz + vz;
    const scale = 1 / Math.sqrt(hx * hx + hy * hy + hz * hz);
    const nh = (nx * hx + ny * hy + nz * hz) * scale;
    shine = glossyReflection(gloss, roughness[body]!, nl, nv, nh, (vx * hx + vy * hy + vz * hz) * scale);
    matt *= throughGloss(gloss, nl, nv);
  }
  for (let channel = 0; channel < 3; channel++) {
    radiance[at + channel] =
      radiance[at + channel]! + colour[channel]! * strength * (albedos[at + channel]! * matt + shine);
  }
}
