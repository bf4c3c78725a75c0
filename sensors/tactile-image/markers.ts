/** Linear light that a marker lets through. */
const INK = 0.15;
/** Radius of a dot over the distance of dots. */
const DOT_SHARE = 0.15;

/** A grid of dots on a soft layer. */
export interface Markers {
  readonly count: number;
  /**
   * Places the dots.
   *
   * @param shiftRowsM and shiftColumnsM [height, width] how far the surface has moved along rows and columns.
   * @param places [count, 2] written: column and row, px, 0 at the first pixel's centre.
   */
  place(shiftRowsM: Float64Array, shiftColumnsM: Float64Array, places: Float32Array): void;
  /** Darkens the image [height, width, 3] of linear light where dots are. */
  draw(light: Float64Array, places: Float32Array): void;
}

/** Makes a grid of dots, evenly over the image. */
export function createMarkers(
  [down, across]: readonly [number, number],
  height: number,
  width: number,
  pitchM: readonly [number, number],
): Markers {
  const count = down * across;
  const radius = Math.max(0.7, DOT_SHARE * Math.min(height / Math.max(1, down), width / Math.max(1, across)));
  return {
    count,
    place(shiftRowsM, shiftColumnsM, places) {
      for (let index = 0; index < count; index++) {
        const row = ((Math.floor(index / across) + 0.5) * height) / down - 0.5;
        const column = (((index % across) + 0.5) * width) / across - 0.5;
        const cell = Math.round(row) * width + Math.round(column);
        places[index * 2] = column + shiftColumnsM[cell]! / pitchM[1];
        places[index * 2 + 1] = row + shiftRowsM[cell]! / pitchM[0];
      }
    },
    draw(light, places) {
      for (let index = 0; index < count; index++)
        drawDot(light, height, width, places[index * 2]!, places[index * 2 + 1]!, radius);
    },
  };
}

/** Draws a disc whose edge fades over a pixel. */
function drawDot(
  light: Float64Array,
  height: number,
  width: number,
  column: number,
  row: number,
  radius: number,
): void {
  const top = Math.max(0, Math.floor(row - radius - 1));
  const bottom = Math.min(height - 1, Math.ceil(row + radius + 1));
  const left = Math.max(0, Math.floor(column - radius - 1));
  const right = Math.min(width - 1, Math.ceil(column + radius + 1));
  for (let r = top; r <= bottom; r++) {
    for (let c = left; c <= right; c++) {
      const distance = Math.sqrt((r - row) * (r - row) + (c - column) * (c - column));
      const cover = Math.min(1, Math.max(0, radius + 0.5 - distance));
      if (cover === 0) continue;
      const at = (r * width + c) * 3;
      for (let channel = 0; channel < 3; channel++) light[at + channel]! *= 1 - cover * (1 - INK);
    }
  }
}
