import { UmweltError } from '../../core/errors.js';
import { tan } from '../../core/math/exact.js';
import { normaliseQuaternion, type Pose, type Quaternion } from '../../core/math/quaternion.js';
import { cross, length, normalise, subtract, type Vec3 } from '../../core/math/vector.js';
import type { CameraSpecification } from './specification.js';

/** A pinhole camera in the world. Its frame: x along the optical axis, y to the image's left, z to the image's top. */
export interface Pinhole {
  readonly width: number;
  readonly height: number;
  /** Focal length in pixels, the same along both axes; the principal point is the image's centre. */
  readonly focalPx: number;
  readonly positionM: Vec3;
  /** The camera's axes in the world's frame. */
  readonly forward: Vec3;
  readonly left: Vec3;
  readonly up: Vec3;
}

const WORLD_UP: Vec3 = [0, 0, 1];
/** Below this sine of the angle to the vertical, the image's left is taken as the world's +y. */
const VERTICAL = 1e-6;

/**
 * Places a camera so that its optical axis passes through the target and the world's z points up in the image.
 *
 * @throws UmweltError `invalid-input` when the target is where the camera is, or a coordinate is not finite.
 */
export function createPinhole(name: string, specification: CameraSpecification): Pinhole {
  const { width, height, horizontalFovRad, positionM, targetM } = specification;
  const axis = subtract(targetM, positionM);
  const distance = length(axis);
  if (!(distance > 0) || !Number.isFinite(distance)) {
    throw new UmweltError(
      'invalid-input',
      { sensor: name, positionM, targetM },
      `sensors.${name}: expected a target apart from the camera, got position [${positionM}] and target [${targetM}]`,
    );
  }
  const forward = normalise(axis);
  const sideways = cross(WORLD_UP, forward);
  const left: Vec3 = length(sideways) < VERTICAL ? [0, 1, 0] : normalise(sideways);
  const up = normalise(cross(forward, left));
  return { width, height, focalPx: width / 2 / tan(horizontalFovRad / 2), positionM, forward, left, up };
}

/** Returns the pose of the camera's frame in the world. */
export function worldFromCamera({ positionM, forward, left, up }: Pinhole): Pose {
  return { positionM, orientation: quaternionFromAxes(forward, left, up) };
}

/** Converts a rotation, given by the images of the axes, to a quaternion (Shepperd 1978). */
function quaternionFromAxes(x: Vec3, y: Vec3, z: Vec3): Quaternion {
  const trace = x[0] + y[1] + z[2];
  const squares = [trace, x[0], y[1], z[2]];
  const largest = squares.indexOf(Math.max(...squares));
  switch (largest) {
    case 0:
      return normaliseQuaternion([1 + trace, y[2] - z[1], z[0] - x[2], x[1] - y[0]]);
    case 1:
      return normaliseQuaternion([y[2] - z[1], 1 + 2 * x[0] - trace, x[1] + y[0], z[0] + x[2]]);
    case 2:
      return normaliseQuaternion([z[0] - x[2], x[1] + y[0], 1 + 2 * y[1] - trace, y[2] + z[1]]);
    default:
      return normaliseQuaternion([x[1] - y[0], z[0] + x[2], y[2] + z[1], 1 + 2 * z[2] - trace]);
  }
}

/** Bounds of a part of the image, in pixels; `right` and `bottom` are exclusive. */
export interface PixelBounds {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Bounds the image of a sphere; null when it lies behind the camera or outside the image. */
export function boundSphere(
  camera: Pinhole,
  x: number,
  y: number,
  z: number,
  radius: number,
): PixelBounds | null {
  if (x <= -radius) return null;
  const { width, height, focalPx } = camera;
  const columns = boundSlopes(x, y, radius);
  const rows = boundSlopes(x, z, radius);
  // Slopes grow to the left and to the top, pixel indices to the right and to the bottom. One pixel of margin.
  const left = Math.max(0, Math.floor(width / 2 - columns[1] * focalPx) - 1);
  const right = Math.min(width, Math.ceil(width / 2 - columns[0] * focalPx) + 1);
  const top = Math.max(0, Math.floor(height / 2 - rows[1] * focalPx) - 1);
  const bottom = Math.min(height, Math.ceil(height / 2 - rows[0] * focalPx) + 1);
  return left < right && top < bottom ? { left, right, top, bottom } : null;
}

/** Slopes of the two tangents from the origin to a circle at (x, y); unbounded when it reaches beside the origin. */
function boundSlopes(x: number, y: number, radius: number): readonly [number, number] {
  const denominator = x * x - radius * radius;
  if (x <= radius) return [-1e9, 1e9];
  const root = radius * Math.sqrt(x * x + y * y - radius * radius);
  return [(x * y - root) / denominator, (x * y + root) / denominator];
}
