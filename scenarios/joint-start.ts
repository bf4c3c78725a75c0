import { conjugate, multiply, rotate, transformPoint } from '../core/math/quaternion.js';
import { toRotationVector } from '../core/math/rotation.js';
import { cross, dot, length, scale, subtract } from '../core/math/vector.js';
import type { BodySpec, JointSpec } from './contract.js';

/** What two bodies may be apart by at their start: the engine pulls this much together without a jolt. */
const MOST_APART_M = 1e-3;
const MOST_TURNED_RAD = 0.01;

/** Tells how two bodies start in poses that their joint does not allow; undefined where they do not. */
export function faultOfStart(joint: JointSpec, bodies: readonly BodySpec[]): string | undefined {
  const parent = bodies[joint.parent]!.pose;
  const child = bodies[joint.child]!.pose;
  const axis = rotate(parent.orientation, joint.axis);
  const gap = subtract(
    transformPoint(child, joint.anchorInChildM),
    transformPoint(parent, joint.anchorInParentM),
  );
  const across = joint.kind === 'prismatic' ? subtract(gap, scale(axis, dot(gap, axis))) : gap;
  if (length(across) > MOST_APART_M) return `anchors that are ${length(across).toPrecision(3)} m apart`;
  const turned = length(toRotationVector(multiply(conjugate(parent.orientation), child.orientation)));
  const leaning = length(cross(axis, rotate(child.orientation, joint.axis)));
  if (joint.kind === 'revolute' && leaning > MOST_TURNED_RAD)
    return `axes that are ${leaning.toPrecision(3)} apart (sine of their angle)`;
  if ((joint.kind === 'prismatic' || joint.kind === 'fixed') && turned > MOST_TURNED_RAD)
    return `bodies that are turned by ${turned.toPrecision(3)} rad`;
  return undefined;
}
