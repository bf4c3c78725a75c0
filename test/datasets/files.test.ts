import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DigestedFile, makeFolder, sha256OfFile, writeFileAtomically } from '../../datasets/files.js';
import { temporaryFolder } from './sample-dataset.js';
import { hasSmallDisk, withSmallDisk } from './small-disk.js';

describe('writeFileAtomically', () => {
  it('replaces a file and leaves nothing beside it', async () => {
    const folder = await temporaryFolder();
    await writeFileAtomically(join(folder, 'a.json'), 'old');
    await writeFileAtomically(join(folder, 'a.json'), new Uint8Array([110, 101, 119]));
    expect(await readdir(folder)).toEqual(['a.json']);
    expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe('new');
  });

  it('overwrites what a killed writer left', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'a.json.partial'), 'a longer half of something');
    await writeFileAtomically(join(folder, 'a.json'), 'x');
    expect(await readdir(folder)).toEqual(['a.json']);
    expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe('x');
  });

  it('names the path when the folder is missing or the target is a folder', async () => {
    const folder = await temporaryFolder();
    const inside = join(folder, 'missing', 'a');
    await expect(writeFileAtomically(inside, 'x')).rejects.toMatchObject({
      code: 'io',
      context: { path: inside },
    });
    await mkdir(join(folder, 'b', 'c'), { recursive: true });
    await expect(writeFileAtomically(join(folder, 'b'), 'x')).rejects.toMatchObject({ code: 'io' });
    expect(await readdir(folder)).toEqual(['b']);
  });

  it.skipIf(!hasSmallDisk())(
    'reports a full disk and keeps the old file (skipped where tmpfs cannot be mounted)',
    async () => {
      await withSmallDisk(256, async (folder) => {
        const path = join(folder, 'weights.bin');
        await writeFileAtomically(path, 'old');
        await expect(writeFileAtomically(path, new Uint8Array(2 ** 20))).rejects.toMatchObject({
          code: 'io',
          context: { path, reason: 'ENOSPC' },
          message: expect.stringContaining('the disk is full'),
        });
        expect(await readdir(folder)).toEqual(['weights.bin']);
        expect(await readFile(path, 'utf8')).toBe('old');
      });
    },
  );
});

describe('makeFolder', () => {
  it('makes what is missing, twice and at once', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(folder, 'a', 'd'))]);
    await makeFolder(path);
    expect((await readdir(join(folder, 'a'))).sort()).toEqual(['b', 'd']);
  });

  it('says that a file is in the way, and ends where nothing can be made', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(makeFolder(file)).rejects.toMatchObject({
      code: 'io',
      message: expect.stringContaining('it is a file, not a folder'),
    });
    await expect(makeFolder(join(file, 'a'))).rejects.toMatchObject({ code: 'io' });
    if (process.platform === 'linux')
      await expect(makeFolder('/proc/umwelt')).rejects.toMatchObject({ code: 'io' });
  });
});

describe('DigestedFile', () => {
  it('digests what it wrote, as sha256sum does', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'data');
    const file = await DigestedFile.create(path);
    await file.append([Buffer.from('abc'), new Uint8Array(0), Buffer.from('def')]);
    await file.append([new Uint8Array(100_000).fill(7)]);
    const entry = await file.close('x/data');
    const expected = execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64);
    expect(entry).toEqual({ path: 'x/data', bytes: 100_006, sha256: expected });
    expect(await sha256OfFile(path)).toBe(expected);
  });

  it('refuses to write over a file', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'data'), '');
    await expect(DigestedFile.create(join(folder, 'data'))).rejects.toMatchObject({ code: 'io' });
  });
});
