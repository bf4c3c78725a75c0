import { MISS } from './intersection.js';
import type { Mesh } from './mesh.js';

/** Shares of a triangle by which it is widened, so that no ray slips through between two neighbours. */
const SEAM = 1e-12;

/** Trees have 64 levels of uneven cuts and, below them, one a binary digit of the count: one entry a level is enough. */
const stack = new Int32Array(128);
const stackNear = new Float64Array(128);

/**
 * Intersects a ray with a mesh, in the mesh's frame.
 *
 * @param tMost hits from here on do not count.
 * @param hit [1] the place of the triangle in `mesh.triangles`, overwritten; -1 for a miss.
 * @returns the smallest t > 0 with o + t d on a triangle, seen from either side; MISS otherwise.
 */
export function intersectMesh(
  mesh: Mesh,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
  tMost: number,
  hit: Int32Array,
): number {
  const { bounds, links, triangles } = mesh;
  const ix = 1 / (dx + 0);
  const iy = 1 / (dy + 0);
  const iz = 1 / (dz + 0);
  let best = tMost;
  hit[0] = -1;
  let depth = 0;
  let node = 0;
  if (enterBox(bounds, 0, ox, oy, oz, ix, iy, iz, best) === MISS) return MISS;
  for (;;) {
    const count = links[node * 2 + 1]!;
    if (count === 0) {
      const first = node + 1;
      const second = links[node * 2]!;
      const near = enterBox(bounds, first * 6, ox, oy, oz, ix, iy, iz, best);
      const far = enterBox(bounds, second * 6, ox, oy, oz, ix, iy, iz, best);
      if (near !== MISS || far !== MISS) {
        node = near <= far ? first : second;
        const other = near <= far ? far : near;
        if (other !== MISS) {
          stack[depth] = near <= far ? second : first;
          stackNear[depth] = other;
          depth += 1;
        }
        continue;
      }
    } else {
      const begin = links[node * 2]!;
      for (let triangle = begin; triangle < begin + count; triangle++) {
        const t = intersectTriangle(triangles, triangle * 9, ox, oy, oz, dx, dy, dz);
        if (t < best) {
          best = t;
          hit[0] = triangle;
        }
      }
    }
    do {
      if (depth === 0) return hit[0]! < 0 ? MISS : best;
      depth -= 1;
    } while (stackNear[depth]! > best);
    node = stack[depth]!;
  }
}

/** Tells whether a mesh stands in a ray's way before tMost, in the mesh's frame. */
export function meshOccludes(
  { bounds, links, triangles }: Mesh,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
  tMost: number,
): boolean {
  const ix = 1 / (dx + 0);
  const iy = 1 / (dy + 0);
  const iz = 1 / (dz + 0);
  let depth = 1;
  stack[0] = 0;
  while (depth > 0) {
    depth -= 1;
    const node = stack[depth]!;
    if (enterBox(bounds, node * 6, ox, oy, oz, ix, iy, iz, tMost) === MISS) continue;
    const begin = links[node * 2]!;
    const count = links[node * 2 + 1]!;
    if (count === 0) {
      stack[depth] = begin;
      stack[depth + 1] = node + 1;
      depth += 2;
      continue;
    }
    for (let triangle = begin; triangle < begin + count; triangle++) {
      if (intersectTriangle(triangles, triangle * 9, ox, oy, oz, dx, dy, dz) < tMost) return true;
    }
  }
  return false;
}

/**
 * Writes the unit normal of a triangle on the side that a ray comes from.
 *
 * @param triangle its place in `mesh.triangles`, as `intersectMesh` tells it.
 * @param out [3] in the mesh's frame, overwritten; zeros for a triangle without area.
 */
export function meshNormal(
  { triangles }: Mesh,
  triangle: number,
  dx: number,
  dy: number,
  dz: number,
  out: Float64Array,
): void {
  const at = triangle * 9;
  const ax = triangles[at + 3]!;
  const ay = triangles[at + 4]!;
  const az = triangles[at + 5]!;
  const bx = triangles[at + 6]!;
  const by = triangles[at + 7]!;
  const bz = triangles[at + 8]!;
  const x = ay * bz - az * by;
  const y = az * bx - ax * bz;
  const z = ax * by - ay * bx;
  const length = Math.sqrt(x * x + y * y + z * z);
  const scale = length === 0 ? 0 : (x * dx + y * dy + z * dz > 0 ? -1 : 1) / length;
  out[0] = x * scale;
  out[1] = y * scale;
  out[2] = z * scale;
}

/** Where a ray enters a box before tMost (slab method); 0 from within, MISS when it does not. */
function enterBox(
  bounds: Float64Array,
  at: number,
  ox: number,
  oy: number,
  oz: number,
  ix: number,
  iy: number,
  iz: number,
  tMost: number,
): number {
  let enter = 0;
  let leave = tMost;
  // A ray within a slab's plane and parallel to it makes NaN, which passes no comparison: the slab then does not count.
  let a = (bounds[at]! - ox) * ix;
  let b = (bounds[at + 3]! - ox) * ix;
  let low = a > b ? b : a;
  let high = a > b ? a : b;
  if (low > enter) enter = low;
  if (high < leave) leave = high;
  a = (bounds[at + 1]! - oy) * iy;
  b = (bounds[at + 4]! - oy) * iy;
  low = a > b ? b : a;
  high = a > b ? a : b;
  if (low > enter) enter = low;
  if (high < leave) leave = high;
  a = (bounds[at + 2]! - oz) * iz;
  b = (bounds[at + 5]! - oz) * iz;
  low = a > b ? b : a;
  high = a > b ? a : b;
  if (low > enter) enter = low;
  if (high < leave) leave = high;
  // Rounding must not part a flat box from the triangles in it.
  return enter <= leave * (1 + 1e-12) ? enter : MISS;
}

/** Intersects a ray with a triangle (Moeller and Trumbore 1997): t > 0, or MISS. */
function intersectTriangle(
  triangles: Float64Array,
  at: number,
  ox: number,
  oy: number,
  oz: number,
  dx: number,
  dy: number,
  dz: number,
): number {
  const ax = triangles[at + 3]!;
  const ay = triangles[at + 4]!;
  const az = triangles[at + 5]!;
  const bx = triangles[at + 6]!;
  const by = triangles[at + 7]!;
  const bz = triangles[at + 8]!;
  const px = dy * bz - dz * by;
  const py = dz * bx - dx * bz;
  const pz = dx * by - dy * bx;
  const determinant = ax * px + ay * py + az * pz;
  if (determinant === 0) return MISS;
  const inverse = 1 / determinant;
  const sx = ox - triangles[at]!;
  const sy = oy - triangles[at + 1]!;
  const sz = oz - triangles[at + 2]!;
  const u = (sx * px + sy * py + sz * pz) * inverse;
  if (!(u >= -SEAM && u <= 1 + SEAM)) return MISS;
  const qx = sy * az - sz * ay;
  const qy = sz * ax - sx * az;
  const qz = sx * ay - sy * ax;
  const v = (dx * qx + dy * qy + dz * qz) * inverse;
  if (!(v >= -SEAM && u + v <= 1 + SEAM)) return MISS;
  const t = (bx * qx + by * qy + bz * qz) * inverse;
  return t > 0 ? t : MISS;
}
