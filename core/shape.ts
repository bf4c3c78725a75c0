import type { Vec3 } from './math/vector.js';
import { type MassMoments, meshBounds, meshMoments } from './mesh-moments.js';

/**
 * A body's geometry in its own frame, centred on the origin; a mesh keeps its file's origin. The axis of a cylinder, a
 * capsule and a cone is the body's z; a cone's tip is at +z. `wallM` makes a sphere or a cylinder (a tube with closed
 * ends) hollow. `edgeRadiusM` rounds a box's edges where it touches; it looks and weighs as if they were sharp.
 */
export type Shape =
  | { readonly kind: 'box'; readonly halfExtentsM: Vec3; readonly edgeRadiusM?: number }
  | { readonly kind: 'sphere'; readonly radiusM: number; readonly wallM?: number }
  | {
      readonly kind: 'cylinder';
      readonly radiusM: number;
      readonly halfHeightM: number;
      readonly wallM?: number;
    }
  /** `halfHeightM` is half of the straight part. */
  | { readonly kind: 'capsule'; readonly radiusM: number; readonly halfHeightM: number }
  | { readonly kind: 'cone'; readonly radiusM: number; readonly halfHeightM: number }
  | {
      readonly kind: 'mesh';
      readonly file: string;
      /** [vertices x 3] x y z, m. */
      readonly verticesM: readonly number[];
      /** [triangles x 3] indices of vertices, counter-clockwise seen from outside. */
      readonly triangles: readonly number[];
    };

/** Returns a shape's volume of material (a hollow one's walls), m3; a mesh's by signed tetrahedra, so it must be closed. */
export function volumeM3(shape: Shape): number {
  return moments(shape).volumeM3;
}

/** Returns where a shape of uniform density has its centre of mass: the origin but for a cone and a mesh. Body frame, m. */
export function centreOfMassM(shape: Shape): Vec3 {
  return moments(shape).centreM;
}

/**
 * Returns a shape's moments of inertia about axes through its centre of mass that are parallel to the body's, at uniform
 * density, kg m2. They are principal but for a mesh, whose products of inertia are in `inertiaTensorOf`.
 */
export function inertiaOfShape(shape: Shape, massKg: number): Vec3 {
  if (shape.kind === 'box') {
    const [x, y, z] = shape.halfExtentsM;
    const third = massKg / 3;
    return [third * (y * y + z * z), third * (x * x + z * z), third * (x * x + y * y)];
  }
  const [x, y, z] = moments(shape).squareM2;
  return [massKg * (y + z), massKg * (x + z), massKg * (x + y)];
}

/** Returns `inertiaOfShape` with the products of inertia: xx yy zz xy xz yz of the tensor, kg m2. */
export function inertiaTensorOf(
  shape: Shape,
  massKg: number,
): readonly [number, number, number, number, number, number] {
  const [xy, xz, yz] = moments(shape).productM2;
  // A negative zero would tell a box from a mesh of the same box.
  return [...inertiaOfShape(shape, massKg), 0 - massKg * xy, 0 - massKg * xz, 0 - massKg * yz];
}

/** Returns the radius of the least sphere about the body's origin that holds the shape, m. */
export function boundingRadiusM(shape: Shape): number {
  switch (shape.kind) {
    case 'box': {
      const [x, y, z] = shape.halfExtentsM;
      return Math.sqrt(x * x + y * y + z * z);
    }
    case 'sphere':
      return shape.radiusM;
    case 'cylinder':
    case 'cone':
      return Math.sqrt(shape.radiusM * shape.radiusM + shape.halfHeightM * shape.halfHeightM);
    case 'capsule':
      return shape.radiusM + shape.halfHeightM;
    case 'mesh': {
      let most = 0;
      for (let i = 0; i + 2 < shape.verticesM.length; i += 3) {
        const x = shape.verticesM[i]!;
        const y = shape.verticesM[i + 1]!;
        const z = shape.verticesM[i + 2]!;
        most = Math.max(most, x * x + y * y + z * z);
      }
      return Math.sqrt(most);
    }
  }
}

