import { Command, Option } from 'commander';
import type { SplitSide } from '../../recordings.js';
import { abortOnInterrupt } from '../interrupt.js';
import { seedNumber } from '../options.js';
import { count, print, printJson } from '../print.js';
import { withProgress } from '../progress.js';

/** Help lists the formats; every other command starts without loading them. */
const known = process.argv.includes('recordings')
  ? await import('../../../datasets/recordings/formats.js')
  : null;
const formats = known?.RECORDING_FORMATS ?? [];
const fetchable = formats.filter((format) => known!.filesToFetch(format) > 0);

/** `umwelt recordings`: lists, fetches and imports recordings of the physical world. */
export function recordingsCommand(): Command {
  return new Command('recordings')
    .description('list, fetch and import recordings of the physical world')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ umwelt recordings list\n' +
        '  $ umwelt recordings fetch contactnets-cube --out recordings/contactnets-cube\n' +
        '  $ umwelt recordings import recordings --format contactnets-cube --out data/tosses',
    )
    .addCommand(listCommand())
    .addCommand(fetchCommand())
    .addCommand(importCommand());
}

const PATH_HELP = 'folder of recordings, or its parent; UMWELT_RECORDINGS or ../shared/recordings by default';

function listCommand(): Command {
  return new Command('list')
    .description('list the formats that can be imported, and the recordings that lie at a path')
    .argument('[path]', PATH_HELP)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt recordings list recordings')
    .action(async (path: string | undefined, { json }: { json: boolean }) => {
      const { listAllRecordings } = await import('../../recordings.js');
      const { printFormats, printRecordings, recordingsAsJson } = await import('../recordings-list.js');
      const signal = abortOnInterrupt();
      const list = await withProgress('list recordings', (onProgress) =>
        listAllRecordings(path, { onProgress, signal }),
      );
      if (json) return printJson(recordingsAsJson(formats, list));
      if (path === undefined) printFormats(formats);
      printRecordings(list);
    });
}

function fetchCommand(): Command {
  return new Command('fetch')
    .description(
      'download the public files at a pinned commit and check their digests; files already there are kept',
    )
    .argument('<name>', `which recordings: ${namesOf(fetchable)}`)
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
      if (options.json) return printJson({ directory: options.out, ...fetched });
      const { downloaded, kept, withoutDigest } = fetched;
      print(`${count(downloaded, 'file')} downloaded, ${kept} kept, all digests right, in ${options.out}`);
      if (withoutDigest > 0) print(`${count(withoutDigest, 'published file')} left out: no digest is known`);
    });
}

function importCommand(): Command {
  return new Command('import')
    .description(
      'convert recordings into a dataset, all of them or one side of the split that `evaluate` uses',
    )
    .argument('[path]', PATH_HELP)
    .requiredOption('-o, --out <dir>', 'folder of the dataset: new, or an interrupted import to go on with')
    .option('-f, --format <name>', `which, where a folder holds several: ${namesOf(formats)}`)
    .addOption(new Option('--split <side>', 'which side').choices(['all', 'train', 'heldout']).default('all'))
    .option('-s, --seed <s>', 'seed of the split; give `evaluate` the same', seedNumber, 0)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt recordings import --split train --out data/recorded-train')
    .action(async (path: string | undefined, options: ImportOptions) => {
      const { importSplit } = await import('../../recordings.js');
      const signal = abortOnInterrupt();
      const manifest = await withProgress('import recordings', (onProgress) =>
        importSplit({
          path,
          format: options.format,
          directory: options.out,
          side: options.split,
          seed: options.seed,
          onProgress,
          signal,
        }),
      );
      const { leftOutBy } = await import('../../../datasets/recordings/import.js');
      const { name, episodes, dataSha256 } = manifest;
      const left = leftOutBy(manifest.configuration.conversion);
      if (options.json) {
        return printJson({
          directory: options.out,
          format: name,
          episodes: episodes.length,
          dataSha256,
          left,
        });
      }
      print(`${count(episodes.length, 'recording')} of ${name} in ${options.out}`);
      for (const [what, reason] of Object.entries(left)) print(`  not converted: ${what}: ${reason}`);
    });
}

function namesOf(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(', ');
}

interface ImportOptions {
  readonly out: string;
  readonly format?: string;
  readonly split: SplitSide;
  readonly seed: number;
  readonly json: boolean;
}
