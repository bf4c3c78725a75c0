import { UmweltError } from '../core/errors.js';
import type { Dataset, Episode, FieldDescription, StreamData } from '../datasets/contract.js';
import { openDataset } from '../datasets/reader.js';
import { drawText, fillRectangle, shorten, textHeight } from '../sensors/picture/lettering.js';
import { beside, blank, type Picture } from '../sensors/picture/picture.js';
import { writePng } from '../sensors/picture/png.js';
import { isPicture } from '../sensors/picture/sample-pictures.js';
import { type Panel, paintBandPlot, paintLegend } from './band-plot.js';
import { type FieldPair, meanFields, pairField, streamOf } from './rollout-pairs.js';
import { pairSound } from './rollout-sound.js';
import { compareBands, comparePictures, layStrips, paintInstants, titleOf } from './rollout-strips.js';
import {
  inWords,
  LEFT_PX,
  LETTER_PX,
  labelled,
  paintSheet,
  paintTimeAxis,
  product,
  WIDTH_PX,
} from './sheet-layout.js';

const PANEL_PX = 96;
const BANDS_PX = 72;
/** Of longer vectors (several bodies) as many components are drawn, whole rows of panels. */
const MOST_PANELS = 8;
/** Microphones whose bands are drawn. */
const MOST_GROUPS = 2;
const PANEL_GAP_PX = 10;
/** More instants than this leave each too few pixels to be seen. */
const MOST_COLUMNS = 64;

/** Episodes of a dataset of dreams that its sheet shows, the first ones. */
const MOST_EPISODES = 4;

export interface RolloutSheetOptions {
  /** Folder of a dataset of dreams, and of the one that their contexts are from. */
  readonly dreams: string;
  readonly dataset: string;
  /** PNG file; replaced if it is there. */
  readonly path: string;
  readonly columns?: number;
}

/**
 * Writes the sheet of a dataset of dreams: its first four episodes beside what happened.
 *
 * @throws UmweltError `invalid-input` when the dreams are not from this dataset; as `openDataset`, `paintRolloutSheet`; `io`.
 */
export async function writeRolloutSheet(options: RolloutSheetOptions): Promise<void> {
  const [dreams, source] = [await openDataset(options.dreams), await openDataset(options.dataset)];
  requireSource(dreams, source);
  const { name, episodes, streams } = dreams.manifest;
  const shown = Math.min(MOST_EPISODES, episodes.length);
  const known = source.manifest.streams.map((stream) => stream.name);
  const wanted = streams.map((stream) => stream.name).filter((stream) => known.includes(stream));
  const pairs: DreamPair[] = [];
  for (let episode = 0; episode < shown; episode++) {
    const dream = await dreams.readEpisode(episode);
    pairs.push({ dream, real: await source.readEpisode(Number(dream.attributes.sourceEpisode), wanted) });
  }
  const title = `${name}: what happened and what was predicted (${shown} of ${episodes.length} episodes)`;
  await writePng(paintRolloutSheet(pairs, title, options.columns), options.path);
}

function requireSource(dreams: Dataset, source: Dataset): void {
  const { origin, configuration } = dreams.manifest;
  const { dataSha256 } = (configuration.source ?? {}) as { readonly dataSha256?: string };
  if (origin === 'rollout' && dataSha256 === source.manifest.dataSha256) return;
  throw new UmweltError(
    'invalid-input',
    {
      dreams: dreams.directory,
      dataset: source.directory,
      expected: dataSha256,
      actual: source.manifest.dataSha256,
    },
    `sheet: expected dreams of ${source.directory} (data digest ${source.manifest.dataSha256}), got ${dreams.directory}, ` +
      `${origin === 'rollout' ? `dreamt from the data ${dataSha256}` : `which is ${origin}`}: name the dataset that gave the contexts`,
  );
}

/** A dream and the episode that it was dreamt from. */
export interface DreamPair {
  readonly real: Episode;
  readonly dream: Episode;
}

/**
 * Lays dreams out beside what happened: of every field that is a picture three strips (real, predicted, absolute error), of bands
 * of sound the same over time, of everything else a panel a component with the interval that 90 % of outcomes are expected in.
 *
 * @param pairs each dream with the episode that its context is from; both hold the streams that are to be shown.
 * @param columns how many instants the strips show.
 * @throws UmweltError `invalid-input` for no pair, or a number of columns out of range.
 */
export function paintRolloutSheet(pairs: readonly DreamPair[], title: string, columns = 10): Picture {
  if (pairs.length === 0 || !(Number.isInteger(columns) && columns >= 1 && columns <= MOST_COLUMNS)) {
    throw new UmweltError(
      'invalid-input',
      { pairs: pairs.length, columns },
      `sheet: expected at least one episode and from 1 to ${MOST_COLUMNS} columns, got ${pairs.length} and ${columns}`,
    );
  }
  const rows = pairs.flatMap((pair) => paintPair(pair, columns));
  return paintSheet(title, [paintLegend(LEFT_PX + WIDTH_PX), ...rows]);
}

