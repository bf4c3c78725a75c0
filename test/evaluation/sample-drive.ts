import { type BicycleParameters, drive } from '../../evaluation/tasks/vehicles/bicycle.js';
import type { VehicleParameters } from '../../evaluation/tasks/vehicles/bicycle-forecast.js';
import type { RecordedDrive, Series } from '../../evaluation/tasks/vehicles/recorded-drive.js';

/** Steering wheel angle and speed of a made-up drive, by time. */
export interface SampleControls {
  wheelRad(timeS: number): number;
  speedMps(timeS: number): number;
}

/** A winding road at changing speed. */
export const WINDING: SampleControls = {
  wheelRad: (t) => 0.35 * Math.sin(0.5 * t) + 0.15 * Math.sin(1.7 * t),
  speedMps: (t) => 14 + 4 * Math.sin(0.23 * t),
};

/** Drives a car and records it: poses of its camera at 20 Hz, the log at 80 Hz, everything exact. */
export function sampleDrive(
  car: VehicleParameters,
  durationS: number,
  { wheelRad, speedMps }: SampleControls = WINDING,
): RecordedDrive {
  const body: BicycleParameters = car;
  const timeS = Float64Array.from({ length: Math.round(durationS * 20) + 1 }, (_, i) => i / 20);
  const start = {
    xM: 0,
    yM: 0,
    headingRad: 0.7,
    speedMps: speedMps(0),
    lateralMps: 0,
    yawRateRadps: 0,
  };
  const states = drive(body, start, timeS, (t) => ({
    steerRad: (wheelRad(t - car.steeringDelayS) - car.steeringOffsetRad) / car.steeringRatio,
    driveMps2: 0,
    speedMps: speedMps(t),
  }));
  const logTimes = Float64Array.from({ length: Math.round(durationS * 80) + 1 }, (_, i) => i / 80);
  const log = (value: (t: number) => number): Series => ({ timeS: logTimes, value: logTimes.map(value) });
  const yawRates: Series = { timeS, value: Float64Array.from(states, ({ yawRateRadps }) => yawRateRadps) };
  const speeds = log((t) => speedMps(t - car.speedDelayS) / car.speedScale);
  return {
    timeS,
    xM: Float64Array.from(states, ({ xM, headingRad }) => xM + car.cameraAheadM * Math.cos(headingRad)),
    yM: Float64Array.from(states, ({ yM, headingRad }) => yM + car.cameraAheadM * Math.sin(headingRad)),
    yawRad: Float64Array.from(states, ({ headingRad }) => headingRad + 0.014),
    log: {
      steeringWheelRad: log(wheelRad),
      speedMps: speeds,
      forwardMps2: log((t) => (speedMps(t + 0.005) - speedMps(t - 0.005)) / 0.01 + 0.3),
      yawRateRadps: yawRates,
    },
    measured: { speedMps: speeds, yawRateRadps: yawRates },
  };
}
