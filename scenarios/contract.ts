import type { Material } from '../core/materials.js';
import type { Pose } from '../core/math/quaternion.js';
import type { Vec3 } from '../core/math/vector.js';
import type { Shape } from '../core/shape.js';
import type { SoundSourceSpecification } from '../sensors/audio/sources/specification.js';
import type { SensorSpecification } from '../sensors/specification.js';

export type { Shape } from '../core/shape.js';

/** Colour that varies over a surface, in the body's frame; it multiplies nothing: it replaces the albedo. */
export type Texture =
  /** Squares (checker) or bands across x (stripes) of `sizeM`, of the albedo and of `other`. */
  | { readonly kind: 'checker' | 'stripes'; readonly other: Vec3; readonly sizeM: number }
  /** Fractal noise between the albedo and `other`, with features of `sizeM`; wood stretches it along x. */
  | {
      readonly kind: 'noise' | 'wood';
      readonly other: Vec3;
      readonly sizeM: number;
      readonly seed: number;
    }
  /** An image laid on each face (box mapping), repeated every `sizeM`; row-major 8-bit sRGB. */
  | {
      readonly kind: 'image';
      readonly file: string;
      readonly sizeM: number;
      readonly width: number;
      readonly height: number;
      readonly srgb: readonly number[];
    };

/** One rigid body with its initial state, in the world's frame. */
export interface BodySpec {
  readonly name: string;
  /** Class label for semantic outputs, such as `cube` or `table`. */
  readonly semantic: string;
  /** A kinematic body follows `path` (or its constant velocity) and nothing pushes it. */
  readonly motion: 'fixed' | 'dynamic' | 'kinematic';
  readonly shape: Shape;
  readonly material: Material;
  readonly massKg: number;
  /** Principal inertia about the body's axes; the shape's own at uniform density when absent. */
  readonly inertiaKgm2?: Vec3;
  /** Centre of mass in the body's frame; the shape's own at uniform density when absent. */
  readonly centreOfMassM?: Vec3;
  /** Coulomb friction; a pair of bodies uses the mean of the two. */
  readonly friction: number;
  /** Newton restitution; a pair of bodies uses the mean of the two. */
  readonly restitution: number;
  /** Diffuse albedo, linear light, 0 to 1 per channel (red, green, blue). */
  readonly albedo: Vec3;
  readonly texture?: Texture;
  /** Reflectance at normal incidence of the GGX lobe, 0 (none, the default) to 1. */
  readonly specular: number;
  /** Perceptual roughness of the GGX lobe, 0.05 (mirror-like) to 1; its alpha is the square. */
  readonly roughness: number;
  readonly temperatureC: number;
  readonly pose: Pose;
  readonly linearVelocityMps: Vec3;
  readonly angularVelocityRadps: Vec3;
  /** Where a kinematic body is when; straight lines and shortest arcs in between, at rest before and after. */
  readonly path?: readonly { readonly timeS: number; readonly pose: Pose }[];
  /** Pushes on a dynamic body at its centre of mass, world frame, while fromS <= t < toS. */
  readonly forces: readonly {
    readonly fromS: number;
    readonly toS: number;
    readonly forceN: Vec3;
    readonly torqueNm: Vec3;
  }[];
  /** A body that breaks when a contact presses harder than this (at its temperature). */
  readonly breakForceN?: number;
  /** For a piece of a fragile body: the index of the whole. It is absent until the whole breaks. */
  readonly pieceOf?: number;
}

/** A connection of two bodies; `parent` and `child` are indices of bodies, anchors and axis in each body's frame. */
export interface JointSpec {
  readonly name: string;
  readonly kind: 'revolute' | 'prismatic' | 'spherical' | 'fixed';
  readonly parent: number;
  readonly child: number;
  readonly anchorInParentM: Vec3;
  readonly anchorInChildM: Vec3;
  /** Unit vector, the same numbers in both bodies' frames: both frames are parallel where the joint reads 0. */
  readonly axis: Vec3;
  /** Least and greatest angle (rad) or travel (m). */
  readonly limits?: readonly [number, number];
  /** Torque (N m) or force (N): stiffness (target - position) + damping (targetVelocity - velocity), up to maxForce. */
  readonly motor?: {
    readonly target: number;
    readonly targetVelocity: number;
    readonly stiffness: number;
    readonly damping: number;
    readonly maxForce: number;
  };
}

/** A dull body at 20 degrees C that nothing pushes. */
export const PLAIN = {
  specular: 0,
  roughness: 0.5,
  temperatureC: 20,
  forces: [],
} as const satisfies Partial<BodySpec>;

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
  /** Half the sun's apparent width; 0 casts hard shadows. */
  readonly sunAngularRadiusRad: number;
  /** Lamps: spheres that shine evenly and are not seen themselves. */
  readonly lamps: readonly {
    readonly name: string;
    readonly positionM: Vec3;
    /** Radius of the lamp, for soft shadows; 0 is a point. */
    readonly radiusM: number;
    /** Radiance that a white surface facing the lamp sends back from 1 m away, linear RGB; falls with distance squared. */
    readonly intensity: Vec3;
  }[];
}

/** Light of one direction with hard shadows. */
export const SUN_ONLY = { sunAngularRadiusRad: 0, lamps: [] } as const satisfies Partial<LightingSpec>;

/** The air and the room that sound passes through. */
export interface AcousticsSpec {
  readonly airTemperatureC: number;
  /** 0 to 1. */
  readonly relativeHumidity: number;
  /** A box-shaped room; outdoors where absent. */
  readonly room?: {
    /** Least corner, world frame; walls are parallel to the axes. */
    readonly cornerM: Vec3;
    readonly sizeM: Vec3;
    /** [6 walls][6 octave bands 125, 250, 500, 1000, 2000, 4000 Hz] absorbed share of energy; walls -x +x -y +y -z +z. */
    readonly absorption: readonly (readonly number[])[];
  };
}

/** Mild air, no walls. */
export const OUTDOORS: AcousticsSpec = { airTemperatureC: 20, relativeHumidity: 0.5 };

/** One episode, fully resolved: nothing random is left, everything downstream is a pure function of it. */
export interface SimSpec {
  readonly scenario: string;
  readonly seed: number;
  readonly episode: number;
  readonly durationS: number;
  readonly physics: PhysicsSpec;
  readonly lighting: LightingSpec;
  readonly acoustics: AcousticsSpec;
  /** In the order that every per-body array downstream follows. */
  readonly bodies: readonly BodySpec[];
  readonly joints: readonly JointSpec[];
  /** Sources of sound beside contacts, by name: engines, tyres, wind, sirens, horns. */
  readonly sounds: Readonly<Record<string, SoundSourceSpecification>>;
  /** By stream name. */
  readonly sensors: Readonly<Record<string, SensorSpecification>>;
  /** Each random value that was drawn for this episode, by its path in the scenario (`bodies.cube.massKg`). */
  readonly draws: Readonly<Record<string, unknown>>;
}
