import type { DataType, FieldDescription, StreamDescription } from '../contract.js';

function field(
  name: string,
  shape: readonly number[],
  unit: string,
  description: string,
  dataType: DataType = 'float64',
): FieldDescription {
  return { name, dataType, shape, unit, description };
}

function stream(
  name: string,
  kind: string,
  rateHz: number,
  fields: readonly FieldDescription[],
  metadata: Readonly<Record<string, unknown>> = {},
): StreamDescription {
  return { name, kind, rateHz, samplesPerRow: 1, fields, metadata };
}

/** A log, the columns of its values and those that are read. */
export interface LogPlace {
  /** In `processed_log`. */
  readonly place: string;
  readonly columns: number;
  readonly used?: readonly number[];
}

/** What the video's frames know of the camera. */
export const STATE = stream(
  'state',
  'truth',
  20,
  [
    field('positionM', [1, 3], 'm', 'of the camera; x east, y north, z up of where it is first'),
    field('orientation', [1, 4], '1', 'unit quaternion w x y z, world from body (x forward, y left, z up)'),
    field('linearVelocityMps', [1, 3], 'm/s', 'world frame'),
    field(
      'angularVelocityRadps',
      [1, 3],
      'rad/s',
      'world frame; from the orientation before to this one, so that it knows nothing of what comes after',
    ),
  ],
  { bodies: [{ name: 'car', semantic: 'vehicle' }], point: 'the camera behind the windscreen' },
);

/** Accelerometer and gyroscope of the phone behind the windscreen. */
export const IMU = stream('imu', 'imu', 104, [
  field(
    'specificForceMps2',
    [3],
    'm/s2',
    "acceleration less gravity, sensor's frame (x forward, y left, z up)",
    'float32',
  ),
  field(
    'angularRateRadps',
    [3],
    'rad/s',
    "sensor's frame, after Android's correction of the bias",
    'float32',
  ),
]);

/** The phone's compass. */
export const MAGNETOMETER = stream('magnetometer', 'magnetometer', 10, [
  field(
    'fluxDensityT',
    [3],
    'T',
    "magnetic flux density, sensor's frame (x forward, y left, z up), calibrated by Android",
  ),
]);

/** Speed on the car's bus. */
export const SPEED = stream('speed', 'odometry', 83, [
  field('speedMps', [], 'm/s', 'of the car, as its own controllers tell it'),
]);

/** Speeds of the wheels on the car's bus. */
export const WHEEL_SPEED = stream('wheelSpeed', 'odometry', 83, [
  field('speedMps', [4], 'm/s', 'at the rim: front left, front right, rear left, rear right'),
]);

/** Steering wheel on the car's bus. */
export const STEERING = stream('steering', 'steering', 83, [
  field('steeringWheelAngleRad', [], 'rad', 'of the steering wheel, positive to the left'),
]);

/** Tracks of the car's radar, one a row. */
export const RADAR = stream(
  'radar',
  'radar',
  20,
  [
    field('positionM', [2], 'm', 'of the target, from the radar: x forward, y left'),
    field('relativeSpeedMps', [], 'm/s', 'along x, positive where the target draws away'),
    field('address', [], '1', 'of the message on the bus, one a track', 'int32'),
    field('isNew', [], '1', '1 where the track begins', 'uint8'),
  ],
  { rows: 'one a track; the tracks of one scan follow each other' },
);

function gnss(name: string, rateHz: number, receiver: string): StreamDescription {
  return stream(
    name,
    'gnss',
    rateHz,
    [
      field('positionM', [3], 'm', 'east, north, up of where the camera is first'),
      field('geodetic', [3], 'deg, deg, m', 'latitude, longitude, height over the WGS-84 ellipsoid'),
      field('horizontalVelocityMps', [2], 'm/s', 'east, north, from speed and bearing'),
      field('utcS', [], 's', 'of the fix, since 1970'),
    ],
    { receiver },
  );
}

/** Live fixes of the u-blox receiver. */
export const GNSS = gnss('gnss', 10, 'u-blox M8, live fix');
/** Live fixes of the phone's own receiver. */
export const GNSS_PHONE = gnss('gnssPhone', 0.5, 'Qualcomm, live fix');

/** Logs by the name of their stream; the IMU's has two. */
export const LOGS: Readonly<Record<string, readonly LogPlace[]>> = {
  imu: [
    { place: 'IMU/accelerometer', columns: 3 },
    { place: 'IMU/gyro', columns: 3 },
  ],
  magnetometer: [{ place: 'IMU/magnetometer', columns: 3 }],
  speed: [{ place: 'CAN/speed', columns: 1 }],
  wheelSpeed: [{ place: 'CAN/wheel_speed', columns: 4 }],
  steering: [{ place: 'CAN/steering_angle', columns: 1 }],
  // Columns 3 and 4 are NaN.
  radar: [{ place: 'CAN/radar', columns: 7, used: [0, 1, 2, 5, 6] }],
  gnss: [{ place: 'GNSS/live_gnss_ublox', columns: 6 }],
  gnssPhone: [{ place: 'GNSS/live_gnss_qcom', columns: 6 }],
};

/** Streams beside the pose, in the order of a dataset. */
export const LOG_STREAMS: readonly StreamDescription[] = [
  IMU,
  MAGNETOMETER,
  SPEED,
  WHEEL_SPEED,
  STEERING,
  RADAR,
  GNSS,
  GNSS_PHONE,
];
