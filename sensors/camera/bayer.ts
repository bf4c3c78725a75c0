/**
 * Keeps the one colour that each site behind a Bayer filter measures: red where row and column are even, blue where both
 * are odd, green elsewhere (RGGB).
 *
 * @param raw [height, width], overwritten.
 * @param colour [height, width, 3].
 */
export function mosaic(raw: Float32Array, colour: Float32Array, width: number, height: number): void {
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const site = row * width + column;
      raw[site] = colour[site * 3 + (row & 1) + (column & 1)]!;
    }
  }
}

/**
 * Fills in the two colours that each site behind a Bayer filter does not measure: the mean of the nearest two or four sites that
 * do (bilinear interpolation). At the edges the image is mirrored, which keeps the pattern.
 *
 * @param colour [height, width, 3], overwritten.
 * @param raw [height, width], RGGB; width and height of 2 or more.
 */
export function demosaic(colour: Float32Array, raw: Float32Array, width: number, height: number): void {
  for (let row = 0; row < height; row++) {
    const here = row * width;
    const above = (row === 0 ? 1 : row - 1) * width;
    const below = (row === height - 1 ? height - 2 : row + 1) * width;
    for (let column = 0; column < width; column++) {
      const left = column === 0 ? 1 : column - 1;
      const right = column === width - 1 ? width - 2 : column + 1;
      const own = raw[here + column]!;
      const beside = (raw[here + left]! + raw[here + right]!) / 2;
      const upright = (raw[above + column]! + raw[below + column]!) / 2;
      const at = (here + column) * 3;
      if (((row ^ column) & 1) === 1) {
        // A green site: red lies beside it in even rows, above and below it in odd ones.
        const even = (row & 1) === 0;
        colour[at] = even ? beside : upright;
        colour[at + 1] = own;
        colour[at + 2] = even ? upright : beside;
        continue;
      }
      const diagonal =
        (raw[above + left]! + raw[above + right]! + raw[below + left]! + raw[below + right]!) / 4;
      const red = (row & 1) === 0;
      colour[at] = red ? own : diagonal;
      colour[at + 1] = (beside + upright) / 2;
      colour[at + 2] = red ? diagonal : own;
    }
  }
}
