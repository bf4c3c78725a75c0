import { normaliseQuaternion, type Quaternion, rotate } from '../../core/math/quaternion.js';
import type { Vec3 } from '../../core/math/vector.js';
import { decodePicture, pictureSize } from './encoded-picture.js';
import { pointCloud } from './mcap-points.js';
import type { MessageObject } from './mcap-protobuf.js';
import { rawImage } from './mcap-raw-image.js';
import {
  at,
  bytesAt,
  field,
  frameOf,
  listAt,
  numberAt,
  numbersAt,
  type Reading,
  single,
  textAt,
  vectorAt,
} from './mcap-reading.js';

/** Turns a message into readings. Throws plain Errors that say what is wrong with the message. */
export type ReadMessage = (message: MessageObject) => readonly Reading[] | Promise<readonly Reading[]>;

/** How far from 1 a quaternion's norm may be. */
const NORM_TOLERANCE = 0.01;

/** Messages that are a sense of the project, by the name of their schema (https://docs.foxglove.dev/docs/sdk/schemas). */
const SENSES: Readonly<Record<string, ReadMessage>> = {
  'foxglove.CompressedImage': compressedImage,
  'foxglove.RawImage': (message) => [rawImage(message)],
  'foxglove.PoseInFrame': (message) => [
    pose('', message, ['pose', 'position'], ['pose', 'orientation'], { frame: frameOf(message) }),
  ],
  'foxglove.FrameTransform': (message) => [transform(message)],
  'foxglove.FrameTransforms': (message) =>
    listAt(message, 'transforms').map((one) => transform(one as MessageObject)),
  'foxglove.LaserScan': (message) => [laserScan(message)],
  'foxglove.PointCloud': (message) => [pointCloud(message, turner(message, ['pose']))],
  'foxglove.LocationFix': (message) => [locationFix(message)],
};

/**
 * Finds how a schema's messages are a sense of the project.
 *
 * @param otherwise reads those that are only numbers.
 */
