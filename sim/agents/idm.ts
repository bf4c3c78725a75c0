/** How a driver follows (Treiber, Hennecke, Helbing: Congested traffic states in empirical observations, PRE 62, 2000). */
export interface IdmParameters {
  /** Speed on an empty road, v0. */
  readonly desiredSpeedMps: number;
  /** Time to the car ahead that is kept, T. */
  readonly timeHeadwayS: number;
  /** Bumper to bumper at a standstill, s0. */
  readonly minimumGapM: number;
  /** Acceleration from a standstill on an empty road, a. */
  readonly accelerationMps2: number;
  /** Braking that is felt to be comfortable, b, positive. */
  readonly comfortableDecelerationMps2: number;
}

/** The car ahead, as its follower sees it. */
export interface Leader {
  /** Bumper to bumper, along the lane. */
  readonly gapM: number;
  /** Along the lane. */
  readonly speedMps: number;
}

/** The paper's values for cars on a motorway (its table I). */
export const IDM_2000: IdmParameters = {
  desiredSpeedMps: 33.3,
  timeHeadwayS: 1.6,
  minimumGapM: 2,
  accelerationMps2: 0.73,
  comfortableDecelerationMps2: 1.67,
};

/** No car brakes harder on a dry road. */
export const HARDEST_BRAKING_MPS2 = 9;
/** Cars that touch are taken to be this far apart, so that the follower brakes as hard as it can. */
const LEAST_GAP_M = 0.1;

/**
 * Returns the acceleration of the Intelligent Driver Model,
 * `a [1 - (v / v0)^4 - (s* / s)^2]`, `s* = s0 + max(0, v T + v (v - v_leader) / (2 sqrt(a b)))`,
 * at least `-HARDEST_BRAKING_MPS2`.
 *
 * @param leader undefined on an empty road.
 */
export function idmAcceleration(driver: IdmParameters, speedMps: number, leader: Leader | undefined): number {
  const { desiredSpeedMps, timeHeadwayS, minimumGapM, accelerationMps2, comfortableDecelerationMps2 } =
    driver;
  const share = (speedMps / desiredSpeedMps) * (speedMps / desiredSpeedMps);
  let effort = 1 - share * share;
  if (leader !== undefined) {
    const closing =
      (speedMps * (speedMps - leader.speedMps)) /
      (2 * Math.sqrt(accelerationMps2 * comfortableDecelerationMps2));
    const wanted = minimumGapM + Math.max(0, speedMps * timeHeadwayS + closing);
    const pressed = wanted / Math.max(LEAST_GAP_M, leader.gapM);
    effort -= pressed * pressed;
  }
  return Math.max(-HARDEST_BRAKING_MPS2, accelerationMps2 * effort);
}

/**
 * Returns the gap at which a driver neither brakes nor accelerates behind a leader of the same speed:
 * `(s0 + v T) / sqrt(1 - (v / v0)^4)`.
 *
 * @param speedMps below the desired speed.
 */
export function idmEquilibriumGapM(driver: IdmParameters, speedMps: number): number {
  const share = (speedMps / driver.desiredSpeedMps) * (speedMps / driver.desiredSpeedMps);
  return (driver.minimumGapM + speedMps * driver.timeHeadwayS) / Math.sqrt(1 - share * share);
}
