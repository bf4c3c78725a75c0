/** A decoded frame as the codec has it: luma at every pixel, colour at every second one (4:2:0), 8 bits. */
export interface PlanarFrame {
  readonly width: number;
  readonly height: number;
  readonly luma: Uint8Array;
  readonly blue: Uint8Array;
  readonly red: Uint8Array;
  /** Bytes from one line of a plane to the next. */
  readonly lumaStride: number;
  readonly chromaStride: number;
  readonly colours: ColourSpace;
}

/** How luma and chroma stand for red, green and blue. */
export interface ColourSpace {
  /** Weights of red and blue in luma: 0.2126 and 0.0722 in BT.709, 0.299 and 0.114 in BT.601. */
  readonly red: number;
  readonly blue: number;
  /** Whether 0 to 255 is the whole range; otherwise 16 to 235, and 16 to 240 for chroma. */
  readonly isFull: boolean;
}

/** BT.709 for high definition, BT.601 for the rest (ITU-R BT.709-6, BT.601-7). */
export const COLOUR_WEIGHTS = {
  bt709: { red: 0.2126, blue: 0.0722 },
  bt601: { red: 0.299, blue: 0.114 },
} as const;

/**
 * Averages a frame over blocks of `factor` x `factor` pixels and turns it into red, green, blue. What does not fill a block at the right and
 * at the bottom is left out. Uses exact operations alone: the same bytes on any machine.
 *
 * @returns [floor(height / factor), floor(width / factor), 3] sRGB, new.
 */
export function reducePicture(frame: PlanarFrame, factor: number): Uint8Array {
  const [columns, rows] = [Math.floor(frame.width / factor), Math.floor(frame.height / factor)];
  const picture = new Uint8Array(columns * rows * 3);
  const toColour = colourOf(frame.colours);
  const count = factor * factor;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let [luma, blue, red] = [0, 0, 0];
      for (let y = row * factor; y < (row + 1) * factor; y++) {
        for (let x = column * factor; x < (column + 1) * factor; x++) {
          const chroma = (y >> 1) * frame.chromaStride + (x >> 1);
          luma += frame.luma[y * frame.lumaStride + x]!;
          blue += frame.blue[chroma]!;
          red += frame.red[chroma]!;
        }
      }
      toColour(luma / count, blue / count, red / count, picture, (row * columns + column) * 3);
    }
  }
  return picture;
}

/** Chooses the least whole factor that leaves at most `columns` columns. */
export function reductionOf(width: number, columns: number): number {
  return Math.max(1, Math.ceil(width / columns));
}

function colourOf({ red: kr, blue: kb, isFull }: ColourSpace) {
  const [black, lumaScale, chromaScale] = isFull ? [0, 1, 1] : [16, 255 / 219, 255 / 224];
  const [fromRed, fromBlue] = [2 * (1 - kr) * chromaScale, 2 * (1 - kb) * chromaScale];
  const kg = 1 - kr - kb;
  return (luma: number, blue: number, red: number, out: Uint8Array, at: number): void => {
    const y = (luma - black) * lumaScale;
    const [r, b] = [y + (red - 128) * fromRed, y + (blue - 128) * fromBlue];
    out[at] = byteOf(r);
    out[at + 1] = byteOf((y - kr * r - kb * b) / kg);
    out[at + 2] = byteOf(b);
  };
}

function byteOf(value: number): number {
  return Math.min(255, Math.max(0, Math.floor(value + 0.5)));
}
