import { Command, Option } from 'commander';
import type { SplitSide } from '../../recordings.js';
import { abortOnInterrupt } from '../interrupt.js';
import { seedNumber } from '../options.js';
import { print, printJson } from '../print.js';
import { withProgress } from '../progress.js';

/** `umwelt recordings`: fetches and imports recordings of the physical world. */
export function recordingsCommand(): Command {
  return new Command('recordings')
    .description('fetch public recordings of the physical world, or import them as datasets')
    .addHelpText(
      'after',
      '\nExample:\n  $ umwelt recordings fetch contactnets-cube --out recordings/contactnets-cube',
    )
    .addCommand(fetchCommand())
    .addCommand(importCommand());
}

function fetchCommand(): Command {
  return new Command('fetch')
    .description(
      'download the public files at a pinned commit and check their digests; files already there are kept',
    )
    .argument('<name>', 'which recordings: contactnets-cube')
    .requiredOption('-o, --out <dir>', 'folder to write')
    .option('--base-url <url>', 'mirror to download from, in place of the public address')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  $ umwelt recordings fetch contactnets-cube --out recordings/contactnets-cube',
    )
    .action(async (name: string, options: { out: string; baseUrl?: string; json: boolean }) => {
      const { fetchRecordings } = await import('../../../datasets/recordings/fetch.js');
      const signal = abortOnInterrupt();
      const fetched = await withProgress(`fetch ${name}`, (onProgress) =>
        fetchRecordings(name, options.out, { baseUrl: options.baseUrl, onProgress, signal }),
      );
      if (options.json) printJson({ directory: options.out, ...fetched });
      else
        print(
          `${fetched.downloaded} files downloaded, ${fetched.kept} kept, all digests right, in ${options.out}`,
        );
    });
}

function importCommand(): Command {
  return new Command('import')
    .description(
      'convert recordings into a dataset, all of them or one side of the split that `evaluate` uses',
    )
    .argument('[path]', 'folder of recordings; UMWELT_RECORDINGS or ../shared/recordings by default')
    .requiredOption('-o, --out <dir>', 'folder of the dataset; must be new')
    .addOption(new Option('--split <side>', 'which side').choices(['all', 'train', 'heldout']).default('all'))
    .option('-s, --seed <s>', 'seed of the split; give `evaluate` the same', seedNumber, 0)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt recordings import --split train --out data/recorded-train')
    .action(async (path: string | undefined, options: ImportOptions) => {
      const { importSplit } = await import('../../recordings.js');
      const manifest = await importSplit({
        path,
        directory: options.out,
        side: options.split,
        seed: options.seed,
      });
      if (options.json)
        printJson({
          directory: options.out,
          episodes: manifest.episodes.length,
          dataSha256: manifest.dataSha256,
        });
      else print(`${manifest.episodes.length} recordings of ${manifest.name} in ${options.out}`);
    });
}

interface ImportOptions {
  readonly out: string;
  readonly split: SplitSide;
  readonly seed: number;
  readonly json: boolean;
}
