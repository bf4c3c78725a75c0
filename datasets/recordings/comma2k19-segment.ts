import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cos, sin } from '../../core/math/exact.js';
import {
  conjugate,
  multiply,
  normaliseQuaternion,
  type Quaternion,
  rotate,
} from '../../core/math/quaternion.js';
import { toRotationVector } from '../../core/math/rotation.js';
import { scale, type Vec3 } from '../../core/math/vector.js';
import type { SensorSample, TypedArray } from '../contract.js';
import { COMMA2K19_SHA256 } from './comma2k19-segment-digests.js';
import { hasSegment, isSegment, type SegmentFolder, segmentsIn } from './comma2k19-segment-folders.js';
import { readLog, readRows, type SegmentFiles, type SegmentLog } from './comma2k19-segment-log.js';
import { LOG_STREAMS, LOGS, STATE } from './comma2k19-segment-streams.js';
import type { Recording, RecordingEntry, RecordingFormat, RecordingSet } from './contract.js';
import { ecefOf, enuFromEcef, type LocalFrame, localFrameAt } from './local-frame.js';
import { malformed, requireLater } from './malformed.js';

const COMMIT = '4c7f1a6e1957745beadc1def0e7225f559b09a2a';
const RAD_PER_DEG = Math.PI / 180;
/** Turns x forward, y left, z up into the files' forward, right, down, and back. */
const HALF_TURN_ABOUT_X: Quaternion = [0, 1, 0, 0];
/** How far from 1 a quaternion's norm may be before the row cannot be what it claims. */
const NORM_TOLERANCE = 0.01;
/** Longest segment, s: the published ones have 60. */
const LONGEST_S = 86_400;
/** Accelerometer and gyroscope rows belong together when their times differ by no more: half a sample of 104 Hz. */
const SAME_IMU_ROW_S = 0.005;

const POSE_FILES = [
  'global_pose/frame_times',
  'global_pose/frame_positions',
  'global_pose/frame_velocities',
  'global_pose/frame_orientations',
];

/** Minutes of driving in California with a phone behind the windscreen (Schafer, Santana, Haden, Biasini: comma2k19). */
export const comma2k19Segment: RecordingFormat = {
  name: 'comma2k19-segment',
  title: 'comma2k19: minutes of highway driving with pose, IMU, GNSS, radar and the bus of the car',
  licence: 'MIT, Copyright (c) 2018 comma.ai',
  source: {
    citation:
      'Schafer, Santana, Haden, Biasini: A Commute in Data: The comma2k19 Dataset. arXiv:1812.05752, 2018',
    url: 'https://github.com/commaai/comma2k19',
    version: COMMIT,
  },
  publication: {
    baseUrl: `https://raw.githubusercontent.com/commaai/comma2k19/${COMMIT}/Example_1/b0c9d2329ad1606b%7C2018-08-02--08-34-47/40`,
    sha256: COMMA2K19_SHA256,
    // raw_can (4 files), raw_gnss_qcom, raw_gnss_ublox (2 each), preview, video, raw log.
    withoutDigest: 11,
  },
  holds: (names, folder) => isSegment(names) || hasSegment(folder),
  open,
};

async function open(folder: string): Promise<RecordingSet> {
  const segments = segmentsIn(folder).map((segment) => ({ ...segment, logs: logsIn(folder, segment) }));
  const present = new Set(segments.flatMap(({ logs }) => logs));
  const byName = new Map(segments.map((segment) => [segment.name, segment]));
  return {
    conversion: {
      world: 'x east, y north, z up, tangent to the WGS-84 ellipsoid at the first position; from ECEF',
      body: 'x forward, y left, z up; from forward, right, down',
      orientation:
        'the quaternion of the files turns forward, right, down into ECEF; normalised; the camera looks along x',
      time: 'from the earliest time of any stream of the segment, on the one clock of the device',
      imu: `accelerometer and gyroscope rows no more than ${SAME_IMU_ROW_S} s apart are one sample; others are left out`,
      magnetometer: 'from microtesla',
      steering: 'from degrees; of the wheel, not of the road wheels',
      leftOut: 'uncalibrated gyroscope and magnetometer, gyroscope bias, raw CAN and GNSS, video',
    },
    streams: [STATE, ...LOG_STREAMS.filter(({ name }) => present.has(name))],
    entries: segments.map(({ name, prefix, logs }) => ({
      name,
      files: [...POSE_FILES, ...logs.flatMap(filesOf)].map((file) => prefix + file),
    })),
    read: ({ name }: RecordingEntry) => {
      const { prefix, logs } = byName.get(name)!;
      return readSegment({ folder, prefix }, logs);
    },
  };
}

