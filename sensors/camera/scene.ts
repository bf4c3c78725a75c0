import { UmweltError } from '../../core/errors.js';
import { normaliseQuaternion, type Pose, rotate } from '../../core/math/quaternion.js';
import type { BodySpec } from '../../scenarios/contract.js';
import { createMesh, type Mesh } from './mesh.js';
import type { Pinhole } from './pinhole.js';

export const BOX = 0;
export const SPHERE = 1;
export const CYLINDER = 2;
export const CAPSULE = 3;
export const CONE = 4;
export const MESH = 5;

/** What a camera sees of the bodies, one after the other in flat arrays: the pixel loops read numbers only. */
export interface Scene {
  /** Names of the bodies, for messages. */
  readonly names: readonly string[];
  /** [bodies] BOX, SPHERE, CYLINDER, CAPSULE, CONE or MESH. */
  readonly kinds: Uint8Array;
  /**
   * [bodies, 3] half sizes along the body's own axes, m: of a sphere its radius, of round bodies radius, radius and half of the
   * whole height, of a mesh how far it reaches from its origin.
   */
  readonly sizesM: Float64Array;
  /** [bodies] null where the body is no mesh. */
  readonly meshes: readonly (Mesh | null)[];
  /** [bodies] 1 where the body is there; written by whoever places the bodies. */
  readonly present: Uint8Array;
  /** [bodies, 3] diffuse albedo, linear RGB. */
  readonly albedos: Float64Array;
  /** [bodies, 3] origin of the body in the world; `placeBody` writes it. */
  readonly positionsM: Float64Array;
  /** [bodies, 9] the body's axes x, y, z in the world, so that row k . v is v's coordinate k in the body; `placeBody` writes it. */
  readonly axes: Float64Array;
}

/** Prepares bodies for rendering, each at its initial pose. */
export function createScene(bodies: readonly BodySpec[]): Scene {
  const scene: Scene = {
    names: bodies.map(({ name }) => name),
    kinds: new Uint8Array(bodies.length),
    sizesM: new Float64Array(bodies.length * 3),
    meshes: bodies.map(({ name, shape }) => (shape.kind === 'mesh' ? createMesh(name, shape) : null)),
    present: new Uint8Array(bodies.length).fill(1),
    albedos: new Float64Array(bodies.length * 3),
    positionsM: new Float64Array(bodies.length * 3),
    axes: new Float64Array(bodies.length * 9),
  };
  for (const [body, { shape, albedo, pose }] of bodies.entries()) {
    scene.albedos.set(albedo, body * 3);
    switch (shape.kind) {
      case 'box':
        scene.kinds[body] = BOX;
        scene.sizesM.set(shape.halfExtentsM, body * 3);
        break;
      case 'sphere':
        scene.kinds[body] = SPHERE;
        scene.sizesM.fill(shape.radiusM, body * 3, body * 3 + 3);
        break;
      case 'cylinder':
        scene.kinds[body] = CYLINDER;
        scene.sizesM.set([shape.radiusM, shape.radiusM, shape.halfHeightM], body * 3);
        break;
      case 'capsule':
        scene.kinds[body] = CAPSULE;
        scene.sizesM.set([shape.radiusM, shape.radiusM, shape.halfHeightM + shape.radiusM], body * 3);
        break;
      case 'cone':
        scene.kinds[body] = CONE;
        scene.sizesM.set([shape.radiusM, shape.radiusM, shape.halfHeightM], body * 3);
        break;
      case 'mesh':
        scene.kinds[body] = MESH;
        scene.sizesM.set(reachOfMesh(scene.meshes[body]!), body * 3);
        break;
    }
    placeBody(scene, body, pose);
  }
  return scene;
}

/** How far a mesh reaches from its origin along each axis, either way. */
function reachOfMesh({ bounds }: Mesh): number[] {
  return [0, 1, 2].map((axis) => Math.max(Math.abs(bounds[axis]!), Math.abs(bounds[axis + 3]!)));
}

/**
 * Moves a body to a pose; its orientation is brought to unit norm.
 *
 * @throws UmweltError `invalid-input` when the pose is not finite.
 */
