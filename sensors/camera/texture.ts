import { UmweltError } from '../../core/errors.js';
import { pow } from '../../core/math/exact.js';
import type { Vec3 } from '../../core/math/vector.js';
import type { Texture } from '../../scenarios/contract.js';

/** One level of an image pyramid: [height, width, 3] linear RGB, top row first. */
interface Level {
  readonly width: number;
  readonly height: number;
  readonly texels: Float32Array;
}

/** A texture made ready for sampling: images are decoded to linear light, with smaller copies for distant views. */
export interface PreparedTexture {
  readonly texture: Texture;
  readonly albedo: Vec3;
  /** From the full image to one texel; empty unless the texture is an image. */
  readonly levels: readonly Level[];
}

/** Octaves of fractal noise, each half as wide and half as strong as the one before. */
const OCTAVES = 5;
/** How much longer wood's features are along x. */
const GRAIN = 10;
/** Squares and bands are sampled this share of their size under the surface: a face that lies on a boundary does not speckle. */
const INWARD = 1e-3;

/**
 * Makes a texture ready, once a spec. Keeps a reference to it.
 *
 * @throws UmweltError `invalid-input` when an image's pixels are not those of its width and height.
 */
export function prepareTexture(texture: Texture, albedo: Vec3): PreparedTexture {
  if (texture.kind !== 'image') return { texture, albedo, levels: [] };
  const { file, width, height, srgb } = texture;
  if (!(width >= 1 && height >= 1) || srgb.length !== width * height * 3) {
    throw new UmweltError(
      'invalid-input',
      { file, width, height, values: srgb.length },
      `texture ${file}: expected width x height x 3 values of at least one pixel, got ${srgb.length} of ${width} x ${height}; ` +
        'load the scenario from its file, which reads the image',
    );
  }
  return { texture, albedo, levels: createPyramid(texture) };
}

/**
 * Samples the albedo of a textured surface at a point.
 *
 * Checkers and stripes are solid (cut from three-dimensional cells that meet at the body's origin) and box-filtered in
 * closed form over the pixel's width; noise is fractal value noise of the point (Perlin's sum of octaves) whose octaves fade
 * as they get narrower than a pixel; images are laid on the face that the normal points to most (box mapping), upright, unmirrored
 * and centred on the body's origin, and read trilinearly from a pyramid (Williams 1983).
 *
 * @param x with y, z the point in the body's frame, m.
 * @param nx with ny, nz the outward unit normal in the body's frame.
 * @param widthM of the pixel on the surface; 0 samples the point itself.
 * @param out [3] linear RGB, overwritten.
 */
export function sampleTexture(
  { texture, albedo, levels }: PreparedTexture,
  x: number,
  y: number,
  z: number,
  nx: number,
  ny: number,
  nz: number,
  widthM: number,
  out: Float64Array,
): void {
  if (texture.kind === 'image') {
    sampleImage(levels, texture.sizeM, x, y, z, nx, ny, nz, widthM, out);
    return;
  }
  const { sizeM } = texture;
  let share: number;
  if (!('seed' in texture)) {
    const width = widthM / sizeM;
    let wave = squareWave(x / sizeM - INWARD * nx, width * Math.sqrt(Math.max(0, 1 - nx * nx)));
    if (texture.kind === 'checker') {
      wave *= squareWave(y / sizeM - INWARD * ny, width * Math.sqrt(Math.max(0, 1 - ny * ny)));
      wave *= squareWave(z / sizeM - INWARD * nz, width * Math.sqrt(Math.max(0, 1 - nz * nz)));
    }
    share = 0.5 - 0.5 * wave;
  } else {
    const along = texture.kind === 'wood' ? sizeM * GRAIN : sizeM;
    share = fractalNoise(x / along, y / sizeM, z / sizeM, widthM / sizeM, texture.seed);
  }
  const { other } = texture;
  out[0] = albedo[0] + (other[0] - albedo[0]) * share;
  out[1] = albedo[1] + (other[1] - albedo[1]) * share;
  out[2] = albedo[2] + (other[2] - albedo[2]) * share;
}

/** Averages a square wave (+1 in [0, 1), -1 in [1, 2), period 2) over a window about x. */
function squareWave(x: number, width: number): number {
  if (width < 1e-6) return x - 2 * Math.floor(x / 2) < 1 ? 1 : -1;
  return (triangleWave(x + width / 2) - triangleWave(x - width / 2)) / width;
}

/** Integral of the square wave from 0. */
function triangleWave(x: number): number {
  const phase = x - 2 * Math.floor(x / 2);
  return phase < 1 ? phase : 2 - phase;
}

/** Fractal value noise in [0, 1] with features of size 1, spread so that both ends are reached. */
function fractalNoise(x: number, y: number, z: number, width: number, seed: number): number {
  let sum = 0;
  let amplitude = 0.5;
  let scale = 1;
  for (let octave = 0; octave < OCTAVES; octave++) {
    // A wave narrower than two pixels cannot be told from its mean, which is 0.
    const visible = 2 - 2 * width * scale;
    if (visible <= 0) break;
    const value = valueNoise(x * scale, y * scale, z * scale, (seed + Math.imul(octave, 0x9e3779b9)) | 0);
    sum += amplitude * (visible < 1 ? visible : 1) * value;
    amplitude /= 2;
    scale *= 2;
  }
  const share = 0.5 + sum;
  return share <= 0 ? 0 : share >= 1 ? 1 : share * share * (3 - 2 * share);
}

