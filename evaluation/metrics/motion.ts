import type { Metric } from '../contract.js';
import { luma, type Picture, requireSameSize } from './image.js';
import { INVALID, metricOf } from './metric.js';

/**
 * Marks the pixels whose luma changed by more than a threshold between two pictures: uint8 [height, width], 1 where it moved.
 *
 * @param threshold in the pictures' units; the default is 5 % of 8 bits, above the noise of usual cameras.
 * @throws UmweltError `shape-mismatch` when the pictures differ in size.
 */
export function motionMask(before: Picture, after: Picture, threshold = 12.75): Uint8Array {
  requireSameSize(before, after);
  const a = luma(before);
  const b = luma(after);
  return Uint8Array.from(a, (value, pixel) => (Math.abs(value - b[pixel]!) > threshold ? 1 : 0));
}

/**
 * Computes how well two masks overlap: |A and B| / |A or B|, 0 to 1; higher is better. Invalid when both are empty.
 *
 * @param predicted [pixels] 0 or not, as `actual`.
 * Masks of different lengths are compared over the longer, as if padded with 0.
 */
export function maskIou(predicted: ArrayLike<number>, actual: ArrayLike<number>): Metric {
  let both = 0;
  let either = 0;
  for (let pixel = 0; pixel < Math.max(predicted.length, actual.length); pixel++) {
    const a = (predicted[pixel] ?? 0) !== 0;
    const b = (actual[pixel] ?? 0) !== 0;
    if (a && b) both++;
    if (a || b) either++;
  }
  return either === 0 ? INVALID : metricOf(both / either);
}

/**
 * Computes how much the motion of two forecasts overlaps: the intersection over union of what changed since the last picture
 * that the forecaster saw, in the forecast and in the recording. Invalid when neither moved.
 *
 * @throws UmweltError `shape-mismatch` when the pictures differ in size.
 */
export function motionIou(last: Picture, predicted: Picture, actual: Picture, threshold?: number): Metric {
  return maskIou(motionMask(last, predicted, threshold), motionMask(last, actual, threshold));
}

/** Returns the centroid of a mask's set pixels, px from the middle of the top left one; null for an empty mask. */
export function maskCentroidPx(mask: ArrayLike<number>, width: number): readonly [number, number] | null {
  let count = 0;
  let sumX = 0;
  let sumY = 0;
  for (let pixel = 0; pixel < mask.length; pixel++) {
    if (mask[pixel] === 0) continue;
    count++;
    sumX += pixel % width;
    sumY += Math.floor(pixel / width);
  }
  return count === 0 ? null : [sumX / count, sumY / count];
}

/**
 * Computes the distance between the centroids of an object in two masks (instance masks, or motion masks), px. Invalid when
 * it is missing from either.
 */
export function centroidErrorPx(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  width: number,
): Metric {
  const a = maskCentroidPx(predicted, width);
  const b = maskCentroidPx(actual, width);
  if (a === null || b === null) return INVALID;
  return metricOf(Math.sqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2));
}
