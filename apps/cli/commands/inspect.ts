import { Command } from 'commander';
import { UmweltError } from '../../../core/errors.js';
import type { DatasetManifest } from '../../../datasets/contract.js';
import { abortOnInterrupt } from '../interrupt.js';
import { formatBytes, print, printJson, table } from '../print.js';
import { withProgress } from '../progress.js';

interface Options {
  readonly verify: boolean;
  readonly json: boolean;
}

/** `umwelt inspect`: says what a dataset holds, and whether its bytes are still what was written. */
export function inspectCommand(): Command {
  return new Command('inspect')
    .description('show what a dataset holds; --verify recomputes every digest')
    .argument('<dir>', 'folder of a dataset')
    .option('--verify', 'recompute digests; exit status 1 when one differs', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExample:\n  $ umwelt inspect data/tosses --verify')
    .action(async (directory: string, options: Options) => {
      const { openDataset, verifyDataset } = await import('../../../datasets/reader.js');
      const { manifest } = await openDataset(directory);
      const differences = options.verify
        ? await withProgress('verify', (onProgress) =>
            verifyDataset(directory, { onProgress, signal: abortOnInterrupt() }),
          )
        : null;
      if (options.json) printJson({ ...summary(manifest), ...(differences && { differences }) });
      else printSummary(manifest);
      if (differences === null) return;
      if (differences.length > 0) {
        const list = differences.map(
          ({ path, expected, actual }) => `  ${path}: expected ${expected}, got ${actual}`,
        );
        throw new UmweltError(
          'digest-mismatch',
          { directory, differences },
          `${differences.length} of ${manifest.files.length} files differ from the manifest in ${directory}:\n${list.join('\n')}`,
        );
      }
      if (!options.json) print(`\nverified: all ${manifest.files.length} files have the recorded SHA-256`);
    });
}

function summary(manifest: DatasetManifest) {
  const { name, origin, seed, versions, configurationSha256, dataSha256 } = manifest;
  const streams = manifest.streams.map((stream) => ({
    name: stream.name,
    kind: stream.kind,
    rateHz: stream.rateHz,
    samples: stream.samples,
    rows: stream.rows,
    bytes: stream.bytes,
    fields: stream.fields.map(({ name: field, dataType, shape, unit }) => ({
      name: field,
      dataType,
      shape,
      unit,
    })),
  }));
  return {
    scenario: name,
    origin,
    seed,
    versions,
    episodes: manifest.episodes.length,
    configurationSha256,
    dataSha256,
    streams,
  };
}

function printSummary(manifest: DatasetManifest): void {
  const durationS = manifest.episodes.reduce((sum, episode) => sum + episode.durationS, 0);
  print(`scenario  ${manifest.name} (${manifest.origin})`);
  print(`seed      ${manifest.seed ?? 'none'}`);
  print(`episodes  ${manifest.episodes.length}, ${durationS.toFixed(1)} s in all`);
  print(
    `versions  ${Object.entries(manifest.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
  );
  print(`digest    ${manifest.dataSha256}`);
  print();
  const rows = manifest.streams.flatMap((stream) =>
    stream.fields.map((field, index) => [
      index === 0 ? stream.name : '',
      index === 0 ? `${stream.rateHz} Hz` : '',
      index === 0 ? String(stream.samples) : '',
      index === 0 ? formatBytes(stream.bytes) : '',
      field.name,
      `${field.dataType} [${field.shape.join(', ')}]`,
      field.unit,
    ]),
  );
  print(table(['stream', 'rate', 'samples', 'size', 'field', 'type', 'unit'], rows));
}
