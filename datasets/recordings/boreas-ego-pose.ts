import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { conjugate, multiply, type Quaternion, rotate } from '../../core/math/quaternion.js';
import { fromAxisAngle } from '../../core/math/rotation.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import { ioError, readWholeFile } from '../files.js';
import type { Recording, RecordingFormat, RecordingSet } from './contract.js';
import { malformed } from './malformed.js';
import { naturalOrder } from './natural-order.js';
import { readTable, type Table, timesFromStart } from './table.js';

const COMMIT = '6264c36fd12eabb9421e1ba05c4b3942c863c05e';
/** Frames a second of the camera whose poses these are. */
const RATE_HZ = 10;
/** As published, with what a user may put before it (`boreas-2021-08-05-13-34_camera_poses.csv`). */
const FILE = /camera_poses\.csv$/;
/** `<sequence>/applanix/camera_poses.csv`. */
const DEEPEST = 2;
/** Larger than any number of a file (microseconds since 1970), small enough that nothing overflows. */
const LARGEST = 1e17;

const COLUMNS = [
  'GPSTime',
  'easting',
  'northing',
  'altitude',
  'vel_east',
  'vel_north',
  'vel_up',
  'roll',
  'pitch',
  'heading',
  'angvel_z',
  'angvel_y',
  'angvel_x',
] as const;
type Column = (typeof COLUMNS)[number];

/** Turns the body's x forward, y left, z up into the camera's x right, y down, z forward. */
const CAMERA_FROM_BODY: Quaternion = [0.5, 0.5, -0.5, 0.5];

const STATE: StreamDescription = {
  name: 'state',
  kind: 'truth',
  rateHz: RATE_HZ,
  samplesPerRow: 1,
  fields: [
    {
      name: 'positionM',
      dataType: 'float64',
      shape: [1, 3],
      unit: 'm',
      description: 'of the camera; x east, y north, z up of where it is first',
    },
    {
      name: 'orientation',
      dataType: 'float64',
      shape: [1, 4],
      unit: '1',
      description:
        'unit quaternion w x y z, world from body (x forward along the optical axis, y left, z up)',
    },
    {
      name: 'linearVelocityMps',
      dataType: 'float64',
      shape: [1, 3],
      unit: 'm/s',
      description: 'world frame, as published: of a point some 0.6 m behind the camera',
    },
    {
      name: 'angularVelocityRadps',
      dataType: 'float64',
      shape: [1, 3],
      unit: 'rad/s',
      description: 'world frame',
    },
  ],
  metadata: { bodies: [{ name: 'car', semantic: 'vehicle' }], point: 'the camera on the roof' },
};

