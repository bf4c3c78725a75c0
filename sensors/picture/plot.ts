import { labelColour } from './colour-map.js';
import { drawText, fillRectangle, shorten, textHeight } from './lettering.js';
import { blank, type Picture } from './picture.js';

/** One line of a plot: a value at each of the plot's times. */
export interface Line {
  readonly name: string;
  readonly values: ArrayLike<number>;
}

const LETTER_PX = 2;
const LINE_PX = 2;

/**
 * Paints lines over time, from 0 s at the left edge to `durationS` at the right one, between the least and the greatest
 * finite value, which stand at the edges. Values that are not finite leave a gap.
 *
 * @param timesS of the values, in order.
 */
export function paintPlot(
  timesS: ArrayLike<number>,
  lines: readonly Line[],
  durationS: number,
  width: number,
  height: number,
): Picture {
  const picture = blank(width, height);
  const [least, greatest] = rangeOf(lines);
  const span = greatest > least ? greatest - least : 1;
  const inset = LINE_PX + 1;
  fillRectangle(picture, 0, height - 1, width, 1);
  fillRectangle(picture, 0, 0, 1, height);
  for (const [index, { values }] of lines.entries()) {
    const colour = labelColour(index + 1);
    let previous: readonly [number, number] | null = null;
    for (let i = 0; i < timesS.length; i++) {
      const value = values[i]!;
      const x = Math.round((timesS[i]! / durationS) * (width - 1));
      const share = greatest > least ? (value - least) / span : 0.5;
      const y = Math.round(inset + (1 - share) * (height - 1 - 2 * inset));
      if (Number.isFinite(value)) drawStroke(picture, previous ?? [x, y], [x, y], colour);
      previous = Number.isFinite(value) ? [x, y] : null;
    }
  }
  drawText(picture, shorten(greatest), 4, 3, LETTER_PX);
  drawText(picture, shorten(least), 4, height - textHeight(LETTER_PX) - 4, LETTER_PX);
  return picture;
}

function rangeOf(lines: readonly Line[]): [number, number] {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const { values } of lines) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      greatest = Math.max(greatest, value);
    }
  }
  return greatest >= least ? [least, greatest] : [0, 0];
}

/** Draws a straight stroke, pixel column by pixel column or row by row, whichever has more of them. */
function drawStroke(
  { width, height, rgb }: Picture,
  [fromX, fromY]: readonly [number, number],
  [toX, toY]: readonly [number, number],
  colour: readonly number[],
): void {
  const steps = Math.max(Math.abs(toX - fromX), Math.abs(toY - fromY), 1);
  for (let step = 0; step <= steps; step++) {
    const left = Math.round(fromX + ((toX - fromX) * step) / steps);
    const top = Math.round(fromY + ((toY - fromY) * step) / steps);
    for (let y = top; y < top + LINE_PX; y++) {
      for (let x = left; x < left + LINE_PX; x++) {
        if (x >= 0 && x < width && y >= 0 && y < height) rgb.set(colour, (y * width + x) * 3);
      }
    }
  }
}
