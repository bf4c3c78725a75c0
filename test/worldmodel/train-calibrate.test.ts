import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateDataset } from '../../apps/generate.js';
import type { Dataset, Episode } from '../../datasets/contract.js';
import { openDataset } from '../../datasets/reader.js';
import type { TrainingState } from '../../worldmodel/engine/training.js';
import { readModel } from '../../worldmodel/model-folder.js';
import { calibrate } from '../../worldmodel/train/calibrate.js';
import { type Corpus, openCorpus } from '../../worldmodel/train/corpus.js';
import { trainWorldModel } from '../../worldmodel/train/train.js';

const folder = mkdtempSync(join(tmpdir(), 'umwelt-calibrate-'));
let tosses: Dataset;
let corpus: Corpus;
let weights: TrainingState;

beforeAll(async () => {
  await generateDataset({ scenario: 'cube-toss', directory: join(folder, 'tosses'), episodes: 6, seed: 1 });
  tosses = await openDataset(join(folder, 'tosses'));
  const options = {
    size: 'tiny',
    core: 'recurrent',
    ensemble: 1,
    without: ['audio', 'touch'],
    seed: 0,
  } as const;
  corpus = await openCorpus([tosses], { ...options, validationShare: 0.4, base: null });
  const directory = join(folder, 'model');
  await trainWorldModel({
    datasets: [tosses],
    ...options,
    directory,
    steps: 1,
    threads: 1,
    validationShare: 0,
  });
  weights = (await readModel(directory)).weights;
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An episode that a camera sees otherwise after its first quarter of a second: one colour of each pixel is inverted. */
function inverted(episode: Episode, colour: number): Episode {
  const camera = episode.streams.camera!;
  const seen = camera.values.colour as Uint8Array;
  const aRow = seen.length / camera.rows;
  const values = seen.map((value, index) => {
    const isLater = camera.timeNs[Math.floor(index / aRow)]! > 250_000_000n;
    return isLater && index % 3 === colour ? 255 - value : value;
  });
  const altered = { ...camera, values: { ...camera.values, colour: values } };
  return { ...episode, streams: { ...episode.streams, camera: altered } };
}

describe('calibrate', () => {
  it('looks at every colour of a picture', async () => {
    const plain = await calibrate(corpus, weights);
    expect(plain.one!.camera!.every((factor) => factor > 0)).toBe(true);
    for (const colour of [0, 1, 2]) {
      const readEpisode: Dataset['readEpisode'] = async (index, names) =>
        inverted(await tosses.readEpisode(index, names), colour);
      const other = await calibrate({ ...corpus, datasets: [{ ...tosses, readEpisode }] }, weights);
      expect(other.one!.camera).not.toEqual(plain.one!.camera);
      expect(other.samples!.camera).not.toEqual(plain.samples!.camera);
      expect(other.one!.positionM).toEqual(plain.one!.positionM);
    }
  });

  it('reads the held-out episodes alone, each once', async () => {
    const read: number[] = [];
    const readEpisode: Dataset['readEpisode'] = (index, names) => {
      read.push(index);
      return tosses.readEpisode(index, names);
    };
    await calibrate({ ...corpus, datasets: [{ ...tosses, readEpisode }] }, weights);
    expect(read).toEqual(corpus.validation[0]);
  });
});