/** Returns half of the shape's size along the body's axes, m; only a mesh's box may be off the origin (`boundsOf`). */
export function halfExtentsOf(shape: Shape): Vec3 {
  switch (shape.kind) {
    case 'box':
      return shape.halfExtentsM;
    case 'sphere':
      return [shape.radiusM, shape.radiusM, shape.radiusM];
    case 'cylinder':
    case 'cone':
      return [shape.radiusM, shape.radiusM, shape.halfHeightM];
    case 'capsule':
      return [shape.radiusM, shape.radiusM, shape.halfHeightM + shape.radiusM];
    case 'mesh': {
      const { leastM, mostM } = meshBounds(shape.verticesM);
      return [(mostM[0] - leastM[0]) / 2, (mostM[1] - leastM[1]) / 2, (mostM[2] - leastM[2]) / 2];
    }
  }
}

/** Returns the corners of the box along the body's axes that holds the shape, m. */
export function boundsOf(shape: Shape): { readonly leastM: Vec3; readonly mostM: Vec3 } {
  if (shape.kind === 'mesh') return meshBounds(shape.verticesM);
  const [x, y, z] = halfExtentsOf(shape);
  return { leastM: [-x, -y, -z], mostM: [x, y, z] };
}

/** By mesh: its sums run over all triangles. */
const known = new WeakMap<Shape, MassMoments>();

function moments(shape: Shape): MassMoments {
  switch (shape.kind) {
    case 'box': {
      const [x, y, z] = shape.halfExtentsM;
      return centred(8 * x * y * z, [(x * x) / 3, (y * y) / 3, (z * z) / 3]);
    }
    case 'sphere': {
      const ball = ballMoments(shape.radiusM);
      return shape.wallM === undefined ? ball : without(ball, ballMoments(shape.radiusM - shape.wallM));
    }
    case 'cylinder': {
      const rod = rodMoments(shape.radiusM, shape.halfHeightM);
      if (shape.wallM === undefined) return rod;
      return without(rod, rodMoments(shape.radiusM - shape.wallM, shape.halfHeightM - shape.wallM));
    }
    case 'capsule':
      return capsuleMoments(shape.radiusM, shape.halfHeightM);
    case 'cone': {
      const { radiusM: r, halfHeightM: h } = shape;
      const across = (3 / 20) * r * r;
      return {
        ...centred((2 / 3) * Math.PI * r * r * h, [across, across, (3 / 20) * h * h]),
        centreM: [0, 0, -h / 2],
      };
    }
    case 'mesh': {
      const found = known.get(shape) ?? meshMoments(shape.verticesM, shape.triangles);
      known.set(shape, found);
      return found;
    }
  }
}

function centred(volume: number, squareM2: Vec3): MassMoments {
  return { volumeM3: volume, centreM: [0, 0, 0], squareM2, productM2: [0, 0, 0] };
}

function ballMoments(radiusM: number): MassMoments {
  const fifth = (radiusM * radiusM) / 5;
  return centred((4 / 3) * Math.PI * radiusM * radiusM * radiusM, [fifth, fifth, fifth]);
}

function rodMoments(radiusM: number, halfHeightM: number): MassMoments {
  const quarter = (radiusM * radiusM) / 4;
  return centred(2 * Math.PI * radiusM * radiusM * halfHeightM, [
    quarter,
    quarter,
    (halfHeightM * halfHeightM) / 3,
  ]);
}

/** A rod with half a ball on each end, whose own centre is 3 r / 8 from its flat side. */
function capsuleMoments(radiusM: number, halfHeightM: number): MassMoments {
  const rod = rodMoments(radiusM, halfHeightM);
  const ball = ballMoments(radiusM);
  const total = rod.volumeM3 + ball.volumeM3;
  const share = ball.volumeM3 / total;
  const across = (1 - share) * rod.squareM2[0] + share * ball.squareM2[0];
  const ends = ball.squareM2[2] + halfHeightM * halfHeightM + (3 / 4) * halfHeightM * radiusM;
  return centred(total, [across, across, (1 - share) * rod.squareM2[2] + share * ends]);
}

/** Takes a hole of the same centre out of a solid. */
function without(solid: MassMoments, hole: MassMoments): MassMoments {
  const volume = solid.volumeM3 - hole.volumeM3;
  const left = (axis: 0 | 1 | 2): number =>
    (solid.volumeM3 * solid.squareM2[axis] - hole.volumeM3 * hole.squareM2[axis]) / volume;
  return centred(volume, [left(0), left(1), left(2)]);
}