export function placeBody(scene: Scene, body: number, { positionM, orientation }: Pose): void {
  if (![...positionM, ...orientation].every(Number.isFinite)) {
    throw new UmweltError(
      'invalid-input',
      { body: scene.names[body], positionM, orientation },
      `camera: expected a finite pose of body ${scene.names[body]}, got position [${positionM.join(', ')}] and ` +
        `orientation [${orientation.join(', ')}]; look for an impossible mass or velocity in the scenario`,
    );
  }
  const unit = normaliseQuaternion(orientation);
  scene.positionsM.set(positionM, body * 3);
  scene.axes.set(rotate(unit, [1, 0, 0]), body * 9);
  scene.axes.set(rotate(unit, [0, 1, 0]), body * 9 + 3);
  scene.axes.set(rotate(unit, [0, 0, 1]), body * 9 + 6);
}

/** Projects a world vector on to axis `axis` (0 x, 1 y, 2 z) of a body. */
export function alongAxis(scene: Scene, body: number, axis: number, x: number, y: number, z: number): number {
  const at = body * 9 + axis * 3;
  return scene.axes[at]! * x + scene.axes[at + 1]! * y + scene.axes[at + 2]! * z;
}

/** Numbers of a camera's view in a body's frame: position, forward, left, up. */
export const VIEW = 12;

/** Turns the camera's position and axes into each body's frame: [bodies, VIEW]. */
export function viewFromBodies(camera: Pinhole, scene: Scene): Float64Array {
  const { positionM, forward, left, up } = camera;
  const views = new Float64Array(scene.kinds.length * VIEW);
  for (let body = 0; body < scene.kinds.length; body++) {
    const x = positionM[0] - scene.positionsM[body * 3]!;
    const y = positionM[1] - scene.positionsM[body * 3 + 1]!;
    const z = positionM[2] - scene.positionsM[body * 3 + 2]!;
    for (let axis = 0; axis < 3; axis++) {
      const at = body * VIEW + axis;
      views[at] = alongAxis(scene, body, axis, x, y, z);
      views[at + 3] = alongAxis(scene, body, axis, forward[0], forward[1], forward[2]);
      views[at + 6] = alongAxis(scene, body, axis, left[0], left[1], left[2]);
      views[at + 9] = alongAxis(scene, body, axis, up[0], up[1], up[2]);
    }
  }
  return views;
}

/** Measures how far a body reaches from its origin along a unit vector of the world (its support function), m. */
export function extentAlong(scene: Scene, body: number, x: number, y: number, z: number): number {
  const { kinds, sizesM } = scene;
  const at = body * 3;
  if (kinds[body] === SPHERE) return sizesM[at]!;
  const c = Math.abs(alongAxis(scene, body, 2, x, y, z));
  if (kinds[body] === CAPSULE) return (sizesM[at + 2]! - sizesM[at]!) * c + sizesM[at]!;
  if (kinds[body] === CYLINDER || kinds[body] === CONE) {
    return sizesM[at]! * Math.sqrt(Math.max(0, 1 - c * c)) + sizesM[at + 2]! * c;
  }
  const a = Math.abs(alongAxis(scene, body, 0, x, y, z));
  const b = Math.abs(alongAxis(scene, body, 1, x, y, z));
  return sizesM[at]! * a + sizesM[at + 1]! * b + sizesM[at + 2]! * c;
}

/** Tells whether a point of the world lies inside a body; a mesh is a surface without an inside. */
export function contains(scene: Scene, body: number, x: number, y: number, z: number): boolean {
  const { kinds, sizesM, positionsM } = scene;
  const at = body * 3;
  const rx = x - positionsM[at]!;
  const ry = y - positionsM[at + 1]!;
  const rz = z - positionsM[at + 2]!;
  const a = alongAxis(scene, body, 0, rx, ry, rz);
  const b = alongAxis(scene, body, 1, rx, ry, rz);
  const c = alongAxis(scene, body, 2, rx, ry, rz);
  const radius = sizesM[at]!;
  switch (kinds[body]) {
    case BOX:
      return Math.abs(a) < radius && Math.abs(b) < sizesM[at + 1]! && Math.abs(c) < sizesM[at + 2]!;
    case SPHERE:
      return a * a + b * b + c * c < radius * radius;
    case CAPSULE: {
      const beyond = Math.max(0, Math.abs(c) - (sizesM[at + 2]! - radius));
      return a * a + b * b + beyond * beyond < radius * radius;
    }
    case CONE: {
      const height = sizesM[at + 2]!;
      const wide = (radius * (height - c)) / (2 * height);
      return Math.abs(c) < height && a * a + b * b < wide * wide;
    }
    case MESH:
      return false;
    default:
      return a * a + b * b < radius * radius && Math.abs(c) < sizesM[at + 2]!;
  }
}
