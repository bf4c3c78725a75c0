import { MATERIALS } from '../../../core/materials.js';
import type { Pose } from '../../../core/math/quaternion.js';
import { IDENTITY, normaliseQuaternion } from '../../../core/math/quaternion.js';
import { ZERO } from '../../../core/math/vector.js';
import { type BodySpec, OUTDOORS, PLAIN, type SimSpec, SUN_ONLY } from '../../../scenarios/contract.js';
import type { BodyState } from '../../body-state.js';
import type { RecordedCube } from './recorded-cube.js';
import { agedVelocity, nominalRig, type Rig } from './rig.js';

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
  /** 4 when absent. */
  readonly solverIterations?: number;
}

/** Everything about a forecast by physics that is not in the recording. */
export interface CubeWorldParameters extends ContactParameters, EngineSettings {
  /** Radius of the cube's edges; sharp when absent or 0. */
  readonly edgeRadiusM?: number;
  /** The nominal rig when absent. */
  readonly rig?: Rig;
}

const SOLVER_ITERATIONS = 4;
const TABLE_HALF_EXTENTS_M = [5, 5, 0.5] as const;

/** Describes the recorded cube in a given state above its table, with nothing random and nothing to see it. */
export function cubeWorld(
  cube: RecordedCube,
  rateHz: number,
  start: BodyState,
  parameters: CubeWorldParameters,
): SimSpec {
  const {
    friction,
    restitution,
    substeps,
    lengthUnitM,
    edgeRadiusM = 0,
    rig = nominalRig(cube),
  } = parameters;
  const { inertiaKgm2, centreOfMassM } = rig;
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
    pose: tablePose(rig),
    linearVelocityMps: ZERO,
    angularVelocityRadps: ZERO,
  };
  const body: BodySpec = {
    ...surface,
    name: 'cube',
    semantic: 'cube',
    motion: 'dynamic',
    shape: {
      kind: 'box',
      halfExtentsM: [half, half, half],
      ...(edgeRadiusM > 0 && { edgeRadiusM }),
    },
    massKg: cube.massKg,
    inertiaKgm2: [inertiaKgm2, inertiaKgm2, inertiaKgm2],
    ...(centreOfMassM.some((part) => part !== 0) && { centreOfMassM }),
    pose: { positionM: start.positionM, orientation: start.orientation },
    linearVelocityMps: agedVelocity(start.linearVelocityMps, rig),
    angularVelocityRadps: start.angularVelocityRadps,
  };
  return {
    scenario: 'recorded-cube',
    seed: 0,
    episode: 0,
    durationS: 1,
    physics: {
      stepHz: rateHz * substeps,
      gravityMps2: rig.gravityMps2,
      lengthUnitM,
      solverIterations: parameters.solverIterations ?? SOLVER_ITERATIONS,
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

/** The table's slab, turned so that its surface has the rig's height and slope. */
function tablePose({ tableHeightM, tableSlope: [sx, sy] }: Rig): Pose {
  const depth = TABLE_HALF_EXTENTS_M[2];
  if (sx === 0 && sy === 0) return { positionM: [0, 0, tableHeightM - depth], orientation: IDENTITY };
  return {
    positionM: [depth * sx, depth * sy, tableHeightM - depth],
    // Slopes are a few thousandths, where the half angle is half the slope.
    orientation: normaliseQuaternion([1, sy / 2, -sx / 2, 0]),
  };
}
