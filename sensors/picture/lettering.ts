import type { Picture } from './picture.js';

/** Letters of three by five pixels, rows from the top, bits from the left: no font is needed to label a picture. */
const GLYPHS: Readonly<Record<string, readonly number[]>> = {
  '0': [7, 5, 5, 5, 7],
  '1': [2, 6, 2, 2, 7],
  '2': [7, 1, 7, 4, 7],
  '3': [7, 1, 7, 1, 7],
  '4': [5, 5, 7, 1, 1],
  '5': [7, 4, 7, 1, 7],
  '6': [7, 4, 7, 5, 7],
  '7': [7, 1, 1, 2, 2],
  '8': [7, 5, 7, 5, 7],
  '9': [7, 5, 7, 1, 7],
  '.': [0, 0, 0, 0, 2],
  '-': [0, 0, 7, 0, 0],
  s: [0, 7, 6, 3, 7],
  k: [4, 5, 6, 6, 5],
  H: [5, 5, 7, 5, 5],
  z: [0, 7, 1, 6, 7],
  d: [1, 1, 7, 5, 7],
  B: [6, 5, 6, 5, 6],
  a: [0, 3, 5, 5, 3],
  c: [0, 3, 4, 4, 3],
  e: [2, 5, 7, 4, 3],
  h: [4, 4, 6, 5, 5],
  i: [2, 0, 2, 2, 2],
  l: [6, 2, 2, 2, 7],
  m: [0, 5, 7, 7, 5],
  n: [0, 6, 5, 5, 5],
  o: [0, 2, 5, 5, 2],
  p: [0, 6, 5, 6, 4],
  r: [0, 5, 6, 4, 4],
  t: [2, 7, 2, 2, 3],
  u: [0, 5, 5, 5, 3],
  ' ': [0, 0, 0, 0, 0],
};

const ADVANCE = 4;

/** Width of a text in pixels. */
export function textWidth(text: string, size: number): number {
  return (text.length * ADVANCE - 1) * size;
}

/** Height of a line in pixels. */
export function textHeight(size: number): number {
  return 5 * size;
}

/**
 * Draws a text in dark grey into a picture, which is changed. Knows digits, `.`, `-` and the letters of the units
 * and fields that are drawn; leaves other letters blank. What falls outside is cut off.
 *
 * @param size pixels of the picture a pixel of a letter.
 */
export function drawText(picture: Picture, text: string, left: number, top: number, size: number): void {
  for (const [index, letter] of [...text].entries()) {
    const rows = GLYPHS[letter] ?? GLYPHS[' ']!;
    for (const [row, bits] of rows.entries()) {
      for (let column = 0; column < 3; column++) {
        if ((bits >> (2 - column)) & 1)
          fillRectangle(picture, left + (index * ADVANCE + column) * size, top + row * size, size, size);
      }
    }
  }
}

const INK = 60;

/** Fills a rectangle with the colour of ink; cut off at the picture's edge. */
export function fillRectangle(
  { width, height, rgb }: Picture,
  left: number,
  top: number,
  across: number,
  down: number,
): void {
  for (let y = Math.max(0, top); y < Math.min(height, top + down); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, left + across); x++) {
      rgb.fill(INK, (y * width + x) * 3, (y * width + x) * 3 + 3);
    }
  }
}
