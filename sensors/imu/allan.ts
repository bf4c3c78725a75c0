import { UmweltError } from '../../core/errors.js';
import { pow } from '../../core/math/exact.js';

/** One point of an Allan deviation. */
export interface AllanPoint {
  readonly tauS: number;
  /** In the unit of the readings. */
  readonly deviation: number;
  /** Overlapping differences that it is the root mean square of. */
  readonly count: number;
}

/**
 * Computes the overlapping Allan deviation of readings (IEEE 952-1997, C.1): for each averaging time the root of half the mean
 * squared difference between neighbouring means, at about `perDecade` times a decade up to a quarter of the record.
 *
 * @throws UmweltError `invalid-input` when there are fewer than 8 readings.
 */
export function allanDeviation(readings: ArrayLike<number>, rateHz: number, perDecade = 5): AllanPoint[] {
  const length = readings.length;
  if (length < 8) {
    throw new UmweltError(
      'invalid-input',
      { length },
      `Allan deviation: expected at least 8 readings, got ${length}; record longer`,
    );
  }
  const sums = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) sums[i + 1] = sums[i]! + readings[i]!;
  const points: AllanPoint[] = [];
  let window = 0;
  const step = pow(10, 1 / perDecade);
  for (let ideal = 1; ideal <= length / 4; ideal *= step) {
    if (Math.round(ideal) === window) continue;
    window = Math.round(ideal);
    const count = length - 2 * window + 1;
    let squares = 0;
    for (let i = 0; i < count; i++) {
      const difference = sums[i + 2 * window]! - 2 * sums[i + window]! + sums[i]!;
      squares += difference * difference;
    }
    const deviation = Math.sqrt(squares / count / 2) / window;
    points.push({ tauS: window / rateHz, deviation, count });
  }
  return points;
}
