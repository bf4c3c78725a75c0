import { randomStream } from '../../core/random.js';
import type { Picture } from '../metrics/image.js';

/** How many numbers a picture is encoded into. */
export const CODE_WIDTH = 32;
const SIDE = 32;
const CHANNELS = [3, 8, 16, CODE_WIDTH] as const;

/**
 * Encodes a picture by a small frozen network: averaged to 32 x 32 and scaled to -1 to 1, then three convolutions of 3 x 3 with a
 * stride of 2, 8, 16 and 32 channels and rectifiers, then the mean over places.
 *
 * Its weights are random (seed 0, normal, variance 2 / inputs) and never trained: random convolutions keep enough of texture, edges
 * and colour to tell pictures apart (Saxe et al., ICML 2011; Naeem et al., ICML 2020, for judging generators), but a distance of
 * these codes is no FID and compares only with others of this encoder.
 *
 * @param peak the largest value of a pixel.
 * @returns float64 [32].
 */
export function encodePicture(picture: Picture, peak = 255): Float64Array {
  let planes = shrink(picture, peak);
  let side = SIDE;
  for (const [layer, weights] of WEIGHTS.entries()) {
    planes = convolve(planes, side, CHANNELS[layer]!, CHANNELS[layer + 1]!, weights);
    side /= 2;
  }
  const places = side * side;
  return Float64Array.from({ length: CODE_WIDTH }, (_, channel) =>
    planes.subarray(channel * places, (channel + 1) * places).reduce((sum, value) => sum + value / places, 0),
  );
}

const WEIGHTS: readonly Float64Array[] = [0, 1, 2].map((layer) => {
  const inputs = CHANNELS[layer]! * 9;
  const random = randomStream(0, 'evaluation', 'picture-encoder', layer);
  const spread = Math.sqrt(2 / inputs);
  return Float64Array.from({ length: inputs * CHANNELS[layer + 1]! }, () => spread * random.normal());
});

/** Averages a picture over a grid of 32 x 32 cells: three planes, -1 to 1; grey ones are repeated. */
function shrink({ width, height, channels, values }: Picture, peak: number): Float64Array {
  const planes = new Float64Array(3 * SIDE * SIDE);
  const counts = new Float64Array(SIDE * SIDE);
  const cell = (at: number, size: number): number => Math.floor((at * SIDE) / size);
  // A picture smaller than the grid is read several times, a larger one averaged.
  const stepX = Math.max(1, Math.ceil(SIDE / width));
  const stepY = Math.max(1, Math.ceil(SIDE / height));
  for (let y = 0; y < height * stepY; y++) {
    for (let x = 0; x < width * stepX; x++) {
      const place = cell(y, height * stepY) * SIDE + cell(x, width * stepX);
      const pixel = (Math.floor(y / stepY) * width + Math.floor(x / stepX)) * channels;
      counts[place]!++;
      for (let colour = 0; colour < 3; colour++)
        planes[colour * SIDE * SIDE + place]! += values[pixel + (channels < 3 ? 0 : colour)]!;
    }
  }
  return planes.map((sum, at) => (2 * sum) / (peak * counts[at % (SIDE * SIDE)]!) - 1);
}

/** A convolution of 3 x 3 with a stride of 2, edges repeated, and a rectifier. */
function convolve(
  planes: Float64Array,
  side: number,
  inputs: number,
  outputs: number,
  weights: Float64Array,
): Float64Array {
  const half = side / 2;
  const out = new Float64Array(outputs * half * half);
  const inside = (at: number): number => Math.min(side - 1, Math.max(0, at));
  for (let output = 0; output < outputs; output++) {
    for (let place = 0; place < half * half; place++) {
      const [y, x] = [2 * Math.floor(place / half), 2 * (place % half)];
      let sum = 0;
      for (let input = 0; input < inputs; input++) {
        for (let tap = 0; tap < 9; tap++) {
          const row = inside(y + Math.floor(tap / 3) - 1);
          const column = inside(x + (tap % 3) - 1);
          sum +=
            weights[(output * inputs + input) * 9 + tap]! * planes[(input * side + row) * side + column]!;
        }
      }
      out[output * half * half + place] = Math.max(0, sum);
    }
  }
  return out;
}
