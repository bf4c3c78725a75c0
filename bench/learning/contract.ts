import type { DreamErrors } from '../../evaluation/dreams/judge.js';

/** What is kept of one variant. */
export interface LearningResult {
  readonly variant: string;
  readonly trainingS: number;
  readonly steps: number;
  readonly dreams: readonly DreamErrors[];
  /** Over 2 s, on longer episodes. */
  readonly long: readonly DreamErrors[];
  /** What 1,000 steps without observation never left; null where that was not tried. */
  readonly range: LongDreams | null;
}

/** The extremes of long dreams. */
export interface LongDreams {
  readonly episodes: number;
  readonly steps: number;
  /** Values that are not finite. */
  readonly notFinite: number;
  /** m beyond the positions of the training data, at most (a margin of 0.1 m is allowed). */
  readonly beyondM: number;
  /** Most energy of motion and height beyond what the body had at the context's end and its margin, J/kg; below 0: none. */
  readonly energyBeyondJpkg: number;
  /** Least and greatest pixel, 0 to 1. */
  readonly pixels: readonly [number, number];
}
