import type { Trajectory } from '../../contract.js';
import { framesOf, joinTrajectories } from '../../trajectory.js';

/** What a method sees of a toss. */
export interface CubeContext {
  /** The frames that are shown, the first of the recording. */
  readonly seen: Trajectory;
  /** How many frames to predict after them. */
  readonly frames: number;
}

/** A forecast of a toss. Frame 0 is the last frame that was seen. */
export interface CubeForecast {
  /** What is judged as a single motion. */
  readonly point: Trajectory;
  /** Equally likely motions, for methods that predict a distribution. */
  readonly members?: readonly Trajectory[];
}

/** Puts the last frame that was seen before a motion. */
export function fromLastSeen({ seen }: CubeContext, motion: Trajectory): Trajectory {
  return joinTrajectories(framesOf(seen, seen.frames - 1, 1), motion);
}
