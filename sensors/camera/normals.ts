import { intersectBody, meshHit } from './body-ray.js';
import type { Image } from './image.js';
import { meshNormal } from './mesh-intersection.js';
import type { Pinhole } from './pinhole.js';
import { BOX, CAPSULE, CONE, CYLINDER, MESH, type Scene, SPHERE, VIEW } from './scene.js';

/** The normal that `bodyNormal` found, in the body's frame. */
export const found = new Float64Array(3);

/** Writes to `found` the outward normal of a primitive at a point on it, in the body's frame. */
export function bodyNormal({ kinds, sizesM }: Scene, body: number, x: number, y: number, z: number): void {
  const hx = sizesM[body * 3]!;
  const hz = sizesM[body * 3 + 2]!;
  const kind = kinds[body]!;
  let nx = 0;
  let ny = 0;
  let nz = 0;
  if (kind === BOX) {
    const gapX = hx - Math.abs(x);
    const gapY = sizesM[body * 3 + 1]! - Math.abs(y);
    const gapZ = hz - Math.abs(z);
    if (gapX <= gapY && gapX <= gapZ) nx = x < 0 ? -1 : 1;
    else if (gapY <= gapZ) ny = y < 0 ? -1 : 1;
    else nz = z < 0 ? -1 : 1;
  } else {
    // Of a ball from its centre, of a capsule from the nearest point of its axis.
    const straight = hz - hx;
    const above =
      kind === SPHERE
        ? z
        : kind === CAPSULE
          ? z > straight
            ? z - straight
            : z < -straight
              ? z + straight
              : 0
          : 0;
    const radial = Math.sqrt(x * x + y * y + above * above);
    if (kind === CYLINDER && hz - Math.abs(z) < hx - radial) nz = z < 0 ? -1 : 1;
    else if (kind === CONE) {
      const slope = hx / (2 * hz);
      const scale = 1 / Math.sqrt(1 + slope * slope);
      // The wall or the base, whichever is nearer.
      if (radial === 0 || z + hz < (slope * (hz - z) - radial) * scale) nz = z < 0 ? -1 : 1;
      else {
        nx = (x / radial) * scale;
        ny = (y / radial) * scale;
        nz = slope * scale;
      }
    } else {
      nx = x / radial;
      ny = y / radial;
      nz = above / radial;
    }
  }
  found[0] = nx;
  found[1] = ny;
  found[2] = nz;
}

/** Writes to `found` the normal of the triangle of a mesh that a ray meets, on the side that it comes from. Body frame. */
export function meshNormalAlong(
  scene: Scene,
  body: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): void {
  intersectBody(scene, body, ox, oy, oz, dx, dy, dz, Number.POSITIVE_INFINITY);
  meshNormal(scene.meshes[body]!, meshHit[0]!, dx, dy, dz, found);
}

/** Faces of a box: -x, +x, -y, +y, -z, +z. */
const FACES = 6;

/**
 * Writes the normals of what an image's rows show, in the camera's frame.
 *
 * Run by run of pixels that show the same body; a box has no more than six normals, which are turned once.
 *
 * @param normal [height, width, 3]; zeros stay where there is nothing.
 * @param views [bodies, VIEW] of `viewFromBodies`.
 */
export function findNormals(
  normal: Float32Array,
  image: Image,
  camera: Pinhole,
  scene: Scene,
  views: Float64Array,
): void {
  const { instance, width, top, bottom } = image;
  const faces = camera.bent === null ? turnFaces(scene, views) : null;
  for (let row = top; row < bottom; row++) {
    const start = row * width;
    let column = 0;
    while (column < width) {
      const label = instance[start + column]!;
      let end = column + 1;
      while (end < width && instance[start + end] === label) end += 1;
      if (label > 0) {
        if (faces !== null && scene.kinds[label - 1] === BOX)
          turnBox(normal, image, camera, scene, views, faces, label - 1, row, column, end);
        else turnAny(normal, image, camera, scene, views, label - 1, row, column, end);
      }
      column = end;
    }
  }
}

