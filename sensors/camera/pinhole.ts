import { UmweltError } from '../../core/errors.js';
import { cos, sin, tan } from '../../core/math/exact.js';
import { normaliseQuaternion, type Pose, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { add, cross, length, normalise, scale, subtract, type Vec3 } from '../../core/math/vector.js';
import { type BentRays, bendRays } from './bent-rays.js';
import { createLens, focalLengthPx } from './lens.js';
import type { CameraSpecification } from './specification.js';

/**
 * A camera in the world. Its frame: x along the optical axis, y to the image's left, z to the image's top.
 *
 * The centre of the pixel in row r and column c lies at (c + 0.5, r + 0.5) from the image's top left corner; a pinhole
 * images a point (x, y, z) of the camera's frame at (cx - f y / x, cy - f z / x), a lens bends y / x and z / x first.
 */
export interface Pinhole {
  readonly width: number;
  readonly height: number;
  /** Focal length in pixels, the same along both axes. */
  readonly focalPx: number;
  /** Where the optical axis meets the image, px from its top left corner: column, row. */
  readonly principalPx: readonly [number, number];
  readonly positionM: Vec3;
  /** The camera's axes in the world's frame. */
  readonly forward: Vec3;
  readonly left: Vec3;
  readonly up: Vec3;
  /** [width] y / x of the ray through the centre of each column. */
  readonly columnSlopes: Float64Array;
  /** [height] z / x of the ray through the centre of each row. */
  readonly rowSlopes: Float64Array;
  /** Rays that a lens bends; null for a pinhole, whose rays the slopes of columns and rows tell. */
  readonly bent: BentRays | null;
}

const PLAIN_LENS = { kind: 'pinhole' } as const;
const WORLD_UP: Vec3 = [0, 0, 1];
/** Below this sine of the angle to the vertical, the image's left is taken as the world's +y. */
const VERTICAL = 1e-6;

/**
 * Places a camera so that its optical axis passes through the target and the carrier's z points up in the image, before it is
 * rolled. Where the axis is vertical, the image's left is the carrier's +y.
 *
 * @param name of the sensor, for messages.
 * @param offsetPx where in a pixel its ray passes, from the centre to the right and down.
 * @throws UmweltError `invalid-input` when the image is empty, the field of view is not between 0 and pi, the target is
 * where the camera is, or a coordinate is not finite.
 */
export function createPinhole(
  name: string,
  specification: View,
  offsetPx: readonly [number, number] = [0, 0],
): Pinhole {
  const { width, height, horizontalFovRad } = specification;
  const lens = createLens(specification.lens ?? PLAIN_LENS);
  const fail = (expected: string, got: string): never => {
    throw new UmweltError(
      'invalid-input',
      { sensor: name, width, height, horizontalFovRad },
      `sensors.${name}: expected ${expected}, got ${got}`,
    );
  };
  if (!(Number.isInteger(width) && width >= 1 && Number.isInteger(height) && height >= 1)) {
    fail('width and height to be whole numbers of pixels, 1 or more', `${width} x ${height}`);
  }
  if (!(horizontalFovRad > 0 && horizontalFovRad < Math.PI)) {
    fail('horizontalFovRad between 0 and pi, both excluded', `${horizontalFovRad}`);
  }
  const focalPx =
    (specification.lens ?? PLAIN_LENS).kind === 'pinhole'
      ? width / 2 / tan(horizontalFovRad / 2)
      : focalLengthPx(name, lens, horizontalFovRad, width);
  const [shiftX, shiftY] = specification.principalShiftPx ?? [0, 0];
  const principalPx = [width / 2 + shiftX - offsetPx[0], height / 2 + shiftY - offsetPx[1]] as const;
  const pinhole: Pinhole = {
    width,
    height,
    focalPx,
    principalPx,
    ...aim(name, specification),
    columnSlopes: slopes(width, principalPx[0], focalPx),
    rowSlopes: slopes(height, principalPx[1], focalPx),
    bent: null,
  };
  if ((specification.lens ?? PLAIN_LENS).kind === 'pinhole') return pinhole;
  return { ...pinhole, bent: bendRays(name, pinhole, lens) };
}

/** What of a camera's specification decides its rays. */
export type View = Pick<
  CameraSpecification,
  'width' | 'height' | 'horizontalFovRad' | 'positionM' | 'targetM'
> &
  Partial<Pick<CameraSpecification, 'lens' | 'principalShiftPx' | 'rollRad'>>;

/** Slopes of the ray through the point at `principal - index - 0.5` pixels from the principal point. */
function slopes(pixels: number, principal: number, focalPx: number): Float64Array {
  return Float64Array.from({ length: pixels }, (_, index) => (principal - index - 0.5) / focalPx);
}

type Axes = Pick<Pinhole, 'positionM' | 'forward' | 'left' | 'up'>;

/** Turns the camera to its target, then about its axis; frame of the camera's carrier. */
function aim(name: string, { positionM, targetM, rollRad = 0 }: View): Axes {
  const axis = subtract(targetM, positionM);
  const distance = length(axis);
  if (!(distance > 0) || !Number.isFinite(distance)) {
    throw new UmweltError(
      'invalid-input',
      { sensor: name, positionM, targetM },
      `sensors.${name}: expected finite positionM and targetM, apart from each other, got position ` +
        `[${positionM.join(', ')}] and target [${targetM.join(', ')}]`,
    );
  }
  const forward = normalise(axis);
  const sideways = cross(WORLD_UP, forward);
  const level: Vec3 =
    length(sideways) < VERTICAL ? normalise(cross(cross(forward, [0, 1, 0]), forward)) : normalise(sideways);
  if (rollRad === 0) return { positionM, forward, left: level, up: cross(forward, level) };
  const left = add(scale(level, cos(rollRad)), scale(cross(forward, level), sin(rollRad)));
  return { positionM, forward, left, up: cross(forward, left) };
}

/** Returns the camera carried to a pose: it was aimed in the frame of its carrier. The rays' slopes are shared. */
export function carry(camera: Pinhole, worldFromCarrier: Pose): Pinhole {
  const turn = (vector: Vec3): Vec3 => rotate(worldFromCarrier.orientation, vector);
  return {
    ...camera,
    positionM: add(worldFromCarrier.positionM, turn(camera.positionM)),
    forward: turn(camera.forward),
    left: turn(camera.left),
    up: turn(camera.up),
  };
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
