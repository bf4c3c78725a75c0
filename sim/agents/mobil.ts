/** When a driver changes lanes (Kesting, Treiber, Helbing: General lane-changing model MOBIL, TRR 1999, 2007). */
export interface MobilParameters {
  /** Weight of what the followers lose or gain, p: 0 is selfish, 1 counts them as oneself. */
  readonly politeness: number;
  /** What a change must gain, so that nobody changes for nothing. */
  readonly thresholdMps2: number;
  /** The new follower must not have to brake harder, positive. */
  readonly safeDecelerationMps2: number;
}

/** The paper's values for cars on a symmetric motorway. */
export const MOBIL_2007: MobilParameters = {
  politeness: 0.5,
  thresholdMps2: 0.1,
  safeDecelerationMps2: 4,
};

/** One driver's acceleration before and after somebody's change of lane, m/s^2. */
export interface Consequence {
  readonly before: number;
  readonly after: number;
}

/**
 * Returns by how much a change of lane beats staying, m/s^2: the driver's gain, plus politeness times the gain of the old
 * and the new follower, less the threshold. Above 0, the driver changes.
 *
 * @param newFollower undefined where there is nobody behind; `oldFollower` likewise.
 * @returns -Infinity when the new follower would have to brake harder than is safe, or the driver itself would.
 */
export function mobilIncentive(
  { politeness, thresholdMps2, safeDecelerationMps2 }: MobilParameters,
  own: Consequence,
  newFollower: Consequence | undefined,
  oldFollower: Consequence | undefined,
): number {
  if (own.after < -safeDecelerationMps2) return Number.NEGATIVE_INFINITY;
  if (newFollower !== undefined && newFollower.after < -safeDecelerationMps2) return Number.NEGATIVE_INFINITY;
  const others = gainOf(newFollower) + gainOf(oldFollower);
  return gainOf(own) + politeness * others - thresholdMps2;
}

function gainOf(consequence: Consequence | undefined): number {
  return consequence === undefined ? 0 : consequence.after - consequence.before;
}
