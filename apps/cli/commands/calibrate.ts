import { availableParallelism } from 'node:os';
import { Command, Option } from 'commander';
import type { Overlay } from '../../../evaluation/calibrate/overlay.js';
import { abortOnInterrupt } from '../interrupt.js';
import { seedNumber, wholeNumber } from '../options.js';
import { print, printJson, table } from '../print.js';
import { withProgress } from '../progress.js';

interface Options {
  readonly recordings?: string;
  readonly out: string;
  readonly seed: number;
  readonly evaluations?: number;
  readonly restarts: number;
  readonly cases: number;
  readonly context?: number;
  readonly use: 'train' | 'all';
  readonly workers: number;
  readonly json: boolean;
}

/** `umwelt calibrate`: identifies the simulator's parameters from recordings. */
export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description(
      'find the parameters with which the simulator matches recordings, how far they leave them open, and write both as an overlay',
    )
    .argument('<scenario>', 'name of a scenario (cube-toss), or of the recordings where none is made of them')
    .option(
      '-r, --recordings <path>',
      'folder of recordings; UMWELT_RECORDINGS or ../shared/recordings by default',
    )
    .requiredOption('-o, --out <file>', 'overlay to write, for `evaluate --overlay` and `generate --overlay`')
    .option('-s, --seed <s>', 'seed of the split and of the search', seedNumber, 0)
    .option(
      '-n, --evaluations <n>',
      'candidates to try for each problem; by default what its task says',
      wholeNumber(13),
    )
    .option('--restarts <n>', 'searches that share them', wholeNumber(1), 2)
    .option('--cases <n>', 'cases to fit to, at most', wholeNumber(1), 96)
    .option(
      '-c, --context <n>',
      'frames of each recording that are shown; by default what the task says',
      wholeNumber(1),
    )
    .addOption(
      new Option(
        '--use <side>',
        'train: the side that `evaluate` with the same seed does not judge by; all: every recording, for an overlay that others will judge',
      )
        .choices(['train', 'all'])
        .default('train'),
    )
    .option(
      '-w, --workers <w>',
      'worker threads; the result does not depend on it',
      wholeNumber(1),
      availableParallelism(),
    )
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExample:\n  $ umwelt calibrate cube-toss --recordings ../shared/recordings --out overlay.json\n  $ umwelt generate cube-toss --overlay overlay.json --out data/tosses',
    )
    .action(async (scenario: string, options: Options) => {
      const { calibrateScenario } = await import('../../calibrate.js');
      const signal = abortOnInterrupt();
      const { use, context, ...settings } = options;
      const overlay = await withProgress(`calibrate ${scenario}`, (onProgress) =>
        calibrateScenario({
          scenario,
          ...settings,
          contextFrames: context,
          useAll: use === 'all',
          onProgress,
          signal,
        }),
      );
      if (options.json) printJson(overlay);
      else printOverlay(overlay, options.out);
    });
}

function printOverlay({ parameters, searches }: Overlay, out: string): void {
  const digits = (value: number) => value.toPrecision(3);
  for (const { problem, cases, candidates, startLoss, bestLoss, restartLosses } of searches) {
    print(`${problem}:`);
    print(
      table(
        ['parameter', 'best', 'posterior', 'searched'],
        parameters
          .filter((parameter) => parameter.problem === problem)
          .map(({ name, unit, best, mean, standardDeviation, lo, hi }) => [
            unit === '1' ? name : `${name} (${unit})`,
            digits(best),
            `${digits(mean)} +- ${digits(standardDeviation)}`,
            `${digits(lo)} to ${digits(hi)}`,
          ]),
      ),
    );
    print(
      `mismatch ${digits(startLoss)} at the start, ${digits(bestLoss)} at best (restarts: ${restartLosses.map(digits).join(', ')}), ` +
        `${candidates} candidates on ${cases} cases\n`,
    );
  }
  print(`overlay: ${out}`);
}
