import { cross, length, subtract, type Vec3 } from './math/vector.js';

/** Volume integrals of a shape: what its mass and inertia follow from. Body frame. */
export interface MassMoments {
  readonly volumeM3: number;
  readonly centreM: Vec3;
  /** Means of x^2, y^2, z^2 about the centre, m2. */
  readonly squareM2: Vec3;
  /** Means of xy, xz, yz about the centre, m2. */
  readonly productM2: Vec3;
}

/** Returns the corners of the box along the axes that holds all vertices ([vertices x 3], m); zeros without any. */
export function meshBounds(verticesM: readonly number[]): { readonly leastM: Vec3; readonly mostM: Vec3 } {
  const ends = (axis: number): [number, number] => {
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = axis; i < verticesM.length; i += 3) {
      least = Math.min(least, verticesM[i]!);
      most = Math.max(most, verticesM[i]!);
    }
    return least > most ? [0, 0] : [least, most];
  };
  const [x, y, z] = [ends(0), ends(1), ends(2)];
  return { leastM: [x[0], y[0], z[0]], mostM: [x[1], y[1], z[1]] };
}

/** Finds what keeps numbers from being a mesh; undefined where nothing does. */
export function faultOfMesh(
  verticesM: readonly number[],
  triangles: readonly number[],
): { readonly key: 'verticesM' | 'triangles'; readonly expected: string; readonly got: unknown } | undefined {
  if (triangles.length === 0) return { key: 'triangles', expected: 'at least one triangle', got: 'none' };
  if (triangles.length % 3 !== 0)
    return { key: 'triangles', expected: 'three indices a triangle', got: `${triangles.length} indices` };
  if (verticesM.length % 3 !== 0)
    return { key: 'verticesM', expected: 'three numbers a vertex', got: `${verticesM.length} numbers` };
  const odd = verticesM.find((value) => !Number.isFinite(value));
  if (odd !== undefined) return { key: 'verticesM', expected: 'finite numbers', got: odd };
  const count = verticesM.length / 3;
  const beyond = triangles.find((index) => !(Number.isInteger(index) && index >= 0 && index < count));
  if (beyond !== undefined)
    return { key: 'triangles', expected: `indices of the ${count} vertices`, got: beyond };
  if (hasArea(verticesM, triangles)) return undefined;
  return { key: 'triangles', expected: 'triangles with some area', got: 'points and lines only' };
}

function hasArea(verticesM: readonly number[], triangles: readonly number[]): boolean {
  const corner = (i: number): Vec3 => {
    const at = triangles[i]! * 3;
    return [verticesM[at]!, verticesM[at + 1]!, verticesM[at + 2]!];
  };
  for (let i = 0; i < triangles.length; i += 3) {
    const first = corner(i);
    if (length(cross(subtract(corner(i + 1), first), subtract(corner(i + 2), first))) > 0) return true;
  }
  return false;
}

/**
 * Integrates over the solid that a closed mesh bounds, as a sum of signed tetrahedra from the middle of its bounds to each
 * triangle (Tonon 2004, "Explicit exact formulas for the 3-D tetrahedron inertia tensor"). Triangles that all wind the
 * other way give the same solid; a surface that is open has no volume.
 *
 * @param verticesM [vertices x 3].
 * @param triangles [triangles x 3] indices of vertices.
 */
export function meshMoments(verticesM: readonly number[], triangles: readonly number[]): MassMoments {
  const { leastM, mostM } = meshBounds(verticesM);
  const middle = leastM.map((least, axis) => (least + mostM[axis]!) / 2) as unknown as Vec3;
  let six = 0;
  let area = 0;
  const areas = [0, 0, 0];
  const first = [0, 0, 0];
  const second = [0, 0, 0, 0, 0, 0];
  const corner = (index: number): Vec3 => [
    verticesM[index * 3]! - middle[0],
    verticesM[index * 3 + 1]! - middle[1],
    verticesM[index * 3 + 2]! - middle[2],
  ];
  for (let i = 0; i + 2 < triangles.length; i += 3) {
    const a = corner(triangles[i]!);
    const b = corner(triangles[i + 1]!);
    const c = corner(triangles[i + 2]!);
    const facing = cross(subtract(b, a), subtract(c, a));
    area += length(facing);
    for (const axis of [0, 1, 2]) areas[axis]! += facing[axis]!;
    const volume =
      a[0] * (b[1] * c[2] - b[2] * c[1]) +
      a[1] * (b[2] * c[0] - b[0] * c[2]) +
      a[2] * (b[0] * c[1] - b[1] * c[0]);
    six += volume;
    for (const axis of [0, 1, 2]) first[axis]! += volume * (a[axis]! + b[axis]! + c[axis]!);
    for (const [place, [p, q]] of PAIRS.entries()) {
      const sums = (a[p] + b[p] + c[p]) * (a[q] + b[q] + c[q]);
      second[place]! += volume * (sums + a[p] * a[q] + b[p] * b[q] + c[p] * c[q]);
    }
  }
  // The facets of a closed surface face all ways alike; where they do not, its volume depends on the origin.
  const isOpen = length(areas as unknown as Vec3) > MOST_OPEN * area;
  if (isOpen || six === 0) return { volumeM3: 0, centreM: middle, squareM2: [0, 0, 0], productM2: [0, 0, 0] };
  const mean = first.map((sum) => sum / (4 * six));
  const about = PAIRS.map(([p, q], place) => second[place]! / (20 * six) - mean[p]! * mean[q]!);
  return {
    volumeM3: Math.abs(six) / 6,
    centreM: [middle[0] + mean[0]!, middle[1] + mean[1]!, middle[2] + mean[2]!],
    squareM2: [about[0]!, about[1]!, about[2]!],
    productM2: [about[3]!, about[4]!, about[5]!],
  };
}

/** Share of its area that a surface may lack: small holes in a scan change little. */
const MOST_OPEN = 0.01;

const PAIRS = [
  [0, 0],
  [1, 1],
  [2, 2],
  [0, 1],
  [0, 2],
  [1, 2],
] as const;
