import { conjugate, multiply, type Pose, type Quaternion } from './math/quaternion.js';
import { fromRotationVector, slerp, toRotationVector } from './math/rotation.js';
import { add, lerp, scale, subtract, type Vec3, ZERO } from './math/vector.js';

/** A place on a path. */
export interface Waypoint {
  readonly timeS: number;
  readonly pose: Pose;
}

/** A push on a body at its centre of mass while fromS <= t < toS. World frame. */
export interface Push {
  readonly fromS: number;
  readonly toS: number;
  readonly forceN: Vec3;
  readonly torqueNm: Vec3;
}

/** A body's pose and velocity at one time, world frame. */
export interface DrivenState {
  readonly pose: Pose;
  readonly linearVelocityMps: Vec3;
  readonly angularVelocityRadps: Vec3;
}

/** Where a body that nothing pushes is told to be: on its path, or from a state at 0 on at constant velocities. */
export interface Drive extends DrivenState {
  /** Times rise. */
  readonly path?: readonly Waypoint[];
}

/**
 * Returns where a kinematic body is at a time: on its path (straight lines and shortest arcs, at rest before and after), or
 * as far as its constant velocities took it. At a corner of the path the velocity is that of what follows.
 */
export function drivenStateAt(body: Drive, timeS: number): DrivenState {
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
  const fraction = (timeS - from.timeS) / (to.timeS - from.timeS);
  return {
    pose: {
      positionM: lerp(from.pose.positionM, to.pose.positionM, fraction),
      orientation: slerp(from.pose.orientation, to.pose.orientation, fraction),
    },
    ...velocityBetween(from, to),
  };
}

/**
 * Returns the mean of a kinematic body's velocities over a span of time: of what `drivenStateAt` tells at each instant, which
 * is constant between corners of the path, so the mean is exact.
 *
 * @param toS after `fromS`.
 */
export function meanVelocityBetween(body: Drive, fromS: number, toS: number): Omit<DrivenState, 'pose'> {
  const { path, linearVelocityMps, angularVelocityRadps } = body;
  if (path === undefined) return { linearVelocityMps, angularVelocityRadps };
  let linear = ZERO;
  let angular = ZERO;
  for (let next = Math.max(1, firstAfter(path, fromS)); next < path.length; next++) {
    const from = path[next - 1]!;
    const to = path[next]!;
    if (from.timeS >= toS) break;
    const share = overlap(from.timeS, to.timeS, fromS, toS) / (toS - fromS);
    const velocity = velocityBetween(from, to);
    linear = add(linear, scale(velocity.linearVelocityMps, share));
    angular = add(angular, scale(velocity.angularVelocityRadps, share));
  }
  return { linearVelocityMps: linear, angularVelocityRadps: angular };
}

/** Sum of the pushes on a dynamic body at a time, world frame; undefined where there is none. */
export function pushAt(
  body: { readonly forces: readonly Push[] },
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

/**
 * Returns the mean of the pushes on a body over a span of time, world frame: their impulse, over its length.
 *
 * @param toS after `fromS`.
 */
export function meanPushBetween(
  forces: readonly Push[],
  fromS: number,
  toS: number,
): { readonly forceN: Vec3; readonly torqueNm: Vec3 } {
  let [forceN, torqueNm] = [ZERO, ZERO];
  for (const push of forces) {
    const share = overlap(push.fromS, push.toS, fromS, toS) / (toS - fromS);
    if (share === 0) continue;
    forceN = add(forceN, scale(push.forceN, share));
    torqueNm = add(torqueNm, scale(push.torqueNm, share));
  }
  return { forceN, torqueNm };
}

/** Length of what two spans of time share. */
function overlap(aFromS: number, aToS: number, bFromS: number, bToS: number): number {
  return Math.max(0, Math.min(aToS, bToS) - Math.max(aFromS, bFromS));
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

function velocityBetween(from: Waypoint, to: Waypoint): Omit<DrivenState, 'pose'> {
  const perS = 1 / (to.timeS - from.timeS);
  return {
    linearVelocityMps: scale(subtract(to.pose.positionM, from.pose.positionM), perS),
    angularVelocityRadps: scale(turnBetween(from.pose.orientation, to.pose.orientation), perS),
  };
}

function turnBetween(from: Quaternion, to: Quaternion): Vec3 {
  return toRotationVector(multiply(to, conjugate(from)));
}
