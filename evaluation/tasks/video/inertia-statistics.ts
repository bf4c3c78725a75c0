import { secondsFromNs } from '../../../core/time.js';
import type { StreamData } from '../../../datasets/contract.js';

/** What a stretch of inertial readings tells of its unit. By axis: x forward, y left, z up of the camera. */
export interface InertiaStatistics {
  /** White noise, m/s2 and rad/s per square root of a hertz. */
  readonly accelerometerDensity: number;
  readonly gyroscopeDensity: number;
  /** By how much the mean force differs from what gravity's direction and strength ask for, m/s2. */
  readonly forceExcess: readonly number[];
  /** By how much the mean rate differs from how the attitude changed, rad/s. */
  readonly rateExcess: readonly number[];
}

/** Streams that an inertial unit is judged by. */
export interface InertialStreams {
  /** `specificForceMps2` and `angularRateRadps`. */
  readonly imu: StreamData;
  /** `orientation` and `gravityDirection`, as the camera itself has found them. */
  readonly attitude: StreamData;
}

/** Differences are taken this often, which leaves what is near half the sampling rate. */
const ORDER = 8;
/** Median of the absolute of a standard normal variable. */
const MEDIAN_ABSOLUTE = 0.674_49;

/** Gravity at a latitude and height, m/s2: Somigliana's formula for WGS 84, and 3.086e-6 m/s2 less a metre (NIMA TR8350.2). */
export function gravityAt(latitudeRad: number, heightM: number): number {
  const sine = Math.sin(latitudeRad) ** 2;
  return (
    (9.7803253359 * (1 + 0.00193185265241 * sine)) / Math.sqrt(1 - 0.00669437999013 * sine) -
    3.086e-6 * heightM
  );
}

/**
 * Measures white noise in the readings of something that moves, per square root of a hertz: the median absolute difference of
 * order 8. White noise of variance v has differences of variance v binomial(16, 8); motion, which is slow beside the
 * sampling, has next to none, and knocks are rare. What remains of motion is taken for noise; a unit that filters its readings shows less.
 *
 * @param values [rows, 3], of one axis.
 */
export function whiteDensity(values: ArrayLike<number>, axis: number, rateHz: number): number {
  let differences = Float64Array.from({ length: values.length / 3 }, (_, row) => values[3 * row + axis]!);
  let gain = 1;
  for (let order = 1; order <= ORDER && differences.length > 1; order++) {
    const last = differences;
    differences = last.subarray(1).map((value, row) => value - last[row]!);
    gain *= (2 * order * (2 * order - 1)) / order ** 2;
  }
  const sizes = differences.map(Math.abs).sort();
  return sizes[sizes.length >> 1]! / MEDIAN_ABSOLUTE / Math.sqrt(gain * rateHz);
}

/**
 * Measures an inertial unit against the attitude that was recorded beside it, over a stretch of time. Over whole seconds of a walk
 * the acceleration's mean is small beside gravity: what is left of the mean force without gravity is bias, and some walk.
 *
 * @returns null where the stretch has too few readings.
 */
export function measureInertia(
  { imu, attitude }: InertialStreams,
  fromS: number,
  untilS: number,
  gravityMps2: number,
): InertiaStatistics | null {
  const readings = rowsBetween(imu, fromS, untilS);
  const attitudes = rowsBetween(attitude, fromS, untilS);
  if (readings.until - readings.from < 4 * ORDER || attitudes.until - attitudes.from < 2) return null;
  const cut = (name: string) => imu.values[name]!.subarray(3 * readings.from, 3 * readings.until);
  const [force, rate] = [cut('specificForceMps2'), cut('angularRateRadps')];
  const { rateHz } = imu.description;
  const density = (values: ArrayLike<number>): number =>
    Math.sqrt([0, 1, 2].reduce((sum, axis) => sum + whiteDensity(values, axis, rateHz) ** 2, 0) / 3);
  const down = meanOf(
    attitude.values.gravityDirection!.subarray(3 * attitudes.from, 3 * attitudes.until) as Float64Array,
  );
  const turned = turnRate(attitude, attitudes.from, attitudes.until);
  return {
    accelerometerDensity: density(force),
    gyroscopeDensity: density(rate),
    forceExcess: meanOf(force as Float32Array).map((mean, axis) => mean + gravityMps2 * down[axis]!),
    rateExcess: meanOf(rate as Float32Array).map((mean, axis) => mean - turned[axis]!),
  };
}

function rowsBetween({ timeNs, rows }: StreamData, fromS: number, untilS: number) {
  let from = 0;
  while (from < rows && secondsFromNs(timeNs[from]!) < fromS) from++;
  let until = from;
  while (until < rows && secondsFromNs(timeNs[until]!) < untilS) until++;
  return { from, until };
}

function meanOf(values: ArrayLike<number>): number[] {
  const sum = [0, 0, 0];
  for (let index = 0; index < values.length; index++) sum[index % 3]! += values[index]!;
  return sum.map((total) => (3 * total) / values.length);
}

/** Mean of the rotation vectors from each attitude to the next over the time between them, rad/s, in the camera's frame. */
function turnRate({ values, timeNs }: StreamData, from: number, until: number): number[] {
  const orientation = values.orientation!;
  const sum = [0, 0, 0];
  for (let row = from + 1; row < until; row++) {
    const [w, x, y, z] = orientation.subarray(4 * row - 4, 4 * row) as unknown as number[];
    const [a, b, c, d] = orientation.subarray(4 * row, 4 * row + 4) as unknown as number[];
    // The conjugate of the last one times this one.
    const scalar = w! * a! + x! * b! + y! * c! + z! * d!;
    const turn = [
      w! * b! - x! * a! - y! * d! + z! * c!,
      w! * c! + x! * d! - y! * a! - z! * b!,
      w! * d! - x! * c! + y! * b! - z! * a!,
    ];
    const sine = Math.hypot(...turn);
    const angle = 2 * Math.atan2(sine, Math.abs(scalar));
    const factor = (sine > 0 ? angle / sine : 2) * Math.sign(scalar || 1);
    for (let axis = 0; axis < 3; axis++) sum[axis]! += factor * turn[axis]!;
  }
  const spanS = secondsFromNs(timeNs[until - 1]! - timeNs[from]!);
  return sum.map((total) => total / spanS);
}
