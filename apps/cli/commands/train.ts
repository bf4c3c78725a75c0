import { Command, Option } from 'commander';
import { MODEL_SIZES, type ModelSizeName } from '../../../worldmodel/model/configuration.js';
import { abortOnInterrupt } from '../interrupt.js';
import { seedNumber, wholeNumber } from '../options.js';
import { print, printJson } from '../print.js';
import { withProgress } from '../progress.js';

interface Options {
  readonly out: string;
  readonly steps: number;
  readonly seed: number;
  readonly size: ModelSizeName;
  readonly resume: boolean;
  readonly json: boolean;
}

/** `umwelt train`: learns a world model from datasets. */
export function trainCommand(): Command {
  return new Command('train')
    .description('train a world model on datasets, simulated and recorded alike')
    .argument('<dataset...>', 'folders of datasets (`umwelt generate`, `umwelt recordings import`)')
    .requiredOption('-o, --out <dir>', 'folder of the model; must be new, or the one to --resume')
    .option('--steps <n>', 'training steps', wholeNumber(1), 2000)
    .option('-s, --seed <s>', 'seed of the weights and of the order of batches', seedNumber, 0)
    .addOption(
      new Option('--size <name>', 'widths of the network').choices(Object.keys(MODEL_SIZES)).default('small'),
    )
    .option('--resume', 'go on from the last checkpoint with the same settings', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt train data/tosses --steps 2000 --out models/tosses')
    .action(async (datasets: string[], options: Options) => {
      const { trainModel } = await import('../../train.js');
      const signal = abortOnInterrupt();
      const trained = await withProgress('train', (onProgress) =>
        trainModel({ ...options, datasets, directory: options.out, onProgress, signal }),
      );
      const { provenance, loss, weightsSha256 } = trained;
      if (options.json) printJson({ directory: options.out, steps: provenance.steps, loss, weightsSha256 });
      else print(`trained ${provenance.steps} steps, last loss ${loss.toFixed(4)}, in ${options.out}`);
    });
}
