import { UmweltError } from '../../core/errors.js';
import { tan } from '../../core/math/exact.js';
import { normaliseQuaternion, type Pose, type Quaternion } from '../../core/math/quaternion.js';
import { cross, length, normalise, subtract, type Vec3 } from '../../core/math/vector.js';
import type { CameraSpecification } from './specification.js';

/**
 * A pinhole camera in the world. Its frame: x along the optical axis, y to the image's left, z to the image's top.
 *
 * The centre of the pixel in row r and column c lies at (c + 0.5, r + 0.5) from the image's top left corner; a point
 * (x, y, z) of the camera's frame is imaged at (cx - f y / x, cy - f z / x), with the principal point in the image's centre.
 */
export interface Pinhole {
  readonly width: number;
  readonly height: number;
  /** Focal length in pixels, the same along both axes. */
  readonly focalPx: number;
  readonly positionM: Vec3;
  /** The camera's axes in the world's frame. */
  readonly forward: Vec3;
  readonly left: Vec3;
  readonly up: Vec3;
  /** [width] y / x of the ray through the centre of each column. */
  readonly columnSlopes: Float64Array;
  /** [height] z / x of the ray through the centre of each row. */
  readonly rowSlopes: Float64Array;
}

const WORLD_UP: Vec3 = [0, 0, 1];
/** Below this sine of the angle to the vertical, the image's left is taken as the world's +y. */
const VERTICAL = 1e-6;

/**
 * Places a camera so that its optical axis passes through the target and the world's z points up in the image. Where the
 * axis is vertical, the image's left is the world's +y.
 *
 * @param name of the sensor, for messages.
 * @throws UmweltError `invalid-input` when the image is empty, the field of view is not between 0 and pi, the target is
 * where the camera is, or a coordinate is not finite.
 */
export function createPinhole(
  name: string,
  specification: Pick<CameraSpecification, 'width' | 'height' | 'horizontalFovRad' | 'positionM' | 'targetM'>,
): Pinhole {
  const { width, height, horizontalFovRad, positionM, targetM } = specification;
  const fail = (expected: string, got: string): never => {
    throw new UmweltError(
      'invalid-input',
      { sensor: name, width, height, horizontalFovRad, positionM, targetM },
      `sensors.${name}: expected ${expected}, got ${got}`,
    );
  };
  if (!(Number.isInteger(width) && width >= 1 && Number.isInteger(height) && height >= 1)) {
    fail('width and height to be whole numbers of pixels, 1 or more', `${width} x ${height}`);
  }
  if (!(horizontalFovRad > 0 && horizontalFovRad < Math.PI)) {
    fail('horizontalFovRad between 0 and pi, both excluded', `${horizontalFovRad}`);
  }
  const axis = subtract(targetM, positionM);
  const distance = length(axis);
  if (!(distance > 0) || !Number.isFinite(distance)) {
    fail(
      'finite positionM and targetM, apart from each other',
      `position [${positionM.join(', ')}] and target [${targetM.join(', ')}]`,
    );
  }
  const forward = normalise(axis);
  const sideways = cross(WORLD_UP, forward);
  const left: Vec3 =
    length(sideways) < VERTICAL ? normalise(cross(cross(forward, [0, 1, 0]), forward)) : normalise(sideways);
  const focalPx = width / 2 / tan(horizontalFovRad / 2);
  return {
    width,
    height,
    focalPx,
    positionM,
    forward,
    left,
    up: cross(forward, left),
    columnSlopes: slopes(width, focalPx),
    rowSlopes: slopes(height, focalPx),
  };
}

function slopes(pixels: number, focalPx: number): Float64Array {
  return Float64Array.from({ length: pixels }, (_, index) => (pixels / 2 - index - 0.5) / focalPx);
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
