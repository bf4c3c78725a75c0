import { UmweltError } from '../../core/errors.js';
import { exp, log10 } from '../../core/math/exact.js';
import type { Metric } from '../contract.js';
import { INVALID, metricOf } from './metric.js';

/** One picture, grey or in colour. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 3 red green blue, 4 with alpha (which is not looked at). */
  readonly channels: number;
  /** [height, width, channels] row-major. */
  readonly values: ArrayLike<number>;
}

/**
 * Computes the peak signal-to-noise ratio, dB: 10 log10(peak^2 / mean squared error) over all pixels and colours.
 *
 * Higher is better. Invalid for equal pictures, whose ratio is infinite: `maximumDb` stands for those where one is given.
 *
 * @param peak the largest value a pixel can have (255 for 8 bits, 1 for floats).
 * @throws UmweltError `shape-mismatch` when the pictures differ in size.
 */
export function psnrDb(predicted: Picture, actual: Picture, peak = 255, maximumDb?: number): Metric {
  requireSameSize(predicted, actual);
  const colours = Math.min(3, actual.channels);
  const pixels = actual.width * actual.height;
  let sum = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let colour = 0; colour < colours; colour++) {
      const at = pixel * actual.channels + colour;
      const difference = predicted.values[at]! - actual.values[at]!;
      sum += difference * difference;
    }
  }
  if (sum === 0 && pixels > 0) return maximumDb === undefined ? INVALID : metricOf(maximumDb);
  const ratioDb = 10 * log10((peak * peak * pixels * colours) / sum);
  return metricOf(maximumDb === undefined ? ratioDb : Math.min(maximumDb, ratioDb));
}

const WINDOW = 11;
const SIGMA = 1.5;
const K1 = 0.01;
const K2 = 0.03;

/**
 * Computes the structural similarity of two pictures, -1 to 1, 1 for equal ones.
 *
 * SSIM = (2 ma mb + C1)(2 sab + C2) / ((ma^2 + mb^2 + C1)(sa^2 + sb^2 + C2)), averaged over every place where an 11 x 11
 * Gaussian window (sigma 1.5) fits, with C1 = (0.01 peak)^2 and C2 = (0.03 peak)^2, on luma (0.299 0.587 0.114). Wang,
 * Bovik, Sheikh, Simoncelli, Image quality assessment: from error visibility to structural similarity, IEEE TIP 13 (2004),
 * without their optional downsampling. Invalid for pictures smaller than the window.
 *
 * @throws UmweltError `shape-mismatch` when the pictures differ in size.
 */
export function ssim(predicted: Picture, actual: Picture, peak = 255): Metric {
  requireSameSize(predicted, actual);
  const { width, height } = actual;
  if (width < WINDOW || height < WINDOW) return INVALID;
  const a = luma(predicted);
  const b = luma(actual);
  const smooth = (values: Float64Array): Float64Array => smoothInside(values, width, height);
  const meanA = smooth(a);
  const meanB = smooth(b);
  const squareA = smooth(a.map((value) => value * value));
  const squareB = smooth(b.map((value) => value * value));
  const product = smooth(a.map((value, index) => value * b[index]!));
  const c1 = (K1 * peak) ** 2;
  const c2 = (K2 * peak) ** 2;
  let sum = 0;
  for (let at = 0; at < meanA.length; at++) {
    const ma = meanA[at]!;
    const mb = meanB[at]!;
    const varianceA = squareA[at]! - ma * ma;
    const varianceB = squareB[at]! - mb * mb;
    const covariance = product[at]! - ma * mb;
    sum +=
      ((2 * ma * mb + c1) * (2 * covariance + c2)) /
      ((ma * ma + mb * mb + c1) * (varianceA + varianceB + c2));
  }
  return metricOf(sum / meanA.length);
}

/** Returns the brightness of each pixel, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601): float64 [height, width]. */
export function luma({ width, height, channels, values }: Picture): Float64Array {
  return Float64Array.from({ length: width * height }, (_, pixel) => {
    const at = pixel * channels;
    if (channels < 3) return values[at]!;
    return 0.299 * values[at]! + 0.587 * values[at + 1]! + 0.114 * values[at + 2]!;
  });
}

const KERNEL = gaussianKernel();

function gaussianKernel(): Float64Array {
  const half = (WINDOW - 1) / 2;
  const weights = Float64Array.from({ length: WINDOW }, (_, i) => exp(-((i - half) ** 2) / (2 * SIGMA ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Weights each 11 x 11 neighbourhood that lies inside the picture: float64 [height - 10, width - 10]. */
function smoothInside(values: Float64Array, width: number, height: number): Float64Array {
  const insideWidth = width - WINDOW + 1;
  const insideHeight = height - WINDOW + 1;
  const rows = new Float64Array(insideWidth * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < insideWidth; x++) {
      let sum = 0;
      for (let i = 0; i < WINDOW; i++) sum += KERNEL[i]! * values[y * width + x + i]!;
      rows[y * insideWidth + x] = sum;
    }
  }
  const out = new Float64Array(insideWidth * insideHeight);
  for (let y = 0; y < insideHeight; y++) {
    for (let x = 0; x < insideWidth; x++) {
      let sum = 0;
      for (let i = 0; i < WINDOW; i++) sum += KERNEL[i]! * rows[(y + i) * insideWidth + x]!;
      out[y * insideWidth + x] = sum;
    }
  }
  return out;
}

/** @throws UmweltError `shape-mismatch` unless both have the same width, height and channels, and hold that many values. */
export function requireSameSize(predicted: Picture, actual: Picture): void {
  const size = ({ width, height, channels }: Picture): string => `${width} x ${height} x ${channels}`;
  const wanted = actual.width * actual.height * actual.channels;
  if (
    size(predicted) === size(actual) &&
    predicted.values.length === wanted &&
    actual.values.length === wanted
  ) {
    return;
  }
  throw new UmweltError(
    'shape-mismatch',
    { predicted: size(predicted), actual: size(actual) },
    `pictures must be alike: expected ${size(actual)} (${wanted} values), got ${size(predicted)} (${predicted.values.length} and ${actual.values.length} values)`,
  );
}
