import type { Driving } from '../../../sim/agents/agent.js';
import { IDM_2000 } from '../../../sim/agents/idm.js';
import { MOBIL_2007 } from '../../../sim/agents/mobil.js';
import type { CalibrationParameter, ParameterValues } from '../../calibrate/contract.js';

/** What is fitted of how people drive. The lane change's politeness and safe braking stay the paper's: too few change lanes to tell. */
export const DRIVING_PARAMETERS = [
  log('desiredSpeedMps', 'm/s', 'speed on an empty road (v0)', 8, 35, 15),
  log('timeHeadwayS', 's', 'time to the car ahead (T)', 0.4, 3, 1),
  log('minimumGapM', 'm', 'gap at a standstill (s0)', 0.5, 5, 2),
  log('accelerationMps2', 'm/s^2', 'acceleration from a standstill (a)', 0.3, 4, 1.3),
  log('comfortableDecelerationMps2', 'm/s^2', 'comfortable braking (b)', 0.5, 5, 1.7),
  log('limitFactor', '1', 'highest speed, as a multiple of the limit', 0.8, 1.6, 1.2),
  linear('ownSpeed', '1', 'how much of its first speed a car that is alone keeps', 0.9),
  linear('ownHeadway', '1', 'how much of its first headway a car that follows keeps', 0.9),
  log('accelerationMemoryS', 's', 'how long the first acceleration lasts', 0.05, 3, 0.5),
  log('lateralTimeS', 's', 'time constant of moving sideways', 0.3, 10, 1.5),
  linear('offsetKept', '1', "how much of its distance from the lane's centre a car keeps", 0.8),
  log('laneChangeThresholdMps2', 'm/s^2', 'what a change of lane must gain', 0.1, 30, 5),
] as const satisfies readonly CalibrationParameter[];

function log(name: string, unit: string, description: string, lo: number, hi: number, start: number) {
  return { name, unit, description, lo, hi, start, scale: 'log' } as const;
}

function linear(name: string, unit: string, description: string, start: number) {
  return { name, unit, description, lo: 0, hi: 1, start, scale: 'linear' } as const;
}

/** How everybody drives by parameter values; one that is missing is where the search begins. */
export function drivingOf(values: ParameterValues): Driving {
  const given = {
    ...Object.fromEntries(DRIVING_PARAMETERS.map(({ name, start }) => [name, start])),
    ...values,
  };
  const value = (name: string): number => given[name]!;
  return {
    idm: {
      desiredSpeedMps: value('desiredSpeedMps'),
      timeHeadwayS: value('timeHeadwayS'),
      minimumGapM: value('minimumGapM'),
      accelerationMps2: value('accelerationMps2'),
      comfortableDecelerationMps2: value('comfortableDecelerationMps2'),
    },
    mobil: { ...MOBIL_2007, thresholdMps2: value('laneChangeThresholdMps2') },
    limitFactor: value('limitFactor'),
    ownSpeed: value('ownSpeed'),
    ownHeadway: value('ownHeadway'),
    accelerationMemoryS: value('accelerationMemoryS'),
    lateralTimeS: value('lateralTimeS'),
    offsetKept: value('offsetKept'),
  };
}

/** Everybody alike, by the papers' values, in the middle of the lane. */
export const PUBLISHED_DRIVING: Driving = {
  idm: IDM_2000,
  mobil: MOBIL_2007,
  limitFactor: 1,
  ownSpeed: 0,
  ownHeadway: 0,
  accelerationMemoryS: 0,
  lateralTimeS: 1.5,
  offsetKept: 0,
};
