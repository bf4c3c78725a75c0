import { MATERIALS } from '../../../core/materials.js';
import { ZERO } from '../../../core/math/vector.js';
import {
  type BodySpec,
  type JointSpec,
  OUTDOORS,
  PLAIN,
  type SimSpec,
  SUN_ONLY,
} from '../../../scenarios/contract.js';
import type { CreateWorld } from '../../../sim/contract.js';
import { armsOf, type ChainParameters } from './chain.js';
import { NOMINAL_ARMS } from './model.js';

/** How finely the engine is run. */
export interface EngineSettings {
  /** Engine steps in one frame of the recording. */
  readonly substeps: number;
  readonly lengthUnitM: number;
  readonly solverIterations: number;
}

/** One step a frame and as many solver iterations as scenarios have. Arms are tenths of a metre long. */
export const DEFAULT_ENGINE: EngineSettings = { substeps: 1, lengthUnitM: 0.1, solverIterations: 4 };

/** As fine as single precision bears: the engine divides a step by its solver iterations and loses energy with the length of these parts; finer than 16 kHz, rounding adds some. */
export const FINE_ENGINE: EngineSettings = { substeps: 1, lengthUnitM: 0.1, solverIterations: 16 };

/** One rigid arm with the masses that a chain leaves open. */
interface Arm {
  readonly massKg: number;
  /** From its joint, m. */
  readonly centreM: number;
  /** About its centre of mass, across the plane of the swing. */
  readonly inertiaKgm2: number;
}

/** Arms are drawn and meet each other as rods so thick, m; each lies a gap further along the axle than the one before. */
const THICKNESS_M = 0.004;

/**
 * Describes a chain as bodies on revolute joints about +x, under a fixed post at the origin. Masses are the nominal ones, which
 * the motion does not depend on; the first moment is that of the nominal first arm. Viscous friction becomes the joints' motors
 * at 0 rad/s; the engine's joints have no dry friction and its air no drag.
 *
 * @param start [2 arms] true angles (rad), then rates (rad/s).
 */
export function pendulumWorld(
  chain: ChainParameters,
  start: Float64Array,
  rateHz: number,
  { substeps, lengthUnitM, solverIterations }: EngineSettings,
): SimSpec {
  const arms = realise(chain);
  const bodies: BodySpec[] = [post()];
  const joints: JointSpec[] = [];
  const scale = firstMoment(arms, chain);
  let [y, z, vy, vz] = [0, 0, 0, 0];
  for (const [i, arm] of arms.entries()) {
    const [angle, rate] = [start[i]!, start[arms.length + i]!];
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const along = arm.centreM;
    bodies.push(
      bodyOf(i, arm, {
        pose: {
          positionM: [0, y + along * sin, z - along * cos],
          orientation: [Math.cos(angle / 2), Math.sin(angle / 2), 0, 0],
        },
        linearVelocityMps: [0, vy + along * cos * rate, vz + along * sin * rate],
        angularVelocityRadps: [rate, 0, 0],
      }),
    );
    const before = arms[i - 1];
    const viscous = chain.viscousMps[i]! * scale;
    joints.push({
      name: `joint-${i + 1}`,
      kind: 'revolute',
      parent: i,
      child: i + 1,
      anchorInParentM: before === undefined ? ZERO : [0, 0, before.centreM - chain.jointDistanceM[i - 1]!],
      anchorInChildM: [0, 0, along],
      axis: [1, 0, 0],
      ...(viscous > 0 && {
        motor: { target: 0, targetVelocity: 0, stiffness: 0, damping: viscous, maxForce: 1e6 },
      }),
    });
    const reach = chain.jointDistanceM[i] ?? 0;
    [y, z] = [y + reach * sin, z - reach * cos];
    [vy, vz] = [vy + reach * cos * rate, vz + reach * sin * rate];
  }
  return {
    scenario: 'multiarm-pendulum',
    seed: 0,
    episode: 0,
    durationS: 1,
    physics: {
      stepHz: rateHz * substeps,
      gravityMps2: [0, 0, -chain.gravityMps2],
      lengthUnitM,
      solverIterations,
    },
    lighting: { ...SUN_ONLY, sunDirection: [0, 0, 1], sunRadiance: [1, 1, 1], skyRadiance: [1, 1, 1] },
    acoustics: OUTDOORS,
    bodies,
    joints,
    sounds: {},
    sensors: {},
    draws: {},
  };
}

