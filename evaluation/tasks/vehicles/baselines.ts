import type { MotionEstimate } from './estimate.js';
import type { DriveMotion } from './windows.js';

/**
 * Goes on with constant turn rate and constant acceleration along the path (CTRA; with no acceleration CTRV, with no turn rate
 * constant velocity: Schubert, Richter, Wanielik: Comparison and evaluation of advanced motion models for vehicle tracking, 2008). A
 * car that brakes stands when it has stopped.
 *
 * @param untilS when to predict, s after the last pose.
 */
export function continueTurning(
  { speedMps, courseRad, accelerationMps2, yawRateRadps, yawRad }: MotionEstimate,
  untilS: Float64Array,
): DriveMotion {
  const stopsS = accelerationMps2 < 0 ? -speedMps / accelerationMps2 : Number.POSITIVE_INFINITY;
  const motion = emptyMotion(untilS);
  for (const [frame, until] of untilS.entries()) {
    const t = Math.min(until, stopsS);
    const [x, y] = arc(speedMps, accelerationMps2, courseRad, yawRateRadps, t);
    motion.xM[frame] = x;
    motion.yM[frame] = y;
    motion.yawRad[frame] = yawRad + yawRateRadps * t;
  }
  return motion;
}

/** Integral of (v + a s) along the direction c + w s over s from 0 to t. */
function arc(v: number, a: number, c: number, w: number, t: number): readonly [number, number] {
  if (Math.abs(w * t) < 1e-4) {
    // To second order in the small turn; the exact form divides by its square.
    const along = v * t + (a * t * t) / 2;
    const across = w * ((v * t * t) / 2 + (a * t * t * t) / 3);
    return [along * Math.cos(c) - across * Math.sin(c), along * Math.sin(c) + across * Math.cos(c)];
  }
  const end = c + w * t;
  const last = v + a * t;
  return [
    (last * Math.sin(end) - v * Math.sin(c)) / w + (a * (Math.cos(end) - Math.cos(c))) / (w * w),
    (v * Math.cos(c) - last * Math.cos(end)) / w + (a * (Math.sin(end) - Math.sin(c))) / (w * w),
  ];
}

/** Allocates a motion of zeros at times. */
export function emptyMotion(timeS: Float64Array): DriveMotion {
  const zeros = () => new Float64Array(timeS.length);
  return { timeS, xM: zeros(), yM: zeros(), yawRad: zeros() };
}
