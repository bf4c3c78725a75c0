import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../datasets/reader.js';
import { charismaImpactEcho } from '../../../datasets/recordings/charisma-impact-echo.js';
import { importRecordings } from '../../../datasets/recordings/import.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readerOf } from './hostile.js';

const recordings = join(process.env.UMWELT_RECORDINGS || '../shared/recordings', 'charisma-impact-echo');
const NAME = 'B-08.txt';
const bytesOf = (text: string) => Buffer.from(text);
const read = async (text: string) => (await readerOf(charismaImpactEcho))(bytesOf(text), NAME);

describe('charisma-impact-echo', () => {
  it('reads a sample every 5 us, and the grid point from the name', async () => {
    const [recording] = await read('0.000000E+0\t1.5E-2\n5.000000E-6\t-2\n1.000000E-5\t0\n');
    expect(recording!.samples.map(({ timeNs, values }) => [timeNs, values.signal![0]])).toEqual([
      [0n, 0.015],
      [5000n, -2],
      [10_000n, 0],
    ]);
    expect(recording).toMatchObject({ durationS: 1e-5, attributes: { gridRow: 'B', gridColumn: 8 } });
  });

  it.each([
    ['0\t1\n5E-6\n', 'B-08.txt, line 2: expected 2 cells, got 1'],
    ['0\t1\n5E-6\tNaN\n', 'line 2, column signal: expected a finite number, got "NaN"'],
    ['0\t1\n5E-6\t1\n4E-6\t1\n', 'line 3, column time: time must run forwards'],
    ['0\t1\n6E-6\t1\n', 'line 2, column time: expected one sample every 5 us, got 0.000006 as sample 1'],
    ['', 'line 1: there are no rows'],
  ])('names the place that is wrong in %j', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it('is safe from hostile bytes', async () => {
    const valid = bytesOf('0.000000E+0\t9.359181E-3\n5.000000E-6\t9.283781E-3\n');
    await expectSafeFromHostileBytes(await readerOf(charismaImpactEcho), { fileName: NAME, valid, runs: 50 });
  });
});

describe.skipIf(!existsSync(recordings))(`the real taps (skipped where ${recordings} is absent)`, () => {
  it('are all there with the published digests, 10 ms each, and ring', async () => {
    const directory = join(await temporaryFolder(), 'data');
    const manifest = await importRecordings(recordings, directory);
    expect(manifest.dataSha256).toBe('b08c5fd459c3ddcb2c5325f172b0da5be45e5e56bf7eb38f2a1598f169f3105f');
    const found = manifest.episodes.map(({ attributes }) => [attributes.sourceFile, attributes.sourceSha256]);
    expect(Object.fromEntries(found)).toEqual(charismaImpactEcho.publication!.sha256);
    expect(found).toHaveLength(55);
    for await (const { streams } of (await openDataset(directory)).episodes()) {
      const { rows, values } = streams.response!;
      expect(rows).toBe(2000);
      // A tap dies away: the first half holds more of the energy than the second.
      const signal = Array.from(values.signal!);
      const mean = signal.reduce((sum, value) => sum + value, 0) / rows;
      const energy = (from: number) =>
        signal.slice(from, from + 1000).reduce((sum, value) => sum + (value - mean) ** 2, 0);
      expect(energy(0)).toBeGreaterThan(energy(1000));
    }
  });
});
