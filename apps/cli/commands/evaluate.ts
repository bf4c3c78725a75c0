import { Command, Option } from 'commander';
import { UmweltError } from '../../../core/errors.js';
import type { Regression } from '../../../evaluation/regression.js';
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
  readonly compare?: string;
  readonly failOnRegression: boolean;
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
        'split: hold out a third by seed, or as the task divides its recordings; all: judge by every recording and fit nothing',
      )
        .choices(['split', 'all'])
        .default('split'),
    )
    .option('--compare <dir>', 'an earlier report: say what became better or worse, paired by case')
    .option('--fail-on-regression', 'with --compare: exit with status 1 when anything became worse', false)
    .option('-s, --seed <s>', 'seed of the split into train and held-out', seedNumber, 0)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ umwelt evaluate --recordings ../shared/recordings --model models/tosses --out report\n' +
        '  $ umwelt evaluate --model models/newer --out report2 --compare report --fail-on-regression',
    )
    .action(evaluate);
}

async function evaluate(options: Options): Promise<void> {
  const { compare, failOnRegression } = options;
  if (failOnRegression && compare === undefined) {
    throw new UmweltError(
      'invalid-input',
      {},
      '--fail-on-regression: expected --compare DIR, an earlier report to compare with',
    );
  }
  const { evaluateModels } = await import('../../evaluate.js');
  const { describeRegression } = await import('../../../evaluation/regression.js');
  const { summarise } = await import('../../../evaluation/summary.js');
  const { evaluationTable, regressionTable } = await import('../evaluation-table.js');
  const signal = abortOnInterrupt();
  const { result, report, regression } = await withProgress('evaluate', (onProgress) =>
    evaluateModels({
      recordings: options.recordings,
      directory: options.out,
      models: options.model ?? [],
      baselines: options.baseline,
      contextFrames: options.context,
      overlay: options.overlay,
      holdOutAll: options.heldOut === 'all',
      compare,
      seed: options.seed,
      onProgress,
      signal,
    }),
  );
  if (options.json) {
    printJson({ ...summarise(result), ...(regression && { comparison: describeRegression(regression) }) });
  } else {
    const { name, heldout, train } = result.recordings;
    print(
      `${heldout} held-out recordings of ${name} (${train} to fit to); mean, 95 % interval over recordings`,
    );
    print();
    print(evaluationTable(result));
    if (regression) print(`\n${regressionTable(regression, result.metrics)}`);
    print(`\nreport: ${report}`);
  }
  if (failOnRegression && regression) await requireNoRegression(regression);
}

async function requireNoRegression(regression: Regression): Promise<void> {
  const { regressionsOf } = await import('../../../evaluation/regression.js');
  const found = regressionsOf(regression).map(({ method, metric }) => ({ method, metric }));
  if (found.length === 0) return;
  throw new UmweltError(
    'regression',
    { regressions: found },
    `worse than ${regression.earlier.directory}: ${found.map(({ method, metric }) => `${method} by ${metric}`).join(', ')}`,
  );
}
