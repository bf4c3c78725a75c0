import { conjugate, multiply, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { subtract, type Vec3 } from '../../core/math/vector.js';
import { readPose } from '../ticks.js';
import type { Image } from './image.js';
import { type Pinhole, worldFromCamera } from './pinhole.js';
import type { Scene } from './scene.js';
import { type Coverage, cover } from './visibility.js';

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
    const start = row * width;
    let column = 0;
    while (column < width) {
      const label = instance[start + column]!;
      const first = column;
      do column += 1;
      while (column < width && instance[start + column] === label);
      if (label > 0) cover(seen, label - 1, row, first, column - 1, column - first);
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
  const found = new Float32Array(boxes.length);
  for (let index = 0; index < found.length; index++) {
    const last = (index & 3) >= 2 ? 1 : 0;
    found[index] = pixels[index >> 2] === 0 ? Number.NaN : boxes[index]! + last;
  }
  return found;
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
