import type { FieldDescription } from '../datasets/contract.js';
import { paintScalars } from '../sensors/picture/colour-map.js';
import { drawText, shorten, textHeight, textWidth } from '../sensors/picture/lettering.js';
import { blank, type Picture, paste, resize } from '../sensors/picture/picture.js';
import type { FieldPair } from './rollout-pairs.js';
import { GAP_PX, inWords, LEFT_PX, LETTER_PX, labelled, product, WIDTH_PX } from './sheet-layout.js';

/** Share of the errors that the scale of their colours spans: a few wild pixels must not darken the rest. */
const SHOWN_SHARE = 0.99;
/** The scale of errors spans at least this share of the values': what is hardly wrong must not look as if it were. */
const LEAST_SHARE = 0.05;

type Range = readonly [number, number];

/** Pictures of one field: as it was, as it was predicted on the same scale, and the absolute error. */
export interface Comparison {
  readonly real: readonly Picture[];
  readonly predicted: readonly Picture[];
  readonly error: readonly Picture[];
  /** What the colours of the values, and those of the error, span; '' for colour as it is. */
  readonly scale: string;
  readonly errorScale: string;
}

/**
 * Paints a field that is a picture at each of its pair's rows: colour as it is, anything else from the least (dark blue) to the
 * greatest value (yellow) that happened, vectors by their length, depth by its inverse; grey where there is nothing.
 */
export function comparePictures({ field, real, predicted, timesS }: FieldPair): Comparison {
  const [height = 1, width = 1] = field.shape;
  const rows = Array.from(timesS.keys());
  const pixels = height * width;
  const errors = errorsOf(field, real, predicted);
  const errorRange = errorRangeOf(errors, field.name === 'colour' ? [0, 255] : rangeOf(real));
  const paintError = (row: number): Picture =>
    paintScalars(errors.subarray(row * pixels, (row + 1) * pixels), width, height, errorRange);
  const errorScale = spanOf(0, errorRange[1], field.name === 'colour' ? 'of 255' : unitOf(field));
  if (field.name === 'colour') {
    const paint = (values: Float64Array, row: number): Picture => ({
      width,
      height,
      rgb: Uint8Array.from(values.subarray(row * pixels * 3, (row + 1) * pixels * 3), (value) =>
        Number.isFinite(value) ? Math.round(value) : NOTHING,
      ),
    });
    return {
      real: rows.map((row) => paint(real, row)),
      predicted: rows.map((row) => paint(predicted, row)),
      error: rows.map(paintError),
      scale: '',
      errorScale,
    };
  }
  const [was, expected] = [scalarsOf(field, real), scalarsOf(field, predicted)];
  const range = rangeOf(was) ?? rangeOf(expected) ?? [0, 1];
  const paint = (values: Float64Array) => (row: number) =>
    paintScalars(values.subarray(row * pixels, (row + 1) * pixels), width, height, range);
  const shown = field.name === 'depthM' ? [1 / range[1], 1 / range[0]] : range;
  return {
    real: rows.map(paint(was)),
    predicted: rows.map(paint(expected)),
    error: rows.map(paintError),
    scale: spanOf(shown[0]!, shown[1]!, unitOf(field)),
    errorScale,
  };
}

/**
 * Paints a field of [groups, bands] over time, one comparison a group: time to the right, bands upwards.
 *
 * @param height of each picture in pixels; they are WIDTH_PX wide.
 */
export function compareBands(
  { field, real, predicted, timesS }: FieldPair,
  group: number,
  height: number,
): Comparison {
  const rows = timesS.length;
  const bands = field.shape.at(-1)!;
  const width = product(field.shape);
  const turn = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: bands * rows }, (_, pixel) => {
      const band = bands - 1 - Math.floor(pixel / rows);
      return values[(pixel % rows) * width + group * bands + band]!;
    });
  const [was, expected] = [turn(real), turn(predicted)];
  const errors = was.map((value, pixel) => Math.abs(value - expected[pixel]!));
  const range = rangeOf(was) ?? rangeOf(expected) ?? [0, 1];
  const errorRange = errorRangeOf(errors, range);
  const paint = (values: Float64Array, span: Range): Picture[] => [
    resize(paintScalars(values, rows, bands, span), WIDTH_PX, height),
  ];
  return {
    real: paint(was, range),
    predicted: paint(expected, range),
    error: paint(errors, errorRange),
    scale: spanOf(range[0], range[1], unitOf(field)),
    errorScale: spanOf(0, errorRange[1], unitOf(field)),
  };
}

