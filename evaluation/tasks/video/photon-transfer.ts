import { decodeLevel } from './camera-law.js';

/** Pictures of one camera, one after the other. */
export interface Frames {
  readonly width: number;
  readonly height: number;
  readonly count: number;
  /** [count, height, width, 3] sRGB. */
  readonly colour: ArrayLike<number>;
}

/** How much readings vary where the picture is about this bright. */
export interface TransferPoint {
  /** Mean, grey levels. */
  readonly level: number;
  /** Of one reading, squared grey levels. */
  readonly variance: number;
  /** Blocks of pixels behind it. */
  readonly blocks: number;
}

/** What a stretch of video tells of its camera. */
export interface Photometry {
  readonly curve: readonly TransferPoint[];
  /** Median over pixels and colours of linear light, share of full scale. */
  readonly medianLight: number;
  /** Share of blocks in which nothing at all differs from one frame to the next: the codec, or the robot's arm, has copied them. */
  readonly copied: number;
}

/** Side of a block, pixels. */
const SIDE = 8;
const PIXELS = SIDE * SIDE;
/** Mean and plane are taken off. */
const FREEDOM = PIXELS - 3;
/** Grey levels of a bin. Blacker and whiter blocks are clipped, or are a frame around the picture. */
const BIN = 8;
const BLACK = 4;
const WHITE = 248;
/** The flattest of a bin's blocks count: what moves there changes little. */
const FLATTEST = 0.25;
/** A bin with fewer blocks than this is left out. */
const FEWEST_BLOCKS = 40;
/** Squared grey levels that a block varies by, noise and texture, whose motion would not count. */
const FAINT = 25;
/** What is textured has kept still where the difference has less than this share of the texture: it moved by a tenth of a pixel. */
const STILL = 0.01;
/** Neighbouring pixels of a difference as independent as this are noise as the sensor makes it; texture and a codec's noise are not. */
const WHITE_NOISE = 0.7;
/** Median of a chi-squared variable over its mean (Wilson and Hilferty 1931). */
const MEDIAN_OF_VARIANCE = (1 - 2 / (9 * FREEDOM)) ** 3;

interface Block {
  readonly level: number;
  /** Half the variance of the sum, squared grey levels: the noise of one reading and twice what the scene varies. */
  readonly texture: number;
  /** Half the variance of the difference. */
  readonly variance: number;
  /** Share of it that a white difference would have between neighbouring pixels: 1 for white noise, 0 for a blur. */
  readonly whiteness: number;
}

/**
 * Measures a photon-transfer curve (Janesick 2007; EMVA 1288, 6.6) from video in which things move.
 *
 * Half the variance of the difference of two frames is that of one reading; what is the same in both, the scene and the
 * sensor's fixed pattern, drops out. Motion does not: so the difference's mean and plane are taken off each block of 8 x 8 pixels,
 * which is what a gradient and a curvature that shift leave; the blocks whose sum over the two frames is flattest are
 * kept (the sum of two readings with equal noise tells nothing of their difference, so that choosing by it does not choose quiet
 * noise); the median over blocks is taken; and levels at which all that there is has texture and moves are left out. So are
 * blocks in which nothing differs: they were not read anew. What moves by so much that nothing of it is left in the next frame, at the scale
 * of a pixel, cannot be told from noise.
 */
export function measurePhotometry(frames: Frames): Photometry {
  const bins = new Map<number, Block[]>();
  let [copied, blocks] = [0, 0];
  for (const block of blocksOf(frames)) {
    blocks++;
    if (block.variance === 0) {
      copied++;
      continue;
    }
    if (block.level < BLACK || block.level >= WHITE) continue;
    const bin = Math.floor((block.level - BLACK) / BIN);
    const known = bins.get(bin);
    if (known === undefined) bins.set(bin, [block]);
    else known.push(block);
  }
  const curve = [...bins]
    .sort(([a], [b]) => a - b)
    .flatMap(([, found]) => (found.length < FEWEST_BLOCKS ? [] : pointOf(found)));
  return { curve, medianLight: medianLight(frames), copied: blocks === 0 ? 0 : copied / blocks };
}

