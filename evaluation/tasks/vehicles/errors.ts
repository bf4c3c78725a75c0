import { wrapAngle } from './recorded-drive.js';
import type { DriveMotion } from './windows.js';

/** How far a forecast is off, by horizon. */
export interface DriveErrors {
  /** Horizons that the recording reaches, s. */
  readonly timeS: readonly number[];
  readonly positionM: readonly number[];
  /** Along the recorded heading of the horizon, positive where the forecast is ahead. */
  readonly alongM: readonly number[];
  /** Across it, positive to the left. */
  readonly acrossM: readonly number[];
  /** Positive where the forecast has turned further to the left. */
  readonly headingRad: readonly number[];
  /** By the recording, from the last pose that was seen. */
  readonly travelledM: readonly number[];
}

/** Compares a forecast with what was recorded, at horizons between whose neighbouring poses both are interpolated. */
export function errorsAt(motion: DriveMotion, truth: DriveMotion, horizonsS: readonly number[]): DriveErrors {
  const last = truth.timeS.at(-1)!;
  const timeS = horizonsS.filter((horizon) => horizon <= last + 1e-9);
  const travelled = travelledM(truth);
  const rows = timeS.map((horizon) => {
    const at = placeAt(truth.timeS, horizon);
    const [x, y, yaw] = [truth.xM, truth.yM, truth.yawRad].map((values) => between(values, at));
    const [dx, dy] = [between(motion.xM, at) - x!, between(motion.yM, at) - y!];
    const [c, s] = [Math.cos(yaw!), Math.sin(yaw!)];
    return {
      positionM: Math.hypot(dx, dy),
      alongM: dx * c + dy * s,
      acrossM: dy * c - dx * s,
      headingRad: wrapAngle(between(motion.yawRad, at) - yaw!),
      travelledM: between(travelled, at),
    };
  });
  const column = (name: keyof (typeof rows)[number]) => rows.map((row) => row[name]);
  return {
    timeS,
    positionM: column('positionM'),
    alongM: column('alongM'),
    acrossM: column('acrossM'),
    headingRad: column('headingRad'),
    travelledM: column('travelledM'),
  };
}

/** Length of the path up to each pose. */
export function travelledM({ xM, yM }: DriveMotion): Float64Array {
  const travelled = new Float64Array(xM.length);
  for (let i = 1; i < xM.length; i++) {
    travelled[i] = travelled[i - 1]! + Math.hypot(xM[i]! - xM[i - 1]!, yM[i]! - yM[i - 1]!);
  }
  return travelled;
}

/** A place between two samples: index of the one before, and the share of the way to the next. */
export interface Place {
  readonly before: number;
  readonly share: number;
}

/** Finds a time among rising ones; beyond the last, the last. */
export function placeAt(timeS: Float64Array, atS: number): Place {
  let before = 0;
  while (before < timeS.length - 2 && timeS[before + 1]! <= atS) before++;
  const span = timeS[before + 1]! - timeS[before]!;
  return { before, share: span > 0 ? Math.min(1, Math.max(0, (atS - timeS[before]!) / span)) : 0 };
}

/** Value at a place. */
export function between(values: ArrayLike<number>, { before, share }: Place): number {
  return values[before]! + share * ((values[before + 1] ?? values[before]!) - values[before]!);
}
