import { drawText, fillRectangle, shorten, textHeight } from '../sensors/picture/lettering.js';
import { blank, type Picture, paste, stack } from '../sensors/picture/picture.js';

/** Width of the labels to the left of a sheet's rows. */
export const LEFT_PX = 176;
/** Width of a sheet's rows, the whole time across. */
export const WIDTH_PX = 1120;
export const GAP_PX = 6;
export const LETTER_PX = 2;

/** Lays rows out below a heading, with a margin all around. */
export function paintSheet(title: string, rows: readonly Picture[]): Picture {
  const heading = blank(LEFT_PX + WIDTH_PX, textHeight(3) + 8);
  drawText(heading, title, 4, 4, 3);
  const sheet = stack([heading, ...rows], GAP_PX);
  const framed = blank(sheet.width + 2 * GAP_PX, sheet.height + 2 * GAP_PX);
  paste(framed, sheet, GAP_PX, GAP_PX);
  return framed;
}

/** Draws the time below a sheet's rows, from `startS` at their left edge on. */
export function paintTimeAxis(durationS: number, startS = 0): Picture {
  const axis = blank(LEFT_PX + WIDTH_PX, 24);
  fillRectangle(axis, LEFT_PX, 2, WIDTH_PX, 1);
  for (let tick = 0; tick <= 8; tick++) {
    const x = LEFT_PX + Math.round((tick / 8) * (WIDTH_PX - 1));
    fillRectangle(axis, x, 2, 1, 6);
    const text = `${shorten(startS + (tick / 8) * durationS)} s`;
    drawText(axis, text, Math.min(x - 2, LEFT_PX + WIDTH_PX - text.length * 4 * LETTER_PX), 11, LETTER_PX);
  }
  return axis;
}

/** Puts lines of text to the left of a picture. */
export function labelled(picture: Picture, ...lines: string[]): Picture {
  const lineHeight = textHeight(LETTER_PX) + 5;
  const whole = blank(LEFT_PX + WIDTH_PX, Math.max(picture.height, lines.length * lineHeight));
  paste(whole, picture, LEFT_PX, 0);
  for (const [index, line] of lines.entries()) drawText(whole, line, 4, 4 + index * lineHeight, LETTER_PX);
  return whole;
}

/**
 * `linearVelocityMps` becomes `linear velocity`: the unit stands on a line of its own. `positionM_sd`, a standard deviation,
 * becomes `position sd`.
 */
export function inWords(field: string): string {
  const [, name, deviation = ''] = /^(.*?)(_sd)?$/.exec(field)!;
  const bare = name!.replace(/(?:Radps|Mps2|Mps|Nm|Ns|Pa|Px|Rad|Hz|M|N|C|S)$/, '');
  return bare.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) + deviation.replace('_', ' ');
}

/** Elements of a shape. */
export function product(shape: readonly number[]): number {
  return shape.reduce((size, extent) => size * extent, 1);
}
