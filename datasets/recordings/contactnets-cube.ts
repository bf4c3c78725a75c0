import { UmweltError } from '../../core/errors.js';
import { normaliseQuaternion, type Quaternion, rotate } from '../../core/math/quaternion.js';
import type { Vec3 } from '../../core/math/vector.js';
import { tickTimeNs } from '../../core/time.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import { CUBE_SHA256 } from './contactnets-cube-digests.js';
import type { Recording, RecordingFormat } from './contract.js';
import { singleFiles } from './single-files.js';
import { readTorchTensor } from './torch-pickle.js';

/** Frames a second. */
export const CUBE_RATE_HZ = 148;
/** Half the cube's width, the unit of length in the files. */
export const CUBE_HALF_WIDTH_M = 0.0524;
/** The published files: `<url>/<commit>/<folder>/<index>.pt`. */
export const CUBE_COMMIT = 'c3dc21c94577ff4ed99123f0b00bfe57bb2d1d90';

const COLUMNS = 19;
/** How far from 1 a quaternion's norm may be before the row cannot be what it claims. */
const NORM_TOLERANCE = 0.01;

const STATE: StreamDescription = {
  name: 'state',
  kind: 'truth',
  rateHz: CUBE_RATE_HZ,
  samplesPerRow: 1,
  fields: [
    {
      name: 'positionM',
      dataType: 'float64',
      shape: [1, 3],
      unit: 'm',
      description: "the cube's centre, world frame",
    },
    {
      name: 'orientation',
      dataType: 'float64',
      shape: [1, 4],
      unit: '1',
      description: 'unit quaternion w x y z, world from body',
    },
    {
      name: 'linearVelocityMps',
      dataType: 'float64',
      shape: [1, 3],
      unit: 'm/s',
      description: 'of the centre, world frame',
    },
    {
      name: 'angularVelocityRadps',
      dataType: 'float64',
      shape: [1, 3],
      unit: 'rad/s',
      description: 'world frame',
    },
  ],
  metadata: {
    bodies: [
      {
        name: 'cube',
        semantic: 'cube',
        shape: { kind: 'box', halfExtentsM: [CUBE_HALF_WIDTH_M, CUBE_HALF_WIDTH_M, CUBE_HALF_WIDTH_M] },
      },
    ],
  },
};

/** Tosses of an acrylic cube, tracked by cameras (Pfrommer, Halm, Posa: ContactNets, CoRL 2020). */
export const contactnetsCube: RecordingFormat = {
  name: 'contactnets-cube',
  title: 'ContactNets: tosses of an acrylic cube onto a flat table',
  licence: 'BSD-3-Clause, Copyright (c) 2020, Dynamic Autonomy and Intelligent Robotics Lab',
  source: {
    citation:
      'Pfrommer, Halm, Posa: ContactNets: Learning Discontinuous Contact Dynamics with Smooth, Implicit Representations. CoRL 2020',
    url: 'https://github.com/DAIRLab/contact-nets',
    version: CUBE_COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/DAIRLab/contact-nets/${CUBE_COMMIT}/data/tosses_processed`,
    sha256: CUBE_SHA256,
    withoutDigest: 124,
  },
  ...singleFiles({
    conversion: {
      rateHz: CUBE_RATE_HZ,
      lengthUnitM: CUBE_HALF_WIDTH_M,
      angularVelocity: 'rotated from the body to the world frame',
      orientation: 'normalised',
      tableHeightM: 0,
      cube: {
        widthM: 2 * CUBE_HALF_WIDTH_M,
        massKg: 0.37,
        inertiaKgm2: 0.00081,
        friction: 0.18,
        restitution: 0.125,
      },
    },
    streams: [STATE],
    isRecording: (fileName) => /^\d+\.pt$/.test(fileName),
    decode: decodeToss,
  }),
};

function decodeToss(bytes: Uint8Array, fileName: string): Recording {
  const { shape, values } = readTorchTensor(bytes, fileName);
  const [batch, frames, columns] = shape;
  if (shape.length !== 3 || batch !== 1 || columns !== COLUMNS || frames === undefined || frames < 1) {
    throw new UmweltError(
      'malformed-file',
      { path: fileName, expected: [1, 'frames', COLUMNS], actual: shape },
      `${fileName}: expected a tensor of shape [1, frames, ${COLUMNS}], got [${shape.join(', ')}]`,
    );
  }
  const samples = Array.from({ length: frames }, (_, row) =>
    sampleOf(values.subarray(row * COLUMNS, (row + 1) * COLUMNS), row, fileName),
  );
  return {
    durationS: (frames - 1) / CUBE_RATE_HZ,
    attributes: { originalIndex: Number.parseInt(fileName, 10) },
    samples,
  };
}

/** Columns: 0-2 position, 3-6 quaternion w x y z, 7-9 velocity, 10-12 angular velocity (body frame), 13-18 control. */
function sampleOf(row: Float64Array, index: number, fileName: string): SensorSample {
  const bad = row.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw wrongRow(fileName, index, `column ${bad} is ${row[bad]}, not a finite number`);
  const raw: Quaternion = [row[3]!, row[4]!, row[5]!, row[6]!];
  const norm = Math.sqrt(raw.reduce((sum, part) => sum + part * part, 0));
  if (Math.abs(norm - 1) > NORM_TOLERANCE) {
    throw wrongRow(fileName, index, `the quaternion in columns 3 to 6 has norm ${norm}, not 1`);
  }
  const orientation = normaliseQuaternion(raw);
  const bodyRates: Vec3 = [row[10]!, row[11]!, row[12]!];
  return {
    stream: STATE.name,
    timeNs: tickTimeNs(index, CUBE_RATE_HZ),
    values: {
      positionM: row.slice(0, 3).map((value) => value * CUBE_HALF_WIDTH_M),
      orientation: Float64Array.from(orientation),
      linearVelocityMps: row.slice(7, 10).map((value) => value * CUBE_HALF_WIDTH_M),
      angularVelocityRadps: Float64Array.from(rotate(orientation, bodyRates)),
    },
  };
}

function wrongRow(fileName: string, row: number, reason: string): UmweltError {
  return new UmweltError(
    'malformed-file',
    { path: fileName, row, reason },
    `${fileName}, row ${row}: ${reason}`,
  );
}
