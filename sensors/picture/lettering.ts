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
  ',': [0, 0, 0, 2, 4],
  ':': [0, 2, 0, 2, 0],
  '-': [0, 0, 7, 0, 0],
  '+': [0, 2, 7, 2, 0],
  '/': [1, 1, 2, 4, 4],
  '%': [5, 1, 2, 4, 5],
  '(': [1, 2, 2, 2, 1],
  ')': [4, 2, 2, 2, 4],
  '=': [0, 7, 0, 7, 0],
  '^': [2, 5, 0, 0, 0],
  a: [0, 3, 5, 5, 3],
  b: [4, 6, 5, 5, 6],
  c: [0, 3, 4, 4, 3],
  d: [1, 3, 5, 5, 3],
  e: [0, 2, 7, 4, 3],
  f: [1, 2, 7, 2, 2],
  g: [3, 5, 3, 1, 6],
  h: [4, 4, 6, 5, 5],
  i: [2, 0, 2, 2, 2],
  j: [1, 0, 1, 5, 2],
  k: [4, 5, 6, 6, 5],
  l: [6, 2, 2, 2, 7],
  m: [0, 5, 7, 7, 5],
  n: [0, 6, 5, 5, 5],
  o: [0, 2, 5, 5, 2],
  p: [0, 6, 5, 6, 4],
  q: [0, 3, 5, 3, 1],
  r: [0, 5, 6, 4, 4],
  s: [0, 7, 6, 3, 7],
  t: [2, 7, 2, 2, 3],
  u: [0, 5, 5, 5, 3],
  v: [0, 5, 5, 5, 2],
  w: [0, 5, 5, 7, 5],
  x: [0, 5, 2, 2, 5],
  y: [5, 5, 3, 1, 6],
  z: [0, 7, 1, 6, 7],
  B: [6, 5, 6, 5, 6],
  H: [5, 5, 7, 5, 5],
  N: [7, 5, 5, 5, 5],
  P: [7, 5, 7, 4, 4],
  ' ': [0, 0, 0, 0, 0],
};

const ADVANCE = 4;

/** Writes a number with three digits. */
export function shorten(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** Width of a text in pixels. */
export function textWidth(text: string, size: number): number {
  return (text.length * ADVANCE - 1) * size;
}

/** Height of a line in pixels. */
export function textHeight(size: number): number {
  return 5 * size;
}

/**
 * Draws a text in dark grey into a picture, which is changed. Knows digits, signs and small letters; other capitals are
 * drawn small, anything else is left blank. What falls outside is cut off.
 *
 * @param size pixels of the picture a pixel of a letter.
 */
export function drawText(picture: Picture, text: string, left: number, top: number, size: number): void {
  for (const [index, letter] of [...text].entries()) {
    const rows = GLYPHS[letter] ?? GLYPHS[letter.toLowerCase()] ?? GLYPHS[' ']!;
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
