import { UmweltError } from '../../core/errors.js';
import type { StreamDescription } from '../../datasets/contract.js';
import type { RecordingFormat } from '../../datasets/recordings/contract.js';
import { filesToFetch } from '../../datasets/recordings/formats.js';
import type { ListedRecordings, RecordingsList } from '../recordings.js';
import { count, formatBytes, print } from './print.js';

const DIGEST_SHOWN = 12;

/** Prints what can be imported and what of it can be fetched. */
export function printFormats(formats: readonly RecordingFormat[]): void {
  print('Formats that can be imported:');
  print();
  for (const format of formats) {
    const files = filesToFetch(format);
    print(`${format.name}${files === 0 ? '' : ` (fetch: ${count(files, 'file')})`}`);
    print(`  ${format.title}`);
    print(`  licence: ${format.licence}`);
  }
  print();
  print('Get those with files to fetch by `umwelt recordings fetch <format> --out <dir>`.');
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
  if (list.unreadable.length > 0) print(`Folders that may not be read: ${list.unreadable.join(', ')}`);
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
  const { recordings, files, bytes, streams, licence, left, recordingsSha256 } = summary;
  print(`  holds    ${count(recordings, 'recording')} in ${count(files, 'file')}, ${formatBytes(bytes)}`);
  streams.forEach((stream, index) => {
    print(
      `  ${index === 0 ? 'streams' : '       '}  ${stream.name} (${stream.kind}), ${rate(stream)}: ${fieldsOf(stream)}`,
    );
  });
  for (const [name, reason] of Object.entries(left)) print(`  left     ${name}: ${reason}`);
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
    formats: formats.map((format) => ({
      name: format.name,
      title: format.title,
      licence: format.licence,
      source: format.source,
      filesToFetch: filesToFetch(format),
    })),
    path: list?.path ?? null,
    recordings: (list?.listed ?? []).map(({ folder, format, summary }) =>
      summary instanceof UmweltError
        ? { folder, format: format.name, error: { code: summary.code, message: summary.message } }
        : { folder, format: format.name, ...summary },
    ),
    unknown: list?.unknown ?? [],
    unreadable: list?.unreadable ?? [],
  };
}
