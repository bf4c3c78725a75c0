import type { RecordingIdentity } from '../../split.js';
import type { Case } from '../../task.js';
import { type CarLog, cut, indexAt, type MeasuredMotion, type RecordedDrive } from './recorded-drive.js';

/** What a method is shown of a drive. Times are s after the last pose that is seen; positions m from it. */
export interface DriveContext {
  /** Poses that were seen, the last at 0. */
  readonly timeS: Float64Array;
  readonly xM: Float64Array;
  readonly yM: Float64Array;
  readonly yawRad: Float64Array;
  /** What the car's own sensors said until 0; null where only the pose was recorded. */
  readonly seen: CarLog | null;
  /** The same until the end: what is commanded. Methods that use it say so. */
  readonly commanded: CarLog | null;
  /** When to predict the pose. */
  readonly untilS: Float64Array;
}

/** A motion over the times of a context's `untilS`, seen from above, m from the last pose that was seen. */
export interface DriveMotion {
  readonly timeS: Float64Array;
  readonly xM: Float64Array;
  readonly yM: Float64Array;
  readonly yawRad: Float64Array;
}

/** A window with what was recorded after what a method sees. */
export interface Window {
  readonly context: DriveContext;
  readonly truth: DriveMotion;
  /** Speed and turn rate over the whole window and a second beyond, times from the last seen pose. */
  readonly measured: MeasuredMotion;
}

/** How windows are laid over a drive. */
export interface WindowPlan {
  readonly contextFrames: number;
  readonly horizonS: number;
  /** From one window's last seen pose to the next one's. */
  readonly stepS: number;
  /** Windows whose last seen poses lie in one block of this length are resampled together. */
  readonly blockS: number;
}

/**
 * Lays windows over a drive: those that end in its first half are to learn from, those that begin in its second half to be judged
 * by; none lies across the middle.
 */
export function windowsOf(
  { timeS }: RecordedDrive,
  recording: RecordingIdentity,
  episode: number,
  { contextFrames, horizonS, stepS, blockS }: WindowPlan,
): readonly Case[] {
  const [startS, endS] = [timeS[0]!, timeS[timeS.length - 1]!];
  const middleS = (startS + endS) / 2;
  const windows: Case[] = [];
  for (const [side, fromS, toS] of [
    ['train', startS, middleS],
    ['heldout', middleS, endS],
  ] as const) {
    let nextS = fromS;
    for (let last = indexAt(timeS, fromS) + contextFrames - 1; last < timeS.length; last++) {
      const lastS = timeS[last]!;
      if (lastS + horizonS > toS) break;
      if (lastS < nextS) continue;
      nextS = Math.max(nextS + stepS, lastS);
      windows.push({
        name: `${recording.name}@${lastS.toFixed(2)}`,
        recording,
        episode,
        startS: timeS[last - contextFrames + 1]!,
        horizonS,
        unit: `${recording.sha256}/${side}/${Math.floor((lastS - fromS) / blockS)}`,
        side,
      });
    }
  }
  return windows;
}

/** Cuts a window out of a drive. */
export function loadWindow(drive: RecordedDrive, { startS, horizonS }: Case, contextFrames: number): Window {
  const first = indexAt(drive.timeS, startS - 1e-9);
  const last = first + contextFrames - 1;
  const zeroS = drive.timeS[last]!;
  let end = last;
  // The first pose beyond the horizon is kept, so that the horizon itself lies between two.
  while (end < drive.timeS.length - 1 && drive.timeS[end]! < zeroS + horizonS) end++;
  const part = (from: number, to: number): DriveMotion => ({
    timeS: drive.timeS.slice(from, to).map((time) => time - zeroS),
    xM: drive.xM.slice(from, to).map((x) => x - drive.xM[last]!),
    yM: drive.yM.slice(from, to).map((y) => y - drive.yM[last]!),
    yawRad: drive.yawRad.slice(from, to),
  });
  const truth = part(last, end + 1);
  const logUntil = (toS: number): CarLog | null => {
    if (drive.log === null) return null;
    const { steeringWheelRad, speedMps, forwardMps2, yawRateRadps } = drive.log;
    const fromS = zeroS - LONGEST_LOG_S;
    return {
      steeringWheelRad: cut(steeringWheelRad, fromS, toS, zeroS),
      speedMps: cut(speedMps, fromS, toS, zeroS),
      forwardMps2: cut(forwardMps2, fromS, toS, zeroS),
      yawRateRadps: cut(yawRateRadps, fromS, toS, zeroS),
    };
  };
  return {
    context: {
      ...part(first, last + 1),
      seen: logUntil(zeroS),
      commanded: logUntil(zeroS + horizonS),
      untilS: truth.timeS,
    },
    truth,
    measured: {
      speedMps: cut(drive.measured.speedMps, zeroS - 1, zeroS + horizonS + 1, zeroS),
      yawRateRadps: cut(drive.measured.yawRateRadps, zeroS - 1, zeroS + horizonS + 1, zeroS),
    },
  };
}

/** How much of the log before the last pose a method sees. */
const LONGEST_LOG_S = 3;
