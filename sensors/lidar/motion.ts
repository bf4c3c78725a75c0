import type { SimSpec } from '../../scenarios/contract.js';
import type { SimFrame } from '../../sim/contract.js';
import { BOX, CAPSULE, createScene, MESH, placeBody, type Scene, SPHERE } from '../camera/scene.js';
import { readPose } from '../ticks.js';

/** All bodies between two frames, each on a straight line and along the shorter arc, as `poseAt` has it. */
export interface Motion {
  readonly scene: Scene;
  /** [bodies] radius of a ball about the body's origin that holds it, m. */
  readonly radiiM: Float64Array;
  /** [bodies, 7] pose at the earlier frame; the quaternion's sign is the later one's. */
  readonly from: Float64Array;
  /** [bodies, 7] change of each number of the pose up to the later frame. */
  readonly change: Float64Array;
  /** [bodies] 1 where the pose changes. */
  readonly moves: Uint8Array;
  /** [bodies] 1 where the body's orientation changes. */
  readonly turns: Uint8Array;
  /** [bodies] the fraction for which the scene holds a turning body's axes; NaN for none. */
  readonly placedAt: Float64Array;
}

export function createMotion({ bodies }: Pick<SimSpec, 'bodies'>): Motion {
  const scene = createScene(bodies);
  const count = bodies.length;
  return {
    scene,
    radiiM: Float64Array.from({ length: count }, (_, body) => radiusOf(scene, body)),
    from: new Float64Array(count * 7).fill(Number.NaN),
    change: new Float64Array(count * 7),
    moves: new Uint8Array(count),
    turns: new Uint8Array(count),
    placedAt: new Float64Array(count),
  };
}

function radiusOf({ kinds, sizesM }: Scene, body: number): number {
  const [x, y, z] = [sizesM[body * 3]!, sizesM[body * 3 + 1]!, sizesM[body * 3 + 2]!];
  if (kinds[body] === SPHERE || kinds[body] === CAPSULE) return z;
  // Of round bodies the rim, of boxes and meshes the corner of the box around them.
  const isBoxed = kinds[body] === BOX || kinds[body] === MESH;
  return Math.sqrt(x * x + (isBoxed ? y * y : 0) + z * z);
}

/**
 * Moves on to the interval between two frames.
 *
 * @throws UmweltError `invalid-input` when a pose is not finite.
 */
export function placeBetween(motion: Motion, before: SimFrame, after: SimFrame): void {
  const { scene, from, change, moves, turns, placedAt } = motion;
  for (let body = 0; body < moves.length; body++) {
    const at = body * 7;
    const sign = signOf(before.poses, after.poses, at + 3);
    // A body that turned has axes of some moment in between.
    let isPlaced = turns[body] === 0;
    let sum = 0;
    moves[body] = 0;
    turns[body] = 0;
    for (let k = 0; k < 7; k++) {
      const start = before.poses[at + k]! * (k < 3 ? 1 : sign);
      const difference = after.poses[at + k]! - start;
      if (k > 2 && start !== from[at + k]) isPlaced = false;
      from[at + k] = start;
      change[at + k] = difference;
      sum += difference;
      if (difference === 0) continue;
      moves[body] = 1;
      if (k > 2) turns[body] = 1;
    }
    placedAt[body] = Number.NaN;
    scene.present[body] = after.present[body]!;
    if (!Number.isFinite(sum)) placeBody(scene, body, readPose(after.poses, body));
    if (!isPlaced && turns[body] === 0) placeBody(scene, body, readPose(after.poses, body));
  }
}

function signOf(a: Float64Array, b: Float64Array, at: number): number {
  return a[at]! * b[at]! + a[at + 1]! * b[at + 1]! + a[at + 2]! * b[at + 2]! + a[at + 3]! * b[at + 3]! < 0
    ? -1
    : 1;
}

/** Turns a body's axes in the scene to where they are at a fraction of the interval. */
export function turnBody({ scene, from, change, placedAt }: Motion, body: number, fraction: number): void {
  if (placedAt[body] === fraction) return;
  placedAt[body] = fraction;
  const at = body * 7 + 3;
  let w = from[at]! + change[at]! * fraction;
  let x = from[at + 1]! + change[at + 1]! * fraction;
  let y = from[at + 2]! + change[at + 2]! * fraction;
  let z = from[at + 3]! + change[at + 3]! * fraction;
  const norm = Math.sqrt(w * w + x * x + y * y + z * z);
  w /= norm;
  x /= norm;
  y /= norm;
  z /= norm;
  writeAxes(scene.axes, body * 9, w, x, y, z);
}

/** Writes the rotated unit vectors x, y and z one after the other. */
export function writeAxes(axes: Float64Array, at: number, w: number, x: number, y: number, z: number): void {
  axes[at] = 1 - 2 * (y * y + z * z);
  axes[at + 1] = 2 * (x * y + w * z);
  axes[at + 2] = 2 * (x * z - w * y);
  axes[at + 3] = 2 * (x * y - w * z);
  axes[at + 4] = 1 - 2 * (x * x + z * z);
  axes[at + 5] = 2 * (y * z + w * x);
  axes[at + 6] = 2 * (x * z + w * y);
  axes[at + 7] = 2 * (y * z - w * x);
  axes[at + 8] = 1 - 2 * (x * x + y * y);
}
