import type { Vec3 } from '../../core/math/vector.js';
import type { BodySpec, LightingSpec } from '../../scenarios/contract.js';
import type { Image } from './image.js';
import { bodyNormal, found, meshNormalAlong } from './normals.js';
import type { Pinhole } from './pinhole.js';
import { BOX, CYLINDER, contains, MESH, type Scene, SPHERE } from './scene.js';
import { type PreparedTexture, prepareTexture, sampleTexture } from './texture.js';

/** What light falls on at each pixel, in the world's frame; read only where `image.instance` is not 0. */
export interface Surfaces {
  /** [pixels, 3] where the pixel's ray meets the body, m. */
  readonly pointsM: Float64Array;
  /** [pixels, 3] unit normal on the side that is seen. */
  readonly normals: Float64Array;
  /** [pixels, 3] unit vector towards the camera. */
  readonly viewers: Float64Array;
  /** [pixels, 3] diffuse albedo, linear RGB. */
  readonly albedos: Float32Array;
}

/** Looks of the bodies beyond one matt colour. */
export interface Finishes {
  /** [bodies] null where the albedo is the same all over. */
  readonly textures: readonly (PreparedTexture | null)[];
  /** [bodies] reflectance of the gloss at normal incidence; 0 for none. */
  readonly specular: Float64Array;
  /** [bodies] perceptual roughness of the gloss. */
  readonly roughness: Float64Array;
  /** Whether any body has a texture or gloss. */
  readonly rich: boolean;
}

/** Makes the bodies' textures ready, once a spec. */
export function createFinishes(bodies: readonly BodySpec[]): Finishes {
  return {
    textures: bodies.map(({ texture, albedo }) => (texture ? prepareTexture(texture, albedo) : null)),
    specular: Float64Array.from(bodies, ({ specular }) => specular),
    roughness: Float64Array.from(bodies, ({ roughness }) => roughness),
    rich: bodies.some(({ texture, specular }) => texture !== undefined || specular > 0),
  };
}

/**
 * Tells whether all bodies are matt boxes, spheres and cylinders of one colour, the lens is a pinhole, the sun casts hard
 * shadows and there is no lamp: the light of pictures then needs no surfaces.
 */
export function isPlain(
  { rich }: Finishes,
  { kinds }: Scene,
  { bent }: Pinhole,
  { sunAngularRadiusRad, lamps }: LightingSpec,
): boolean {
  const simple = kinds.every((kind) => kind === BOX || kind === SPHERE || kind === CYLINDER);
  return simple && !rich && bent === null && sunAngularRadiusRad === 0 && lamps.length === 0;
}

/** Allocates surfaces; every value that is read is written anew by `findSurfaces`. */
export function createSurfaces(pixels: number): Surfaces {
  return {
    pointsM: new Float64Array(pixels * 3),
    normals: new Float64Array(pixels * 3),
    viewers: new Float64Array(pixels * 3),
    albedos: new Float32Array(pixels * 3),
  };
}

/** A pixel on a slanted surface is taken as no longer than this many times its width, which keeps textures sharp across. */
const LONGEST_FOOTPRINT = 4;

/**
 * Writes the surfaces that an image shows. The inside of a body that holds the camera is black.
 *
 * @param image whose depth and instances are found.
 */
