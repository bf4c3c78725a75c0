import type { Car, CarState } from '../../../sim/agents/agent.js';
import type { Road } from '../../../sim/agents/road.js';
import { type Scene, stateAtFrame } from './scene.js';

/** One road user's motion. */
export interface CarMotion {
  readonly id: number;
  readonly lengthM: number;
  readonly widthM: number;
  /** From the last frame that was shown on; ends where its track does. */
  readonly states: readonly CarState[];
}

/** What is predicted, or what happened: everybody's motion from the last frame that was shown on. */
export interface TrafficMotion {
  readonly rateHz: number;
  /** Id of the car that is judged. */
  readonly subject: number;
  readonly cars: readonly CarMotion[];
}

/** A road user as it was shown. */
export interface ShownCar {
  readonly id: number;
  readonly lengthM: number;
  readonly widthM: number;
  /** What never moves: a barrier, a parked car. */
  readonly isStatic: boolean;
  /** Up to the last frame that is shown, where it is there for certain. */
  readonly states: readonly CarState[];
}

/** What is shown of a scene; shared by the cases that begin at the same time. */
export interface ShownScene {
  readonly rateHz: number;
  readonly cars: readonly ShownCar[];
  readonly road: Road;
  /** Cars at the last frame that is shown whose tracks nobody has; nobody is judged by them. */
  readonly removed: readonly Car[];
  /** How many frames to predict. */
  readonly frames: number;
}

/** What a method sees: the scene, and who is judged. */
export interface TrafficContext {
  readonly scene: ShownScene;
  readonly subject: number;
}

/**
 * Shows a scene from a frame on.
 *
 * @param startFrame first frame that is shown.
 */
export function showScene(
  scene: Scene,
  startFrame: number,
  contextFrames: number,
  frames: number,
): ShownScene {
  const last = startFrame + contextFrames - 1;
  const cars = scene.tracks.flatMap((track): ShownCar[] => {
    if (stateAtFrame(track, last) === undefined) return [];
    const from = Math.max(startFrame, track.firstFrame) - track.firstFrame;
    const states = track.states.slice(from, last + 1 - track.firstFrame);
    const { id, lengthM, widthM, isStatic } = track;
    return [{ id, lengthM, widthM, isStatic, states }];
  });
  const { rateHz, road, removed } = scene;
  return { rateHz, cars, road, removed: last === 0 ? removed : [], frames };
}

/** What happened from the last frame that was shown on, to those who were there then. */
export function motionFrom(scene: Scene, lastShown: number, frames: number, subject: number): TrafficMotion {
  const cars = scene.tracks.flatMap((track): CarMotion[] => {
    if (stateAtFrame(track, lastShown) === undefined) return [];
    const from = lastShown - track.firstFrame;
    const { id, lengthM, widthM } = track;
    return [{ id, lengthM, widthM, states: track.states.slice(from, from + frames + 1) }];
  });
  return { rateHz: scene.rateHz, subject, cars };
}

/** The motion of the car that is judged. */
export function subjectOf({ cars, subject }: TrafficMotion): CarMotion {
  return cars.find(({ id }) => id === subject)!;
}
