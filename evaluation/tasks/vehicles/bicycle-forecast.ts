import { emptyMotion } from './baselines.js';
import {
  type BicycleControl,
  type BicycleParameters,
  type BicycleState,
  drive,
  STANDARD_CAR,
  steadyLateralMps,
  steadySteerRad,
} from './bicycle.js';
import { estimateMotion, type MotionEstimate } from './estimate.js';
import { type CarLog, type MeasuredMotion, reader, type Series, valueAt } from './recorded-drive.js';
import type { DriveContext, DriveMotion } from './windows.js';

/** A car with its driver's habits and its sensors' delays. */
export interface VehicleParameters extends BicycleParameters {
  /** Time in which a driver's steering, held from the last pose on, falls to 1/e. */
  readonly steeringHeldS: number;
  /** The same of acceleration. */
  readonly accelerationHeldS: number;
  /** How long after the steering wheel the car answers, beyond what its tyres take. */
  readonly steeringDelayS: number;
  /** How late the speed on the bus is. */
  readonly speedDelayS: number;
}

/** Nothing fitted: controls are held for good and sensors have no delay. */
export const STANDARD_VEHICLE: VehicleParameters = {
  ...STANDARD_CAR,
  steeringHeldS: 1000,
  accelerationHeldS: 1000,
  steeringDelayS: 0,
  speedDelayS: 0,
};

/** What is not known of a drive: how a member of an ensemble differs from the point forecast. */
export interface Disturbance {
  /** Added to the speed at the last pose; where the speed is recorded, to all of it. */
  readonly speedMps: number;
  /** Added to the heading at the last pose. */
  readonly headingRad: number;
  /** Added to the turn rate that the controls ask for, rad/s by time. */
  readonly turnAt: (timeS: number) => number;
  /** Added to the acceleration, m/s2 by time, or where the speed is recorded to the speed, m/s. */
  readonly alongAt: (timeS: number) => number;
}

/** Where controls come from: from the last pose and then held, or from what was recorded. */
export type ControlSource = 'held' | 'steering-speed' | 'steering-acceleration';

/** Acceleration is taken from this much of the log before the last pose, to find the accelerometer's bias and the slope. */
const BIAS_OVER_S = 3;
/** A faster car is headed where it goes, a slower one where its camera looks: a course needs some way to show. */
const COURSE_MPS = 2;
const QUIET = { turnAt: () => 0, alongAt: () => 0 };
/** A car slower than this has no turn to speak of. */
const SLOW_MPS = 1;

/**
 * Continues a drive with the bicycle. `held` uses the poses of the context alone; the others use what was commanded after it.
 */
export function forecastBicycle(
  context: DriveContext,
  parameters: VehicleParameters,
  source: ControlSource,
  disturbance: Disturbance | null = null,
): DriveMotion {
  const seen = estimateMotion(context);
  const estimate: MotionEstimate = {
    ...seen,
    speedMps: Math.max(0, seen.speedMps + (disturbance?.speedMps ?? 0)),
  };
  const log = context.commanded;
  const control =
    source === 'held' || log === null || context.seen === null
      ? heldControl(estimate, parameters, disturbance)
      : recordedControl(log, context.seen, parameters, source, estimate, disturbance);
  const start = startOf(estimate, parameters, control(0).speedMps, disturbance?.headingRad ?? 0);
  const states = drive(parameters, start, context.untilS, control);
  return seenByCamera(states, context.untilS, parameters, seen.yawRad - start.headingRad);
}

/** The car's state from the motion of its camera: steady in its turn, and headed so that the camera goes where it went. */
function startOf(
  { speedMps, yawRateRadps, yawRad, courseRad }: MotionEstimate,
  parameters: VehicleParameters,
  givenMps: number | undefined,
  headingErrorRad: number,
): BicycleState {
  const speed = givenMps ?? speedMps;
  const lateralMps = steadyLateralMps(parameters, speed, yawRateRadps);
  const slipRad = Math.atan2(lateralMps + parameters.cameraAheadM * yawRateRadps, speed);
  const headingRad = (speedMps > COURSE_MPS ? courseRad - slipRad : yawRad) + headingErrorRad;
  return {
    xM: -parameters.cameraAheadM * Math.cos(headingRad),
    yM: -parameters.cameraAheadM * Math.sin(headingRad),
    headingRad,
    speedMps: speed,
    lateralMps,
    yawRateRadps,
  };
}

function heldControl(
  { speedMps, accelerationMps2, yawRateRadps }: MotionEstimate,
  parameters: VehicleParameters,
  disturbance: Disturbance | null,
): (timeS: number) => BicycleControl {
  const { rollingMps2, dragPerM, steeringHeldS, accelerationHeldS } = parameters;
  const moving = speedMps > SLOW_MPS;
  const { turnAt, alongAt } = disturbance ?? QUIET;
  // What keeps the speed goes on; a standing car is held by its brakes.
  const keeping = speedMps > 0 ? rollingMps2 + dragPerM * speedMps * speedMps : 0;
  return (timeS) => {
    const turn = (moving ? yawRateRadps : 0) * Math.exp(-timeS / steeringHeldS);
    return {
      steerRad: steadySteerRad(parameters, speedMps, turn + (moving ? turnAt(timeS) : 0)),
      driveMps2: keeping + accelerationMps2 * Math.exp(-timeS / accelerationHeldS) + alongAt(timeS),
    };
  };
}

