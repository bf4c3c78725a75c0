import { conjugate, multiply, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';
import { readPose } from '../ticks.js';
import type { Image } from './image.js';
import { type Pinhole, worldFromCamera } from './pinhole.js';
import type { Scene } from './scene.js';
import type { Coverage } from './visibility.js';

/** Where each body is in the image and before the camera; NaN for what cannot be seen or is not there. */
export interface Boxes {
  /** [bodies, 4] left, top, right, bottom edge of the pixels that show the body, px. */
  readonly boxVisiblePx: Float32Array;
  /** [bodies, 4] the same if nothing stood before it. */
  readonly boxAmodalPx: Float32Array;
  /** [bodies] pixels that show the body over those that would if nothing stood before it; 0 where it is out of sight. */
  readonly visibility: Float32Array;
  /** [bodies, 10] x y z, w x y z: camera from body; half extents along the body's axes about its origin, m. */
  readonly box3d: Float32Array;
}

/** Makes a coverage with nothing in it. */
export function createCoverage(bodies: number): Coverage {
  return { pixels: new Int32Array(bodies), boxes: new Int32Array(bodies * 4) };
}

/** Finds the boxes of all bodies. The arrays are new. */
export function findBoxes(
  { instance, width, height }: Image,
  coverage: Coverage,
  camera: Pinhole,
  scene: Scene,
  poses: Float64Array,
): Boxes {
  const bodies = scene.kinds.length;
  const seen = createCoverage(bodies);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const body = instance[row * width + column]! - 1;
      if (body < 0) continue;
      const at = body * 4;
      if (seen.pixels[body] === 0) seen.boxes.set([column, row, column, row], at);
      seen.pixels[body]! += 1;
      if (column < seen.boxes[at]!) seen.boxes[at] = column;
      if (column > seen.boxes[at + 2]!) seen.boxes[at + 2] = column;
      seen.boxes[at + 3] = row;
    }
  }
  const visibility = Float32Array.from(coverage.pixels, (whole, body) =>
    whole === 0 ? 0 : seen.pixels[body]! / whole,
  );
  return {
    boxVisiblePx: edges(seen),
    boxAmodalPx: edges(coverage),
    visibility,
    box3d: placesInCamera(camera, scene, poses),
  };
}

function edges({ pixels, boxes }: Coverage): Float32Array {
  return Float32Array.from(boxes, (value, index) => {
    if (pixels[index >> 2] === 0) return Number.NaN;
    return (index & 3) >= 2 ? value + 1 : value;
  });
}

function placesInCamera(camera: Pinhole, { sizesM, present }: Scene, poses: Float64Array): Float32Array {
  const { positionM, orientation } = worldFromCamera(camera);
  const cameraFromWorld = conjugate(orientation);
  const places = new Float32Array(present.length * 10).fill(Number.NaN);
  for (let body = 0; body < present.length; body++) {
    if (present[body] === 0) continue;
    const pose = readPose(poses, body);
    const centre: Vec3 = rotate(cameraFromWorld, subtract(pose.positionM, positionM));
    const turn: Quaternion = multiply(cameraFromWorld, pose.orientation);
    places.set([...centre, ...turn, ...sizesM.subarray(body * 3, body * 3 + 3)], body * 10);
  }
  return places;
}