export function findSurfaces(
  { pointsM, normals, viewers, albedos }: Surfaces,
  image: Image,
  { positionM, forward, left, up, columnSlopes, rowSlopes, bent, focalPx }: Pinhole,
  scene: Scene,
  { textures }: Finishes,
): void {
  const { instance, depthM, width } = image;
  const dark = textures.map((_, body) => contains(scene, body, ...positionM));
  for (let pixel = image.top * width; pixel < image.bottom * width; pixel++) {
    const body = instance[pixel]! - 1;
    if (body < 0) continue;
    const at = pixel * 3;
    const row = Math.floor(pixel / width);
    const u = bent === null ? columnSlopes[pixel - row * width]! : bent.u[pixel]!;
    const v = bent === null ? rowSlopes[row]! : bent.v[pixel]!;
    const depth = depthM[pixel]!;
    const x = forward[0] + u * left[0] + v * up[0];
    const y = forward[1] + u * left[1] + v * up[1];
    const z = forward[2] + u * left[2] + v * up[2];
    pointsM[at] = positionM[0] + depth * x;
    pointsM[at + 1] = positionM[1] + depth * y;
    pointsM[at + 2] = positionM[2] + depth * z;
    const scale = -1 / Math.sqrt(x * x + y * y + z * z);
    viewers[at] = x * scale;
    viewers[at + 1] = y * scale;
    viewers[at + 2] = z * scale;
    findNormal(normals, pointsM, at, scene, body, positionM, x, y, z);
    if (dark[body]) {
      albedos.fill(0, at, at + 3);
      viewers.fill(0, at, at + 3);
      continue;
    }
    const texture = textures[body];
    if (!texture) {
      albedos[at] = scene.albedos[body * 3]!;
      albedos[at + 1] = scene.albedos[body * 3 + 1]!;
      albedos[at + 2] = scene.albedos[body * 3 + 2]!;
      continue;
    }
    const facing = Math.abs(
      normals[at]! * viewers[at]! + normals[at + 1]! * viewers[at + 1]! + normals[at + 2]! * viewers[at + 2]!,
    );
    const widthM = depth / focalPx / Math.max(facing, 1 / LONGEST_FOOTPRINT);
    sampleAt(albedos, pointsM, normals, at, scene, body, texture, widthM);
  }
}

const sampled = new Float64Array(3);

function sampleAt(
  albedos: Float32Array,
  pointsM: Float64Array,
  normals: Float64Array,
  at: number,
  { positionsM, axes }: Scene,
  body: number,
  texture: PreparedTexture,
  widthM: number,
): void {
  const x = pointsM[at]! - positionsM[body * 3]!;
  const y = pointsM[at + 1]! - positionsM[body * 3 + 1]!;
  const z = pointsM[at + 2]! - positionsM[body * 3 + 2]!;
  const nx = normals[at]!;
  const ny = normals[at + 1]!;
  const nz = normals[at + 2]!;
  const k = body * 9;
  sampleTexture(
    texture,
    axes[k]! * x + axes[k + 1]! * y + axes[k + 2]! * z,
    axes[k + 3]! * x + axes[k + 4]! * y + axes[k + 5]! * z,
    axes[k + 6]! * x + axes[k + 7]! * y + axes[k + 8]! * z,
    axes[k]! * nx + axes[k + 1]! * ny + axes[k + 2]! * nz,
    axes[k + 3]! * nx + axes[k + 4]! * ny + axes[k + 5]! * nz,
    axes[k + 6]! * nx + axes[k + 7]! * ny + axes[k + 8]! * nz,
    widthM,
    sampled,
  );
  albedos.set(sampled, at);
}

/** Writes the normal, in the world, of what the ray from the camera along `d` meets at a point. */
function findNormal(
  normals: Float64Array,
  pointsM: Float64Array,
  at: number,
  scene: Scene,
  body: number,
  [px, py, pz]: Vec3,
  dx: number,
  dy: number,
  dz: number,
): void {
  const { kinds, positionsM, axes } = scene;
  const k = body * 9;
  const isMesh = kinds[body] === MESH;
  const rx = (isMesh ? px : pointsM[at]!) - positionsM[body * 3]!;
  const ry = (isMesh ? py : pointsM[at + 1]!) - positionsM[body * 3 + 1]!;
  const rz = (isMesh ? pz : pointsM[at + 2]!) - positionsM[body * 3 + 2]!;
  const x = axes[k]! * rx + axes[k + 1]! * ry + axes[k + 2]! * rz;
  const y = axes[k + 3]! * rx + axes[k + 4]! * ry + axes[k + 5]! * rz;
  const z = axes[k + 6]! * rx + axes[k + 7]! * ry + axes[k + 8]! * rz;
  if (isMesh) {
    const ex = axes[k]! * dx + axes[k + 1]! * dy + axes[k + 2]! * dz;
    const ey = axes[k + 3]! * dx + axes[k + 4]! * dy + axes[k + 5]! * dz;
    const ez = axes[k + 6]! * dx + axes[k + 7]! * dy + axes[k + 8]! * dz;
    meshNormalAlong(scene, body, x, y, z, ex, ey, ez);
  } else bodyNormal(scene, body, x, y, z);
  for (let axis = 0; axis < 3; axis++) {
    normals[at + axis] =
      axes[k + axis]! * found[0]! + axes[k + 3 + axis]! * found[1]! + axes[k + 6 + axis]! * found[2]!;
  }
}
