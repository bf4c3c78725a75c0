import sharp, { type Sharp } from 'sharp';

/** Larger than any camera's picture. */
const MOST_PIXELS = 2 ** 26;

export interface DecodedPicture {
  readonly width: number;
  readonly height: number;
  /** [height, width, 3] sRGB, top row first; the caller's. */
  readonly colour: Uint8Array;
}

/**
 * Reads how large a JPEG, PNG, WebP or AVIF picture is, without decoding it.
 *
 * @throws Error when the bytes are no picture.
 */
export async function pictureSize(
  bytes: Uint8Array,
): Promise<{ readonly width: number; readonly height: number }> {
  const { width, height, autoOrient } = await open(bytes).metadata();
  return autoOrient ?? { width, height };
}

/**
 * Decodes a JPEG, PNG, WebP or AVIF picture; transparency is dropped, and a picture that says so is turned upright.
 *
 * @throws Error when the bytes are no picture or a broken one.
 */
export async function decodePicture(bytes: Uint8Array): Promise<DecodedPicture> {
  const { data, info } = await open(bytes)
    .autoOrient()
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`expected 3 channels, got ${info.channels}`);
  return { width: info.width, height: info.height, colour: new Uint8Array(data) };
}

function open(bytes: Uint8Array): Sharp {
  return sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'warning' });
}
