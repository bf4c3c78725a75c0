import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { abortOnInterrupt } from '../interrupt.js';
import { seedNumber, wholeNumber } from '../options.js';
import { formatBytes, print, printJson } from '../print.js';
import { withProgress } from '../progress.js';

interface Options {
  readonly episodes: number;
  readonly seed: number;
  readonly out: string;
  readonly workers: number;
  readonly resume: boolean;
  readonly overlay?: string;
  readonly noise: boolean;
  readonly json: boolean;
}

/** `umwelt generate`: simulates and senses episodes of a scenario into a dataset. */
export function generateCommand(): Command {
  return new Command('generate')
    .description('simulate episodes of a scenario and write what every sensor feels as an Arrow dataset')
    .argument('<scenario>', 'name of a preset (see `umwelt scenarios`) or path of a scenario .json')
    .option('-n, --episodes <n>', 'number of episodes', wholeNumber(1), 16)
    .option('-s, --seed <s>', 'seed of every random draw', seedNumber, 0)
    .requiredOption('-o, --out <dir>', 'folder to write; must be new, or the one to --resume')
    .option(
      '-w, --workers <w>',
      'worker threads; the bytes do not depend on it',
      wholeNumber(1),
      availableParallelism(),
    )
    .option('--resume', 'complete an interrupted run with the same settings', false)
    .option('--overlay <file>', 'what `umwelt calibrate` found for this scenario')
    .option('--no-noise', 'switch the noise of every sensor off')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  $ umwelt generate cube-toss --episodes 16 --seed 1 --out data/tosses',
    )
    .action(async (scenario: string, options: Options) => {
      const { generateDataset } = await import('../../generate.js');
      const signal = abortOnInterrupt();
      const manifest = await withProgress(`generate ${scenario}`, (onProgress) =>
        generateDataset({ scenario, directory: options.out, ...options, onProgress, signal }),
      );
      const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
      if (options.json) {
        printJson({
          directory: options.out,
          episodes: manifest.episodes.length,
          bytes,
          dataSha256: manifest.dataSha256,
        });
        return;
      }
      print(
        `${manifest.episodes.length} episodes of ${manifest.name}, ${formatBytes(bytes)}, in ${options.out}`,
      );
      print(`data digest ${manifest.dataSha256}`);
    });
}
