import { Command, Option } from 'commander';
import { PROVIDERS, type Provider } from '../../../worldmodel/engine/provider.js';
import {
  CORE_KINDS,
  type CoreKind,
  MODEL_SIZES,
  type ModelSizeName,
} from '../../../worldmodel/model/configuration.js';
import { abortOnInterrupt } from '../interrupt.js';
import { collect, moment, seedNumber, share, wholeNumber } from '../options.js';
import { print, printJson } from '../print.js';
import { withProgress } from '../progress.js';

interface Options {
  readonly out: string;
  readonly steps: number;
  readonly seed: number;
  readonly size?: ModelSizeName;
  readonly core?: CoreKind;
  readonly ensemble?: number;
  readonly without?: readonly string[];
  readonly contextNoise: boolean;
  readonly multiStep: boolean;
  readonly fineTune?: string;
  readonly validationShare: number;
  readonly patience?: number;
  readonly checkpointS: number;
  readonly threads?: number;
  readonly provider: Provider;
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
      new Option('--size <name>', 'widths of the network (default: small, or as --fine-tune)').choices(
        Object.keys(MODEL_SIZES),
      ),
    )
    .addOption(
      new Option(
        '--core <kind>',
        'what carries the past forward (default: recurrent, or as --fine-tune)',
      ).choices(CORE_KINDS),
    )
    .option(
      '--ensemble <n>',
      'dynamics heads, each trained on its share of the sequences (default: 4, or as --fine-tune)',
      wholeNumber(1),
    )
    .option('--without <stream>', 'leave a stream out (may be given several times)', collect)
    .option('--no-context-noise', 'show the model exact contexts')
    .option(
      '--no-multi-step',
      'show every tick of a sequence, instead of predicting many from a short context',
    )
    .option(
      '--fine-tune <model>',
      'begin from this model, with its size and senses, at a quarter of the rate',
    )
    .option('--validation-share <p>', 'share of the episodes that is held back', share, 0.05)
    .option(
      '--patience <n>',
      'stop after n validations without a lower loss, and keep the best weights',
      wholeNumber(1),
    )
    .option('--checkpoint-s <s>', 'seconds between checkpoints', moment, 120)
    .option('--threads <n>', 'threads of ONNX Runtime (default: all cores)', wholeNumber(1))
    .addOption(
      new Option('--provider <name>', 'where ONNX Runtime computes').choices(PROVIDERS).default('cpu'),
    )
    .option('--resume', 'go on from the last checkpoint with the same settings', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Examples:
  $ umwelt train data/tosses --steps 2000 --out models/tosses
  $ umwelt train data/recorded --fine-tune models/tosses --steps 200 --out models/tuned
  $ tensorboard --logdir models        # log.jsonl beside it holds the same`,
    )
    .action(async (datasets: string[], { contextNoise, multiStep, ...options }: Options) => {
      const { trainModel } = await import('../../train.js');
      const signal = abortOnInterrupt();
      const recipe = { contextNoise, multiStep };
      const trained = await withProgress('train', (onProgress) =>
        trainModel({ ...options, recipe, datasets, directory: options.out, onProgress, signal }),
      );
      const { provenance, loss, validation, weightsSha256 } = trained;
      const held = validation.losses.at(-1)?.loss ?? null;
      if (options.json) {
        printJson({
          directory: options.out,
          steps: provenance.steps,
          loss,
          validationLoss: held,
          weightsSha256,
        });
        return;
      }
      const heldOut = held === null ? '' : ` (held out ${held.toFixed(4)})`;
      if (validation.losses.length === 0)
        print(
          'no episode was held back, so nothing was validated or calibrated: give more episodes, or a larger --validation-share',
        );
      print(`trained ${provenance.steps} steps, last loss ${loss.toFixed(4)}${heldOut}, in ${options.out}`);
    });
}
