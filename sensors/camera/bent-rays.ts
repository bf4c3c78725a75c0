import { UmweltError } from '../../core/errors.js';
import type { Lens } from './lens.js';

/** The rays of a camera without its lens; as in `Pinhole`. */
interface StraightRays {
  readonly width: number;
  readonly height: number;
  readonly columnSlopes: Float64Array;
  readonly rowSlopes: Float64Array;
}

/** The rays of a camera whose lens bends them, pixel by pixel. */
export interface BentRays {
  readonly lens: Lens;
  /** [height, width] slopes y / x and z / x of each pixel's ray in the camera's frame; NaN where no ray falls. */
  readonly u: Float64Array;
  readonly v: Float64Array;
  /** [width, 2] least and greatest u in each column; [height, 2] of v in each row. Empty ones have least > greatest. */
  readonly columns: Float64Array;
  readonly rows: Float64Array;
}

/**
 * Finds where each pixel of a lens looks.
 *
 * @param name of the sensor, for messages.
 * @throws UmweltError `invalid-input` when the lens has no inverse at a pixel: the image folds back on itself there.
 */
export function bendRays(
  name: string,
  { width, height, columnSlopes, rowSlopes }: StraightRays,
  lens: Lens,
): BentRays {
  const rays: BentRays = {
    lens,
    u: new Float64Array(width * height),
    v: new Float64Array(width * height),
    columns: emptyRanges(width),
    rows: emptyRanges(height),
  };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const ray = lens.undistort(-columnSlopes[column]!, -rowSlopes[row]!);
      if (ray === 'folded') throw singular(name, row, column);
      const pixel = row * width + column;
      rays.u[pixel] = ray === 'outside' ? Number.NaN : -ray[0];
      rays.v[pixel] = ray === 'outside' ? Number.NaN : -ray[1];
      if (ray === 'outside') continue;
      widen(rays.columns, column, -ray[0]);
      widen(rays.rows, row, -ray[1]);
    }
  }
  return rays;
}

function emptyRanges(count: number): Float64Array {
  return Float64Array.from({ length: count * 2 }, (_, i) =>
    i % 2 === 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
  );
}

function widen(ranges: Float64Array, index: number, value: number): void {
  if (value < ranges[index * 2]!) ranges[index * 2] = value;
  if (value > ranges[index * 2 + 1]!) ranges[index * 2 + 1] = value;
}

function singular(name: string, row: number, column: number): UmweltError {
  return new UmweltError(
    'invalid-input',
    { sensor: name, row, column },
    `sensors.${name}.lens: expected a lens with an inverse all over the image, got a singular inverse at column ${column}, ` +
      `row ${row}, where the distortion folds the image back; narrow horizontalFovRad or mend the coefficients`,
  );
}
