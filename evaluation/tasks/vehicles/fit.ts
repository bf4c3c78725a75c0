import type { CalibrationParameter, ParameterValues } from '../../task.js';
import {
  type ControlSource,
  forecastBicycle,
  STANDARD_VEHICLE,
  type VehicleParameters,
} from './bicycle-forecast.js';
import { errorsAt } from './errors.js';
import type { DriveContext, DriveMotion } from './windows.js';

/** What a window's loss is averaged over, s. */
const FIT_HORIZONS_S = [1, 2, 3, 5, 7, 10];
/** Errors are shares of the distance, but of no less than this many metres a second: a standing car says little. */
const LEAST_MPS = 3;
/** Loss of a forecast that is not finite, in % of the distance. */
const DIVERGED_PCT = 1000;
/**
 * What 1 % of a forecast with held controls counts beside 1 % of one with recorded controls: the driver, not the car, is what the
 * former does not know, and its errors would drown the car's.
 */
const HELD_WEIGHT = 0.05;
const ACCELERATION_WEIGHT = 0.1;

function parameter(
  name: keyof VehicleParameters,
  unit: string,
  description: string,
  lo: number,
  hi: number,
  scale: 'linear' | 'log' = 'linear',
  start = STANDARD_VEHICLE[name],
): CalibrationParameter {
  return { name, unit, description, lo, hi, start, scale };
}

/** What poses alone can tell of a car and its driver. */
const FROM_POSES: readonly CalibrationParameter[] = [
  parameter(
    'understeerRadS2pm',
    'rad s2/m',
    'more steering that a turn needs the faster it is',
    -0.003,
    0.015,
  ),
  parameter('cameraAheadM', 'm', 'from the centre of mass to where the pose is measured', -2, 3),
  parameter('steeringHeldS', 's', 'time in which held steering falls to 1/e', 0.3, 300, 'log', 10),
  parameter('accelerationHeldS', 's', 'time in which held acceleration falls to 1/e', 0.3, 300, 'log', 10),
];

/** What the car's bus tells beside. The wheelbase is not among them: only its share of the steering ratio shows. */
const FROM_LOG: readonly CalibrationParameter[] = [
  parameter(
    'steeringRatio',
    '1',
    'steering wheel angle over road wheel angle, for a wheelbase of 2.7 m',
    9,
    24,
  ),
  parameter('steeringOffsetRad', 'rad', 'steering wheel angle that drives straight on', -0.15, 0.15),
  parameter('stiffnessMps2', 'N/(rad kg)', 'cornering stiffness of both axles over the mass', 60, 250, 'log'),
  parameter('speedScale', '1', 'true speed over the one on the bus', 0.96, 1.04),
  parameter('steeringDelayS', 's', 'of the car behind the steering wheel', -0.1, 0.4),
  parameter('speedDelayS', 's', 'of the speed on the bus', -0.1, 0.4),
];

/** Lists what can be calibrated from drives with or without the car's log. */
export function calibrationParameters(hasLog: boolean): readonly CalibrationParameter[] {
  return hasLog ? [...FROM_POSES, ...FROM_LOG] : FROM_POSES;
}

/** Completes calibrated values with those of the standard car. */
export function vehicleOf(values: ParameterValues): VehicleParameters {
  return { ...STANDARD_VEHICLE, ...values };
}

/** Mismatch of a window in % of the distance; finite, also where a forecast diverges. */
export function windowLoss(context: DriveContext, truth: DriveMotion, values: ParameterValues): number {
  const vehicle = vehicleOf(values);
  const of = (source: ControlSource) => driftPct(forecastBicycle(context, vehicle, source), truth);
  const held = of('held');
  if (context.commanded === null) return held;
  return of('steering-speed') + ACCELERATION_WEIGHT * of('steering-acceleration') + HELD_WEIGHT * held;
}

function driftPct(motion: DriveMotion, truth: DriveMotion): number {
  const { positionM, travelledM, timeS } = errorsAt(motion, truth, FIT_HORIZONS_S);
  const shares = positionM.map((error, i) => (100 * error) / Math.max(travelledM[i]!, LEAST_MPS * timeS[i]!));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Number.isFinite(mean) ? Math.min(mean, DIVERGED_PCT) : DIVERGED_PCT;
}
