import type { Vec3 } from '../core/math/vector.js';
import type { SimSpec } from '../scenarios/contract.js';

/** One contact point during one step. Bodies are indices into `SimSpec.bodies`, bodyA < bodyB. World frame. */
export interface Contact {
  readonly bodyA: number;
  readonly bodyB: number;
  readonly pointM: Vec3;
  /** Unit normal that points from body A to body B. */
  readonly normal: Vec3;
  /** Impulse along the normal that the solver applied to B during the step, N s, never negative. */
  readonly normalImpulseNs: number;
  /** Friction impulse on B during the step, in the plane of contact, N s. */
  readonly tangentImpulseNs: Vec3;
  /** Negative where the surfaces overlap. */
  readonly distanceM: number;
}

/** The world after a step. Owned by the receiver: the world never writes to it again. */
export interface SimFrame {
  readonly step: number;
  readonly timeNs: bigint;
  /** [bodies, 7]: x y z, w x y z; world from body. */
  readonly poses: Float64Array;
  /** [bodies, 6]: linear velocity of the body's origin (m/s), angular velocity (rad/s); world frame; 0 where absent. */
  readonly velocities: Float64Array;
  /** [bodies] 1 where the body is there, 0 for a whole that broke and for pieces of one that did not. */
  readonly present: Uint8Array;
  /**
   * In a fixed order: by bodyA, bodyB, then the solver's order of points. Empty at step 0. Those of the step in which a
   * body broke are still the whole's.
   */
  readonly contacts: readonly Contact[];
}

/** A running simulation; `free` must be called once. */
export interface World {
  readonly spec: SimSpec;
  /** The state at the current step. */
  frame(): SimFrame;
  /**
   * Advances by `count` fixed steps (1 unless given) and returns the last frame; those between are not read out.
   *
   * @throws UmweltError `invalid-input` when `count` is not a whole number of at least 1.
   */
  step(count?: number): SimFrame;
  /** All that is needed to continue bit for bit. */
  snapshot(): Uint8Array;
  /** @throws UmweltError `malformed-file` when the bytes are not a snapshot of this spec's world. */
  restore(snapshot: Uint8Array): void;
  free(): void;
}

/** Starts a world at step 0. Passed to stages that may not import the physics engine. */
export type CreateWorld = (spec: SimSpec) => Promise<World>;