function recordedControl(
  { steeringWheelRad, speedMps, forwardMps2 }: CarLog,
  seen: CarLog,
  parameters: VehicleParameters,
  source: 'steering-speed' | 'steering-acceleration',
  estimate: MotionEstimate,
  disturbance: Disturbance | null,
): (timeS: number) => BicycleControl {
  const { steeringRatio, steeringOffsetRad, steeringDelayS, speedScale, speedDelayS } = parameters;
  const [speedOf, wheelOf, forceOf] = [reader(speedMps), reader(steeringWheelRad), reader(forwardMps2)];
  const { turnAt, alongAt } = disturbance ?? QUIET;
  const offset = disturbance?.speedMps ?? 0;
  const speedAt = (timeS: number) => Math.max(0, speedScale * speedOf(timeS + speedDelayS));
  const steerAt = (timeS: number, speed: number) =>
    (wheelOf(timeS - steeringDelayS) - steeringOffsetRad) / steeringRatio +
    (speed > SLOW_MPS && disturbance !== null ? steadySteerRad(parameters, speed, turnAt(timeS)) : 0);
  if (source === 'steering-speed')
    return (timeS) => {
      const speed = Math.max(0, speedAt(timeS) + offset + alongAt(timeS));
      return { steerRad: steerAt(timeS, speed), driveMps2: 0, speedMps: speed };
    };
  const bias = accelerometerBias(seen, parameters);
  const { rollingMps2, dragPerM } = parameters;
  return (timeS) => ({
    steerRad: steerAt(timeS, estimate.speedMps),
    // An accelerometer feels drag and rolling resistance: they are added because the model takes them off.
    driveMps2:
      forceOf(timeS) - bias + rollingMps2 + dragPerM * estimate.speedMps * estimate.speedMps + alongAt(timeS),
  });
}

/** What the accelerometer says beyond the change of the speed on the bus, before the last pose: bias, and gravity on a slope. */
function accelerometerBias({ forwardMps2, speedMps }: CarLog, { speedScale }: VehicleParameters): number {
  const [from, to] = [Math.max(-BIAS_OVER_S, speedMps.timeS[0]!), speedMps.timeS.at(-1)!];
  if (!(to > from)) return 0;
  const gained = speedScale * (valueAt(speedMps, to) - valueAt(speedMps, from));
  return meanBetween(forwardMps2, from, to) - gained / (to - from);
}

function meanBetween({ timeS, value }: Series, fromS: number, toS: number): number {
  let [sum, count] = [0, 0];
  for (const [index, time] of timeS.entries()) {
    if (time < fromS || time > toS) continue;
    sum += value[index]!;
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/**
 * Continues a drive with measured speed and turn rate, which a forecaster does not have: how far the model's geometry and the sensors
 * reach. Times of `measured` are s after the last pose.
 */
export function followMeasured(
  context: DriveContext,
  measured: MeasuredMotion,
  parameters: VehicleParameters,
): DriveMotion {
  const { speedScale, speedDelayS } = parameters;
  const [speedOf, yawRateOf] = [reader(measured.speedMps), reader(measured.yawRateRadps)];
  const seen = estimateMotion(context);
  const start = startOf(seen, parameters, undefined, 0);
  let [x, y, heading] = [start.xM, start.yM, start.headingRad];
  let timeS = 0;
  const states = Array.from(context.untilS, (untilS): BicycleState => {
    const steps = Math.ceil((untilS - timeS) / MEASURED_STEP_S);
    const stepS = (untilS - timeS) / Math.max(1, steps);
    for (let step = 0; step < steps; step++) {
      const middle = timeS + (step + 0.5) * stepS;
      const speed = speedScale * speedOf(middle + speedDelayS);
      const yawRate = yawRateOf(middle);
      const lateral = steadyLateralMps(parameters, speed, yawRate);
      const h = heading + (yawRate * stepS) / 2;
      x += (speed * Math.cos(h) - lateral * Math.sin(h)) * stepS;
      y += (speed * Math.sin(h) + lateral * Math.cos(h)) * stepS;
      heading += yawRate * stepS;
    }
    timeS = untilS;
    return { xM: x, yM: y, headingRad: heading, speedMps: 0, lateralMps: 0, yawRateRadps: 0 };
  });
  return seenByCamera(states, context.untilS, parameters, seen.yawRad - start.headingRad);
}

const MEASURED_STEP_S = 0.02;

function seenByCamera(
  states: readonly BicycleState[],
  timeS: Float64Array,
  { cameraAheadM }: VehicleParameters,
  yawFromHeadingRad: number,
): DriveMotion {
  const motion = emptyMotion(timeS);
  for (const [frame, { xM, yM, headingRad }] of states.entries()) {
    motion.xM[frame] = xM + cameraAheadM * Math.cos(headingRad);
    motion.yM[frame] = yM + cameraAheadM * Math.sin(headingRad);
    motion.yawRad[frame] = headingRad + yawFromHeadingRad;
  }
  return motion;
}
