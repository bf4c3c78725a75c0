import type { DrivenState } from '../core/drive.js';
import { atan2 } from '../core/math/exact.js';
import { conjugate, multiply, type Quaternion, rotate } from '../core/math/quaternion.js';
import { add, cross, dot, scale, subtract, type Vec3, ZERO } from '../core/math/vector.js';
import type { JointSpec } from '../scenarios/contract.js';
import type { BodyInertia } from './momentum.js';

/** What a motor's stability depends on: a body's inertia, none where nothing can move it. */
export type Load = BodyInertia | undefined;

/** What a motor does to its two bodies: a torque about the axis, or a force at the child's anchor. World frame, on the child. */
export type MotorEffort = { readonly torqueNm: Vec3 } | { readonly forceN: Vec3; readonly pointM: Vec3 };

/** Explicit steps of a spring and a damper are stable, and damped as written, below these shares of the inertia. */
const MOST_DAMPING = 0.5;
const MOST_STIFFNESS = 0.25;

/**
 * Tells whether a motor may be stepped explicitly: `c dt <= I / 2` and `k dt^2 <= I / 4`, where I is the inertia (kg m2, or
 * kg) that the two bodies bring to the joint.
 *
 * Rapier's own motors are implicit and stable at any gain, but its solver ends long before an angular motor and the joint
 * it drives agree: one of 40 N m s on an arm of 1 kg and 0.3 m sags 3.8 times as far as its stiffness says.
 */
export function isGentle(joint: JointSpec, parent: Load, child: Load, stepHz: number): boolean {
  if (!joint.motor) return false;
  const { stiffness, damping } = joint.motor;
  const mobility =
    mobilityOf(joint, parent, joint.anchorInParentM) + mobilityOf(joint, child, joint.anchorInChildM);
  return (
    (damping * mobility) / stepHz <= MOST_DAMPING &&
    (stiffness * mobility) / (stepHz * stepHz) <= MOST_STIFFNESS
  );
}

/** Returns what a motor gives at the present state: stiffness (target - position) + damping (targetVelocity - velocity). */
export function effortOf(joint: JointSpec, parent: DrivenState, child: DrivenState): MotorEffort | undefined {
  if (!joint.motor) return undefined;
  const { target, targetVelocity, stiffness, damping, maxForce } = joint.motor;
  const axis = rotate(parent.pose.orientation, joint.axis);
  const bounded = (effort: number): Vec3 => scale(axis, Math.max(-maxForce, Math.min(maxForce, effort)));
  const spin = subtract(child.angularVelocityRadps, parent.angularVelocityRadps);
  if (joint.kind === 'revolute') {
    const angle = angleAbout(joint.axis, parent.pose.orientation, child.pose.orientation);
    const error = turned(target - angle);
    return { torqueNm: bounded(stiffness * error + damping * (targetVelocity - dot(spin, axis))) };
  }
  const pointM = add(child.pose.positionM, rotate(child.pose.orientation, joint.anchorInChildM));
  const fromParent = add(parent.pose.positionM, rotate(parent.pose.orientation, joint.anchorInParentM));
  const travel = dot(subtract(pointM, fromParent), axis);
  const speed = dot(subtract(velocityAt(child, pointM), velocityAt(parent, pointM)), axis);
  return { forceN: bounded(stiffness * (target - travel) + damping * (targetVelocity - speed)), pointM };
}

/** How far a unit of effort moves a body that turns about its anchor, or slides: 1/(kg m2) or 1/kg. */
function mobilityOf({ kind, axis }: JointSpec, body: Load, anchorM: Vec3): number {
  if (!body) return 0;
  if (kind === 'prismatic') return 1 / body.massKg;
  const [x, y, z] = body.inertiaOrientation ? rotate(conjugate(body.inertiaOrientation), axis) : axis;
  const [ix, iy, iz] = body.inertiaKgm2;
  const arm = cross(axis, subtract(body.centreM ?? ZERO, anchorM));
  return 1 / (ix * x * x + iy * y * y + iz * z * z + body.massKg * dot(arm, arm));
}

function angleAbout(axis: Vec3, parent: Quaternion, child: Quaternion): number {
  const [w, x, y, z] = multiply(conjugate(parent), child);
  return turned(2 * atan2(x * axis[0] + y * axis[1] + z * axis[2], w));
}

/** The same angle within half a turn of 0. */
function turned(angle: number): number {
  return angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
}

function velocityAt({ pose, linearVelocityMps, angularVelocityRadps }: DrivenState, pointM: Vec3): Vec3 {
  return add(linearVelocityMps, cross(angularVelocityRadps, subtract(pointM, pose.positionM)));
}