/** [bodies, FACES, 3] the normals of each box's faces in the camera's frame. */
function turnFaces({ kinds }: Scene, views: Float64Array): Float64Array {
  const faces = new Float64Array(kinds.length * FACES * 3);
  for (let body = 0; body < kinds.length; body++) {
    if (kinds[body] !== BOX) continue;
    for (let face = 0; face < FACES; face++) {
      found.fill(0);
      found[face >> 1] = face % 2 === 0 ? -1 : 1;
      turn(faces, (body * FACES + face) * 3, views, body * VIEW);
    }
  }
  return faces;
}

/** Writes `found`, of a body's frame, in the camera's. */
function turn(out: Float32Array | Float64Array, index: number, views: Float64Array, at: number): void {
  const x = found[0]!;
  const y = found[1]!;
  const z = found[2]!;
  out[index] = x * views[at + 3]! + y * views[at + 4]! + z * views[at + 5]!;
  out[index + 1] = x * views[at + 6]! + y * views[at + 7]! + z * views[at + 8]!;
  out[index + 2] = x * views[at + 9]! + y * views[at + 10]! + z * views[at + 11]!;
}

/** Part of a row that shows a box, through a pinhole. */
function turnBox(
  normal: Float32Array,
  { depthM, width }: Image,
  { columnSlopes, rowSlopes }: Pinhole,
  { sizesM }: Scene,
  views: Float64Array,
  faces: Float64Array,
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
  const fx = views[at + 3]!;
  const fy = views[at + 4]!;
  const fz = views[at + 5]!;
  const lx = views[at + 6]!;
  const ly = views[at + 7]!;
  const lz = views[at + 8]!;
  const ux = v * views[at + 9]!;
  const uy = v * views[at + 10]!;
  const uz = v * views[at + 11]!;
  const hx = sizesM[body * 3]!;
  const hy = sizesM[body * 3 + 1]!;
  const hz = sizesM[body * 3 + 2]!;
  for (let column = begin; column < end; column++) {
    const pixel = row * width + column;
    const u = columnSlopes[column]!;
    const t = depthM[pixel]!;
    const x = ox + t * (fx + u * lx + ux);
    const y = oy + t * (fy + u * ly + uy);
    const z = oz + t * (fz + u * lz + uz);
    const gapX = hx - Math.abs(x);
    const gapY = hy - Math.abs(y);
    const gapZ = hz - Math.abs(z);
    const face =
      gapX <= gapY && gapX <= gapZ ? (x < 0 ? 0 : 1) : gapY <= gapZ ? (y < 0 ? 2 : 3) : z < 0 ? 4 : 5;
    const from = (body * FACES + face) * 3;
    normal[pixel * 3] = faces[from]!;
    normal[pixel * 3 + 1] = faces[from + 1]!;
    normal[pixel * 3 + 2] = faces[from + 2]!;
  }
}

/** Part of a row that shows a body of any shape, through any lens. */
function turnAny(
  normal: Float32Array,
  { depthM, width }: Image,
  { columnSlopes, rowSlopes, bent }: Pinhole,
  scene: Scene,
  views: Float64Array,
  body: number,
  row: number,
  begin: number,
  end: number,
): void {
  const at = body * VIEW;
  const isMesh = scene.kinds[body] === MESH;
  const ox = views[at]!;
  const oy = views[at + 1]!;
  const oz = views[at + 2]!;
  for (let column = begin; column < end; column++) {
    const pixel = row * width + column;
    const u = bent === null ? columnSlopes[column]! : bent.u[pixel]!;
    const v = bent === null ? rowSlopes[row]! : bent.v[pixel]!;
    const t = depthM[pixel]!;
    const dx = views[at + 3]! + u * views[at + 6]! + v * views[at + 9]!;
    const dy = views[at + 4]! + u * views[at + 7]! + v * views[at + 10]!;
    const dz = views[at + 5]! + u * views[at + 8]! + v * views[at + 11]!;
    if (isMesh) meshNormalAlong(scene, body, ox, oy, oz, dx, dy, dz);
    else bodyNormal(scene, body, ox + t * dx, oy + t * dy, oz + t * dz);
    turn(normal, pixel * 3, views, at);
  }
}
