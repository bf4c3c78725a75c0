import { UmweltError } from '../core/errors.js';
import { secondsFromNs } from '../core/time.js';

/**
 * Checks what a sensor reads from the engine.
 *
 * @param what was read, for the message, such as `pose of its mount`.
 * @throws UmweltError `invalid-input` when a number is not finite.
 */
export function requireFinite(sensor: string, what: string, timeNs: bigint, values: readonly number[]): void {
  // What is not finite, less itself, is NaN.
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k]! - values[k]!;
  if (sum === 0) return;
  throw new UmweltError(
    'invalid-input',
    { sensor, what, values },
    `sensors.${sensor}: expected a finite ${what} at ${secondsFromNs(timeNs)} s, got [${values.join(', ')}]; ` +
      'look for an impossible mass or velocity in the scenario',
  );
}
