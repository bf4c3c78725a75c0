import type { GpmfItem } from './gpmf.js';
import { malformed, requireFinite, requireLater } from './malformed.js';

/** One sense of GoPro's metadata over a whole recording. */
export interface GpmfTrack {
  readonly rows: number;
  readonly width: number;
  /** [rows] s on the camera's clock, increasing. */
  readonly timesS: Float64Array;
  /** [rows * width] divided by their scale. */
  readonly values: Float64Array;
  /** Rows a second, mean over the recording. */
  readonly rateHz: number;
}

/** Items of one packet, in the order of the file. */
export interface GpmfPacket {
  readonly items: readonly GpmfItem[];
}

interface Piece {
  readonly startS: number;
  readonly item: GpmfItem;
  readonly scaled: Float64Array;
}

/**
 * Joins a sense's rows over all packets. A packet says when its first row was taken (STMP); the rows between are spread evenly,
 * those of the last packet as in the one before.
 *
 * @param width numbers a row that there must be.
 * @throws UmweltError `malformed-file` when the sense is missing, its rows have another width, a number is not finite or time runs
 *   backwards.
 */
export function joinTrack(
  packets: readonly GpmfPacket[],
  key: string,
  width: number,
  path: string,
): GpmfTrack {
  const pieces = packets.flatMap(({ items }) => piecesOf(items, key, width, path));
  if (pieces.length === 0) throw malformed(path, 'metadata', `there is no "${key}" in any packet`);
  const counts = pieces.map(({ scaled }) => scaled.length / width);
  const rows = counts.reduce((total, count) => total + count, 0);
  const timesS = new Float64Array(rows);
  const values = new Float64Array(rows * width);
  let row = 0;
  let periodS = Number.NaN;
  for (const [index, { startS, item, scaled }] of pieces.entries()) {
    const next = pieces[index + 1];
    if (next !== undefined) {
      requireLater(next.startS, startS, path, `${next.item.place}, "${key}"`);
      periodS = (next.startS - startS) / counts[index]!;
    } else if (pieces.length === 1)
      throw malformed(path, item.place, `"${key}" has one packet: its rate is not known`);
    values.set(scaled, row * width);
    for (let at = 0; at < counts[index]!; at++) timesS[row++] = startS + at * periodS;
  }
  const before = rows - counts.at(-1)!;
  return { rows, width, timesS, values, rateHz: before / (pieces.at(-1)!.startS - pieces[0]!.startS) };
}

function piecesOf(items: readonly GpmfItem[], key: string, width: number, path: string): Piece[] {
  return items.flatMap((device) =>
    device.items.flatMap((stream): Piece[] => {
      const item = stream.items.find((one) => one.key === key);
      if (item === undefined || item.numbers.length === 0) return [];
      if (item.width !== width) {
        throw malformed(path, item.place, `"${key}": expected ${width} numbers a row, got ${item.width}`);
      }
      const stamp = stream.items.find((one) => one.key === 'STMP')?.numbers[0];
      if (stamp === undefined) throw malformed(path, item.place, `"${key}" has no time (STMP)`);
      const scale = stream.items.find((one) => one.key === 'SCAL')?.numbers ?? Float64Array.of(1);
      if (scale.length !== 1 && scale.length !== width) {
        throw malformed(
          path,
          item.place,
          `"${key}": expected 1 or ${width} scales (SCAL), got ${scale.length}`,
        );
      }
      const scaled = item.numbers.map((value, index) => {
        const number = value / scale[scale.length === 1 ? 0 : index % width]!;
        return requireFinite(number, path, `${item.place}, "${key}"[${index}]`);
      });
      return [{ startS: stamp / 1e6, item, scaled }];
    }),
  );
}
