import { Command } from 'commander';
import { formatBytes, print, printJson, table } from '../print.js';

interface Options {
  readonly out: string;
  readonly json: boolean;
}

/** `umwelt export`: writes a model in forms that other programs read. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write a trained model as ONNX networks, safetensors and a model card')
    .argument('<model>', 'folder of a model (`umwelt train`)')
    .requiredOption('-o, --out <dir>', 'folder of the export; must be new or empty')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt export models/tosses --out exports/tosses')
    .action(async (model: string, { out, json }: Options) => {
      const { exportModel } = await import('../../../worldmodel/export/export.js');
      const { name, modelSha256, files } = await exportModel(model, out);
      if (json) {
        printJson({ directory: out, name, modelSha256, files });
        return;
      }
      print(
        table(
          ['file', 'size', 'SHA-256'],
          files.map(({ path, bytes, sha256 }) => [path, formatBytes(bytes), sha256]),
        ),
      );
      print(`\nexported ${name} to ${out}; README.md says what it is and how to load it`);
    });
}
