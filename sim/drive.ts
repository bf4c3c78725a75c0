import { conjugate, multiply, type Pose, type Quaternion } from '../core/math/quaternion.js';
import { fromRotationVector, slerp, toRotationVector } from '../core/math/rotation.js';
import { add, lerp, scale, subtract, type Vec3, ZERO } from '../core/math/vector.js';
import type { BodySpec } from '../scenarios/contract.js';

/** A body's pose and velocity at one time, world frame. */
export interface DrivenState {
  readonly pose: Pose;
  readonly linearVelocityMps: Vec3;
  readonly angularVelocityRadps: Vec3;
}

/**
 * Returns where a kinematic body is at a time: on its path (straight lines and shortest arcs, at rest before and after), or
 * as far as its constant velocities took it. At a corner of the path the velocity is that of what follows.
 */
export function drivenStateAt(body: BodySpec, timeS: number): DrivenState {
  const { path, pose, linearVelocityMps, angularVelocityRadps } = body;
  if (path === undefined) {
    const positionM = add(pose.positionM, scale(linearVelocityMps, timeS));
    const turned = angularVelocityRadps.some((value) => value !== 0)
      ? multiply(fromRotationVector(scale(angularVelocityRadps, timeS)), pose.orientation)
      : pose.orientation;
    return { pose: { positionM, orientation: turned }, linearVelocityMps, angularVelocityRadps };
  }
  const next = firstAfter(path, timeS);
  if (next === 0 || next === path.length)
    return {
      pose: path[Math.max(0, next - 1)]!.pose,
      linearVelocityMps: ZERO,
      angularVelocityRadps: ZERO,
    };
  const from = path[next - 1]!;
  const to = path[next]!;
  const lastsS = to.timeS - from.timeS;
  const fraction = (timeS - from.timeS) / lastsS;
  return {
    pose: {
      positionM: lerp(from.pose.positionM, to.pose.positionM, fraction),
      orientation: slerp(from.pose.orientation, to.pose.orientation, fraction),
    },
    linearVelocityMps: scale(subtract(to.pose.positionM, from.pose.positionM), 1 / lastsS),
    angularVelocityRadps: scale(turnBetween(from.pose.orientation, to.pose.orientation), 1 / lastsS),
  };
}

/** Sum of the pushes on a dynamic body at a time, world frame; undefined where there is none. */
export function pushAt(
  body: BodySpec,
  timeS: number,
): { readonly forceN: Vec3; readonly torqueNm: Vec3 } | undefined {
  let forceN: Vec3 | undefined;
  let torqueNm: Vec3 = ZERO;
  for (const push of body.forces) {
    if (timeS < push.fromS || timeS >= push.toS) continue;
    forceN = add(forceN ?? ZERO, push.forceN);
    torqueNm = add(torqueNm, push.torqueNm);
  }
  return forceN && { forceN, torqueNm };
}

/** Index of the first waypoint later than a time; the path's length where there is none. */
function firstAfter(path: readonly { readonly timeS: number }[], timeS: number): number {
  let low = 0;
  let high = path.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (path[middle]!.timeS > timeS) high = middle;
    else low = middle + 1;
  }
  return low;
}

function turnBetween(from: Quaternion, to: Quaternion): Vec3 {
  return toRotationVector(multiply(to, conjugate(from)));
}