/** Lays a comparison out as three labelled strips, each picture centred over its instant. */
export function layStrips(comparison: Comparison, ...title: string[]): Picture {
  const { real, predicted, error, scale, errorScale } = comparison;
  const strips = [
    labelled(strip(real), ...title, 'real', scale),
    labelled(strip(predicted), 'predicted', scale === '' ? '' : 'same colours'),
    labelled(strip(error), 'error', errorScale),
  ];
  const whole = blank(
    LEFT_PX + WIDTH_PX,
    strips.reduce((sum, { height }) => sum + height + CLOSE_PX, 0),
  );
  let top = 0;
  for (const picture of strips) {
    paste(whole, picture, 0, top);
    top += picture.height + CLOSE_PX;
  }
  return whole;
}

/** Writes when each column of strips was, above them. */
export function paintInstants(timesS: ArrayLike<number>): Picture {
  const picture = blank(LEFT_PX + WIDTH_PX, textHeight(LETTER_PX) + 4);
  drawText(picture, 'since context', 4, 2, LETTER_PX);
  for (let column = 0; column < timesS.length; column++) {
    const text = `+${shorten(timesS[column]!)} s`;
    const centre = LEFT_PX + ((column + 0.5) * WIDTH_PX) / timesS.length;
    drawText(picture, text, Math.round(centre - textWidth(text, LETTER_PX) / 2), 2, LETTER_PX);
  }
  return picture;
}

/** Between the three strips of a comparison. */
const CLOSE_PX = 3;
/** Grey of pixels that were not sensed, as on the colour maps. */
const NOTHING = 40;

/** A single picture stands as it is. */
function strip(pictures: readonly Picture[]): Picture {
  if (pictures.length === 1 && pictures[0]!.width === WIDTH_PX) return pictures[0]!;
  const cellPx = WIDTH_PX / pictures.length;
  const { width, height } = pictures[0]!;
  const across = Math.min(Math.floor(cellPx) - GAP_PX, Math.floor((1.5 * cellPx * width) / height));
  const down = Math.max(8, Math.round((across * height) / width));
  const whole = blank(WIDTH_PX, down);
  for (const [column, picture] of pictures.entries())
    paste(whole, resize(picture, across, down), Math.round((column + 0.5) * cellPx - across / 2), 0);
  return whole;
}

/** Absolute error a pixel: of colour the mean over red, green and blue, of vectors the length of the difference. */
function errorsOf(
  { name, shape: [, , depth = 1] }: FieldDescription,
  real: Float64Array,
  predicted: Float64Array,
): Float64Array {
  return Float64Array.from({ length: real.length / depth }, (_, pixel) => {
    let total = 0;
    for (let at = pixel * depth; at < (pixel + 1) * depth; at++) {
      const difference = Math.abs(real[at]! - predicted[at]!);
      total += name === 'colour' ? difference / depth : difference * difference;
    }
    return name === 'colour' ? total : Math.sqrt(total);
  });
}

function scalarsOf({ name, shape: [, , depth = 1] }: FieldDescription, values: Float64Array): Float64Array {
  if (name === 'depthM') return values.map((depthM) => (Number.isFinite(depthM) ? 1 / depthM : Number.NaN));
  if (depth === 1) return values;
  return Float64Array.from({ length: values.length / depth }, (_, pixel) => {
    const vector = values.subarray(pixel * depth, (pixel + 1) * depth);
    return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  });
}

function rangeOf(values: Float64Array): Range | undefined {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return greatest >= least ? [least, greatest] : undefined;
}

function errorRangeOf(errors: Float64Array, [least, greatest]: Range = [0, 0]): Range {
  return [0, Math.max(quantile(errors, SHOWN_SHARE), LEAST_SHARE * (greatest - least))];
}

/** The value that a share of the finite ones does not exceed; 0 where there are none. */
function quantile(values: Float64Array, share: number): number {
  const sorted = values.filter(Number.isFinite).sort();
  return sorted.length === 0 ? 0 : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

function spanOf(least: number, greatest: number, unit: string): string {
  return `${shorten(least)} to ${shorten(greatest)} ${unit}`.trimEnd();
}

function unitOf({ unit }: FieldDescription): string {
  return unit === '1' ? '' : unit;
}

/** `camera` and `depthM` become `camera depth`. */
export function titleOf(stream: string, { name }: FieldDescription): string {
  return `${stream} ${inWords(name).trim()}`;
}
