import { Command, Option } from 'commander';
import { summarise } from '../../../evaluation/summary.js';
import { evaluationTable } from '../evaluation-table.js';
import { abortOnInterrupt } from '../interrupt.js';
import { collect, seedNumber, wholeNumber } from '../options.js';
import { print, printJson } from '../print.js';
import { withProgress } from '../progress.js';

interface Options {
  readonly recordings?: string;
  readonly out: string;
  readonly model?: readonly string[];
  readonly baseline?: readonly string[];
  readonly context?: number;
  readonly overlay?: string;
  readonly heldOut: 'split' | 'all';
  readonly seed: number;
  readonly json: boolean;
}

/** `umwelt evaluate`: judges models and baselines by recordings of the physical world. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description(
      'judge models and baselines by held-out recordings of the physical world, and write a report',
    )
    .option(
      '-r, --recordings <path>',
      'folder of recordings; UMWELT_RECORDINGS or ../shared/recordings by default',
    )
    .requiredOption('-o, --out <dir>', 'folder of the report')
    .option('-m, --model <dir>', 'folder of a trained model; may be repeated', collect)
    .option('-b, --baseline <name>', 'a baseline to compare with, all by default; may be repeated', collect)
    .option(
      '-c, --context <n>',
      "frames of each recording that a method may see; by default what the recordings' task says",
      wholeNumber(1),
    )
    .option('--overlay <file>', 'what `umwelt calibrate` found, for methods that simulate')
    .addOption(
      new Option(
        '--held-out <which>',
        'split: hold out a third by seed; all: judge by every recording and fit nothing',
      )
        .choices(['split', 'all'])
        .default('split'),
    )
    .option('-s, --seed <s>', 'seed of the split into train and held-out', seedNumber, 0)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  $ umwelt evaluate --recordings ../shared/recordings --model models/tosses --out report',
    )
    .action(async (options: Options) => {
      const { evaluateModels } = await import('../../evaluate.js');
      const signal = abortOnInterrupt();
      const { result, report } = await withProgress('evaluate', (onProgress) =>
        evaluateModels({
          recordings: options.recordings,
          directory: options.out,
          models: options.model ?? [],
          baselines: options.baseline,
          contextFrames: options.context,
          overlay: options.overlay,
          holdOutAll: options.heldOut === 'all',
          seed: options.seed,
          onProgress,
          signal,
        }),
      );
      if (options.json) {
        printJson(summarise(result));
        return;
      }
      const { name, heldout, train } = result.recordings;
      print(
        `${heldout} held-out recordings of ${name} (${train} to fit to); mean over frames, then over recordings, 95 % interval`,
      );
      print();
      print(evaluationTable(result));
      print(`\nreport: ${report}`);
    });
}