/** Value noise in [-1, 1]: random numbers on the integer lattice, joined by quintic steps (Perlin 2002). */
function valueNoise(x: number, y: number, z: number, seed: number): number {
  const left = Math.floor(x);
  const front = Math.floor(y);
  const low = Math.floor(z);
  const a = quintic(x - left);
  const b = quintic(y - front);
  const c = quintic(z - low);
  let value = 0;
  for (let corner = 0; corner < 8; corner++) {
    const i = corner & 1;
    const j = (corner >> 1) & 1;
    const k = corner >> 2;
    const weight = (i ? a : 1 - a) * (j ? b : 1 - b) * (k ? c : 1 - c);
    value += weight * latticeValue((left + i) | 0, (front + j) | 0, (low + k) | 0, seed);
  }
  return value;
}

function quintic(t: number): number {
  return t * t * t * (t * (t * 6 - 15) + 10);
}

/** A random number in [-1, 1) of a lattice point, by Wellons' lowbias32 over a mix of its coordinates. */
function latticeValue(x: number, y: number, z: number, seed: number): number {
  let bits = Math.imul(x, 0x8da6b343) ^ Math.imul(y, 0xd8163841) ^ Math.imul(z, 0xcb1ab31f) ^ seed;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) * 2 ** -31;
}

function sampleImage(
  levels: readonly Level[],
  sizeM: number,
  x: number,
  y: number,
  z: number,
  nx: number,
  ny: number,
  nz: number,
  widthM: number,
  out: Float64Array,
): void {
  const full = levels[0]!;
  const ax = Math.abs(nx);
  const ay = Math.abs(ny);
  const az = Math.abs(nz);
  // Right and up of the face, seen from outside; on top and bottom, up is the body's y.
  const face = az >= ax && az >= ay ? 2 : ax >= ay ? 0 : 1;
  const right = face === 2 ? (nz < 0 ? -x : x) : face === 0 ? (nx < 0 ? -y : y) : ny < 0 ? x : -x;
  const up = face === 2 ? y : z;
  const u = 0.5 + right / sizeM;
  const v = 0.5 - (up * full.width) / (sizeM * full.height);
  let texels = (widthM * full.width) / sizeM;
  let level = 0;
  while (texels > 2 && level + 1 < levels.length) {
    texels /= 2;
    level += 1;
  }
  const blend = level + 1 < levels.length && texels > 1 ? texels - 1 : 0;
  out.fill(0);
  addBilinear(levels[level]!, u, v, 1 - blend, out);
  if (blend > 0) addBilinear(levels[level + 1]!, u, v, blend, out);
}

/** Adds the weighted colour of a level at (u, v) in image widths and heights, which repeats. */
function addBilinear(
  { width, height, texels }: Level,
  u: number,
  v: number,
  weight: number,
  out: Float64Array,
): void {
  const x = (u - Math.floor(u)) * width - 0.5;
  const y = (v - Math.floor(v)) * height - 0.5;
  const column = Math.floor(x);
  const row = Math.floor(y);
  const a = x - column;
  const b = y - row;
  const left = column < 0 ? width - 1 : column;
  const right = column + 1 >= width ? 0 : column + 1;
  const top = row < 0 ? height - 1 : row;
  const bottom = row + 1 >= height ? 0 : row + 1;
  for (let channel = 0; channel < 3; channel++) {
    const above =
      (1 - a) * texels[(top * width + left) * 3 + channel]! +
      a * texels[(top * width + right) * 3 + channel]!;
    const below =
      (1 - a) * texels[(bottom * width + left) * 3 + channel]! +
      a * texels[(bottom * width + right) * 3 + channel]!;
    out[channel] = out[channel]! + weight * ((1 - b) * above + b * below);
  }
}

function createPyramid({ width, height, srgb }: Extract<Texture, { kind: 'image' }>): Level[] {
  const decoded = Float32Array.from({ length: 256 }, (_, value) => decodeSrgb(value / 255));
  let level: Level = { width, height, texels: Float32Array.from(srgb, (value) => decoded[value]!) };
  const levels = [level];
  while (level.width > 1 || level.height > 1) {
    level = halve(level);
    levels.push(level);
  }
  return levels;
}

/** Turns an sRGB value in [0, 1] into linear light (IEC 61966-2-1). */
export function decodeSrgb(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : pow((encoded + 0.055) / 1.055, 2.4);
}

/** Averages an image to half its width and height, rounded up; of an odd one, the last texels stand for two. */
function halve({ width, height, texels }: Level): Level {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const averaged = new Float32Array(half.width * half.height * 3);
  for (let row = 0; row < half.height; row++) {
    const below = Math.min(2 * row + 1, height - 1);
    for (let column = 0; column < half.width; column++) {
      const right = Math.min(2 * column + 1, width - 1);
      for (let channel = 0; channel < 3; channel++) {
        averaged[(row * half.width + column) * 3 + channel] =
          (texels[(2 * row * width + 2 * column) * 3 + channel]! +
            texels[(2 * row * width + right) * 3 + channel]! +
            texels[(below * width + 2 * column) * 3 + channel]! +
            texels[(below * width + right) * 3 + channel]!) /
          4;
      }
    }
  }
  return { ...half, texels: averaged };
}
