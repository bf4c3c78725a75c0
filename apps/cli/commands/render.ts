import { Command, Option } from 'commander';
import { moment, seedNumber, wholeNumber } from '../options.js';
import { print, printJson } from '../print.js';

interface Options {
  readonly at?: number;
  readonly episode: number;
  readonly seed: number;
  readonly out: string;
  readonly noise: boolean;
  readonly renderer: 'cpu' | 'gpu';
  readonly json: boolean;
}

/** `umwelt render`: shows what each sense of one episode takes in. */
export function renderCommand(): Command {
  return new Command('render')
    .description(
      'write pictures of every camera channel and tactile map at a time, and the sound of an episode as WAV and spectrogram',
    )
    .argument('<scenario>', 'name of a preset (see `umwelt scenarios`) or path of a scenario .json')
    .option('-t, --at <s>', 'time in the episode, s (default: its middle)', moment)
    .option('-e, --episode <n>', 'which episode', wholeNumber(0), 0)
    .option('-s, --seed <s>', 'seed of every random draw', seedNumber, 0)
    .requiredOption('-o, --out <dir>', 'folder to write into; files of the same names are replaced')
    .option('--no-noise', 'switch the noise of every sensor off')
    .addOption(
      new Option('--renderer <r>', 'who renders the cameras: cpu (the same bytes everywhere) or gpu (WebGPU)')
        .choices(['cpu', 'gpu'])
        .default('cpu'),
    )
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt render cube-toss --at 0.4 --out pictures')
    .action(async (scenario: string, options: Options) => {
      const { renderScenario } = await import('../../render.js');
      const { atS, paths } = await renderScenario({ scenario, directory: options.out, ...options });
      if (options.json) printJson({ atS, files: paths });
      else for (const path of paths) print(path);
    });
}
