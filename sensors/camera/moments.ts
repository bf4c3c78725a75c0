import type { Pose } from '../../core/math/quaternion.js';
import type { SimFrame } from '../../sim/contract.js';
import { type Instant, poseAt } from '../ticks.js';
import { type Moment, type MomentAt, STILL } from './exposure.js';

/** Remembers the frames that an exposure reaches back to. */
export interface History {
  /** Takes in the next frame. */
  push(frame: SimFrame): void;
  /** The scene so long before an instant, interpolated between frames; before the first frame, that one. */
  before(instant: Instant): MomentAt;
}

/**
 * Makes a history.
 *
 * @param reachS how far back it is asked.
 * @param carrier index of the body that carries the camera; -1 for the world.
 */
export function createHistory(reachS: number, carrier: number): History {
  const reachNs = BigInt(Math.ceil(reachS * 1e9));
  let frames: SimFrame[] = [];
  return {
    push(frame) {
      frames.push(frame);
      // One frame from before the reach is needed to interpolate from.
      let first = 0;
      while (first + 2 < frames.length && frames[first + 2]!.timeNs < frame.timeNs - reachNs) first += 1;
      if (first > 0) frames = frames.slice(first);
    },
    before(instant) {
      return (lagS) => momentOf(lagS === 0 ? instant : earlier(frames, instant, lagS), carrier);
    },
  };
}

/** The instant so long before another one. */
function earlier(frames: readonly SimFrame[], instant: Instant, lagS: number): Instant {
  const timeNs = instant.timeNs - BigInt(Math.round(lagS * 1e9));
  let index = frames.length - 1;
  while (index > 0 && frames[index]!.timeNs > timeNs) index -= 1;
  const before = frames[index]!;
  const after = frames[index + 1] ?? before;
  const spanNs = Number(after.timeNs - before.timeNs);
  const fraction = spanNs === 0 ? 1 : Math.max(0, Number(timeNs - before.timeNs) / spanNs);
  return { ...instant, timeNs, before, after, fraction };
}

/** The scene at an instant, and where the body is that carries the camera (-1 for the world). */
export function momentOf(instant: Instant, carrier: number): Moment {
  const bodies = instant.after.present.length;
  const poses = new Float64Array(bodies * 7);
  for (let body = 0; body < bodies; body++) {
    const { positionM, orientation } = poseAt(instant, body);
    poses.set(positionM, body * 7);
    poses.set(orientation, body * 7 + 3);
  }
  const worldFromCarrier: Pose = carrier < 0 ? STILL : poseAt(instant, carrier);
  return { poses, present: instant.after.present, worldFromCarrier };
}
