import { statSync } from 'node:fs';
import { UmweltError } from '../core/errors.js';
import type { Episode } from '../datasets/contract.js';
import { openDataset } from '../datasets/reader.js';
import { loadScenario } from '../scenarios/load.js';
import { withoutNoise } from '../scenarios/schema.js';
import { writePng } from '../sensors/picture/png.js';
import { paintContactSheet } from './contact-sheet.js';
import { type CameraRenderer, recordEpisode } from './episode.js';
import { writePictures } from './pictures.js';

/** More instants than this leave each too few pixels to be seen. */
const MOST_COLUMNS = 64;

export interface RenderOptions {
  /** Name of a preset or path of a scenario. */
  readonly scenario: string;
  readonly directory: string;
  readonly seed: number;
  readonly episode: number;
  readonly noise: boolean;
  readonly renderer: CameraRenderer;
  /** The middle of the episode where absent. */
  readonly at?: number;
}

/**
 * Simulates an episode and writes what people can look at and listen to of it.
 *
 * @returns the time that the pictures show and the paths of the files.
 * @throws UmweltError `invalid-input` when the time is after the episode's end, and as `loadScenario`; `io`.
 */
export async function renderScenario(options: RenderOptions): Promise<{ atS: number; paths: string[] }> {
  const { scenario, directory, seed, episode: index, noise, renderer, at } = options;
  const loaded = await loadScenario(scenario);
  const episode = await recordEpisode(noise ? loaded : withoutNoise(loaded), seed, index, renderer);
  const atS = at ?? episode.durationS / 2;
  if (atS > episode.durationS) {
    throw new UmweltError(
      'invalid-input',
      { atS, durationS: episode.durationS },
      `--at: expected a time within episode ${index} of ${scenario}, which lasts ${episode.durationS} s, got ${atS} s`,
    );
  }
  return { atS, paths: await writePictures(episode, atS, directory) };
}

export interface ContactSheetOptions {
  /** Folder of a dataset, name of a preset, or path of a scenario. */
  readonly source: string;
  readonly path: string;
  readonly seed: number;
  readonly episode: number;
  readonly columns: number;
}

/**
 * Writes one picture of everything that an episode of a dataset or a scenario holds.
 *
 * @throws UmweltError `invalid-input` for a number of columns that is out of range; as `openDataset`, `loadScenario`; `io`.
 */
export async function writeContactSheet(options: ContactSheetOptions): Promise<void> {
  const { source, path, seed, episode: index, columns } = options;
  if (!(Number.isInteger(columns) && columns >= 1 && columns <= MOST_COLUMNS)) {
    throw new UmweltError(
      'invalid-input',
      { columns },
      `--columns: expected a whole number from 1 to ${MOST_COLUMNS}, got ${columns}`,
    );
  }
  const { episode, name } = await readEpisode(source, seed, index);
  await writePng(paintContactSheet(episode, `${name}, episode ${index}`, columns), path);
}

async function readEpisode(
  source: string,
  seed: number,
  index: number,
): Promise<{ episode: Episode; name: string }> {
  if (statSync(source, { throwIfNoEntry: false })?.isDirectory()) {
    const dataset = await openDataset(source);
    return { episode: await dataset.readEpisode(index), name: dataset.manifest.name };
  }
  const scenario = await loadScenario(source);
  return { episode: await recordEpisode(scenario, seed, index), name: scenario.name };
}
