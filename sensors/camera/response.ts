import { UmweltError } from '../../core/errors.js';
import { pow } from '../../core/math/exact.js';
import type { NoiseSource } from '../noise.js';
import { demosaic, mosaic } from './bayer.js';
import type { CameraSpecification } from './specification.js';

const STEPS = 65_535;
/** [65536] 8 bits of sRGB by step of linear light. */
export const SRGB = tabulateSrgb();

/** IEC 61966-2-1, from linear light in [0, 1] to 8 bits. */
function tabulateSrgb(): Uint8Array {
  const table = new Uint8Array(STEPS + 1);
  for (let step = 0; step <= STEPS; step++) {
    const linear = step / STEPS;
    const encoded = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055;
    table[step] = Math.round(encoded * 255);
  }
  return table;
}

/** An image sensor: how light becomes numbers, with what is the same in all of its frames. */
export interface Response {
  readonly width: number;
  readonly height: number;
  readonly exposure: number;
  readonly fullWellElectrons: number;
  readonly readNoiseElectrons: number;
  readonly whiteBalance: readonly [number, number, number];
  /** Whether each site measures one colour only (RGGB). */
  readonly bayer: boolean;
  /** [sites] sensitivity of each site over the mean (PRNU); null where all are alike. */
  readonly gains: Float32Array | null;
  /** [sites] dark signal of each site beyond the mean, share of the full well (DSNU); null where all are alike. */
  readonly offsets: Float32Array | null;
  /** [height, width] what the sites behind a Bayer filter read; empty without one. Scratch. */
  readonly raw: Float32Array;
  /** [height, width, 3] red, green and blue before white balance, share of the full well. Scratch. */
  readonly linear: Float32Array;
}

/**
 * Makes an image sensor: a site a pixel and colour, or a site a pixel behind a Bayer filter.
 *
 * @param name of the sensor, for messages.
 * @param pattern of the fixed pattern, the same for all frames; null for a sensor whose sites are alike.
 * @throws UmweltError `invalid-input` when a Bayer sensor is narrower than its pattern.
 */
export function createResponse(
  name: string,
  {
    width,
    height,
    exposure,
    response,
  }: Pick<CameraSpecification, 'width' | 'height' | 'exposure' | 'response'>,
  pattern: NoiseSource | null,
): Response {
  const { bayer, prnu, dsnuElectrons, ...rest } = response;
  if (bayer && (width < 2 || height < 2)) {
    throw new UmweltError(
      'invalid-input',
      { sensor: name, width, height },
      `sensors.${name}.response.bayer: expected an image of 2 x 2 pixels or more, got ${width} x ${height}; ` +
        'widen the image or leave the pattern out',
    );
  }
  const sites = width * height * (bayer ? 1 : 3);
  const draw = (deviation: number): Float32Array | null => {
    if (pattern === null || deviation === 0) return null;
    return Float32Array.from({ length: sites }, () => deviation * pattern.next());
  };
  return {
    ...rest,
    width,
    height,
    exposure,
    bayer,
    gains: draw(prnu)?.map((value) => Math.max(0, 1 + value)) ?? null,
    offsets: draw(dsnuElectrons / rest.fullWellElectrons),
    raw: new Float32Array(bayer ? sites : 0),
    linear: new Float32Array(width * height * 3),
  };
}

/**
 * Develops linear radiance into sRGB: exposure, photo response, photon shot noise, read noise, dark signal, clipping at the
 * full well, demosaicing, white balance, transfer curve, 8 bits.
 *
 * In electrons, a site that expects m of them reads g m + d with variance g m + read^2 (EMVA 1288 release 4.0, linear
 * model; the mean dark signal is taken off). Photon counts are taken as normal, which at 10,000 electrons they are to
 * within half a grey level.
 *
 * @param colour [pixels, 3], overwritten.
 * @param radiance [pixels, 3] linear, 0 or more; 1 at exposure 1 fills the well.
 * @param noise of this frame; null for a noiseless sensor, whose fixed pattern is left out too.
 */
export function develop(
  colour: Uint8Array,
  radiance: Float32Array,
  response: Response,
  noise: NoiseSource | null,
): void {
  const { bayer, gains, offsets, raw, linear, whiteBalance, width, height } = response;
  const [red, green, blue] = whiteBalance;
  if (!bayer && gains === null && offsets === null && red === 1 && green === 1 && blue === 1) {
    developEven(colour, radiance, response, noise);
    return;
  }
  if (bayer) {
    mosaic(raw, radiance, width, height);
    expose(raw, raw, response, noise);
    demosaic(linear, raw, width, height);
  } else {
    expose(linear, radiance, response, noise);
  }
  const curve = SRGB;
  for (let index = 0; index < linear.length; index += 3) {
    colour[index] = encodeSrgb(curve, linear[index]! * red);
    colour[index + 1] = encodeSrgb(curve, linear[index + 1]! * green);
    colour[index + 2] = encodeSrgb(curve, linear[index + 2]! * blue);
  }
}

/** The commonest sensor in one pass: sites that are alike, each colour measured in each pixel and left as it is. */
function developEven(
  colour: Uint8Array,
  radiance: Float32Array,
  { exposure, fullWellElectrons, readNoiseElectrons }: Response,
  noise: NoiseSource | null,
): void {
  // A local name: a module's own would be looked up for every value.
  const curve = SRGB;
  if (noise === null) {
    for (let index = 0; index < radiance.length; index++) {
      colour[index] = encodeSrgb(curve, radiance[index]! * exposure);
    }
    return;
  }
  const shot = 1 / fullWellElectrons;
  const dark = (readNoiseElectrons / fullWellElectrons) * (readNoiseElectrons / fullWellElectrons);
  for (let index = 0; index < radiance.length; index++) {
    const light = radiance[index]! * exposure;
    colour[index] = encodeSrgb(curve, light + Math.sqrt(light * shot + dark) * noise.next());
  }
}

/** Turns the light on each site into what it reads, as a share of the full well; less than 0 where noise exceeds the light. */
function expose(
  read: Float32Array,
  light: Float32Array,
  { exposure, fullWellElectrons, readNoiseElectrons, gains, offsets }: Response,
  noise: NoiseSource | null,
): void {
  const shot = 1 / fullWellElectrons;
  const dark = (readNoiseElectrons / fullWellElectrons) * (readNoiseElectrons / fullWellElectrons);
  for (let site = 0; site < light.length; site++) {
    let signal = light[site]! * exposure;
    if (noise !== null) {
      if (gains !== null) signal *= gains[site]!;
      signal += Math.sqrt(signal * shot + dark) * noise.next();
      if (offsets !== null) signal += offsets[site]!;
    }
    read[site] = signal < 1 ? signal : 1;
  }
}

/** Turns linear light into 8 bits of sRGB (IEC 61966-2-1), to a 65,536th of full scale; clips at both ends. */
function encodeSrgb(curve: Uint8Array, linear: number): number {
  const least = linear > 0 ? linear : 0;
  return curve[((least < 1 ? least : 1) * STEPS + 0.5) | 0]!;
}
