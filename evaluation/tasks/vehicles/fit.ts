import type { CalibrationParameter, ParameterValues } from '../../task.js';
import {
  type ControlSource,
  followMeasured,
  forecastBicycle,
  STANDARD_VEHICLE,
  type VehicleParameters,
} from './bicycle-forecast.js';
import { errorsAt } from './errors.js';
import type { DriveMotion, Window } from './windows.js';

/** What a window's loss is averaged over, s. */
const FIT_HORIZONS_S = [1, 2, 3, 5, 7, 10];
/** Errors are shares of the distance, but of no less than this many metres a second: a standing car says little. */
const LEAST_MPS = 3;
/** Loss of a forecast that is not finite, in % of the distance. */
const DIVERGED_PCT = 1000;
/** A search of its own: parameters, and the mismatch of a window in % of the distance that depends on them alone. */
export interface FitProblem {
  readonly name: string;
  readonly parameters: readonly CalibrationParameter[];
  /** Candidates to try: from there on the loss hardly falls. */
  readonly evaluations: number;
  /** Finite, also where a forecast diverges. */
  loss(window: Window, values: ParameterValues): number;
}

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

/** How long a driver keeps to what he does: the one thing that a forecast with held controls lacks. */
const DRIVER: readonly CalibrationParameter[] = [
  parameter('steeringHeldS', 's', 'time in which held steering falls to 1/e', 0.3, 300, 'log', 10),
  parameter('accelerationHeldS', 's', 'time in which held acceleration falls to 1/e', 0.3, 300, 'log', 10),
];

/** What shows of a car when its speed and turn rate are known. */
const BODY: readonly CalibrationParameter[] = [
  parameter('cameraAheadM', 'm', 'from the centre of mass to where the pose is measured', -2, 3),
  parameter('stiffnessMps2', 'N/(rad kg)', 'cornering stiffness of both axles over the mass', 60, 250, 'log'),
  parameter('speedScale', '1', 'true speed over the measured one', 0.96, 1.04),
  parameter('speedDelayS', 's', 'of the measured speed', -0.1, 0.4),
];

/** What its steering shows beside. The wheelbase is not among them: only its share of the steering ratio does. */
const STEERING: readonly CalibrationParameter[] = [
  parameter(
    'steeringRatio',
    '1',
    'steering wheel angle over road wheel angle, for a wheelbase of 2.7 m',
    9,
    24,
  ),
  parameter('steeringOffsetRad', 'rad', 'steering wheel angle that drives straight on', -0.15, 0.15),
  parameter('steeringDelayS', 's', 'of the car behind the steering wheel', -0.1, 0.4),
  parameter(
    'understeerRadS2pm',
    'rad s2/m',
    'more steering that a turn needs the faster it is',
    -0.003,
    0.015,
  ),
];

/**
 * Lists what can be calibrated from drives with or without the car's log: the car, by forecasts from steering wheel and speed or, without
 * any, by following the speed and turn rate that were measured beside the poses; and the driver, by forecasts with held controls.
 */
export function fitProblems(hasLog: boolean): readonly FitProblem[] {
  return [
    hasLog
      ? {
          name: 'car',
          parameters: [...BODY, ...STEERING],
          evaluations: 960,
          loss: (window, values) => forecastLoss(window, values, 'steering-speed'),
        }
      : {
          name: 'car',
          parameters: BODY,
          evaluations: 240,
          loss: ({ context, truth, measured }, values) =>
            driftPct(followMeasured(context, measured, vehicleOf(values)), truth),
        },
    {
      name: 'driver',
      parameters: DRIVER,
      evaluations: 120,
      loss: (window, values) => forecastLoss(window, values, 'held'),
    },
  ];
}

/** Completes calibrated values with those of the standard car. */
export function vehicleOf(values: ParameterValues): VehicleParameters {
  return { ...STANDARD_VEHICLE, ...values };
}

function forecastLoss({ context, truth }: Window, values: ParameterValues, source: ControlSource): number {
  return driftPct(forecastBicycle(context, vehicleOf(values), source), truth);
}

function driftPct(motion: DriveMotion, truth: DriveMotion): number {
  const { positionM, travelledM, timeS } = errorsAt(motion, truth, FIT_HORIZONS_S);
  const shares = positionM.map((error, i) => (100 * error) / Math.max(travelledM[i]!, LEAST_MPS * timeS[i]!));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return Number.isFinite(mean) ? Math.min(mean, DIVERGED_PCT) : DIVERGED_PCT;
}
