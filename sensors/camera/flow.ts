import type { Image } from './image.js';
import type { Pinhole } from './pinhole.js';
import type { Scene } from './scene.js';
import type { Surfaces } from './surfaces.js';

/** Numbers of an affine map: three rows of a matrix, each followed by its shift. */
const MAP = 12;

/** Where bodies and camera were, for the flow of the next frame. */
export interface Then {
  readonly camera: Pinhole;
  /** [bodies, 3], [bodies, 9], [bodies]: as in `Scene`. */
  readonly positionsM: Float64Array;
  readonly axes: Float64Array;
  readonly present: Uint8Array;
}

/** Keeps where everything is now. */
export function remember(camera: Pinhole, { positionsM, axes, present }: Scene): Then {
  return { camera, positionsM: positionsM.slice(), axes: axes.slice(), present: present.slice() };
}

/**
 * Writes the optical flow of an image's rows: how far, in pixels to the right and down, what each pixel sees has moved in the
 * image since the last frame. Bodies are rigid; the background is taken as infinitely far.
 *
 * @param flow [height, width, 2]; NaN where the point was behind the camera or its body was not there.
 */
export function findFlow(
  flow: Float32Array,
  image: Image,
  { pointsM }: Surfaces,
  camera: Pinhole,
  scene: Scene,
  then: Then,
): void {
  const { instance, width } = image;
  const { forward, left, up, columnSlopes, rowSlopes, bent } = camera;
  const [centreX, centreY] = then.camera.principalPx;
  const maps = mapsToThen(scene, then);
  for (let row = image.top; row < image.bottom; row++) {
    for (let column = 0; column < width; column++) {
      const pixel = row * width + column;
      const body = instance[pixel]! - 1;
      let x: number;
      let y: number;
      let z: number;
      if (body >= 0) {
        x = pointsM[pixel * 3]!;
        y = pointsM[pixel * 3 + 1]!;
        z = pointsM[pixel * 3 + 2]!;
      } else {
        const u = bent === null ? columnSlopes[column]! : bent.u[pixel]!;
        const v = bent === null ? rowSlopes[row]! : bent.v[pixel]!;
        x = forward[0] + u * left[0] + v * up[0];
        y = forward[1] + u * left[1] + v * up[1];
        z = forward[2] + u * left[2] + v * up[2];
      }
      const m = (body + 1) * MAP;
      const depth = maps[m]! * x + maps[m + 1]! * y + maps[m + 2]! * z + maps[m + 3]!;
      const aside = maps[m + 4]! * x + maps[m + 5]! * y + maps[m + 6]! * z + maps[m + 7]!;
      const above = maps[m + 8]! * x + maps[m + 9]! * y + maps[m + 10]! * z + maps[m + 11]!;
      let right = depth > 0 ? -aside / depth : Number.NaN;
      let down = depth > 0 ? -above / depth : Number.NaN;
      if (bent !== null) [right, down] = bent.lens.distort(right, down);
      const { focalPx } = then.camera;
      flow[pixel * 2] = column + 0.5 - (centreX + focalPx * right);
      flow[pixel * 2 + 1] = row + 0.5 - (centreY + focalPx * down);
    }
  }
}

/**
 * [1 + bodies, MAP] from a point of a body in the world now to where it was in the frame of the camera then; the first map takes
 * directions of the background.
 */
function mapsToThen(scene: Scene, then: Then): Float64Array {
  const bodies = scene.kinds.length;
  const maps = new Float64Array((1 + bodies) * MAP);
  const { positionM, forward, left, up } = then.camera;
  for (const [row, axis] of [forward, left, up].entries()) {
    maps.set(axis, row * 4);
    for (let body = 0; body < bodies; body++) {
      const k = body * 9;
      const at = (body + 1) * MAP + row * 4;
      if (then.present[body] === 0) {
        maps[at + 3] = Number.NaN;
        continue;
      }
      // The row of (camera then)(body then)(body now)^T.
      const along = [0, 3, 6].map(
        (i) =>
          axis[0] * then.axes[k + i]! + axis[1] * then.axes[k + i + 1]! + axis[2] * then.axes[k + i + 2]!,
      );
      let shift = 0;
      for (let i = 0; i < 3; i++) {
        const turned =
          along[0]! * scene.axes[k + i]! +
          along[1]! * scene.axes[k + 3 + i]! +
          along[2]! * scene.axes[k + 6 + i]!;
        maps[at + i] = turned;
        shift +=
          axis[i]! * (then.positionsM[body * 3 + i]! - positionM[i]!) -
          turned * scene.positionsM[body * 3 + i]!;
      }
      maps[at + 3] = shift;
    }
  }
  return maps;
}