function paintPair({ real, dream }: DreamPair, columns: number): Picture[] {
  const contextEndS = Number(dream.attributes.contextEndS ?? 0);
  const horizonS = dream.durationS - contextEndS;
  const fields = Object.values(dream.streams)
    .filter(({ rows }) => rows > 0)
    .flatMap((stream) => meanFields(stream).map((field) => ({ stream, field })));
  const pairUp = (stream: StreamData, field: FieldDescription, rows: readonly number[]): FieldPair =>
    pairField(stream, streamOf(real, stream.description.name), field, contextEndS, rows);
  const pictures = fields
    .filter(({ stream, field }) => isPicture(stream.description, field))
    .map(({ stream, field }) => ({
      title: titleOf(stream.description.name, field),
      pair: pairUp(stream, field, instants(stream, contextEndS, horizonS, columns)),
    }));
  const bands = Object.values(dream.streams)
    .filter((stream) => isSound(stream) && stream.rows > 0)
    .flatMap((stream) => paintSound(stream, streamOf(real, stream.description.name), contextEndS));
  const vectors = fields
    .filter(({ stream, field }) => !isSound(stream) && !isPicture(stream.description, field))
    .filter(({ field }) => product(field.shape.slice(1)) <= MOST_PANELS)
    .map(({ stream, field }) => ({ stream, pair: pairUp(stream, field, allRows(stream)) }));
  return [
    paintHeading(dream, real, contextEndS, horizonS),
    ...(pictures.length === 0 ? [] : [paintInstants(pictures[0]!.pair.timesS)]),
    ...pictures.map(({ title, pair }) => layStrips(comparePictures(pair), title)),
    ...bands,
    ...(bands.length === 0 ? [] : [paintTimeAxis(horizonS)]),
    ...vectors.flatMap(({ stream, pair }) => paintVector(stream, pair, horizonS)),
  ];
}

/** Rows at the middle of so many equal parts of the horizon. */
function instants(
  { rows, timeNs }: StreamData,
  contextEndS: number,
  horizonS: number,
  columns: number,
): number[] {
  const endS = (row: number): number => Number(timeNs[row]) / 1e9;
  return Array.from({ length: columns }, (_, column) => {
    const atS = contextEndS + ((column + 0.5) / columns) * horizonS;
    let row = 0;
    while (row + 1 < rows && Math.abs(endS(row + 1) - atS) <= Math.abs(endS(row) - atS)) row++;
    return row;
  });
}

function allRows({ rows }: StreamData): number[] {
  return Array.from({ length: rows }, (_, row) => row);
}

function isSound({ description: { kind } }: StreamData): boolean {
  return kind === 'audio';
}

/** The predicted spectrum of each microphone, and that of the first one's predicted wave. */
function paintSound(stream: StreamData, real: StreamData | undefined, contextEndS: number): Picture[] {
  const { name, metadata } = stream.description;
  const { spectrum, wave } = pairSound(stream, real, contextEndS);
  const named = metadata.microphones as readonly { readonly name: string }[] | undefined;
  const paint = (pair: FieldPair, group: number, what: string): Picture =>
    layStrips(compareBands(pair, group, BANDS_PX), `${name} ${named?.[group]?.name ?? group}`, what);
  const [groups = 1] = stream.description.fields[0]!.shape;
  return [
    ...(spectrum === null
      ? []
      : Array.from({ length: Math.min(groups, MOST_GROUPS) }, (_, group) =>
          paint(spectrum, group, 'mel bands'),
        )),
    ...(wave === null ? [] : [paint(wave, 0, 'bands of its wave')]),
  ];
}

/** A panel a component; of several bodies one row of panels each, as many as are drawn. */
function paintVector({ description }: StreamData, pair: FieldPair, horizonS: number): Picture[] {
  const { field, timesS, real, predicted, deviation } = pair;
  const width = product(field.shape);
  const across = Math.min(width, field.shape.at(-1) ?? 1);
  const rows = Math.max(1, Math.min(width / across, Math.floor(MOST_PANELS / across)));
  const named = description.metadata.bodies as readonly (string | { readonly name: string })[] | undefined;
  const column = (values: Float64Array, component: number): Float64Array =>
    Float64Array.from({ length: timesS.length }, (_, row) => values[row * width + component]!);
  return Array.from({ length: rows }, (_, row) => {
    const panels = Array.from({ length: across }, (__, axis): Panel => {
      const component = row * across + axis;
      return {
        name: across === 1 ? '' : (AXES[across]?.[axis] ?? `${axis}`),
        timesS,
        real: column(real, component),
        predicted: column(predicted, component),
        deviation: deviation && column(deviation, component),
      };
    });
    const panelPx = Math.floor((WIDTH_PX - (across - 1) * PANEL_GAP_PX) / across);
    const body = named?.[row];
    const name = typeof body === 'object' ? body.name : (body ?? row);
    const whose = width > across ? [`${name} (${row + 1} of ${width / across})`] : [];
    return labelled(
      beside(
        panels.map((panel) => paintBandPlot(panel, horizonS, panelPx, PANEL_PX)),
        PANEL_GAP_PX,
      ),
      ...new Set([description.name, inWords(field.name)]),
      ...whose,
      field.unit === '1' ? '' : field.unit,
    );
  });
}

/** Names of a vector's components by their number. */
const AXES: Readonly<Record<number, readonly string[]>> = { 3: ['x', 'y', 'z'], 4: ['w', 'x', 'y', 'z'] };

function paintHeading(dream: Episode, real: Episode, contextEndS: number, horizonS: number): Picture {
  const heading = blank(LEFT_PX + WIDTH_PX, 2 * textHeight(LETTER_PX) + 8);
  const known = real.durationS - contextEndS;
  const ends = known < horizonS ? `, what happened is known for ${shorten(Math.max(0, known))} s` : '';
  const text = `episode ${dream.attributes.sourceEpisode}: ${shorten(contextEndS)} s seen, then ${shorten(horizonS)} s predicted${ends}`;
  fillRectangle(heading, 0, 0, heading.width, 1);
  drawText(heading, text, 4, textHeight(LETTER_PX), LETTER_PX);
  return heading;
}
