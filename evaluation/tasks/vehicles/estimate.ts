import type { DriveContext } from './windows.js';

/** How a car moves at the last pose that was seen, from the poses alone. */
export interface MotionEstimate {
  readonly speedMps: number;
  /** Direction of the motion of the camera, counterclockwise from east. */
  readonly courseRad: number;
  /** Along the course. */
  readonly accelerationMps2: number;
  readonly yawRateRadps: number;
  /** Of the camera. */
  readonly yawRad: number;
}

/** Below this speed the course is noise: the camera's yaw stands for it. */
const SLOWEST_MPS = 0.3;

/**
 * Estimates the motion by least squares: a parabola through the positions and a straight line through the yaw angles
 * of the last half second. Knows nothing of what comes after.
 */
export function estimateMotion(
  { timeS, xM, yM, yawRad }: DriveContext,
  yawOverS = 0.5,
  positionOverS = 0.5,
): MotionEstimate {
  const [, vx, ax] = fitPolynomial(timeS, xM, 2, positionOverS);
  const [, vy, ay] = fitPolynomial(timeS, yM, 2, positionOverS);
  const yaw = yawRad[yawRad.length - 1]!;
  const [, yawRate] = fitPolynomial(timeS, yawRad, 1, yawOverS);
  const speed = Math.hypot(vx!, vy!);
  const moving = speed >= SLOWEST_MPS;
  return {
    speedMps: speed,
    courseRad: moving ? Math.atan2(vy!, vx!) : yaw,
    accelerationMps2: moving ? (2 * (ax! * vx! + ay! * vy!)) / speed : 0,
    yawRateRadps: yawRate!,
    yawRad: yaw,
  };
}

/**
 * Fits a polynomial to the samples of the last `overS` seconds (three at least, as far as there are) by least squares.
 *
 * @returns coefficients from the constant up; with fewer samples than coefficients the highest are 0.
 */
export function fitPolynomial(
  timeS: Float64Array,
  values: Float64Array,
  degree: number,
  overS: number,
): Float64Array {
  let first = Math.max(0, timeS.length - 3);
  while (first > 0 && timeS[first - 1]! >= -overS - 1e-9) first--;
  const t = timeS.subarray(first);
  const v = values.subarray(first);
  const terms = Math.min(degree + 1, t.length);
  const rows = Array.from({ length: terms }, (_, i) =>
    Float64Array.from({ length: terms + 1 }, (_, j) =>
      t.reduce((sum, time, k) => sum + time ** i * (j < terms ? time ** j : v[k]!), 0),
    ),
  );
  const result = new Float64Array(degree + 1);
  result.set(solve(rows));
  return result;
}

/** Solves a few linear equations by Gauss with pivots. Changes `rows`, [n, n + 1]. */
function solve(rows: Float64Array[]): Float64Array {
  const n = rows.length;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column; row < n; row++)
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let row = column + 1; row < n; row++) {
      const factor = rows[row]![column]! / rows[column]![column]!;
      for (let k = column; k <= n; k++) rows[row]![k]! -= factor * rows[column]![k]!;
    }
  }
  const result = new Float64Array(n);
  for (let row = n - 1; row >= 0; row--) {
    let rest = rows[row]![n]!;
    for (let k = row + 1; k < n; k++) rest -= rows[row]![k]! * result[k]!;
    result[row] = rest / rows[row]![row]!;
  }
  return result;
}
