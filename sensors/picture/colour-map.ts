import { atan2 } from '../../core/math/exact.js';
import type { Picture } from './picture.js';

/** Every 32nd colour of viridis (van der Walt and Smith 2015, CC0), dark to bright. */
const VIRIDIS = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
] as const;

/** Grey of pixels that have no value; on no map. */
const NOTHING = 40;
const GOLDEN_RATIO = 0.6180339887498949;

/**
 * Paints a field of scalars from the least (dark blue) to the greatest (yellow) finite value; grey where not finite.
 *
 * @param values [height, width].
 * @param range what the colours span instead; values beyond it take the colours of its ends.
 */
export function paintScalars(
  values: ArrayLike<number>,
  width: number,
  height: number,
  range: readonly [number, number] = finiteRange(values, width * height),
): Picture {
  const [least, greatest] = range;
  const span = greatest > least ? greatest - least : 1;
  const rgb = new Uint8Array(width * height * 3).fill(NOTHING);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const value = values[pixel]!;
    if (!Number.isFinite(value)) continue;
    const place = Math.min(1, Math.max(0, (value - least) / span)) * (VIRIDIS.length - 1);
    const step = Math.min(Math.floor(place), VIRIDIS.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const low = VIRIDIS[step]![channel]!;
      const high = VIRIDIS[step + 1]![channel]!;
      rgb[pixel * 3 + channel] = Math.round(low + (high - low) * (place - step));
    }
  }
  return { width, height, rgb };
}

function finiteRange(values: ArrayLike<number>, count: number): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let pixel = 0; pixel < count; pixel++) {
    const value = values[pixel]!;
    if (!Number.isFinite(value)) continue;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return [least, greatest];
}

/**
 * Paints depth by its inverse, so that near things stand apart before a far floor: yellow the nearest, dark blue the
 * farthest, grey where there is nothing.
 *
 * @param depthM [height, width], +Infinity where there is nothing.
 */
export function paintDepth(depthM: ArrayLike<number>, width: number, height: number): Picture {
  const nearness = Array.from(depthM, (depth) => (Number.isFinite(depth) ? 1 / depth : Number.NaN));
  return paintScalars(nearness, width, height);
}

/** Paints a field of labels in distinct colours, the same for a label in every picture; 0 is grey. */
export function paintLabels(labels: ArrayLike<number>, width: number, height: number): Picture {
  const rgb = new Uint8Array(width * height * 3).fill(NOTHING);
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (labels[pixel] !== 0) rgb.set(labelColour(labels[pixel]!), pixel * 3);
  }
  return { width, height, rgb };
}

/** Paints unit vectors, each component from -1 (0) to 1 (255) of red, green, blue; grey where all are zero. */
export function paintDirections(vectors: ArrayLike<number>, width: number, height: number): Picture {
  const rgb = new Uint8Array(width * height * 3).fill(NOTHING);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y, z] = [vectors[pixel * 3]!, vectors[pixel * 3 + 1]!, vectors[pixel * 3 + 2]!];
    if (!Number.isFinite(x) || (x === 0 && y === 0 && z === 0)) continue;
    for (const [channel, value] of [x, y, z].entries())
      rgb[pixel * 3 + channel] = Math.round(127.5 + 127.5 * Math.min(1, Math.max(-1, value)));
  }
  return { width, height, rgb };
}

/**
 * Paints a field of vectors in the plane: direction by hue, length by strength of colour up to the longest one; white where
 * there is none.
 *
 * @param vectors [height, width, 2].
 */
export function paintFlow(vectors: ArrayLike<number>, width: number, height: number): Picture {
  let longest = Number.MIN_VALUE;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [vectors[pixel * 2]!, vectors[pixel * 2 + 1]!];
    if (Number.isFinite(x + y)) longest = Math.max(longest, Math.sqrt(x * x + y * y));
  }
  const rgb = new Uint8Array(width * height * 3).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [x, y] = [vectors[pixel * 2]!, vectors[pixel * 2 + 1]!];
    if (!Number.isFinite(x + y)) continue;
    const strength = Math.sqrt(x * x + y * y) / longest;
    const colour = hueColour(atan2(y, x) / (2 * Math.PI));
    for (let channel = 0; channel < 3; channel++)
      rgb[pixel * 3 + channel] = Math.round(255 + (colour[channel]! - 255) * strength);
  }
  return { width, height, rgb };
}

/** A saturated colour; hues of successive labels are a golden section of the circle apart. */
export function labelColour(label: number): [number, number, number] {
  return hueColour(label * GOLDEN_RATIO);
}

/** Colour at a place on the circle of hues; whole turns do not matter. */
function hueColour(turns: number): [number, number, number] {
  const hue = (turns - Math.floor(turns)) * 6;
  const channel = (offset: number): number => {
    const k = (offset + hue) % 6;
    return Math.round(255 * (0.92 - 0.65 * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}
