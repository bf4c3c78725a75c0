import { join } from 'node:path';
import { UmweltError } from '../../core/errors.js';
import type { FieldDescription, SensorSample, StreamDescription } from '../contract.js';
import { paintDepth, paintDirections, paintFlow, paintLabels, paintScalars } from './colour-map.js';
import { drawText, shorten, textHeight } from './lettering.js';
import { beside, blank, enlarge, type Picture, paste } from './picture.js';
import { writePng } from './png.js';
import { paintPolarity } from './polarity.js';
import { paintFromAbove, paintRanges, rayAngles } from './range-pictures.js';

/** Pictures are enlarged to at least about this many pixels across. */
const READABLE_PX = 384;
const GAP_PX = 12;
const LETTER_PX = 3;

/** How the fields that are pictures are painted, whatever sense they come from. */
const PAINTERS: Readonly<
  Record<string, (values: ArrayLike<number>, width: number, height: number) => Picture>
> = {
  colour: (values, width, height) => ({ width, height, rgb: Uint8Array.from(values) }),
  depthM: paintDepth,
  instance: paintLabels,
  semantic: paintLabels,
  normal: paintDirections,
  flowPx: paintFlow,
  pressurePa: paintScalars,
  shearPa: paintFlow,
  heightM: paintScalars,
  polaritySum: paintPolarity,
};

const RANGES = 'rangeM';
/** Name of the picture of a lidar's returns from above. */
const FROM_ABOVE = 'fromAbove';

/** Streams whose values go by such names and are no pictures. */
const NOT_PICTURES = ['audio'];

/** Whether people can look at a field as a picture: an array of at least two dimensions, of a known name. */
export function isPicture({ kind }: StreamDescription, { name, shape }: FieldDescription): boolean {
  const known = name === RANGES || Object.hasOwn(PAINTERS, name);
  return known && shape.length >= 2 && !NOT_PICTURES.includes(kind);
}

/**
 * Paints the fields of one sample that are pictures: colour as it is, depth from near (yellow) to far (blue), labels in
 * distinct colours, normals as red, green, blue, flow and shear by hue, pressure from low (blue) to high (yellow); grey
 * where there is nothing. Of several returns a ray, the first; ranges as seen from the sensor, and from above (`fromAbove`).
 *
 * @returns a picture a field, at the field's size but for ranges, in the order of the stream's fields.
 * @throws UmweltError `invalid-input` when the sample is not of this stream.
 */
export function paintSample(sample: SensorSample, stream: StreamDescription): Record<string, Picture> {
  const pictures = stream.fields
    .filter((field) => isPicture(stream, field))
    .flatMap(({ name, shape }): [string, Picture][] => {
      const [height = 0, width = 0, depth = 1] = shape;
      const values = sample.values[name];
      if (sample.stream !== stream.name || values?.length !== height * width * depth) {
        throw new UmweltError(
          'invalid-input',
          { stream: stream.name, field: name, sample: sample.stream, length: values?.length },
          `picture: expected ${height * width * depth} values of field ${name} of stream ${stream.name}, got ` +
            `${values?.length ?? 'none'} of stream ${sample.stream}`,
        );
      }
      if (name !== RANGES) return [[name, PAINTERS[name]!(values, width, height)]];
      const first = values.filter((_, index) => index % depth === 0);
      const angles = rayAngles(stream.name, stream.metadata);
      return [
        [name, paintRanges(first, angles)],
        [FROM_ABOVE, paintFromAbove(first, angles)],
      ];
    });
  return Object.fromEntries(pictures);
}

/**
 * Writes the pictures of one sample as PNG files: one a field, `<stream>-<field>.png`, and `<stream>.png` with all
 * of them side by side over their names, enlarged by a whole factor. Creates the directory; overwrites. Writes nothing where
 * no field is a picture.
 *
 * @returns the paths: the fields in order, then the overview.
 * @throws UmweltError `invalid-input` as `paintSample`, `io` when a file cannot be written.
 */
export async function writeSamplePictures(
  sample: SensorSample,
  stream: StreamDescription,
  directory: string,
): Promise<string[]> {
  const painted = Object.entries(paintSample(sample, stream));
  if (painted.length === 0) return [];
  const pictures = painted.map(([field, picture]) => {
    const factor = Math.max(1, Math.ceil(READABLE_PX / picture.width));
    return { field, file: `${stream.name}-${field}.png`, picture: enlarge(picture, factor) };
  });
  const overview = beside(
    pictures.map(({ field, picture }) => captioned(picture, caption(field, sample.values[field]))),
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

const UNITS: Readonly<Record<string, string>> = { depthM: 'M', rangeM: 'M', heightM: 'M', pressurePa: 'Pa' };

/** Names a field, with the range of its values for depth, range, height and pressure. */
function caption(field: string, values: ArrayLike<number> | undefined): string {
  const unit = UNITS[field];
  if (unit === undefined || values === undefined) return field === FROM_ABOVE ? 'from above' : field;
  const depths = Array.from(values).filter(Number.isFinite);
  const name = field.slice(0, field.length - unit.length);
  if (depths.length === 0) return name;
  const nearest = depths.reduce((least, depth) => Math.min(least, depth));
  const farthest = depths.reduce((most, depth) => Math.max(most, depth));
  return `${name} ${shorten(nearest)} - ${shorten(farthest)} ${unit}`;
}

/** Adds a white strip with a line of text below a picture. */
function captioned(picture: Picture, text: string): Picture {
  const whole = blank(picture.width, picture.height + textHeight(LETTER_PX) + 2 * LETTER_PX);
  paste(whole, picture, 0, 0);
  drawText(whole, text, 0, picture.height + LETTER_PX * 2, LETTER_PX);
  return whole;
}
