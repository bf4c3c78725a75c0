import type { Method } from '../../task.js';
import type { Clip } from './clip.js';
import type { ModelClock } from './model-clip.js';

/** What a method may know of a case: what was seen and heard, what is commanded, and which moments to predict. */
export interface VideoContext {
  /** Ends with the last frame that was seen; commands go on. */
  readonly seen: Clip;
  readonly clock: ModelClock;
  /** Times of the frames to predict, s after the first frame that was seen. */
  readonly framesS: readonly number[];
  /** The model clock's tick that the last frame falls into, and how many ticks of sound to predict after it. */
  readonly lastTick: number;
  readonly soundTicks: number;
}

/** What happened after the last frame that was seen. */
export interface VideoTruth {
  /** How long after that frame each of the others is, s. */
  readonly horizonsS: readonly number[];
  /** [frames, SIDE, SIDE, 3], 0 to 255. */
  readonly pictures: Float32Array;
  /** [ticks, MEL_BANDS] log10 of the power in each band; null without sound. */
  readonly bands: Float32Array | null;
  /** How long after the last frame each tick ends, s. */
  readonly bandsS: readonly number[];
}

/** What a method predicts; in the form of the truth. */
export interface VideoForecast {
  readonly pictures: Float32Array;
  readonly bands: Float32Array | null;
}

/** A way to forecast video. */
export type VideoMethod = Method<VideoContext, VideoTruth, VideoForecast>;

/** What every recorded case looks like to a method that learns from cases. */
export interface VideoCase {
  readonly context: VideoContext;
  readonly truth: VideoTruth;
}