/** Names of the streams whose logs a segment has. Not every car has a radar, nor every phone a u-blox receiver. */
function logsIn(folder: string, { prefix }: SegmentFolder): readonly string[] {
  return LOG_STREAMS.map(({ name }) => name).filter((name) =>
    LOGS[name]!.some(({ place }) => existsSync(join(folder, prefix, 'processed_log', place))),
  );
}

function filesOf(stream: string): readonly string[] {
  return LOGS[stream]!.flatMap(({ place }) => [`processed_log/${place}/t`, `processed_log/${place}/value`]);
}

async function readSegment(files: SegmentFiles, logs: readonly string[]): Promise<Recording> {
  const pose = (name: string, columns: number) =>
    readRows(files, 'global_pose/frame_times', `global_pose/${name}`, columns);
  const positions = await pose('frame_positions', 3);
  const velocities = await pose('frame_velocities', 3);
  const orientations = await pose('frame_orientations', 4);
  if (positions.rows < 2)
    throw malformed(positions.path, 'header', `expected at least 2 frames, got ${positions.rows}`);
  for (let row = 1; row < positions.rows; row++) {
    const [before, after] = [positions.times[row - 1]!, positions.times[row]!];
    requireLater(after, before, `${files.prefix}global_pose/frame_times`, `row ${row}`);
  }
  const read = new Map<string, readonly SegmentLog[]>();
  for (const name of logs) {
    const parts: SegmentLog[] = [];
    for (const { place, columns, used } of LOGS[name]!)
      parts.push(await readLog(files, place, columns, used));
    read.set(name, parts);
  }
  const all = [positions, ...[...read.values()].flat()].filter(({ rows }) => rows > 0);
  const startS = Math.min(...all.map(({ times }) => times[0]!));
  const endS = Math.max(...all.map(({ times }) => times.at(-1)!));
  if (endS - startS > LONGEST_S)
    throw malformed(
      positions.path,
      'row 0',
      `expected all logs of a segment within a day, they span ${endS - startS} s`,
    );
  const frame = localFrameAt(vector(positions, 0));
  return {
    durationS: endS - startS,
    attributes: {
      origin: {
        latitudeDeg: frame.latitudeRad / RAD_PER_DEG,
        longitudeDeg: frame.longitudeRad / RAD_PER_DEG,
        heightM: frame.heightM,
      },
      deviceTimeAtStartS: startS,
    },
    samples: samplesOf(poseSamples(positions, velocities, orientations, frame), read, frame, startS),
  };
}

interface Timed {
  readonly timeS: number;
  readonly values: Readonly<Record<string, TypedArray>>;
}

function* samplesOf(
  state: Iterable<Timed>,
  logs: ReadonlyMap<string, readonly SegmentLog[]>,
  frame: LocalFrame,
  startS: number,
): Generator<SensorSample> {
  const onClock = (stream: string, { timeS, values }: Timed): SensorSample => ({
    stream,
    timeNs: BigInt(Math.round((timeS - startS) * 1e9)),
    values,
  });
  for (const row of state) yield onClock(STATE.name, row);
  for (const [stream, parts] of logs) {
    if (stream === 'imu') {
      for (const row of imuSamples(parts[0]!, parts[1]!)) yield onClock(stream, row);
      continue;
    }
    const log = parts[0]!;
    for (let row = 0; row < log.rows; row++) {
      const values = valuesOf(stream, log, row, frame);
      yield onClock(stream, { timeS: log.times[row]!, values });
    }
  }
}

function* poseSamples(
  positions: SegmentLog,
  velocities: SegmentLog,
  orientations: SegmentLog,
  frame: LocalFrame,
): Generator<Timed> {
  const { rows, times } = positions;
  let before = orientationOf(orientations, 0, frame);
  for (let row = 0; row < rows; row++) {
    const orientation = orientationOf(orientations, row, frame);
    // The first frame has none before it and takes the turn to the next.
    const [from, to] =
      row === 0 ? [orientation, orientationOf(orientations, 1, frame)] : [before, orientation];
    const overS = row === 0 ? times[1]! - times[0]! : times[row]! - times[row - 1]!;
    const turn = toRotationVector(multiply(to, conjugate(from)));
    before = orientation;
    yield {
      timeS: times[row]!,
      values: {
        positionM: Float64Array.from(enuFromEcef(frame, vector(positions, row))),
        orientation: Float64Array.from(orientation),
        linearVelocityMps: Float64Array.from(rotate(frame.enuFromEcef, vector(velocities, row))),
        angularVelocityRadps: Float64Array.from(scale(turn, 1 / overS)),
      },
    };
  }
}