/** Finds masses, centres and inertias that make up a chain: the nominal masses where they can, else the nearest that do. */
function realise(chain: ChainParameters): readonly Arm[] {
  const arms: Arm[] = [];
  const n = armsOf(chain);
  const nominal = NOMINAL_ARMS.slice(0, n);
  const first =
    nominal[0]!.lengthM *
    (nominal[0]!.massKg / 2 + nominal.slice(1).reduce((sum, { massKg }) => sum + massKg, 0));
  let below = 0;
  for (let i = n - 1; i >= 0; i--) {
    const reach = chain.jointDistanceM[i] ?? 0;
    const moment = first * chain.momentShare[i]! - below * reach;
    const second = first * chain.momentShare[i]! * chain.lengthM[i]! - below * reach * reach;
    // The centre of mass must leave some inertia about itself: m a^2 < J.
    const massKg = Math.max(nominal[i]!.massKg, (1.05 * moment * moment) / second);
    const centreM = moment / massKg;
    arms.unshift({ massKg, centreM, inertiaKgm2: second - massKg * centreM * centreM });
    below += massKg;
  }
  return arms;
}

function firstMoment(arms: readonly Arm[], { jointDistanceM }: ChainParameters): number {
  const below = arms.slice(1).reduce((sum, { massKg }) => sum + massKg, 0);
  return arms[0]!.massKg * arms[0]!.centreM + below * (jointDistanceM[0] ?? 0);
}

const SURFACE = {
  ...PLAIN,
  material: MATERIALS.steel,
  friction: 0.5,
  restitution: 0,
  albedo: [0.7, 0.7, 0.7],
  semantic: 'pendulum',
} as const;

/** Small enough that nothing reaches it. */
function post(): BodySpec {
  return {
    ...SURFACE,
    name: 'post',
    motion: 'fixed',
    shape: { kind: 'sphere', radiusM: THICKNESS_M / 4 },
    massKg: 1,
    pose: { positionM: [0, 0, 0], orientation: [1, 0, 0, 0] },
    linearVelocityMps: ZERO,
    angularVelocityRadps: ZERO,
  };
}

function bodyOf(
  index: number,
  { massKg, inertiaKgm2 }: Arm,
  state: Pick<BodySpec, 'pose' | 'linearVelocityMps' | 'angularVelocityRadps'>,
): BodySpec {
  return {
    ...SURFACE,
    name: `arm-${index + 1}`,
    motion: 'dynamic',
    shape: { kind: 'sphere', radiusM: THICKNESS_M / 4 },
    massKg,
    inertiaKgm2: [inertiaKgm2, inertiaKgm2, inertiaKgm2],
    ...state,
  };
}

/**
 * Follows a chain in the engine for a number of frames.
 *
 * @param start [2 arms] the state one frame before the first that is returned.
 * @returns [frames, 2 arms] angles (unwrapped from the start's) and rates, as the bodies have them.
 */
export async function followInEngine(
  createWorld: CreateWorld,
  chain: ChainParameters,
  start: Float64Array,
  rateHz: number,
  frames: number,
  settings: EngineSettings,
): Promise<Float64Array> {
  const n = armsOf(chain);
  const path = new Float64Array(frames * 2 * n);
  const world = await createWorld(pendulumWorld(chain, start, rateHz, settings));
  try {
    for (let frame = 0; frame < frames; frame++) {
      const { poses, velocities } = world.step(settings.substeps);
      for (let arm = 0; arm < n; arm++) {
        const body = arm + 1;
        const angle = 2 * Math.atan2(poses[body * 7 + 4]!, poses[body * 7 + 3]!);
        const before = frame === 0 ? start[arm]! : path[(frame - 1) * 2 * n + arm]!;
        path[frame * 2 * n + arm] = angle + 2 * Math.PI * Math.round((before - angle) / (2 * Math.PI));
        path[frame * 2 * n + n + arm] = velocities[body * 6 + 3]!;
      }
    }
    return path;
  } finally {
    world.free();
  }
}
