import type { Vec3 } from '../../core/math/vector.js';
import type { Image } from './image.js';
import type { Pinhole } from './pinhole.js';
import type { Scene } from './scene.js';

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
 * @param flowPx [height, width, 2]; NaN where the point was behind the camera or its body was not there.
 */
export function findFlow(
  flowPx: Float32Array,
  image: Image,
  camera: Pinhole,
  scene: Scene,
  then: Then,
): void {
  const { instance, width, top, bottom } = image;
  const maps = mapsToThen(camera, scene, then);
  for (let row = top; row < bottom; row++) {
    const start = row * width;
    let column = 0;
    while (column < width) {
      const label = instance[start + column]!;
      let end = column + 1;
      while (end < width && instance[start + end] === label) end += 1;
      if (camera.bent === null) flowStraight(flowPx, image, camera, maps, label, row, column, end);
      else flowBent(flowPx, image, camera, maps, label, row, column, end);
      column = end;
    }
  }
}

/** Part of a row that shows one body, or the background, through a pinhole. */
function flowStraight(
  flowPx: Float32Array,
  { depthM, width }: Image,
  { columnSlopes, rowSlopes, focalPx, principalPx }: Pinhole,
  maps: Float64Array,
  label: number,
  row: number,
  begin: number,
  end: number,
): void {
  const m = label * MAP;
  const [centreX, centreY] = principalPx;
  const v = rowSlopes[row]!;
  const forward = maps[m]!;
  const forwardU = maps[m + 1]!;
  const forwardV = maps[m + 2]! * v;
  const forwardNear = maps[m + 3]!;
  const left = maps[m + 4]!;
  const leftU = maps[m + 5]!;
  const leftV = maps[m + 6]! * v;
  const leftNear = maps[m + 7]!;
  const up = maps[m + 8]!;
  const upU = maps[m + 9]!;
  const upV = maps[m + 10]! * v;
  const upNear = maps[m + 11]!;
  for (let column = begin; column < end; column++) {
    const pixel = row * width + column;
    const u = columnSlopes[column]!;
    // Divided by the depth, which leaves the projection as it is; the background's shift fades with it.
    const near = label === 0 ? 0 : 1 / depthM[pixel]!;
    const depth = forward + forwardU * u + forwardV + forwardNear * near;
    const scale = depth > 0 ? -1 / depth : Number.NaN;
    const right = (left + leftU * u + leftV + leftNear * near) * scale;
    const down = (up + upU * u + upV + upNear * near) * scale;
    flowPx[pixel * 2] = column + 0.5 - (centreX + focalPx * right);
    flowPx[pixel * 2 + 1] = row + 0.5 - (centreY + focalPx * down);
  }
}

/** The same through a lens. */
function flowBent(
  flowPx: Float32Array,
  { depthM, width }: Image,
  { bent, focalPx, principalPx }: Pinhole,
  maps: Float64Array,
  label: number,
  row: number,
  begin: number,
  end: number,
): void {
  const m = label * MAP;
  const [centreX, centreY] = principalPx;
  for (let column = begin; column < end; column++) {
    const pixel = row * width + column;
    const u = bent!.u[pixel]!;
    const v = bent!.v[pixel]!;
    const near = label === 0 ? 0 : 1 / depthM[pixel]!;
    const depth = maps[m]! + maps[m + 1]! * u + maps[m + 2]! * v + maps[m + 3]! * near;
    const scale = depth > 0 ? -1 / depth : Number.NaN;
    const [right, down] = bent!.lens.distort(
      (maps[m + 4]! + maps[m + 5]! * u + maps[m + 6]! * v + maps[m + 7]! * near) * scale,
      (maps[m + 8]! + maps[m + 9]! * u + maps[m + 10]! * v + maps[m + 11]! * near) * scale,
    );
    flowPx[pixel * 2] = column + 0.5 - (centreX + focalPx * right);
    flowPx[pixel * 2 + 1] = row + 0.5 - (centreY + focalPx * down);
  }
}

/**
 * [1 + bodies, MAP] from a point of a body in the camera's frame now to where it was in the camera's frame then; the first map takes
 * directions of the background.
 */
function mapsToThen(camera: Pinhole, scene: Scene, then: Then): Float64Array {
  const bodies = scene.kinds.length;
  const maps = new Float64Array((1 + bodies) * MAP);
  const now: readonly Vec3[] = [camera.forward, camera.left, camera.up];
  for (const [row, axis] of [then.camera.forward, then.camera.left, then.camera.up].entries()) {
    for (let i = 0; i < 3; i++) maps[row * 4 + i] = along(axis, now[i]!);
    for (let body = 0; body < bodies; body++) {
      const at = (body + 1) * MAP + row * 4;
      if (then.present[body] === 0) {
        maps[at + 3] = Number.NaN;
        continue;
      }
      const carried = carriedBack(axis, body, scene, then);
      let shift = 0;
      for (let i = 0; i < 3; i++) {
        maps[at + i] = along(carried, now[i]!);
        shift += axis[i]! * (then.positionsM[body * 3 + i]! - then.camera.positionM[i]!);
        shift += carried[i]! * (camera.positionM[i]! - scene.positionsM[body * 3 + i]!);
      }
      maps[at + 3] = shift;
    }
  }
  return maps;
}

/** A direction of the world then, turned with the body to now: axis (body then) (body now)^T. */
function carriedBack(axis: Vec3, body: number, scene: Scene, then: Then): Vec3 {
  const turned = [0, 0, 0];
  for (let k = body * 9; k < body * 9 + 9; k += 3) {
    const share = axis[0] * then.axes[k]! + axis[1] * then.axes[k + 1]! + axis[2] * then.axes[k + 2]!;
    for (let i = 0; i < 3; i++) turned[i]! += share * scene.axes[k + i]!;
  }
  return turned as unknown as Vec3;
}

function along(a: Vec3, b: Vec3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
