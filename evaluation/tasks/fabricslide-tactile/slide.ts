import { z } from 'zod';
import { UmweltError } from '../../../core/errors.js';
import { parseDocument } from '../../../core/validation.js';
import type { DatasetManifest, Episode } from '../../../datasets/contract.js';
import type { ScaleMixture } from './scale-mixture.js';

export const TAXELS = 16;
export const TOUCH_STREAM = 'touch';

const condition = z.object({
  fabric: z.string().min(1),
  forceLevelCount: z.number().positive(),
  speedMps: z.number(),
});

/** What was commanded, and on which fabric. Recordings of one condition are re-runs. */
export type Condition = Readonly<z.infer<typeof condition>>;

/** A recorded slide, or the beginning of one. */
export interface Slide {
  readonly condition: Condition;
  readonly frames: number;
  /** Raw counts, [frames, 16]. */
  readonly taxels: Float64Array;
}

/** What a method may know of a slide: its first frames and what is commanded throughout. */
export interface SlideContext {
  readonly seen: Slide;
  /** How many frames to predict. */
  readonly frames: number;
}

/** How a slide is predicted to go on. */
export interface SlideForecast {
  /** Counts, [frames, 16]: the point forecast. A re-run may end before the recording. */
  readonly mean: Float64Array;
  /** Scale of the distribution about the mean, as `mean`; null for a point forecast. */
  readonly sigma: Float64Array | null;
  /** Shape of the distribution, in units of `sigma`. */
  readonly shape: ScaleMixture;
  /**
   * True when `mean` is another draw of the same condition: half its distance from the recording is what a forecast that
   * knew the whole distribution would score, E |Y - Y'| / 2.
   */
  readonly isRerun: boolean;
}

/** How a slide went on, and the units that errors are given in. */
export interface SlideTruth {
  /** Counts, [frames, 16]. */
  readonly taxels: Float64Array;
  readonly levelCount: number;
  readonly rateHz: number;
  /** By taxel: the standard deviation of its count over all recordings given. */
  readonly spread: Float64Array;
}

/**
 * Reads the condition of each recording.
 *
 * @throws UmweltError `invalid-input` when the recordings do not say.
 */
export function conditionsOf({ episodes, name }: DatasetManifest): readonly Condition[] {
  return episodes.map(({ episode, attributes }) =>
    parseDocument(condition, attributes, `episode ${episode} of the recordings "${name}"`),
  );
}

/** Names a condition; re-runs have the same. */
export function conditionKey({ fabric, forceLevelCount, speedMps }: Condition): string {
  return `${fabric} ${forceLevelCount} ${speedMps}`;
}

/** @throws UmweltError `invalid-input` when an episode has no taxels. */
export function slideOf({ episode, streams }: Episode, its: Condition): Slide {
  const touch = streams[TOUCH_STREAM];
  const counts = touch?.values.taxelCount;
  if (touch === undefined || counts?.length !== touch.rows * TAXELS) {
    throw new UmweltError(
      'invalid-input',
      { episode },
      `episode ${episode}: expected a stream "${TOUCH_STREAM}" of ${TAXELS} taxels; import fabricslide-tactile again`,
    );
  }
  return { condition: its, frames: touch.rows, taxels: Float64Array.from(counts) };
}

/** Cuts out frames, as a view. */
export function framesOf({ condition: its, taxels }: Slide, from: number, frames: number): Slide {
  return { condition: its, frames, taxels: taxels.subarray(from * TAXELS, (from + frames) * TAXELS) };
}

/**
 * Returns what the gripper holds at the commanded level, of each frame: the mean of the taxels without the largest and the
 * smallest, counts (Wang et al. 2022). float64 [frames].
 */
export function heldForce(taxels: Float64Array): Float64Array {
  return Float64Array.from({ length: taxels.length / TAXELS }, (_, frame) => {
    let sum = 0;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let at = frame * TAXELS; at < (frame + 1) * TAXELS; at++) {
      const value = taxels[at]!;
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return (sum - least - most) / (TAXELS - 2);
  });
}

/** Returns each taxel's mean over frames, [16]. */
export function meanPattern(taxels: Float64Array): Float64Array {
  const mean = new Float64Array(TAXELS);
  for (let at = 0; at < taxels.length; at++) mean[at % TAXELS]! += taxels[at]!;
  return mean.map((sum) => sum / (taxels.length / TAXELS));
}

/** Returns a frame, [16], as a view. */
export function frameOf({ taxels }: Slide, frame: number): Float64Array {
  return taxels.subarray(frame * TAXELS, (frame + 1) * TAXELS);
}
