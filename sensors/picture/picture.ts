/** A picture for people, row-major from the top left. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] red, green, blue; sRGB. */
  readonly rgb: Uint8Array;
}

/** Makes an all-white picture. */
export function blank(width: number, height: number): Picture {
  return { width, height, rgb: new Uint8Array(width * height * 3).fill(255) };
}

/** Copies a picture into another one, which is changed; what falls outside is cut off. */
export function paste(onto: Picture, { width, height, rgb }: Picture, left: number, top: number): void {
  const from = Math.max(0, -left);
  const to = Math.min(width, onto.width - left);
  if (to <= from) return;
  for (let row = Math.max(0, -top); row < Math.min(height, onto.height - top); row++) {
    const line = rgb.subarray((row * width + from) * 3, (row * width + to) * 3);
    onto.rgb.set(line, ((top + row) * onto.width + left + from) * 3);
  }
}

/** Takes the nearest pixel of each place of another size. The result is new. */
export function resize(picture: Picture, width: number, height: number): Picture {
  const resized = blank(width, height);
  for (let row = 0; row < height; row++) {
    const fromRow = Math.floor(((row + 0.5) * picture.height) / height);
    for (let column = 0; column < width; column++) {
      const from = (fromRow * picture.width + Math.floor(((column + 0.5) * picture.width) / width)) * 3;
      resized.rgb.set(picture.rgb.subarray(from, from + 3), (row * width + column) * 3);
    }
  }
  return resized;
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
  const whole = blank(width, height);
  let left = 0;
  for (const picture of pictures) {
    paste(whole, picture, left, 0);
    left += picture.width + gap;
  }
  return whole;
}

/** Lays pictures out from top to bottom on white, their left edges aligned, `gap` pixels apart. The result is new. */
export function stack(pictures: readonly Picture[], gap: number): Picture {
  const height = pictures.reduce(
    (sum, picture) => sum + picture.height,
    gap * Math.max(0, pictures.length - 1),
  );
  const width = pictures.reduce((most, picture) => Math.max(most, picture.width), 0);
  const whole = blank(width, height);
  let top = 0;
  for (const picture of pictures) {
    paste(whole, picture, 0, top);
    top += picture.height + gap;
  }
  return whole;
}