export function senseOf(schemaName: string, otherwise: ReadMessage): ReadMessage {
  const known = SENSES[schemaName.replace(/^foxglove_msgs(?:\/msg)?\//, 'foxglove.')];
  if (known !== undefined) return known;
  // ROS has it as sensor_msgs/Imu and sensor_msgs/msg/Imu, protobuf copies of it as ros.sensor_msgs.Imu; others have other fields.
  if (!/(?:^|[./])Imu$/.test(schemaName)) return otherwise;
  return (message) => (isRosImu(message) ? imu(message) : otherwise(message));
}

function isRosImu(message: MessageObject): boolean {
  return ['linear_acceleration', 'angular_velocity'].every((name) => at(message, [name, 'z']) !== undefined);
}

async function compressedImage(message: MessageObject): Promise<readonly Reading[]> {
  const bytes = bytesAt(message, 'data');
  const { width, height } = await pictureSize(bytes);
  const fields = [field('colour', 'uint8', [height, width, 3], 'sRGB', 'red, green, blue; top row first')];
  const values = async () => ({ colour: (await decodePicture(bytes)).colour });
  return [single('camera', fields, values, { frame: frameOf(message) })];
}

function transform(message: MessageObject): Reading {
  const child = textAt(message, 'child_frame_id');
  const parent = textAt(message, 'parent_frame_id');
  return pose(child, message, ['translation'], ['rotation'], { frame: parent, child });
}

function pose(
  part: string,
  message: MessageObject,
  position: readonly string[],
  orientation: readonly string[],
  metadata: Reading['metadata'],
): Reading {
  const fields = [
    field('positionM', 'float64', [1, 3], 'm', 'origin of the body in the frame of metadata.frame'),
    field('orientation', 'float64', [1, 4], '1', 'unit quaternion w x y z, frame from body'),
  ];
  const values = {
    positionM: Float64Array.from(vectorAt(message, ...position)),
    orientation: Float64Array.from(quaternionAt(message, orientation)),
  };
  return {
    ...single('truth', fields, () => values, { bodies: [{ name: part || 'body' }], ...metadata }),
    part,
  };
}

function quaternionAt(message: MessageObject, path: readonly string[]): Quaternion {
  const [x, y, z] = vectorAt(message, ...path);
  const raw: Quaternion = [numberAt(message, ...path, 'w'), x, y, z];
  const norm = Math.sqrt(raw.reduce((sum, part) => sum + part * part, 0));
  if (Math.abs(norm - 1) <= NORM_TOLERANCE) return normaliseQuaternion(raw);
  throw new Error(`the quaternion "${path.join('.')}" has norm ${norm}, not 1`);
}

/** How a pose in a message moves points; one that is absent or all zeros (an unset protobuf message) moves nothing. */
function turner(message: MessageObject, path: readonly string[]): (point: Vec3) => Vec3 {
  const parts = ['x', 'y', 'z', 'w'].map((axis) => at(message, [...path, 'orientation', axis]));
  if (parts.every((part) => part === undefined || part === 0)) return (point) => point;
  const rotation = quaternionAt(message, [...path, 'orientation']);
  const [x, y, z] = vectorAt(message, ...path, 'position');
  return (point) => {
    const turned = rotate(rotation, point);
    return [turned[0] + x, turned[1] + y, turned[2] + z];
  };
}

function laserScan(message: MessageObject): Reading {
  const ranges = numbersAt(message, 'ranges');
  const intensities = numbersAt(message, 'intensities');
  const shape = [1, ranges.length, 1];
  if (ranges.length === 0) throw new Error('"ranges" is empty');
  if (intensities.length !== 0 && intensities.length !== ranges.length) {
    throw new Error(`${ranges.length} ranges, but ${intensities.length} intensities`);
  }
  const [first, last] = [numberAt(message, 'start_angle'), numberAt(message, 'end_angle')];
  const step = (last - first) / Math.max(1, ranges.length - 1);
  const move = turner(message, ['pose']);
  const fields = [
    field('rangeM', 'float32', shape, 'm', 'along the ray; +Infinity where nothing comes back'),
    ...(intensities.length === 0
      ? []
      : [field('intensity', 'float32', shape, '1', 'strength of the return')]),
  ];
  // A reading that is not a number is one of nothing.
  const rangeM = Float32Array.from(ranges, (range) =>
    Number.isNaN(range) ? Number.POSITIVE_INFINITY : range,
  );
  const intensity = Float32Array.from(intensities, (value) => (Number.isNaN(value) ? 0 : value));
  const values = { rangeM, ...(intensities.length === 0 ? {} : { intensity }) };
  return single('lidar', fields, () => values, {
    frame: frameOf(message),
    pattern: 'planar',
    positionM: move([0, 0, 0]),
    elevationsRad: [0],
    azimuthsRad: Array.from(ranges, (_, index) => first + step * index),
  });
}

function locationFix(message: MessageObject): Reading {
  const fields = [field('geodetic', 'float64', [3], 'deg, deg, m', 'latitude, longitude, altitude')];
  const geodetic = Float64Array.of(
    numberAt(message, 'latitude'),
    numberAt(message, 'longitude'),
    numberAt(message, 'altitude'),
  );
  return single('gnss', fields, () => ({ geodetic }), { frame: frameOf(message) });
}

function imu(message: MessageObject): readonly Reading[] {
  const fields = [
    field(
      'specificForceMps2',
      'float32',
      [3],
      'm/s2',
      "acceleration less gravity, in the sensor's frame as recorded",
    ),
    field('angularRateRadps', 'float32', [3], 'rad/s', "angular velocity, in the sensor's frame as recorded"),
  ];
  const values = {
    specificForceMps2: Float32Array.from(vectorAt(message, 'linear_acceleration')),
    angularRateRadps: Float32Array.from(vectorAt(message, 'angular_velocity')),
  };
  return [single('imu', fields, () => values, { frame: at(message, ['header', 'frame_id']) ?? '' })];
}
