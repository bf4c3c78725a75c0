import { luma } from '../../metrics/image.js';
import { PICTURE, SIDE } from './clip.js';
import { pictureAt } from './score.js';

/**
 * How all of a picture moves: a point that lies at (x, y) from the middle in the later picture lay at
 * (x + dx + a x + b y, y + dy + c x + d y) in the earlier one. Pixels.
 */
export type GlobalMotion = readonly [dx: number, dy: number, a: number, b: number, c: number, d: number];

/** What may move: a shift alone, or turning, growing and shearing too. */
export type MotionKind = 'shift' | 'affine';

const ROUNDS = 20;
const MIDDLE = (SIDE - 1) / 2;
/** The edge is left out: there pictures show what the other does not. */
const EDGE = 4;

/**
 * Finds the motion that brings two pictures together by least squares on their brightness, with the slopes of the later one (Lucas and Kanade
 * 1981), from coarse to fine by blurring both.
 *
 * @param earlier and later, each [SIDE, SIDE, 3].
 * @returns no motion where none is found that keeps most of the picture in sight.
 */
export function findMotion(earlier: Float32Array, later: Float32Array, kind: MotionKind): GlobalMotion {
  let motion = STILL;
  const [a, b] = [luma(pictureAt(earlier, 0)), luma(pictureAt(later, 0))];
  for (const blur of [4, 2, 0]) {
    const from = blurred(a, blur);
    const slopes = slopesOf(blurred(b, blur), kind);
    for (let round = 0; round < ROUNDS; round++) {
      const step = solveStep(from, slopes, motion);
      if (step === null) return motion;
      motion = motion.map((value, index) => value + (step[index] ?? 0)) as unknown as GlobalMotion;
      if (!isLikely(motion)) return STILL;
      if (step.every((value) => Math.abs(value) < 1e-3)) break;
    }
  }
  return motion;
}

const STILL: GlobalMotion = [0, 0, 0, 0, 0, 0];

function isLikely(motion: GlobalMotion): boolean {
  return motion.every((value, index) => Math.abs(value) < (index < 2 ? SIDE / 4 : 0.3));
}

/** Moves a picture on by `times` the motion that brought it here; what comes in from outside repeats the edge. The result is new. */
export function moveOn(
  picture: Float32Array,
  [dx, dy, a, b, c, d]: GlobalMotion,
  times: number,
): Float32Array {
  const moved = new Float32Array(PICTURE);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const [x, y] = [column - MIDDLE, row - MIDDLE];
      const fromX = column + times * (dx + a * x + b * y);
      const fromY = row + times * (dy + c * x + d * y);
      for (let colour = 0; colour < 3; colour++)
        moved[(row * SIDE + column) * 3 + colour] = sample(picture, fromX, fromY, 3, colour);
    }
  }
  return moved;
}

/** How brightness changes with each number of the motion, at every pixel but the edge's. */
interface Slopes {
  readonly to: Float64Array;
  /** [pixels, size] */
  readonly rows: Float64Array;
  readonly size: number;
  /** Sums of products, without the right-hand side. */
  readonly normal: readonly Float64Array[];
}

function slopesOf(to: Float64Array, kind: MotionKind): Slopes {
  const size = kind === 'shift' ? 2 : 6;
  const rows = new Float64Array(SIDE * SIDE * size);
  const normal = Array.from({ length: size }, () => new Float64Array(size));
  for (let y = EDGE; y < SIDE - EDGE; y++) {
    for (let x = EDGE; x < SIDE - EDGE; x++) {
      const pixel = y * SIDE + x;
      const [u, v] = [x - MIDDLE, y - MIDDLE];
      const gx = (to[pixel + 1]! - to[pixel - 1]!) / 2;
      const gy = (to[pixel + SIDE]! - to[pixel - SIDE]!) / 2;
      const row = rows.subarray(pixel * size, (pixel + 1) * size);
      row.set(kind === 'shift' ? [gx, gy] : [gx, gy, gx * u, gx * v, gy * u, gy * v]);
      for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) normal[i]![j]! += row[i]! * row[j]!;
    }
  }
  return { to, rows, size, normal };
}

/** One step of Gauss and Newton; null where the pictures are too plain to tell. */
function solveStep(
  from: Float64Array,
  { to, rows, size, normal }: Slopes,
  motion: GlobalMotion,
): number[] | null {
  const sums = new Float64Array(size);
  for (let y = EDGE; y < SIDE - EDGE; y++) {
    for (let x = EDGE; x < SIDE - EDGE; x++) {
      const [u, v] = [x - MIDDLE, y - MIDDLE];
      const fromX = x + motion[0] + motion[2] * u + motion[3] * v;
      const fromY = y + motion[1] + motion[4] * u + motion[5] * v;
      const pixel = y * SIDE + x;
      const difference = to[pixel]! - sample(from, fromX, fromY, 1, 0);
      for (let i = 0; i < size; i++) sums[i]! += rows[pixel * size + i]! * difference;
    }
  }
  return solve(normal.map((row, i) => Float64Array.of(...row, sums[i]!)));
}

/** Gauss's elimination with the largest pivot; null where there is none. */
function solve(rows: Float64Array[]): number[] | null {
  const size = rows.length;
  for (let i = 0; i < size; i++) {
    const pivot = rows
      .slice(i)
      .reduce((best, row, k) => (Math.abs(row[i]!) > Math.abs(rows[best]![i]!) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    if (Math.abs(rows[i]![i]!) < 1e-6) return null;
    for (let k = 0; k < size; k++) {
      if (k === i) continue;
      const factor = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= size; j++) rows[k]![j]! -= factor * rows[i]![j]!;
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!);
}

function sample(values: ArrayLike<number>, x: number, y: number, channels: number, channel: number): number {
  const cx = x < 0 ? 0 : x > SIDE - 1 ? SIDE - 1 : x;
  const cy = y < 0 ? 0 : y > SIDE - 1 ? SIDE - 1 : y;
  const x0 = Math.min(SIDE - 2, Math.floor(cx));
  const y0 = Math.min(SIDE - 2, Math.floor(cy));
  const at = (y0 * SIDE + x0) * channels + channel;
  const below = at + SIDE * channels;
  const upper = values[at]! + (values[at + channels]! - values[at]!) * (cx - x0);
  const lower = values[below]! + (values[below + channels]! - values[below]!) * (cx - x0);
  return upper + (lower - upper) * (cy - y0);
}

/** Means over squares of 2 radius + 1 pixels. */
function blurred(values: Float64Array, radius: number): Float64Array {
  if (radius === 0) return values;
  const along = (from: Float64Array, step: number, line: number): Float64Array =>
    from.map((_, index) => {
      const place = Math.floor(index / step) % SIDE;
      let [sum, count] = [0, 0];
      for (let k = Math.max(-radius, -place); k <= Math.min(radius, line - 1 - place); k++) {
        sum += from[index + k * step]!;
        count += 1;
      }
      return sum / count;
    });
  return along(along(values, 1, SIDE), SIDE, SIDE);
}
