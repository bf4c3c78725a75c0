import { Command } from 'commander';
import { seedNumber, wholeNumber } from '../options.js';
import { print, printJson } from '../print.js';

interface Options {
  readonly episode: number;
  readonly seed: number;
  readonly columns: number;
  readonly out: string;
  readonly json: boolean;
}

/** `umwelt contact-sheet`: one picture of everything that an episode holds. */
export function contactSheetCommand(): Command {
  return new Command('contact-sheet')
    .description('lay an episode out as one picture: every sense over the same time')
    .argument('<source>', 'folder of a dataset, name of a preset, or path of a scenario .json')
    .option('-e, --episode <n>', 'which episode', wholeNumber(0), 0)
    .option('-s, --seed <s>', 'seed of every random draw, for a scenario', seedNumber, 0)
    .option('-c, --columns <n>', 'how many instants the pictures show', wholeNumber(1), 8)
    .requiredOption('-o, --out <file>', 'PNG file to write; replaced if it is there')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt contact-sheet drop-and-roll --out roll.png')
    .action(async (source: string, options: Options) => {
      const { writeContactSheet } = await import('../../render.js');
      await writeContactSheet({ source, path: options.out, ...options });
      if (options.json) printJson({ file: options.out });
      else print(options.out);
    });
}
