import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Compression } from 'parquet-wasm';
import { describe, expect, it } from 'vitest';
import { openParquet, type ParquetRow } from '../../datasets/arrow/parquet.js';
import { parquetFile, TYPES } from './parquet-file.js';
import { expectSafeFromHostileBytes } from './recordings/hostile.js';
import { temporaryFolder } from './sample-dataset.js';

const ROWS = 50;
const counted = <T>(make: (row: number) => T): T[] => Array.from({ length: ROWS }, (_, row) => make(row));
const COLUMNS = {
  index: [TYPES.int64, counted(BigInt)],
  'observation.state': [TYPES.fixed(2), counted((i) => [i, i / 2])],
  matrix: [
    TYPES.matrix,
    counted((i) => [
      [i, 1],
      [2, 3],
    ]),
  ],
  done: [TYPES.bool, counted((i) => i === 9)],
  words: [TYPES.texts, counted((i) => ['a', `b${i}`])],
  picture: [TYPES.image, counted((i) => ({ bytes: Uint8Array.of(i, 2), path: 'x' }))],
} as const;

async function written(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'a.parquet');
  await writeFile(path, bytes);
  return path;
}

async function readAll(
  path: string,
  name: string,
  from = 0,
  to = Number.POSITIVE_INFINITY,
): Promise<ParquetRow[]> {
  const file = await openParquet(path, name);
  return [...file.read(file.columns, from, to)];
}

describe('openParquet', () => {
  it.each([Compression.SNAPPY, Compression.ZSTD, Compression.GZIP, Compression.UNCOMPRESSED])(
    'reads any rows of a file (compression %i), across row groups',
    async (compression) => {
      const path = await written(parquetFile(COLUMNS, { rowsPerGroup: 20, compression }));
      const file = await openParquet(path, 'a.parquet');
      expect([file.rows, file.columns]).toEqual([ROWS, Object.keys(COLUMNS)]);
      const rows = await readAll(path, 'a.parquet', 9, 42);
      expect(rows.map(({ index }) => Number(index))).toEqual(Array.from({ length: 33 }, (_, i) => i + 9));
      expect(rows[0]).toEqual({
        index: 9n,
        'observation.state': Float32Array.of(9, 4.5),
        matrix: [Float32Array.of(9, 1), Float32Array.of(2, 3)],
        done: true,
        words: ['a', 'b9'],
        picture: { bytes: Uint8Array.of(9, 2), path: 'x' },
      });
    },
  );

  it('says that a column or a file is not there', async () => {
    const path = await written(parquetFile(COLUMNS));
    const file = await openParquet(path, 'a.parquet');
    expect(() => file.read(['wheel'], 0, 1).next()).toThrow(/a\.parquet, footer: there is no column "wheel"/);
    await expect(openParquet(`${path}.gone`, 'x')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('gives a result or an error that names the file, whatever the bytes', async () => {
    const path = await written(new Uint8Array());
    const valid = parquetFile({ index: COLUMNS.index, matrix: COLUMNS.matrix }, { rowsPerGroup: 30 });
    const read = async (bytes: Uint8Array, name: string): Promise<unknown> => {
      await writeFile(path, bytes);
      return readAll(path, name);
    };
    await expectSafeFromHostileBytes(read, { fileName: 'hostile.parquet', valid, lengths: 20, runs: 100 });
  }, 30_000);
});
