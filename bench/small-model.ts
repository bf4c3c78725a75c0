import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateDataset } from '../apps/generate.js';
import { openDataset } from '../datasets/reader.js';
import { type Corpus, openCorpus } from '../worldmodel/train/corpus.js';

/** Lets work use a corpus of a few cube tosses with every sense, as `umwelt train --size small` opens it. */
export async function withSmallCorpus<T>(work: (corpus: Corpus) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'umwelt-bench-'));
  try {
    const directory = join(folder, 'data');
    await generateDataset({ scenario: 'cube-toss', directory, episodes: 4, seed: 1 });
    const corpus = await openCorpus([await openDataset(directory)], {
      size: 'small',
      core: 'recurrent',
      ensemble: 4,
      without: [],
      validationShare: 0,
      seed: 0,
      base: null,
    });
    return await work(corpus);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
