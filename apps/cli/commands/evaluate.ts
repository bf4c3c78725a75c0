import { Command, InvalidArgumentError, Option } from 'commander';
import { UmweltError } from '../../../core/errors.js';
import type { Regression } from '../../../evaluation/regression.js';
import type { Evaluated } from '../../evaluate.js';
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
  readonly simulated?: string;
  readonly pair?: Readonly<Record<string, string>>;
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
    .option('--simulated <dir>', 'simulated data: say which of its senses looks unreal beside the recordings')
    .option(
      '--pair <simulated=recorded>',
      'with --simulated: streams to compare whose names differ; may be repeated',
      streamPair,
    )
    .option('-s, --seed <s>', 'seed of the split into train and held-out', seedNumber, 0)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  $ umwelt evaluate --recordings ../shared/recordings --model models/tosses --out report\n' +
        '  $ umwelt evaluate --model models/newer --out report2 --compare report --fail-on-regression\n' +
        '  $ umwelt evaluate --out report --simulated data/tosses',
    )
    .action(evaluate);
}

async function evaluate(options: Options): Promise<void> {
  requireConsistent(options);
  const { evaluateModels } = await import('../../evaluate.js');
  const signal = abortOnInterrupt();
  const evaluated = await withProgress('evaluate', (onProgress) =>
    evaluateModels({
      recordings: options.recordings,
      directory: options.out,
      models: options.model ?? [],
      baselines: options.baseline,
      contextFrames: options.context,
      overlay: options.overlay,
      holdOutAll: options.heldOut === 'all',
      compare: options.compare,
      simulated: options.simulated,
      ...(options.pair && { pairs: options.pair }),
      seed: options.seed,
      onProgress,
      signal,
    }),
  );
  if (options.json) await printAsJson(evaluated);
  else await printEvaluated(evaluated);
  if (evaluated.refusal) throw evaluated.refusal;
  if (options.failOnRegression && evaluated.regression) await requireNoRegression(evaluated.regression);
}

/** Refuses options that say nothing without another. */
function requireConsistent({ compare, failOnRegression, simulated, pair }: Options): void {
  const refuse = (message: string) => new UmweltError('invalid-input', {}, message);
  if (failOnRegression && compare === undefined)
    throw refuse('--fail-on-regression: expected --compare DIR, an earlier report to compare with');
  if (pair !== undefined && simulated === undefined)
    throw refuse('--pair: expected --simulated DIR, the data that it is about');
}

async function printAsJson({ result, regression, realism }: Evaluated): Promise<void> {
  const { describeRegression } = await import('../../../evaluation/regression.js');
  const { describeRealism } = await import('../../../evaluation/report/realism-section.js');
  const { summarise } = await import('../../../evaluation/summary.js');
  printJson({
    ...summarise(result),
    ...(regression && { comparison: describeRegression(regression) }),
    ...(realism && { realism: describeRealism(realism) }),
  });
}

async function printEvaluated({ result, report, regression, realism }: Evaluated): Promise<void> {
  const { realismLines } = await import('../../../evaluation/report/realism-section.js');
  const { evaluationTable, regressionTable } = await import('../evaluation-table.js');
  const { name, heldout, train } = result.recordings;
  print(
    `${heldout} held-out recordings of ${name} (${train} to fit to); mean, 95 % interval over recordings`,
  );
  print();
  print(evaluationTable(result));
  if (regression) print(`\n${regressionTable(regression, result.metrics)}`);
  if (realism) print(`\n${realism.simulated.name}, simulated:\n  ${realismLines(realism).join('\n  ')}`);
  print(`\nreport: ${report}`);
}

/** Parses `simulated=recorded`, names of streams, for commander. */
function streamPair(
  text: string,
  previous: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, simulated, recorded] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (simulated === undefined || recorded === undefined)
    throw new InvalidArgumentError('expected names of two streams, as camera=front.');
  return { ...previous, [simulated]: recorded };
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
