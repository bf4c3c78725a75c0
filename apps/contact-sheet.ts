import type { Episode, StreamData } from '../datasets/contract.js';
import { spectrogram } from '../sensors/audio/spectrogram.js';
import { joinRows } from '../sensors/audio/tracks.js';
import type { FieldDescription, SensorSample, StreamDescription } from '../sensors/contract.js';
import { shorten } from '../sensors/picture/lettering.js';
import { blank, type Picture, paste, resize } from '../sensors/picture/picture.js';
import { paintPlot } from '../sensors/picture/plot.js';
import { isPicture, paintSample } from '../sensors/picture/sample-pictures.js';
import { paintLevels } from '../sensors/picture/spectrogram.js';
import { sampleAt } from './pictures.js';
import { GAP_PX, inWords, labelled, paintSheet, paintTimeAxis, product, WIDTH_PX } from './sheet-layout.js';

const PLOT_PX = 74;
const SPECTROGRAM_PX = 120;
/** Fields of more components than this are not drawn as lines. */
const MOST_LINES = 14;
/** Plots of longer streams take every so manieth row. */
const MOST_POINTS = 4000;

/**
 * Lays an episode out as one picture over a common time axis: a strip of frames a camera's or skin's field, a spectrogram
 * a microphone, lines for everything else.
 *
 * @param columns how many instants the strips show.
 */
export function paintContactSheet(episode: Episode, title: string, columns = 8): Picture {
  const startS = firstTimeS(episode);
  const shown = startS === 0 ? episode : afterTime(episode, startS);
  const rows = Object.values(shown.streams).flatMap((stream) => paintStream(stream, shown, columns));
  return paintSheet(title, [...rows, paintTimeAxis(shown.durationS, startS)]);
}

/** A rollout has nothing before the end of what the model saw. */
function firstTimeS({ attributes: { contextEndS } }: Episode): number {
  return typeof contextEndS === 'number' ? contextEndS : 0;
}

/** The episode on a clock that starts later. */
function afterTime(episode: Episode, startS: number): Episode {
  const startNs = BigInt(Math.round(startS * 1e9));
  const streams = Object.entries(episode.streams).map(([name, stream]): [string, StreamData] => [
    name,
    { ...stream, timeNs: stream.timeNs.map((timeNs) => timeNs - startNs) },
  ]);
  return { ...episode, durationS: episode.durationS - startS, streams: Object.fromEntries(streams) };
}

function paintStream(stream: StreamData, episode: Episode, columns: number): Picture[] {
  const { description, rows } = stream;
  if (rows === 0) return [labelled(blank(WIDTH_PX, 20), `${description.name}: no sample`)];
  if (description.kind === 'audio') return paintSound(stream, episode.durationS);
  const strips = description.fields.filter((field) => isPicture(description, field));
  const plots = description.fields.filter(
    (field) => !strips.includes(field) && product(field.shape) <= MOST_LINES,
  );
  return [
    ...strips.map((field) => paintStrip(stream, field, episode.durationS, columns)),
    ...plots.map((field) => paintLines(stream, field, episode.durationS)),
  ];
}

/** Pictures of one field, each centred over the instant that it shows. */
function paintStrip(
  stream: StreamData,
  field: FieldDescription,
  durationS: number,
  columns: number,
): Picture {
  const cellPx = WIDTH_PX / columns;
  const samples = Array.from({ length: columns }, (_, column) =>
    sampleAt(stream, ((column + 0.5) / columns) * durationS),
  );
  const pictures = paintAlike(samples, stream.description, field);
  const { width, height } = pictures[0]!;
  const across = Math.min(Math.floor(cellPx) - GAP_PX, Math.floor((2 * cellPx * width) / height));
  const down = Math.max(8, Math.round((across * height) / width));
  const strip = blank(WIDTH_PX, down);
  for (const [column, picture] of pictures.entries())
    paste(strip, resize(picture, across, down), Math.round((column + 0.5) * cellPx - across / 2), 0);
  return labelled(strip, stream.description.name, inWords(field.name));
}

/** Paints one field of several samples on one scale of colours, so that a strip can be read across. */
function paintAlike(
  samples: readonly SensorSample[],
  description: StreamDescription,
  field: FieldDescription,
): Picture[] {
  const { name, shape } = field;
  // A range image is not as high as its field, so several could not be cut apart.
  if (name === 'rangeM') return samples.map((sample) => paintSample(sample, description)[name]!);
  const [height = 0, ...rest] = shape;
  const values = samples.flatMap((sample) => Array.from(sample.values[name]!));
  const tall = { ...field, shape: [height * samples.length, ...rest] };
  const together = paintSample(
    { ...samples[0]!, values: { [name]: Float64Array.from(values) } },
    { ...description, fields: [tall] },
  )[name]!;
  const cut = together.width * height * 3;
  return samples.map((_, index) => ({
    width: together.width,
    height,
    rgb: together.rgb.subarray(index * cut, (index + 1) * cut),
  }));
}

function paintSound({ description, values }: StreamData, durationS: number): Picture[] {
  const { name, rateHz, samplesPerRow, fields } = description;
  const [microphones = 1] = fields[0]!.shape;
  const tracks = joinRows(values.pressurePa as Float32Array, microphones, samplesPerRow);
  const named = description.metadata.microphones as readonly { readonly name: string }[] | undefined;
  return tracks.map((track, index) => {
    const peakPa = track.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);
    const width = Math.min(WIDTH_PX, Math.round((track.length / rateHz / durationS) * WIDTH_PX));
    const picture = blank(WIDTH_PX, SPECTROGRAM_PX);
    paste(picture, paintLevels(spectrogram(track, rateHz), width, SPECTROGRAM_PX), 0, 0);
    return labelled(
      picture,
      `${name} ${named?.[index]?.name ?? index}`,
      `0 - ${shorten(rateHz / 2000)} kHz`,
      `peak ${shorten(peakPa)} Pa`,
    );
  });
}

function paintLines(
  { description, rows, timeNs, values }: StreamData,
  field: FieldDescription,
  durationS: number,
): Picture {
  const every = Math.ceil(rows / MOST_POINTS);
  const points = Math.ceil(rows / every);
  const timesS = Float64Array.from({ length: points }, (_, i) => Number(timeNs[i * every]!) / 1e9);
  const width = product(field.shape);
  const data = values[field.name]!;
  const lines = Array.from({ length: width }, (_, component) => ({
    name: `${component}`,
    values: Float64Array.from({ length: points }, (__, i) => data[i * every * width + component]!),
  }));
  const unit = field.unit === '1' ? '' : field.unit;
  return labelled(
    paintPlot(timesS, lines, durationS, WIDTH_PX, PLOT_PX),
    description.name,
    inWords(field.name),
    unit,
  );
}
