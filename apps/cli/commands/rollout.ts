import { dirname } from 'node:path';
import { Command } from 'commander';
import { makeFolder } from '../../../datasets/files.js';
import { abortOnInterrupt } from '../interrupt.js';
import { episodeChoice, moment, seedNumber, wholeNumber } from '../options.js';
import { formatBytes, print, printJson } from '../print.js';
import { withProgress } from '../progress.js';

interface Options {
  readonly out: string;
  readonly episodes?: number | readonly number[];
  readonly contextS: number;
  readonly horizonS: number;
  readonly samples: number;
  readonly seed: number;
  readonly sheet?: string;
  readonly resume: boolean;
  readonly json: boolean;
}

/** `umwelt rollout`: lets a model dream on from the beginnings of episodes. */
export function rolloutCommand(): Command {
  return new Command('rollout')
    .description('let a model see the beginning of episodes and write what it expects to follow as a dataset')
    .argument('<model>', 'folder of a trained model (`umwelt train`)')
    .argument('<dataset>', 'folder of the dataset whose episodes it sees the beginning of')
    .requiredOption('-o, --out <dir>', 'folder to write; must be new, or the one to --resume')
    .option(
      '-e, --episodes <which>',
      'how many from the first on (4), which ones (0,3,7), or a range (4-7); all by default',
      episodeChoice,
    )
    .option('--context-s <s>', 'how much of each episode the model sees, in seconds', moment, 0.25)
    .option('--horizon-s <s>', 'how far it predicts beyond that, in seconds', moment, 1)
    .option(
      '--samples <n>',
      'futures drawn an episode: 1 (the expected one) or a multiple of the ensemble',
      wholeNumber(1),
      1,
    )
    .option('-s, --seed <s>', 'seed of every random draw', seedNumber, 0)
    .option(
      '--sheet <file>',
      'PNG file to write: what happened, what was predicted, and the error; of the first 4 episodes',
    )
    .option('--resume', 'complete an interrupted run with the same settings', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  $ umwelt rollout models/tosses data/tosses --episodes 4 --out data/dreams --sheet dreams.png',
    )
    .action(async (model: string, dataset: string, { out, sheet, ...options }: Options) => {
      const { rolloutDataset } = await import('../../rollout.js');
      const signal = abortOnInterrupt();
      // Better known now than after every episode is dreamt.
      if (sheet !== undefined) await makeFolder(dirname(sheet));
      const { manifest, masked } = await withProgress('rollout', (onProgress) =>
        rolloutDataset({ ...options, model, dataset, directory: out, onProgress, signal }),
      );
      if (sheet !== undefined) {
        const { writeRolloutSheet } = await import('../../rollout-sheet.js');
        await writeRolloutSheet({ dreams: out, dataset, path: sheet });
      }
      const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
      if (options.json) {
        const episodes = manifest.episodes.length;
        const { dataSha256 } = manifest;
        printJson({ directory: out, episodes, bytes, dataSha256, masked, ...(sheet && { sheet }) });
        return;
      }
      if (masked.length > 0) print(`${dataset} has no ${masked.join(', ')}: the model dreamt without`);
      print(
        `${manifest.episodes.length} episodes dreamt from ${manifest.name}, ${formatBytes(bytes)}, in ${out}`,
      );
      print(`data digest ${manifest.dataSha256}`);
      if (sheet !== undefined) print(`sheet ${sheet}`);
    });
}
