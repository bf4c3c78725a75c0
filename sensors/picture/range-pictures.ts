import { UmweltError } from '../../core/errors.js';
import { cos, sin } from '../../core/math/exact.js';
import { paintDepth, paintScalars } from './colour-map.js';
import type { Picture } from './picture.js';

/** A line of a range image is drawn at most so many pixels high. */
const TALLEST_PX = 16;
const FROM_ABOVE_PX = 480;
const BACKGROUND = 255;
const SENSOR = [220, 30, 30] as const;

/** Where the rays of a lidar's row go; rad, in the sensor's frame (x forward, y left, z up). */
export interface RayAngles {
  readonly elevationsRad: readonly number[];
  readonly azimuthsRad: readonly number[];
}

/**
 * Reads the rays' angles from a lidar's metadata.
 *
 * @throws UmweltError `invalid-input` when they are not there.
 */
export function rayAngles(stream: string, metadata: Readonly<Record<string, unknown>>): RayAngles {
  const { elevationsRad, azimuthsRad } = metadata;
  if (Array.isArray(elevationsRad) && Array.isArray(azimuthsRad)) return { elevationsRad, azimuthsRad };
  throw new UmweltError(
    'invalid-input',
    { stream },
    `picture: expected metadata elevationsRad and azimuthsRad of stream ${stream}, got ${typeof elevationsRad} and ` +
      `${typeof azimuthsRad}; only a lidar's ranges can be painted`,
  );
}

/**
 * Paints ranges as someone at the sensor would see them: the highest channel at the top, what lies to the left on the left;
 * lines are repeated so that both directions have about the same scale.
 *
 * @param rangeM [channels, columns] first returns; +Infinity where nothing comes back.
 */
export function paintRanges(rangeM: ArrayLike<number>, { elevationsRad, azimuthsRad }: RayAngles): Picture {
  const columns = azimuthsRad.length;
  const rows = descending(elevationsRad);
  const places = descending(azimuthsRad);
  const seen = rows.flatMap((row) => places.map((column) => rangeM[row * columns + column]!));
  const painted = paintDepth(seen, columns, rows.length);
  const tall = Math.round(spacing(elevationsRad) / spacing(azimuthsRad));
  const times = Math.min(TALLEST_PX, Math.max(1, Number.isFinite(tall) ? tall : 1));
  const rgb = new Uint8Array(columns * rows.length * times * 3);
  for (let line = 0; line < rows.length * times; line++) {
    const from = Math.floor(line / times) * columns * 3;
    rgb.set(painted.rgb.subarray(from, from + columns * 3), line * columns * 3);
  }
  return { width: columns, height: rows.length * times, rgb };
}

/**
 * Paints first returns from above, in the sensor's frame: forward is up, left is left, height from low (blue) to high (yellow),
 * the sensor a red square. The picture reaches as far as the farthest return on either side.
 *
 * @param rangeM [channels, columns] first returns; +Infinity where nothing comes back.
 */
export function paintFromAbove(
  rangeM: ArrayLike<number>,
  { elevationsRad, azimuthsRad }: RayAngles,
): Picture {
  const points = elevationsRad.flatMap((elevation, row) =>
    azimuthsRad.flatMap((azimuth, column) => {
      const range = rangeM[row * azimuthsRad.length + column]!;
      if (!Number.isFinite(range)) return [];
      const across = range * cos(elevation);
      return [[across * cos(azimuth), across * sin(azimuth), range * sin(elevation)] as const];
    }),
  );
  points.sort((a, b) => a[2] - b[2]);
  const [rear, front] = bounds(points.map(([x]) => x));
  const [right, left] = bounds(points.map(([, y]) => y));
  const perM = FROM_ABOVE_PX / Math.max(front - rear, left - right);
  const width = Math.ceil((left - right) * perM) + 4;
  const height = Math.ceil((front - rear) * perM) + 4;
  const rgb = new Uint8Array(width * height * 3).fill(BACKGROUND);
  const put = (x: number, y: number, colour: ArrayLike<number>, halfPx: number): void => {
    const middle = Math.round((left - y) * perM) + 1;
    const line = Math.round((front - x) * perM) + 1;
    for (let row = Math.max(0, line - halfPx); row <= Math.min(height - 1, line + halfPx); row++)
      for (let at = Math.max(0, middle - halfPx); at <= Math.min(width - 1, middle + halfPx); at++)
        rgb.set(colour, (row * width + at) * 3);
  };
  const colours = paintScalars(
    points.map(([, , z]) => z),
    points.length,
    1,
  ).rgb;
  for (const [index, [x, y]] of points.entries())
    put(x, y, colours.subarray(index * 3, index * 3 + 3), width > 200 ? 0 : 1);
  put(0, 0, SENSOR, 3);
  return { width, height, rgb };
}

/** Least and greatest, the sensor's own place and a metre around it with them. */
function bounds(values: readonly number[]): readonly [number, number] {
  return values.reduce<readonly [number, number]>(
    ([least, greatest], value) => [Math.min(least, value), Math.max(greatest, value)],
    [-1, 1],
  );
}

function descending(angles: readonly number[]): number[] {
  return [...angles.keys()].sort((a, b) => angles[b]! - angles[a]!);
}

function spacing(angles: readonly number[]): number {
  const [least, greatest] = [Math.min(...angles), Math.max(...angles)];
  return (greatest - least) / (angles.length - 1);
}
