import { MATERIALS } from '../../../core/materials.js';
import { IDENTITY } from '../../../core/math/quaternion.js';
import { ZERO } from '../../../core/math/vector.js';
import { type BodySpec, OUTDOORS, PLAIN, type SimSpec, SUN_ONLY } from '../../../scenarios/contract.js';
import type { BodyState } from '../../body-state.js';
import type { RecordedCube } from './recorded-cube.js';

/** Standard gravity as the recordings' parameters round it, m/s2. */
export const GRAVITY_MPS2 = 9.81;

/** The cube's place among the bodies. */
export const CUBE_BODY = 1;

/** What the engine is told about contact. */
export interface ContactParameters {
  /** Of the pair cube and table. */
  readonly friction: number;
  readonly restitution: number;
}

/** How finely the engine is run. */
export interface EngineSettings {
  /** Engine steps in one frame of the recording. */
  readonly substeps: number;
  readonly lengthUnitM: number;
}

/** Everything about a forecast by physics that is not in the recording. */
export type CubeWorldParameters = ContactParameters & EngineSettings;

const SOLVER_ITERATIONS = 4;
const TABLE_HALF_EXTENTS_M = [5, 5, 0.5] as const;

/** Describes the recorded cube in a given state above a table whose surface is z = 0, with nothing random and nothing to see it. */
export function cubeWorld(
  cube: RecordedCube,
  rateHz: number,
  start: BodyState,
  parameters: CubeWorldParameters,
): SimSpec {
  const { friction, restitution, substeps, lengthUnitM } = parameters;
  const half = cube.widthM / 2;
  const surface = {
    ...PLAIN,
    material: MATERIALS.polycarbonate,
    friction,
    restitution,
    albedo: [0.5, 0.5, 0.5],
  } as const;
  const table: BodySpec = {
    ...surface,
    name: 'table',
    semantic: 'table',
    motion: 'fixed',
    shape: { kind: 'box', halfExtentsM: TABLE_HALF_EXTENTS_M },
    massKg: 1,
    pose: { positionM: [0, 0, -TABLE_HALF_EXTENTS_M[2]], orientation: IDENTITY },
    linearVelocityMps: ZERO,
    angularVelocityRadps: ZERO,
  };
  const body: BodySpec = {
    ...surface,
    name: 'cube',
    semantic: 'cube',
    motion: 'dynamic',
    shape: { kind: 'box', halfExtentsM: [half, half, half] },
    massKg: cube.massKg,
    inertiaKgm2: [cube.inertiaKgm2, cube.inertiaKgm2, cube.inertiaKgm2],
    pose: { positionM: start.positionM, orientation: start.orientation },
    linearVelocityMps: start.linearVelocityMps,
    angularVelocityRadps: start.angularVelocityRadps,
  };
  return {
    scenario: 'recorded-cube',
    seed: 0,
    episode: 0,
    durationS: 1,
    physics: {
      stepHz: rateHz * substeps,
      gravityMps2: [0, 0, -GRAVITY_MPS2],
      lengthUnitM,
      solverIterations: SOLVER_ITERATIONS,
    },
    lighting: { ...SUN_ONLY, sunDirection: [0, 0, 1], sunRadiance: [1, 1, 1], skyRadiance: [1, 1, 1] },
    acoustics: OUTDOORS,
    bodies: [table, body],
    joints: [],
    sounds: {},
    sensors: {},
    draws: {},
  };
}
