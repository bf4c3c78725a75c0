import { UmweltError } from '../../core/errors.js';
import type { StreamDescription } from '../../datasets/contract.js';
import type { RecordingFormat } from '../../datasets/recordings/contract.js';
import type { ListedRecordings, RecordingsList } from '../recordings.js';
import { formatBytes, print, table } from './print.js';

const DIGEST_SHOWN = 12;

/** Prints what can be imported and what of it can be fetched. */
export function printFormats(formats: readonly RecordingFormat[]): void {
  const rows = formats.map(({ name, title, licence, publication }) => [
    name,
    title,
    licence,
    publication === undefined ? '-' : String(Object.keys(publication.sha256).length),
  ]);
  print(table(['format', 'what it is', 'licence', 'files to fetch'], rows));
  print();
  print('Get one with `umwelt recordings fetch <format> --out <dir>`.');
  print();
}

/** Prints the recordings that lie at a path, each folder in a paragraph. */
export function printRecordings(list: RecordingsList | null): void {
  if (list === null) {
    print('No recordings here: give a PATH, or set UMWELT_RECORDINGS.');
    return;
  }
  if (list.listed.length === 0) print(`There are no recordings in ${list.path}.`);
  for (const listed of list.listed) printFolder(listed);
  if (list.unknown.length > 0) print(`Folders that no format knows: ${list.unknown.join(', ')}`);
}

function printFolder({ folder, format, summary }: ListedRecordings): void {
  print(folder);
  print(`  format   ${format.name}`);
  if (summary instanceof UmweltError) {
    print(`  problem  ${summary.message}`);
    print();
    return;
  }
  const { recordings, files, bytes, streams, licence, recordingsSha256 } = summary;
  const [inFiles, noun] = [
    files === 1 ? '1 file' : `${files} files`,
    recordings === 1 ? 'recording' : 'recordings',
  ];
  print(`  holds    ${recordings} ${noun} in ${inFiles}, ${formatBytes(bytes)}`);
  streams.forEach((stream, index) => {
    print(
      `  ${index === 0 ? 'streams' : '       '}  ${stream.name} (${stream.kind}), ${rate(stream)}: ${fieldsOf(stream)}`,
    );
  });
  print(`  licence  ${licence}`);
  print(`  digest   ${recordingsSha256.slice(0, DIGEST_SHOWN)}`);
  print();
}

function rate({ rateHz }: StreamDescription): string {
  return `${Number(rateHz.toPrecision(6))} Hz`;
}

function fieldsOf({ fields }: StreamDescription): string {
  return fields
    .map(({ name, shape }) => name + (shape.length === 0 ? '' : ` [${shape.join(', ')}]`))
    .join(', ');
}

/** The same for machines, with whole digests. */
export function recordingsAsJson(formats: readonly RecordingFormat[], list: RecordingsList | null): unknown {
  return {
    formats: formats.map(({ name, title, licence, source, publication }) => ({
      name,
      title,
      licence,
      source,
      fetchable: publication !== undefined,
      files: publication === undefined ? null : Object.keys(publication.sha256).length,
    })),
    path: list?.path ?? null,
    recordings: (list?.listed ?? []).map(({ folder, format, summary }) =>
      summary instanceof UmweltError
        ? { folder, format: format.name, error: { code: summary.code, message: summary.message } }
        : { folder, format: format.name, ...summary },
    ),
    unknown: list?.unknown ?? [],
  };
}
