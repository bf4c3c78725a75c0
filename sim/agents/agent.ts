import type { IdmParameters } from './idm.js';
import type { MobilParameters } from './mobil.js';
import type { Route } from './road.js';

/** How drivers drive: what they have in common, and how much of what each was first seen doing is taken to be its own way. */
export interface Driving {
  readonly idm: IdmParameters;
  readonly mobil: MobilParameters;
  /** Nobody means to go faster than this times the limit, where there is one. */
  readonly limitFactor: number;
  /** Of a driver that nobody is ahead of: 0 means to go as fast as all others, 1 to stay as fast as it was first seen. */
  readonly ownSpeed: number;
  /** Of a driver that follows: 0 keeps the time headway of all others, 1 the one that it was first seen to keep. */
  readonly ownHeadway: number;
  /** Time constant at which the difference between how a car accelerates at first and what IDM would do dies away. */
  readonly accelerationMemoryS: number;
  /** Time constant of moving sideways (critically damped). */
  readonly lateralTimeS: number;
  /** Share of its distance from the lane's centre that a driver keeps, 0 to 1. */
  readonly offsetKept: number;
}

/** A car from above: the centre of its outline, its heading as a unit vector, speed and acceleration along it. */
export interface CarState {
  readonly x: number;
  readonly y: number;
  readonly dirX: number;
  readonly dirY: number;
  readonly speedMps: number;
  readonly accelerationMps2: number;
}

/** A car that is to be driven. */
export interface Car extends CarState {
  readonly lengthM: number;
  readonly widthM: number;
}

/** A driver and its car on a route. */
export interface Agent extends Car {
  readonly route: Route;
  /** Along the route and to its left. */
  readonly alongM: number;
  readonly leftM: number;
  readonly leftMps: number;
  /** Distance from the route that it means to have. */
  readonly aimM: number;
  /** Its own values of IDM. */
  readonly driver: IdmParameters;
  /** What is left of the difference between how it accelerated when it was taken over and what IDM would have done. */
  readonly surplusMps2: number;
}
