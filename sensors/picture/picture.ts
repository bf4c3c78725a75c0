/** A picture for people, row-major from the top left. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] red, green, blue; sRGB. */
  readonly rgb: Uint8Array;
}

/** Repeats each pixel `factor` times along both axes (nearest neighbour). The result is new. */
export function enlarge({ width, height, rgb }: Picture, factor: number): Picture {
  const wide = width * factor;
  const enlarged = new Uint8Array(wide * height * factor * 3);
  for (let row = 0; row < height * factor; row++) {
    for (let column = 0; column < wide; column++) {
      const from = (Math.floor(row / factor) * width + Math.floor(column / factor)) * 3;
      const to = (row * wide + column) * 3;
      enlarged[to] = rgb[from]!;
      enlarged[to + 1] = rgb[from + 1]!;
      enlarged[to + 2] = rgb[from + 2]!;
    }
  }
  return { width: wide, height: height * factor, rgb: enlarged };
}

/** Lays pictures out from left to right on white, their tops aligned, `gap` pixels apart. The result is new. */
export function beside(pictures: readonly Picture[], gap: number): Picture {
  const width = pictures.reduce(
    (sum, picture) => sum + picture.width,
    gap * Math.max(0, pictures.length - 1),
  );
  const height = pictures.reduce((most, picture) => Math.max(most, picture.height), 0);
  const rgb = new Uint8Array(width * height * 3).fill(255);
  let left = 0;
  for (const picture of pictures) {
    for (let row = 0; row < picture.height; row++) {
      const line = picture.rgb.subarray(row * picture.width * 3, (row + 1) * picture.width * 3);
      rgb.set(line, (row * width + left) * 3);
    }
    left += picture.width + gap;
  }
  return { width, height, rgb };
}
