import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { describeCause, UmweltError } from '../../core/errors.js';
import type { SensorSample, StreamDescription } from '../contract.js';
import { paintDepth, paintLabels, paintScalars } from './colour-map.js';
import { drawText, textHeight } from './lettering.js';
import { beside, enlarge, type Picture } from './picture.js';

/** Pictures are enlarged to at least about this many pixels across. */
const READABLE_PX = 384;
const GAP_PX = 12;
const LETTER_PX = 3;

/**
 * Paints the fields of one sample of a camera for people: `colour` as it is, `depthM` from near (yellow) to far (blue),
 * `instance` in distinct colours; grey where there is nothing.
 *
 * @returns a picture a field, at the camera's size, in the order of the stream's fields.
 * @throws UmweltError `invalid-input` when the stream is not a camera's or the sample is not of this stream.
 */
export function paintFrame(sample: SensorSample, stream: StreamDescription): Record<string, Picture> {
  if (stream.kind !== 'camera' || sample.stream !== stream.name) {
    throw new UmweltError(
      'invalid-input',
      { stream: stream.name, kind: stream.kind, sample: sample.stream },
      `frame pictures: expected a sample of a camera, got one of stream ${sample.stream} with the description of ` +
        `${stream.name}, which is of kind ${stream.kind}`,
    );
  }
  return Object.fromEntries(
    stream.fields.map(({ name, shape: [height = 0, width = 0] }) => {
      const values = sample.values[name];
      const channels = name === 'colour' ? 3 : 1;
      if (values?.length !== height * width * channels) {
        throw new UmweltError(
          'invalid-input',
          { stream: stream.name, field: name, length: values?.length },
          `frame pictures: expected ${height * width * channels} values of field ${name} of stream ${stream.name}, ` +
            `got ${values?.length ?? 'none'}`,
        );
      }
      return [name, paint(name, values, width, height)];
    }),
  );
}

function paint(field: string, values: ArrayLike<number>, width: number, height: number): Picture {
  switch (field) {
    case 'colour':
      return { width, height, rgb: Uint8Array.from(values) };
    case 'instance':
      return paintLabels(values, width, height);
    case 'depthM':
      return paintDepth(values, width, height);
    default:
      return paintScalars(values, width, height);
  }
}

/**
 * Writes the pictures of one sample of a camera as PNG files: one a field, `<stream>-<field>.png`, and `<stream>.png` with all
 * of them side by side over their names, enlarged by a whole factor. Creates the directory; overwrites.
 *
 * @returns the paths: the fields in order, then the overview.
 * @throws UmweltError `invalid-input` as `paintFrame`, `io` when a file cannot be written.
 */
export async function writeFramePictures(
  sample: SensorSample,
  stream: StreamDescription,
  directory: string,
): Promise<string[]> {
  const pictures = Object.entries(paintFrame(sample, stream)).map(([field, picture]) => {
    const factor = Math.max(1, Math.ceil(READABLE_PX / picture.width));
    return { field, file: `${stream.name}-${field}.png`, picture: enlarge(picture, factor) };
  });
  const overview = beside(
    pictures.map(({ field, picture }) => captioned(picture, caption(field, sample.values[field]!))),
    GAP_PX,
  );
  const paths: string[] = [];
  for (const { file, picture } of [...pictures, { file: `${stream.name}.png`, picture: overview }]) {
    const path = join(directory, file);
    await writePng(picture, path);
    paths.push(path);
  }
  return paths;
}

/** Names a field, with the range of depths for depth. */
function caption(field: string, values: ArrayLike<number>): string {
  if (field !== 'depthM') return field;
  const depths = Array.from(values).filter(Number.isFinite);
  if (depths.length === 0) return 'depth';
  const nearest = depths.reduce((least, depth) => Math.min(least, depth));
  const farthest = depths.reduce((most, depth) => Math.max(most, depth));
  return `depth ${nearest.toFixed(2)} - ${farthest.toFixed(2)} m`;
}

/** Adds a white strip with a line of text below a picture. */
function captioned({ width, height, rgb }: Picture, text: string): Picture {
  const tall = height + textHeight(LETTER_PX) + 2 * LETTER_PX;
  const picture = { width, height: tall, rgb: new Uint8Array(width * tall * 3).fill(255) };
  picture.rgb.set(rgb);
  drawText(picture, text, 0, height + LETTER_PX * 2, LETTER_PX);
  return picture;
}

/**
 * Writes a picture as a PNG file; creates its directory; overwrites.
 *
 * @throws UmweltError `io` when the file cannot be written.
 */
export async function writePng({ width, height, rgb }: Picture, path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await sharp(rgb, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(path);
  } catch (cause) {
    throw new UmweltError(
      'io',
      { path },
      `picture ${path}: expected to write a PNG file, got: ${describeCause(cause)}`,
      cause,
    );
  }
}