/** Drives through Toronto, the poses of the camera by GNSS, inertial sensors and wheel encoder (Burnett et al.: Boreas, 2023). */
export const boreasEgoPose: RecordingFormat = {
  name: 'boreas-ego-pose',
  title: 'Boreas: poses of a car on an 8 km loop through Toronto',
  licence: 'CC-BY-4.0, University of Toronto (Boreas)',
  source: {
    citation:
      'Burnett et al.: Boreas: A Multi-Season Autonomous Driving Dataset. International Journal of Robotics Research 42(1-2), 2023',
    url: 'https://github.com/utiasASRL/pyboreas',
    version: COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/utiasASRL/pyboreas/${COMMIT}/pyboreas/test/demo/gt/boreas-2021-08-05-13-34/applanix`,
    // The copy that this was written for ends 2,239 rows early, so that the digest of the published file is not known.
    sha256: {},
    withoutDigest: 1,
  },
  holds: (names, folder) => names.some((name) => FILE.test(name)) || filesIn(folder, true).length > 0,
  open,
};

async function open(folder: string): Promise<RecordingSet> {
  let files: readonly string[];
  try {
    files = filesIn(folder);
  } catch (cause) {
    throw ioError('read', folder, cause);
  }
  return {
    conversion: {
      rateHz: RATE_HZ,
      world:
        'x easting, y northing, z altitude, less the first; the grid of the files, which is turned and scaled by what the map projection needs',
      orientation:
        'world from camera is Rx(-roll) Ry(-pitch) Rz(-heading) with the camera x right, y down, z forward; body x forward, y left, z up',
      linearVelocity:
        'as published. Against differences of position it is off by the yaw rate times 0.6 m to the side: it is of a point behind the camera',
      angularVelocity: "rotated from the camera's to the world frame",
      smoothing:
        'positions, velocities and rates are from a smoother over the whole drive and know a little of what comes after',
      time: "microseconds of UTC, from the file's first row",
    },
    streams: [STATE],
    entries: files.map((name) => ({ name, files: [name] })),
    read: async ({ name }) => decode(await readWholeFile(join(folder, name)), name),
  };
}

/** Places of pose files in a folder and two folders deep, in natural order; nothing where a folder cannot be read and `quiet`. */
function filesIn(folder: string, quiet = false, depth = 0): readonly string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (cause) {
    if (quiet || depth > 0) return [];
    throw cause;
  }
  const here = entries.filter((entry) => !entry.isDirectory() && FILE.test(entry.name));
  // Folders as published only, so that looking never wanders through a disk.
  const below = entries.filter(
    (entry) => entry.isDirectory() && depth < DEEPEST && /^(?:boreas-[\d-]+|applanix)$/.test(entry.name),
  );
  return [
    ...here.map(({ name }) => name),
    ...below.flatMap(({ name }) =>
      filesIn(join(folder, name), quiet, depth + 1).map((file) => `${name}/${file}`),
    ),
  ].sort(naturalOrder);
}

function decode(bytes: Uint8Array, path: string): Recording {
  const table = readTable(bytes, path, { delimiter: ',', numbers: COLUMNS });
  const times = timesFromStart(table, 'GPSTime', 1e6);
  for (const column of COLUMNS) requireBounded(table, column);
  const { easting, northing, altitude, GPSTime } = table.numbers;
  return {
    durationS: Number(times.at(-1)!) / 1e9,
    attributes: {
      startUtcUs: GPSTime[0]!,
      originGridM: [easting[0]!, northing[0]!, altitude[0]!],
    },
    samples: samplesOf(table, times),
  };
}

function* samplesOf({ rows, numbers }: Table<Column>, times: BigInt64Array): Generator<SensorSample> {
  const vector = (names: readonly [Column, Column, Column], row: number): Vec3 => [
    numbers[names[0]][row]!,
    numbers[names[1]][row]!,
    numbers[names[2]][row]!,
  ];
  const origin = vector(['easting', 'northing', 'altitude'], 0);
  for (let row = 0; row < rows; row++) {
    const worldFromCamera = cameraOrientation(vector(['roll', 'pitch', 'heading'], row));
    const rates = vector(['angvel_x', 'angvel_y', 'angvel_z'], row);
    yield {
      stream: STATE.name,
      timeNs: times[row]!,
      values: {
        positionM: Float64Array.from(
          vector(['easting', 'northing', 'altitude'], row),
          (value, axis) => value - origin[axis]!,
        ),
        orientation: Float64Array.from(multiply(worldFromCamera, CAMERA_FROM_BODY)),
        linearVelocityMps: Float64Array.from(vector(['vel_east', 'vel_north', 'vel_up'], row)),
        angularVelocityRadps: Float64Array.from(rotate(worldFromCamera, rates)),
      },
    };
  }
}

/** World from camera by the convention of the files (Barfoot: State Estimation for Robotics, 2017): rotations of frames, not of vectors. */
function cameraOrientation([roll, pitch, heading]: Vec3): Quaternion {
  const cameraFromWorld = multiply(
    fromAxisAngle([0, 0, 1], heading),
    multiply(fromAxisAngle([0, 1, 0], pitch), fromAxisAngle([1, 0, 0], roll)),
  );
  return conjugate(cameraFromWorld);
}

function requireBounded({ numbers, path, lines }: Table<Column>, column: Column): void {
  const row = numbers[column].findIndex((value) => Math.abs(value) > LARGEST);
  if (row < 0) return;
  throw malformed(
    path,
    `line ${lines[row]}, column ${column}`,
    `expected a number up to ${LARGEST}, got ${numbers[column][row]}`,
  );
}
