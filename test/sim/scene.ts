import { MATERIALS } from '../../core/materials.js';
import { IDENTITY } from '../../core/math/quaternion.js';
import { ZERO } from '../../core/math/vector.js';
import {
  type BodySpec,
  OUTDOORS,
  type PhysicsSpec,
  PLAIN,
  type Shape,
  type SimSpec,
  SUN_ONLY,
} from '../../scenarios/contract.js';

export const GRAVITY = 9.81;
export const SPHERE: Shape = { kind: 'sphere', radiusM: 0.05 };
export const CUBE: Shape = { kind: 'box', halfExtentsM: [0.05, 0.05, 0.05] };
export const CYLINDER: Shape = { kind: 'cylinder', radiusM: 0.05, halfHeightM: 0.1 };

/** A moving body of 1 kg at the origin, without friction or restitution, unless told otherwise. */
export function moving(shape: Shape, options: Partial<BodySpec> = {}): BodySpec {
  return {
    ...PLAIN,
    name: 'body',
    semantic: 'body',
    motion: 'dynamic',
    shape,
    material: MATERIALS.wood,
    massKg: 1,
    friction: 0,
    restitution: 0,
    albedo: [0.5, 0.5, 0.5],
    pose: { positionM: ZERO, orientation: IDENTITY },
    linearVelocityMps: ZERO,
    angularVelocityRadps: ZERO,
    ...options,
  };
}

/** A slab whose top is z = 0. */
export function table(options: Partial<BodySpec> = {}): BodySpec {
  return moving(
    { kind: 'box', halfExtentsM: [5, 5, 0.5] },
    { name: 'table', motion: 'fixed', pose: { positionM: [0, 0, -0.5], orientation: IDENTITY }, ...options },
  );
}

export function scene(bodies: readonly BodySpec[], physics: Partial<PhysicsSpec> = {}): SimSpec {
  return {
    scenario: 'test',
    seed: 1,
    episode: 0,
    durationS: 1,
    physics: {
      stepHz: 1000,
      gravityMps2: [0, 0, -GRAVITY],
      lengthUnitM: 0.1,
      solverIterations: 4,
      ...physics,
    },
    lighting: { ...SUN_ONLY, sunDirection: [0, 0, 1], sunRadiance: [1, 1, 1], skyRadiance: [0, 0, 0] },
    acoustics: OUTDOORS,
    bodies,
    joints: [],
    sounds: {},
    sensors: {},
    draws: {},
  };
}

export function at(x: number, y: number, z: number): BodySpec['pose'] {
  return { positionM: [x, y, z], orientation: IDENTITY };
}
