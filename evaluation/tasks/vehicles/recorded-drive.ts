import { UmweltError } from '../../../core/errors.js';
import { secondsFromNs } from '../../../core/time.js';
import type { Episode, StreamData } from '../../../datasets/contract.js';

/** A number over time, at the rate at which it was recorded. */
export interface Series {
  /** Not falling. */
  readonly timeS: Float64Array;
  readonly value: Float64Array;
}

/** What the driver's controls and the car's own sensors say. Recorded beside the pose, independent of it. */
export interface CarLog {
  /** Of the steering wheel, positive to the left. */
  readonly steeringWheelRad: Series;
  /** On the car's bus. */
  readonly speedMps: Series;
  /** Specific force forwards, in the frame of the phone: acceleration, gravity on a slope and bias. */
  readonly forwardMps2: Series;
  /** About the vertical of the phone, positive to the left. */
  readonly yawRateRadps: Series;
}

/** A drive seen from above. */
export interface RecordedDrive {
  /** Of the poses, s from the start of the recording; rising. */
  readonly timeS: Float64Array;
  /** East and north. */
  readonly xM: Float64Array;
  readonly yM: Float64Array;
  /** Of the camera, counterclockwise from east; without jumps by a full turn. */
  readonly yawRad: Float64Array;
  /** Null where only the pose was recorded. */
  readonly log: CarLog | null;
  /** Speed over ground and turn rate, which a method is given at most as an oracle: of the car's sensors, else of the pose's own filter. */
  readonly measured: MeasuredMotion;
}

/** How fast a car went and turned, as measured. */
export interface MeasuredMotion {
  readonly speedMps: Series;
  readonly yawRateRadps: Series;
}

/** Streams that a drive is made from. */
export const POSE_STREAM = 'state';
const LOG_STREAMS = ['steering', 'speed', 'imu'] as const;

/** Returns which of a dataset's streams `driveOf` reads: those of the log only where all of them are there. */
export function streamsOfDrive(names: readonly string[]): readonly string[] {
  return LOG_STREAMS.every((name) => names.includes(name)) ? [POSE_STREAM, ...LOG_STREAMS] : [POSE_STREAM];
}

/**
 * Makes a drive from an episode.
 *
 * @throws UmweltError `invalid-input` when there are fewer than two poses or they are not of one body.
 */
export function driveOf(episode: Episode): RecordedDrive {
  const pose = episode.streams[POSE_STREAM];
  const position = pose?.values.positionM;
  const orientation = pose?.values.orientation;
  const one = position?.length === 3 * (pose?.rows ?? 0) && orientation?.length === 4 * (pose?.rows ?? 0);
  if (pose === undefined || pose.rows < 2 || !one)
    throw new UmweltError(
      'invalid-input',
      { episode: episode.episode },
      `episode ${episode.episode}: expected at least two poses of one car in the stream "${POSE_STREAM}"`,
    );
  const column = (axis: number) =>
    Float64Array.from({ length: pose.rows }, (_, row) => position![3 * row + axis]!);
  const log = logOf(episode);
  return {
    timeS: timesOf(pose),
    xM: column(0),
    yM: column(1),
    yawRad: unwrapped(
      Float64Array.from({ length: pose.rows }, (_, row) =>
        yawOf(orientation!.subarray(4 * row, 4 * row + 4)),
      ),
    ),
    log,
    measured: log ?? measuredByPose(pose),
  };
}

function measuredByPose(pose: StreamData): MeasuredMotion {
  const timeS = timesOf(pose);
  const { linearVelocityMps: v, angularVelocityRadps: w } = pose.values;
  const of = (value: (row: number) => number): Series => ({
    timeS,
    value: Float64Array.from(timeS, (_, row) => value(row)),
  });
  return {
    speedMps: of((row) => Math.hypot(v?.[3 * row] ?? Number.NaN, v?.[3 * row + 1] ?? Number.NaN)),
    yawRateRadps: of((row) => w?.[3 * row + 2] ?? Number.NaN),
  };
}

function logOf({ streams }: Episode): CarLog | null {
  const { steering, speed, imu } = streams;
  const rows = [steering, speed, imu].map((stream) => stream?.rows ?? 0);
  if (steering === undefined || speed === undefined || imu === undefined || rows.includes(0)) return null;
  const series = (stream: StreamData, field: string, components = 1, component = 0): Series => ({
    timeS: timesOf(stream),
    value: Float64Array.from(
      { length: stream.rows },
      (_, row) => stream.values[field]![row * components + component]!,
    ),
  });
  return {
    steeringWheelRad: series(steering, 'steeringWheelAngleRad'),
    speedMps: series(speed, 'speedMps'),
    forwardMps2: series(imu, 'specificForceMps2', 3, 0),
    yawRateRadps: series(imu, 'angularRateRadps', 3, 2),
  };
}

function timesOf({ timeNs }: StreamData): Float64Array {
  return Float64Array.from(timeNs, (time) => secondsFromNs(time));
}

/** Angle of the body's x axis from east, seen from above. */
function yawOf(q: ArrayLike<number>): number {
  const [w, x, y, z] = [q[0]!, q[1]!, q[2]!, q[3]!];
  return Math.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z));
}

/** Adds full turns where an angle jumps. Changes and returns the array. */
export function unwrapped(angles: Float64Array): Float64Array {
  for (let i = 1; i < angles.length; i++) {
    angles[i] = angles[i - 1]! + wrapAngle(angles[i]! - angles[i - 1]!);
  }
  return angles;
}

/** Returns the angle within half a turn of 0. */
export function wrapAngle(angleRad: number): number {
  return angleRad - 2 * Math.PI * Math.round(angleRad / (2 * Math.PI));
}

/** Returns the first index whose time is not before `timeS`. */
export function indexAt(times: Float64Array, timeS: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < timeS) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Interpolates between the samples on either side; before the first and after the last that one holds. */
export function valueAt(series: Series, atS: number): number {
  return reader(series)(atS);
}

/** Makes a function that interpolates as `valueAt`, and is quickest when it is asked for times near the last one. */
export function reader({ timeS, value }: Series): (atS: number) => number {
  const last = timeS.length - 1;
  let before = 0;
  return (atS) => {
    if (!(atS > timeS[0]!)) return value[0]!;
    if (atS >= timeS[last]!) return value[last]!;
    if (timeS[before]! > atS || timeS[Math.min(last, before + 8)]! < atS) before = indexAt(timeS, atS) - 1;
    while (timeS[before + 1]! < atS) before++;
    const [t0, t1] = [timeS[before]!, timeS[before + 1]!];
    const share = t1 > t0 ? (atS - t0) / (t1 - t0) : 1;
    return value[before]! + share * (value[before + 1]! - value[before]!);
  };
}

/** Cuts a series to what was recorded from one time to another (both included) and moves time 0. */
export function cut({ timeS, value }: Series, fromS: number, toS: number, zeroS: number): Series {
  const first = indexAt(timeS, fromS);
  let end = first;
  while (end < timeS.length && timeS[end]! <= toS) end++;
  return { timeS: timeS.slice(first, end).map((time) => time - zeroS), value: value.slice(first, end) };
}
