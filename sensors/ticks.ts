import type { Pose } from '../core/math/quaternion.js';
import { nlerp, type Quaternion } from '../core/math/quaternion.js';
import { lerp, type Vec3 } from '../core/math/vector.js';
import { tickTimeNs } from '../core/time.js';
import type { SimFrame } from '../sim/contract.js';

/** An instant between two neighbouring simulation frames. */
export interface Instant {
  /** Index of the sensor's tick, from 0. */
  readonly tick: number;
  readonly timeNs: bigint;
  readonly before: SimFrame;
  readonly after: SimFrame;
  /** 0 at `before`, 1 at `after`; exactly 1 where the tick meets a frame. */
  readonly fraction: number;
}

/**
 * Makes the clock of one sensor: a function that takes frames in order and returns the ticks in (previous frame, this
 * frame], or the tick at 0 for the first frame.
 */
export function createTicks(rateHz: number): (frame: SimFrame) => Instant[] {
  let before: SimFrame | null = null;
  let tick = 0;
  return (after) => {
    const instants: Instant[] = [];
    for (let timeNs = tickTimeNs(tick, rateHz); timeNs <= after.timeNs; timeNs = tickTimeNs(tick, rateHz)) {
      const start: SimFrame = before ?? after;
      const spanNs = Number(after.timeNs - start.timeNs);
      const fraction = spanNs === 0 ? 1 : Number(timeNs - start.timeNs) / spanNs;
      instants.push({ tick, timeNs, before: start, after, fraction });
      tick += 1;
    }
    before = after;
    return instants;
  };
}

/** Interpolates a body's pose: position along the chord, orientation along the arc. World from body. */
export function poseAt({ before, after, fraction }: Instant, body: number): Pose {
  const end = readPose(after.poses, body);
  if (fraction === 1) return end;
  const start = readPose(before.poses, body);
  return {
    positionM: lerp(start.positionM, end.positionM, fraction),
    orientation: nlerp(start.orientation, end.orientation, fraction),
  };
}

/** Reads body `index` of a [bodies, 7] array of poses. */
export function readPose(poses: Float64Array, index: number): Pose {
  const at = index * 7;
  const positionM: Vec3 = [poses[at]!, poses[at + 1]!, poses[at + 2]!];
  const orientation: Quaternion = [poses[at + 3]!, poses[at + 4]!, poses[at + 5]!, poses[at + 6]!];
  return { positionM, orientation };
}
