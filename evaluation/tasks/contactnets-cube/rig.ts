import type { Vec3 } from '../../../core/math/vector.js';
import type { CalibrationParameter, ParameterValues } from '../../task.js';
import type { RecordedCube } from './recorded-cube.js';

/** What stands around a contact model: the cube's mass, the table and how the cameras saw them. World frame, SI. */
export interface Rig {
  /** In the cube's frame: tags and glue weigh something. */
  readonly centreOfMassM: Vec3;
  /** About every axis. */
  readonly inertiaKgm2: number;
  /** Height of the table where x = y = 0. */
  readonly tableHeightM: number;
  /** Rise of the table a metre along x and along y. */
  readonly tableSlope: readonly [number, number];
  /** What falls towards -z falls towards this: the cameras' frame is not quite upright, nor its metre quite a metre. */
  readonly gravityMps2: Vec3;
  /** Age of a recorded velocity: it is the difference of two poses, the older a frame ago. */
  readonly velocityAgeS: number;
}

/** Standard gravity as the recordings' parameters round it. */
export const GRAVITY_MPS2 = 9.81;

/** The rig as its drawing says. */
export function nominalRig({ inertiaKgm2 }: RecordedCube): Rig {
  return {
    centreOfMassM: [0, 0, 0],
    inertiaKgm2,
    tableHeightM: 0,
    tableSlope: [0, 0],
    gravityMps2: [0, 0, -GRAVITY_MPS2],
    velocityAgeS: 0,
  };
}

/** The rig's parameters, named `rig.<name>`. */
export function rigParameters(cube: RecordedCube): readonly CalibrationParameter[] {
  const { inertiaKgm2, widthM, rateHz } = cube;
  const named = (
    name: string,
    unit: string,
    description: string,
    [lo, start, hi]: readonly [number, number, number],
  ): CalibrationParameter => ({
    name: `rig.${name}`,
    unit,
    description,
    lo,
    hi,
    start,
    scale: 'linear',
  });
  const most = 0.12 * widthM;
  const offset = [-most, 0, most] as const;
  return [
    named('centreOfMassXM', 'm', 'centre of mass along x of the cube', offset),
    named('centreOfMassYM', 'm', 'centre of mass along y of the cube', offset),
    named('centreOfMassZM', 'm', 'centre of mass along z of the cube', offset),
    named('inertiaKgm2', 'kg m2', 'moment of inertia', [0.6 * inertiaKgm2, inertiaKgm2, 1.8 * inertiaKgm2]),
    named('tableHeightM', 'm', 'height of the table', [-0.004, -0.001, 0.002]),
    named('tableSlopeX', '1', 'rise of the table along x', [-0.015, 0, 0.015]),
    named('tableSlopeY', '1', 'rise of the table along y', [-0.015, 0, 0.015]),
    named('gravityXMps2', 'm/s2', 'gravity along x', [-0.15, 0, 0.15]),
    named('gravityYMps2', 'm/s2', 'gravity along y', [-0.15, 0, 0.15]),
    named('gravityMps2', 'm/s2', 'gravity downwards', [9.3, GRAVITY_MPS2, 10]),
    named('velocityAgeS', 's', 'age of recorded velocities', [0, 0.5 / rateHz, 1 / rateHz]),
  ];
}

/** Reads a rig from values that `rigParameters` names. */
export function rigOf(values: ParameterValues): Rig {
  const value = (name: string) => values[`rig.${name}`]!;
  return {
    centreOfMassM: [value('centreOfMassXM'), value('centreOfMassYM'), value('centreOfMassZM')],
    inertiaKgm2: value('inertiaKgm2'),
    tableHeightM: value('tableHeightM'),
    tableSlope: [value('tableSlopeX'), value('tableSlopeY')],
    gravityMps2: [value('gravityXMps2'), value('gravityYMps2'), -value('gravityMps2')],
    velocityAgeS: value('velocityAgeS'),
  };
}

/** The velocity now, of one that was recorded `velocityAgeS` ago in free flight. */
export function agedVelocity(recorded: Vec3, { gravityMps2, velocityAgeS }: Rig): Vec3 {
  return [
    recorded[0] + gravityMps2[0] * velocityAgeS,
    recorded[1] + gravityMps2[1] * velocityAgeS,
    recorded[2] + gravityMps2[2] * velocityAgeS,
  ];
}
