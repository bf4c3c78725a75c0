import { secondsFromNs } from '../../core/time.js';
import type { StreamData, TypedArray } from '../../datasets/contract.js';
import { type ChannelTrack, emptyTrack, tickOf } from './track.js';

/** Red, green, blue in [0, 1] (sRGB) and nearness 1 / (1 + depth in m). */
const PIXEL = 4;

/**
 * Puts a camera on the model's clock: the last frame of each tick, averaged to side x side pixels (a smaller one is spread, each cell the
 * nearest pixel), patch after patch.
 *
 * @param side of the picture, and `patch` of its square patches, in pixels; `side` is a multiple of `patch`.
 */
export function pictureTrack(
  { description, rows, timeNs, values }: StreamData,
  ticks: number,
  tickHz: number,
  { picture: side, patch }: { readonly picture: number; readonly patch: number },
): ChannelTrack {
  const [height, width] = description.fields.find(({ name }) => name === 'colour')!.shape as [number, number];
  const { name, kind } = description;
  const track = emptyTrack(
    { name, form: 'picture', shape: [side, side, PIXEL], stream: { name, kind } },
    ticks,
  );
  const size = side * side * PIXEL;
  const place = patchOrder(side, patch);
  const [rowsOf, columnsOf] = [spansOf(side, height), spansOf(side, width)];
  const frameOfTick = new Map<number, number>();
  for (let row = 0; row < rows; row++) frameOfTick.set(tickOf(secondsFromNs(timeNs[row]!), tickHz), row);
  for (const [tick, row] of frameOfTick) {
    if (tick >= ticks) continue;
    track.sensed[tick] = 1;
    const into = track.values.subarray(tick * size, (tick + 1) * size);
    shrink(into, values.colour!, values.depthM, row * height * width, rowsOf, columnsOf, place);
  }
  return track;
}

/** Where the pixel (row-major) of a picture lies in the order of its patches: [side * side]. */
export function patchOrder(side: number, patch: number): Int32Array {
  const across = side / patch;
  return Int32Array.from({ length: side * side }, (_, pixel) => {
    const [y, x] = [Math.floor(pixel / side), pixel % side];
    const which = Math.floor(y / patch) * across + Math.floor(x / patch);
    return which * patch * patch + (y % patch) * patch + (x % patch);
  });
}

/** Brings pictures [.., side, side, 4] from the order of their patches to rows of pixels, in a new array. */
export function toRows(values: Float32Array, side: number, patch: number): Float32Array {
  return reorder(values, side, patch, (pixel, place) => [pixel, place]);
}

/** Brings pictures [.., side, side, 4] from rows of pixels to the order of their patches, in a new array. */
export function toPatches(values: Float32Array, side: number, patch: number): Float32Array {
  return reorder(values, side, patch, (pixel, place) => [place, pixel]);
}

/** Moves each pixel of each picture to `to`, from `from`. */
function reorder(
  values: Float32Array,
  side: number,
  patch: number,
  move: (pixel: number, place: number) => readonly [to: number, from: number],
): Float32Array {
  const place = patchOrder(side, patch);
  const moved = new Float32Array(values.length);
  for (let first = 0; first < values.length; first += side * side * PIXEL) {
    for (let pixel = 0; pixel < side * side; pixel++) {
      const [to, from] = move(pixel, place[pixel]!);
      for (let part = 0; part < PIXEL; part++)
        moved[first + to * PIXEL + part] = values[first + from * PIXEL + part]!;
    }
  }
  return moved;
}

/** Averages pixels into the cells of a side x side grid; where the picture is coarser than the grid, a cell takes the nearest. */
function shrink(
  picture: Float32Array,
  colour: TypedArray,
  depthM: TypedArray | undefined,
  first: number,
  rowsOf: readonly Span[],
  columnsOf: readonly Span[],
  place: Int32Array,
): void {
  const side = columnsOf.length;
  // Spans cover an axis to its end.
  const width = columnsOf.at(-1)!.end;
  for (let index = 0; index < side * side; index++) {
    const cell = place[index]! * PIXEL;
    const rows = rowsOf[Math.floor(index / side)]!;
    const columns = columnsOf[index % side]!;
    for (let y = rows.first; y < rows.end; y++) {
      for (let x = columns.first; x < columns.end; x++) {
        const pixel = first + y * width + x;
        for (let channel = 0; channel < 3; channel++)
          picture[cell + channel]! += colour[pixel * 3 + channel]! / 255;
        picture[cell + 3]! += depthM === undefined ? 0 : 1 / (1 + depthM[pixel]!);
      }
    }
    const count = (rows.end - rows.first) * (columns.end - columns.first);
    for (let part = 0; part < PIXEL; part++) picture[cell + part]! /= count;
  }
}

/** Pixels from `first` to before `end` along one axis. */
interface Span {
  readonly first: number;
  readonly end: number;
}

/** Which of an axis's pixels each cell takes: those that begin in it, or, where none does, the one at its middle. */
function spansOf(side: number, pixels: number): readonly Span[] {
  const cells = Array.from({ length: pixels }, (_, pixel) => Math.floor((pixel * side) / pixels));
  return Array.from({ length: side }, (_, cell) => {
    const first = cells.indexOf(cell);
    if (first >= 0) return { first, end: cells.lastIndexOf(cell) + 1 };
    const middle = Math.floor(((cell + 0.5) * pixels) / side);
    return { first: middle, end: middle + 1 };
  });
}
