import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findAllRecordings, findRecordings, recognise } from '../../../datasets/recordings/find.js';
import { RECORDING_FORMATS } from '../../../datasets/recordings/formats.js';
import { naturalOrder } from '../../../datasets/recordings/natural-order.js';
import { temporaryFolder } from '../sample-dataset.js';

const home = process.cwd();
afterEach(() => process.chdir(home));

async function recordings(): Promise<{ parent: string; folder: string }> {
  const parent = await temporaryFolder();
  const folder = join(parent, 'contactnets-cube');
  await mkdir(folder);
  await writeFile(join(folder, '0.pt'), '');
  return { parent, folder };
}

describe('findRecordings', () => {
  it('takes the folder itself or its parent, the argument before the variable', async () => {
    const [a, b] = [await recordings(), await recordings()];
    expect(findRecordings(a.folder, { UMWELT_RECORDINGS: b.folder })).toBe(a.folder);
    expect(findRecordings(a.parent, {})).toBe(a.folder);
    expect(findRecordings(undefined, { UMWELT_RECORDINGS: b.parent })).toBe(b.folder);
  });

  it('looks in ../shared/recordings last, and says null where there is nothing', async () => {
    const root = await temporaryFolder();
    await mkdir(join(root, 'project'));
    process.chdir(join(root, 'project'));
    expect(findRecordings(undefined, {})).toBeNull();
    expect(findRecordings(undefined, { UMWELT_RECORDINGS: '' })).toBeNull();
    await mkdir(join(root, 'shared/recordings/contactnets-cube'), { recursive: true });
    expect(findRecordings(undefined, {})).toBeNull();
    await writeFile(join(root, 'shared/recordings/contactnets-cube/3.pt'), '');
    expect(findRecordings(undefined, {})).toBe('../shared/recordings/contactnets-cube');
  });

  it('never falls back from a path that was named', async () => {
    const { parent, folder } = await recordings();
    const missing = join(parent, 'missing');
    expect(() => findRecordings(missing, { UMWELT_RECORDINGS: folder })).toThrow(/missing" does not exist/);
    expect(() => findRecordings(undefined, { UMWELT_RECORDINGS: missing })).toThrow(
      /from UMWELT_RECORDINGS\) does not exist/,
    );
    const empty = await temporaryFolder();
    expect(() => findRecordings(empty, {})).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => findRecordings(empty, {})).toThrow(
      /has no recordings: expected the files of contactnets-cube, .*umwelt recordings list/,
    );
  });
});

describe('recognise', () => {
  it('looks for the named format alone', async () => {
    const { parent, folder } = await recordings();
    expect(recognise(parent, '', 'contactnets-cube')).toMatchObject({ folder });
    const other = RECORDING_FORMATS.find(({ name }) => name !== 'contactnets-cube')!.name;
    expect(() => recognise(parent, '', other)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => recognise(parent, '', 'no-such')).toThrow(/called "no-such": expected contactnets-cube/);
  });

  it('takes the cube tosses first where a parent holds several', async () => {
    const { parent, folder } = await recordings();
    await mkdir(join(parent, 'bridge-robot'));
    await writeFile(join(parent, 'bridge-robot/a.tfrecord'), '');
    expect(recognise(parent).folder).toBe(folder);
  });

  it('takes the only folder below, whatever its name, and asks where there are several', async () => {
    const parent = await temporaryFolder();
    for (const name of ['monday', 'notes', 'tuesday']) await mkdir(join(parent, name));
    await writeFile(join(parent, 'monday/a.mcap'), '');
    expect(recognise(parent)).toMatchObject({ folder: join(parent, 'monday'), format: { name: 'mcap' } });
    await writeFile(join(parent, 'tuesday/1.pt'), '');
    expect(recognise(parent, '', 'mcap').folder).toBe(join(parent, 'monday'));
    expect(() => recognise(parent)).toThrow(/several folders of recordings: give one of .*monday, .*tuesday/);
  });

  it('says that a file is no folder, and what to give', async () => {
    const { folder } = await recordings();
    const file = join(folder, '0.pt');
    for (const look of [
      () => recognise(file),
      () => findAllRecordings(file),
      () => recognise(join(file, 'x')),
    ])
      expect(look).toThrow(expect.objectContaining({ name: 'UmweltError' }));
    expect(() => recognise(file)).toThrow(/0\.pt" is a file: .*give the folder that it lies in/);
  });
});

describe('findAllRecordings', () => {
  it('lists every folder of a parent, and those that no format knows', async () => {
    const { parent, folder } = await recordings();
    for (const name of ['my tosses', 'elsewhere']) await mkdir(join(parent, name));
    await writeFile(join(parent, 'my tosses/7.pt'), '');
    await writeFile(join(parent, 'elsewhere/notes.docx'), '');
    const { found, unknown } = findAllRecordings(parent, {})!;
    expect(found.map((one) => [one.folder, one.format.name])).toEqual([
      [folder, 'contactnets-cube'],
      [join(parent, 'my tosses'), 'contactnets-cube'],
    ]);
    expect(unknown).toEqual(['elsewhere']);
    expect(findAllRecordings(folder, {})!.found.map((one) => one.folder)).toEqual([folder]);
  });

  it('says null where nothing was named and nothing is there', async () => {
    process.chdir(await temporaryFolder());
    expect(findAllRecordings(undefined, {})).toBeNull();
    expect(() => findAllRecordings(undefined, { UMWELT_RECORDINGS: 'gone' })).toThrow(
      /"gone" \(from UMWELT_RECORDINGS\) does not exist/,
    );
  });
});

describe('naturalOrder', () => {
  it('counts runs of digits as numbers', () => {
    const names = ['10.pt', '9.pt', '100.pt', '0.pt', 'a2b10', 'a2b9', 'a10', 'a', '007', '7'];
    expect(names.sort(naturalOrder)).toEqual([
      '0.pt',
      '007',
      '7',
      '9.pt',
      '10.pt',
      '100.pt',
      'a',
      'a2b9',
      'a2b10',
      'a10',
    ]);
  });
});