/** The point of a bin; none where things move. */
function pointOf(found: readonly Block[]): readonly TransferPoint[] {
  const kept = [...found].sort((a, b) => a.texture - b.texture).slice(0, Math.ceil(FLATTEST * found.length));
  const level = kept.reduce((sum, block) => sum + block.level, 0) / kept.length;
  const middle = medianOf(kept.map(({ variance }) => variance));
  const texture = medianOf(kept.map((block) => block.texture));
  const whiteness = medianOf(kept.map((block) => block.whiteness));
  if (texture > FAINT && middle > STILL * texture && whiteness < WHITE_NOISE) return [];
  return [{ level, variance: middle / MEDIAN_OF_VARIANCE, blocks: kept.length }];
}

function* blocksOf({ width, height, count, colour }: Frames): Generator<Block> {
  const size = width * height * 3;
  const sum = new Float64Array(PIXELS);
  const difference = new Float64Array(PIXELS);
  for (let frame = 1; frame < count; frame++) {
    for (let top = 0; top + SIDE <= height; top += SIDE) {
      for (let left = 0; left + SIDE <= width; left += SIDE) {
        for (let channel = 0; channel < 3; channel++) {
          let total = 0;
          for (let pixel = 0; pixel < PIXELS; pixel++) {
            const place = (top + Math.floor(pixel / SIDE)) * width + left + (pixel % SIDE);
            const now = colour[frame * size + place * 3 + channel]!;
            const before = colour[(frame - 1) * size + place * 3 + channel]!;
            sum[pixel] = now + before;
            difference[pixel] = now - before;
            total += now + before;
          }
          const variance = residualVariance(difference) / 2;
          yield {
            level: total / (2 * PIXELS),
            texture: residualVariance(sum) / 2,
            variance,
            whiteness: variance === 0 ? 0 : roughness(difference) / 2 / variance,
          };
        }
      }
    }
  }
}

/** Variance of a block about its least-squares plane; 0 exactly where all are the same. */
function residualVariance(values: Float64Array): number {
  let [mean, acrossX, acrossY, squares] = [0, 0, 0, 0];
  for (let pixel = 0; pixel < PIXELS; pixel++) {
    const value = values[pixel]!;
    mean += value;
    acrossX += value * ((pixel % SIDE) - (SIDE - 1) / 2);
    acrossY += value * (Math.floor(pixel / SIDE) - (SIDE - 1) / 2);
    squares += value * value;
  }
  // Sum over a block of the squared distance from its middle along one axis.
  const spread = (PIXELS * (SIDE * SIDE - 1)) / 12;
  const left = squares - (mean * mean) / PIXELS - (acrossX ** 2 + acrossY ** 2) / spread;
  return left > 1e-9 ? left / FREEDOM : 0;
}

/** Mean square of a block under [1 -2 1] across and down (Immerkaer 1996), in which a plane is nothing and white noise its variance. */
function roughness(values: Float64Array): number {
  let squares = 0;
  for (let row = 1; row < SIDE - 1; row++) {
    for (let column = 1; column < SIDE - 1; column++) {
      const at = row * SIDE + column;
      const bend = (middle: number): number =>
        values[middle - 1]! - 2 * values[middle]! + values[middle + 1]!;
      squares += (bend(at - SIDE) - 2 * bend(at) + bend(at + SIDE)) ** 2;
    }
  }
  return squares / (SIDE - 2) ** 2 / 36;
}

function medianLight({ width, height, count, colour }: Frames): number {
  const histogram = new Float64Array(256);
  const values = width * height * count * 3;
  for (let index = 0; index < values; index++) histogram[colour[index]!]!++;
  let [below, level] = [0, 0];
  while (level < 255 && below + histogram[level]! < values / 2) below += histogram[level++]!;
  // A level stands for what rounds to it.
  const within = histogram[level]! > 0 ? (values / 2 - below) / histogram[level]! : 0.5;
  return decodeLevel(Math.min(255, Math.max(0, level - 0.5 + within)));
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
