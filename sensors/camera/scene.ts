import type { Pose } from '../../core/math/quaternion.js';
import { rotate } from '../../core/math/quaternion.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { Shape, SimSpec } from '../../scenarios/contract.js';

/** What a camera sees of one body, set up for intersection: numbers only, so that the pixel loops stay monomorphic. */
export interface SceneObject {
  readonly shape: Shape;
  /** Radius of the sphere about the body's origin that holds it. */
  readonly boundingRadiusM: number;
  readonly albedo: Vec3;
  /** World from body: position and the images of the body's axes, written anew for each frame. */
  readonly position: Float64Array;
  /** Row-major 3 x 3: row i holds the body's axis i in the world, so that row . v is v's coordinate i in the body. */
  readonly axes: Float64Array;
}

/** Prepares the bodies of an episode. */
export function createScene(spec: SimSpec): SceneObject[] {
  return spec.bodies.map(({ shape, albedo }) => ({
    shape,
    boundingRadiusM: boundingRadius(shape),
    albedo,
    position: new Float64Array(3),
    axes: new Float64Array(9),
  }));
}

/** Moves an object to a pose. */
export function placeObject(object: SceneObject, { positionM, orientation }: Pose): void {
  object.position.set(positionM);
  object.axes.set(rotate(orientation, [1, 0, 0]), 0);
  object.axes.set(rotate(orientation, [0, 1, 0]), 3);
  object.axes.set(rotate(orientation, [0, 0, 1]), 6);
}

function boundingRadius(shape: Shape): number {
  switch (shape.kind) {
    case 'box': {
      const [x, y, z] = shape.halfExtentsM;
      return Math.sqrt(x * x + y * y + z * z);
    }
    case 'sphere':
      return shape.radiusM;
    case 'cylinder':
      return Math.sqrt(shape.radiusM * shape.radiusM + shape.halfHeightM * shape.halfHeightM);
  }
}
