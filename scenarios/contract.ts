import type { Material } from '../core/materials.js';
import type { Pose } from '../core/math/quaternion.js';
import type { Vec3 } from '../core/math/vector.js';
import type { SensorSpecification } from '../sensors/specification.js';

/** A body's geometry in its own frame, centred on the origin. A cylinder's axis is the body's z. */
export type Shape =
  | { readonly kind: 'box'; readonly halfExtentsM: Vec3 }
  | { readonly kind: 'sphere'; readonly radiusM: number }
  | { readonly kind: 'cylinder'; readonly radiusM: number; readonly halfHeightM: number };

/** One rigid body with its initial state, in the world's frame. */
export interface BodySpec {
  readonly name: string;
  /** Class label for semantic outputs, such as `cube` or `table`. */
  readonly semantic: string;
  readonly motion: 'fixed' | 'dynamic';
  readonly shape: Shape;
  readonly material: Material;
  readonly massKg: number;
  /** Principal inertia about the body's axes; the shape's own at uniform density when absent. */
  readonly inertiaKgm2?: Vec3;
  /** Coulomb friction; a pair of bodies uses the mean of the two. */
  readonly friction: number;
  /** Newton restitution; a pair of bodies uses the mean of the two. */
  readonly restitution: number;
  /** Diffuse albedo, linear light, 0 to 1 per channel (red, green, blue). */
  readonly albedo: Vec3;
  readonly pose: Pose;
  readonly linearVelocityMps: Vec3;
  readonly angularVelocityRadps: Vec3;
}

export interface PhysicsSpec {
  /** Steps a second; the step length is exactly 1 / stepHz. */
  readonly stepHz: number;
  readonly gravityMps2: Vec3;
  /** Typical size of a moving body; scales the solver's tolerances. */
  readonly lengthUnitM: number;
  readonly solverIterations: number;
}

export interface LightingSpec {
  /** Unit vector from the scene towards the sun, world frame. */
  readonly sunDirection: Vec3;
  /** Radiance of sunlight on a surface that faces it, linear RGB, 1 = full exposure of a white surface. */
  readonly sunRadiance: Vec3;
  /** Ambient radiance from the sky, linear RGB. */
  readonly skyRadiance: Vec3;
}

/** One episode, fully resolved: nothing random is left, everything downstream is a pure function of it. */
export interface SimSpec {
  readonly scenario: string;
  readonly seed: number;
  readonly episode: number;
  readonly durationS: number;
  readonly physics: PhysicsSpec;
  readonly lighting: LightingSpec;
  /** In the order that every per-body array downstream follows. */
  readonly bodies: readonly BodySpec[];
  /** By stream name. */
  readonly sensors: Readonly<Record<string, SensorSpecification>>;
  /** Each random value that was drawn for this episode, by its path in the scenario (`bodies.cube.massKg`). */
  readonly draws: Readonly<Record<string, unknown>>;
}
