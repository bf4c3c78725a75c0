import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { evaluationTable } from '../evaluation-table.js';
import { abortOnInterrupt } from '../interrupt.js';
import { wholeNumber } from '../options.js';
import { print, printJson } from '../print.js';
import { withProgress } from '../progress.js';

interface Options {
  readonly out?: string;
  readonly recordings?: string;
  readonly episodes: number;
  readonly steps: number;
  readonly json: boolean;
}

/** `umwelt quickstart`: the whole street in one command. */
export function quickstartCommand(): Command {
  return new Command('quickstart')
    .description(
      'simulate tosses, learn from them and from recordings, and judge the model by held-out recordings',
    )
    .option(
      '-o, --out <dir>',
      'folder to write; must be new or empty (default: quickstart, or quickstart-2, ...)',
    )
    .option(
      '-r, --recordings <path>',
      'folder of recordings; UMWELT_RECORDINGS or ../shared/recordings by default',
    )
    .option('-n, --episodes <n>', 'simulated tosses', wholeNumber(1), 128)
    .option('--steps <n>', 'training steps', wholeNumber(1), 500)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt quickstart --out quickstart')
    .action(async (options: Options) => {
      const startedAt = performance.now();
      const { quickstart } = await import('../../quickstart.js');
      const { HOW_TO_GET_RECORDINGS } = await import('../../recordings.js');
      const { summarise } = await import('../../../evaluation/summary.js');
      const directory = options.out ?? newFolder('quickstart');
      const workers = availableParallelism();
      const evaluated = await quickstart({
        ...options,
        directory,
        workers,
        signal: abortOnInterrupt(),
        stage: options.json ? withProgress : announced,
      });
      if (options.json) {
        printJson({
          directory,
          ...(evaluated === null ? { recordings: null } : summarise(evaluated.result)),
        });
        return;
      }
      print();
      if (evaluated === null) {
        print(
          'No recordings of the physical world were found, so nothing was judged: simulated data cannot say how far',
        );
        print(`a model is from reality. ${HOW_TO_GET_RECORDINGS}`);
        print(`\nsimulated data and the trained model: ${directory}`);
        return;
      }
      const { result, report } = evaluated;
      print(
        `${result.recordings.heldout} held-out real tosses, from their first frame alone; mean [95 % interval]\n`,
      );
      print(evaluationTable(result));
      print(`\nreport:   ${report}`);
      print(`took:     ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
    });
}

/** Shows a bar on a terminal, and a line per stage either way. */
async function announced<T>(title: string, work: Parameters<typeof withProgress<T>>[1]): Promise<T> {
  const startedAt = performance.now();
  const done = await withProgress(title, work);
  print(`${title.padEnd(24)} ${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`);
  return done;
}

/** The first folder of that name, or with -2, -3, ... behind it, that does not exist. */
function newFolder(name: string): string {
  for (let index = 1; ; index++) {
    const folder = index === 1 ? name : `${name}-${index}`;
    if (!existsSync(folder)) return folder;
  }
}
