import { drawText, fillRectangle, shorten, textHeight, textWidth } from '../sensors/picture/lettering.js';
import { blank, type Picture } from '../sensors/picture/picture.js';
import { LETTER_PX } from './sheet-layout.js';

/** Half the width of an interval that holds 90 % of a normal distribution, in standard deviations. */
export const NINETY_PERCENT = 1.645;

const REAL = [60, 60, 60] as const;
const PREDICTED = [40, 100, 230] as const;
const BAND = [196, 216, 250] as const;
const LINE_PX = 2;
/** Room above the lines for the panel's name and the greatest value. */
const HEAD_PX = 16;

/** One component over time. */
export interface Panel {
  readonly name: string;
  /** [rows] */
  readonly timesS: Float64Array;
  readonly real: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  /** Standard deviations of the prediction; none where null. */
  readonly deviation: ArrayLike<number> | null;
}

/**
 * Paints one component as it happened (dark) and as it was predicted (blue) over the interval of +- 1.645 standard deviations (light
 * blue), from 0 to `durationS`. The scale is that of the lines, widened for the band by at most their span on each side.
 */
export function paintBandPlot(panel: Panel, durationS: number, width: number, height: number): Picture {
  const { name, timesS, real, predicted, deviation } = panel;
  const picture = blank(width, height);
  const [least, greatest] = scaleOf(panel);
  const bottom = height - 3 - textHeight(LETTER_PX) - 2;
  const down = (value: number): number =>
    Math.round(HEAD_PX + ((greatest - value) / (greatest - least)) * (bottom - HEAD_PX));
  const across = (timeS: number): number => Math.round((timeS / durationS) * (width - 1 - LINE_PX));
  if (deviation !== null) {
    const edge = (sign: number) => (row: number) =>
      clamp(down(predicted[row]! + sign * NINETY_PERCENT * deviation[row]!), HEAD_PX, bottom);
    sweep(timesS, across, edge(1), edge(-1), (x, top, base) => paintColumn(picture, x, top, base, BAND));
  }
  for (const [values, colour] of [
    [predicted, PREDICTED],
    [real, REAL],
  ] as const) {
    const place = (row: number): number => down(values[row]!);
    sweep(timesS, across, place, place, (x, from, to) =>
      paintColumn(picture, x, Math.min(from, to), Math.max(from, to) + LINE_PX, colour, LINE_PX),
    );
  }
  fillRectangle(picture, 0, 0, 1, height);
  fillRectangle(picture, 0, height - 1, width, 1);
  drawText(picture, shorten(greatest), 5, 2, LETTER_PX);
  drawText(picture, shorten(least), 5, height - 3 - textHeight(LETTER_PX), LETTER_PX);
  drawText(picture, name, width - textWidth(name, LETTER_PX) - 6, 2, LETTER_PX);
  const end = `${shorten(durationS)} s`;
  drawText(
    picture,
    end,
    width - textWidth(end, LETTER_PX) - 6,
    height - 3 - textHeight(LETTER_PX),
    LETTER_PX,
  );
  return picture;
}

/** Explains the colours of `paintBandPlot` in one line. */
export function paintLegend(width: number): Picture {
  const picture = blank(width, textHeight(LETTER_PX) + 6);
  let left = 4;
  for (const [text, colour, thick] of [
    ['as it happened', REAL, LINE_PX],
    ['as it was predicted', PREDICTED, LINE_PX],
    ['90 % of outcomes are expected in here', BAND, 10],
  ] as const) {
    for (let x = left; x < left + 24; x++) paintColumn(picture, x, 8 - thick / 2, 8 + thick / 2, colour);
    drawText(picture, text, left + 30, 3, LETTER_PX);
    left += 30 + textWidth(text, LETTER_PX) + 28;
  }
  return picture;
}

/** Least and greatest value that the panel shows. */
function scaleOf({ real, predicted, deviation }: Panel): readonly [number, number] {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [lowest, highest] = [least, greatest];
  for (let row = 0; row < predicted.length; row++) {
    for (const value of [real[row]!, predicted[row]!]) {
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
    const half = NINETY_PERCENT * (deviation?.[row] ?? 0);
    lowest = Math.min(lowest, predicted[row]! - half);
    highest = Math.max(highest, predicted[row]! + half);
  }
  if (!(greatest >= least)) return [0, 1];
  const span = greatest > least ? greatest - least : Math.max(1e-3, Math.abs(least) / 10);
  const low = Math.max(Math.min(least, lowest), least - span);
  const high = Math.min(Math.max(greatest, highest), greatest + span);
  return high > low ? [low, high] : [low - span / 2, high + span / 2];
}

/** Visits every column of pixels between rows, with two heights interpolated; skips rows without a value. */
function sweep(
  timesS: Float64Array,
  across: (timeS: number) => number,
  first: (row: number) => number,
  second: (row: number) => number,
  visit: (x: number, first: number, second: number) => void,
): void {
  for (let row = 0; row < timesS.length; row++) {
    const [x, a, b] = [across(timesS[row]!), first(row), second(row)];
    if (!Number.isFinite(a + b)) continue;
    const previous = row > 0 && Number.isFinite(first(row - 1) + second(row - 1)) ? row - 1 : row;
    const start = across(timesS[previous]!);
    const [fromA, fromB] = [first(previous), second(previous)];
    const isLine = first === second;
    for (let column = start; column <= x; column++) {
      const share = x > start ? (column - start) / (x - start) : 1;
      const before = x > start ? Math.max(0, (column - 1 - start) / (x - start)) : 1;
      const top = Math.round(fromA + (a - fromA) * share);
      // A steep line covers all heights between two columns.
      const base = isLine
        ? Math.round(fromA + (a - fromA) * before)
        : Math.round(fromB + (b - fromB) * share);
      visit(column, top, base);
    }
  }
}

function paintColumn(
  { width, height, rgb }: Picture,
  left: number,
  top: number,
  bottom: number,
  colour: readonly number[],
  across = 1,
): void {
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    for (let x = left; x < Math.min(width, left + across); x++) rgb.set(colour, (y * width + x) * 3);
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
