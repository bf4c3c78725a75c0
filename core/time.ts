import { UmweltError } from './errors.js';

/** Nanoseconds in a second. */
export const NS_PER_S = 1_000_000_000n;

/**
 * Returns the time of tick `index` of a clock of `rateHz`, in nanoseconds of simulated time, rounded down.
 *
 * Ticks are computed from their index, never accumulated, so clocks of different rates that meet at a rational instant
 * (tick 4 of 592 Hz and tick 1 of 148 Hz) get the same integer.
 *
 * @param rateHz ticks a second; resolved to a millihertz.
 */
export function tickTimeNs(index: number, rateHz: number): bigint {
  return (BigInt(index) * NS_PER_S * 1000n) / BigInt(Math.round(rateHz * 1000));
}

/** Returns how many ticks of `rateHz` (the one at zero included) lie in the closed interval [0, `durationS`]. */
export function tickCount(durationS: number, rateHz: number): number {
  return Math.floor(durationS * rateHz + 1e-9) + 1;
}

/** Converts nanoseconds to seconds (float64; exact to a nanosecond below 104 days). */
export function secondsFromNs(timeNs: bigint): number {
  return Number(timeNs) / 1e9;
}

/**
 * Checks that a rate can drive a clock.
 *
 * @throws UmweltError `invalid-input` when it is not a finite number between 0.001 and 1e6 Hz.
 */
export function requireRate(rateHz: number, where: string): void {
  if (!Number.isFinite(rateHz) || rateHz < 0.001 || rateHz > 1e6) {
    throw new UmweltError(
      'invalid-input',
      { where, rateHz },
      `${where}: expected a rate between 0.001 and 1,000,000 Hz, got ${rateHz}`,
    );
  }
}