function orientationOf({ values, path }: SegmentLog, row: number, { enuFromEcef }: LocalFrame): Quaternion {
  const ecefFromFrd = values.subarray(4 * row, 4 * row + 4) as unknown as Quaternion;
  const norm = Math.sqrt(ecefFromFrd.reduce((sum, part) => sum + part * part, 0));
  if (Math.abs(norm - 1) > NORM_TOLERANCE)
    throw malformed(path, `row ${row}`, `expected a unit quaternion, got one of norm ${norm}`);
  return normaliseQuaternion(multiply(enuFromEcef, multiply(ecefFromFrd, HALF_TURN_ABOUT_X)));
}

/** Joins the rows of both logs whose times agree. Both run forwards, so that one pass finds them. */
function* imuSamples(accelerometer: SegmentLog, gyro: SegmentLog): Generator<Timed> {
  let other = 0;
  for (let row = 0; row < accelerometer.rows; row++) {
    const timeS = accelerometer.times[row]!;
    while (other < gyro.rows && gyro.times[other]! < timeS - SAME_IMU_ROW_S) other++;
    if (other === gyro.rows) return;
    if (gyro.times[other]! > timeS + SAME_IMU_ROW_S) continue;
    yield {
      timeS,
      values: {
        specificForceMps2: Float32Array.from(flu(vector(accelerometer, row))),
        angularRateRadps: Float32Array.from(flu(vector(gyro, other))),
      },
    };
    other++;
  }
}

/** One row of a log in the project's units and frames. */
function valuesOf(
  stream: string,
  log: SegmentLog,
  row: number,
  frame: LocalFrame,
): Readonly<Record<string, TypedArray>> {
  const cells = log.values.subarray(row * log.columns, (row + 1) * log.columns);
  switch (stream) {
    case 'magnetometer':
      return { fluxDensityT: Float64Array.from(flu(vector(log, row)), (value) => value * 1e-6) };
    case 'steering':
      return { steeringWheelAngleRad: cells.map((value) => value * RAD_PER_DEG) };
    case 'radar':
      return {
        positionM: cells.slice(0, 2),
        relativeSpeedMps: cells.slice(2, 3),
        address: Int32Array.of(wholeIn(cells[5]!, 0x7fffffff, log, row, 5)),
        isNew: Uint8Array.of(wholeIn(cells[6]!, 1, log, row, 6)),
      };
    case 'gnss':
    case 'gnssPhone':
      return fixOf(cells, frame);
    default:
      return { speedMps: cells.slice() };
  }
}

/** Latitude, longitude (deg), speed (m/s), UTC (ms), height (m), bearing (deg, clockwise from north). */
function fixOf(cells: Float64Array, frame: LocalFrame): Readonly<Record<string, TypedArray>> {
  const [latitudeDeg, longitudeDeg, speedMps, utcMs, heightM, bearingDeg] = cells as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const place = ecefOf(latitudeDeg * RAD_PER_DEG, longitudeDeg * RAD_PER_DEG, heightM);
  const bearingRad = bearingDeg * RAD_PER_DEG;
  return {
    positionM: Float64Array.from(enuFromEcef(frame, place)),
    geodetic: Float64Array.of(latitudeDeg, longitudeDeg, heightM),
    horizontalVelocityMps: Float64Array.of(speedMps * sin(bearingRad), speedMps * cos(bearingRad)),
    utcS: Float64Array.of(utcMs / 1000),
  };
}

function wholeIn(value: number, largest: number, { path }: SegmentLog, row: number, column: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= largest) return value;
  throw malformed(
    path,
    `row ${row}, column ${column}`,
    `expected a whole number up to ${largest}, got ${value}`,
  );
}

function vector({ values }: SegmentLog, row: number): Vec3 {
  return [values[3 * row]!, values[3 * row + 1]!, values[3 * row + 2]!];
}

/** Forward, right, down to x forward, y left, z up. */
function flu([forward, right, down]: Vec3): Vec3 {
  return [forward, -right, -down];
}
