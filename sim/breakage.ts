import type { DrivenState } from '../core/drive.js';
import { strengthAtTemperature } from '../core/materials.js';
import { conjugate, multiply, type Pose, type Quaternion, rotate } from '../core/math/quaternion.js';
import { add, cross, subtract, type Vec3 } from '../core/math/vector.js';
import type { SimSpec } from '../scenarios/contract.js';
import type { ContactPatch } from './friction.js';

/** A body that may break, and what it breaks into. */
export interface Fragile {
  readonly whole: number;
  /** At the body's temperature. */
  readonly limitN: number;
  /** By piece: its index, and its pose in the whole's frame. */
  readonly pieces: readonly { readonly body: number; readonly poseInWhole: Pose }[];
}

/** Finds the bodies of a spec that may break, in their order. */
export function findFragile({ bodies }: SimSpec): Fragile[] {
  return bodies.flatMap(({ breakForceN, material, temperatureC, pose }, whole) => {
    if (breakForceN === undefined) return [];
    const back = conjugate(pose.orientation);
    const pieces = bodies.flatMap((piece, body) => {
      if (piece.pieceOf !== whole) return [];
      const positionM = rotate(back, subtract(piece.pose.positionM, pose.positionM));
      return [{ body, poseInWhole: { positionM, orientation: multiply(back, piece.pose.orientation) } }];
    });
    return [{ whole, limitN: strengthAtTemperature(breakForceN, material, temperatureC), pieces }];
  });
}

/**
 * Finds what broke during a step: a patch of contact (all points that two bodies share along one normal) pressed harder
 * than the body bears. The force is the patch's impulse over the length of the step.
 */
export function findBroken(
  fragile: readonly Fragile[],
  patches: readonly ContactPatch[],
  stepHz: number,
): number[] {
  const broken = fragile.filter(({ whole, limitN }) =>
    patches.some(
      ({ bodyA, bodyB, normalImpulseNs }) =>
        (bodyA === whole || bodyB === whole) && normalImpulseNs * stepHz > limitN,
    ),
  );
  return broken.map(({ whole }) => whole);
}

/** Returns the state of a piece that moves with its whole as one rigid body; every number fits a float32. */
export function stateOfPiece(whole: DrivenState, poseInWhole: Pose): DrivenState {
  const arm = rotate(whole.pose.orientation, poseInWhole.positionM);
  return {
    pose: {
      positionM: rounded(add(whole.pose.positionM, arm)),
      orientation: multiply(whole.pose.orientation, poseInWhole.orientation).map(
        Math.fround,
      ) as unknown as Quaternion,
    },
    linearVelocityMps: rounded(add(whole.linearVelocityMps, cross(whole.angularVelocityRadps, arm))),
    angularVelocityRadps: rounded(whole.angularVelocityRadps),
  };
}

function rounded([x, y, z]: Vec3): Vec3 {
  return [Math.fround(x), Math.fround(y), Math.fround(z)];
}
