import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../datasets/reader.js';
import { fabricslideTactile } from '../../../datasets/recordings/fabricslide-tactile.js';
import { importRecordings, listRecordings } from '../../../datasets/recordings/import.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readerOf } from './hostile.js';

const recordings = join(process.env.UMWELT_RECORDINGS || '../shared/recordings', 'fabricslide-tactile');
const NAME = 'Canvas_F120_V-50mmps_1.csv';
const TAXELS = Array.from({ length: 16 }, (_, index) => index + 1);
const HEADER = `timestamp, proximity1, proximity2, ${TAXELS.map((taxel) => `channel${taxel}`).join(', ')}`;
const row = (ms: number, add = 0) => [ms, 0, 65535, ...TAXELS.map((taxel) => 100 * taxel + add)].join(',');
const fileOf = (...lines: string[]) => Buffer.from(`${lines.join('\n')}\n`);

describe('fabricslide-tactile', () => {
  it('takes the condition from the name and the readings as they are', async () => {
    const read = await readerOf(fabricslideTactile);
    const [recording] = await read(fileOf(HEADER, row(5000), row(5028, 1), row(5056), row(5056)), NAME);
    expect(recording!.attributes).toEqual({
      fabric: 'Canvas',
      forceLevelCount: 120,
      speedMps: -0.05,
      repetition: 1,
    });
    const touch = recording!.samples.filter(({ stream }) => stream === 'touch');
    expect(touch.map(({ timeNs }) => timeNs)).toEqual([0n, 28_000_000n, 56_000_000n]);
    expect(touch[1]!.values.taxelCount).toEqual(Uint16Array.from(TAXELS, (taxel) => 100 * taxel + 1));
    expect(touch[1]!.values.proximityCount).toEqual(Uint16Array.of(0, 65535));
    const commands = recording!.samples.filter(({ stream }) => stream === 'command');
    expect(commands[2]!.values.value).toEqual(Float32Array.of(120, -0.05));
  });

  it.each([
    [fileOf(HEADER.replace('channel16', 'x'), row(0)), 'line 1: there is no column channel16'],
    [fileOf(HEADER, row(0), row(0, 1)), 'line 3, column timestamp: time must run forwards, got 0 after 0'],
    [fileOf(HEADER, row(28), row(0)), 'line 3, column timestamp: time must run forwards'],
    [
      fileOf(HEADER, row(0, 0.5)),
      'line 2, column channel1: expected a whole number from 0 to 65535, got 100.5',
    ],
    [fileOf(HEADER, row(0, -1e3)), 'got -900'],
    [fileOf(HEADER, row(0).replace('65535', 'NaN')), 'line 2, column proximity2: expected a finite number'],
    [fileOf(HEADER), 'there are no rows'],
  ])('names the place that is wrong (%#)', async (bytes, message) => {
    await expect((await readerOf(fabricslideTactile))(bytes, NAME)).rejects.toThrow(`${NAME}, `);
    await expect((await readerOf(fabricslideTactile))(bytes, NAME)).rejects.toThrow(message);
  });

  it('is safe from hostile bytes', async () => {
    const valid = fileOf(HEADER, row(0), row(28));
    await expectSafeFromHostileBytes(await readerOf(fabricslideTactile), { fileName: NAME, valid, runs: 50 });
  });

  it('calls a recording the same whether its folder or the one above is named', async () => {
    expect(fabricslideTactile.holds([NAME], '/nowhere')).toBe(true);
    expect(fabricslideTactile.holds(['data'], '/nowhere')).toBe(false);
  });
});

describe.skipIf(!existsSync(recordings))(
  `the real FabricSlide (skipped where ${recordings} is absent)`,
  () => {
    it('are all there with their re-runs, and the published digests', async () => {
      const found = await listRecordings(recordings);
      expect(found).toHaveLength(364);
      expect(Object.fromEntries(found.map(({ name, sha256 }) => [name, sha256]))).toEqual(
        fabricslideTactile.publication!.sha256,
      );
      expect(found[0]!.files).toEqual([`data/${found[0]!.name}`]);
      expect(await listRecordings(join(recordings, 'data'))).toEqual(
        found.map((entry) => ({ ...entry, files: [entry.name] })),
      );
    });

    it('hold the commanded force: the trimmed mean stays at its level', async () => {
      const directory = join(await temporaryFolder(), 'data');
      const select = (name: string) => name.startsWith('BeigeCotton_F') && name.includes('_V20mmps');
      const manifest = await importRecordings(recordings, directory, { select });
      expect(manifest.dataSha256).toBe('e473aeed6905c0fb5fab1383c55e595b6fd912b8ee769829254a79d6e4263c05');
      expect(manifest.episodes).toHaveLength(8);
      for await (const { streams, attributes, durationS } of (await openDataset(directory)).episodes()) {
        const { rows, values, description } = streams.touch!;
        expect(Math.abs((rows - 1) / durationS - description.rateHz)).toBeLessThan(0.05);
        let sum = 0;
        for (let at = 0; at < rows; at++) {
          const sorted = [...values.taxelCount!.subarray(at * 16, at * 16 + 16)].sort((a, b) => a - b);
          sum += sorted.slice(1, -1).reduce((total, value) => total + value, 0) / 14;
        }
        expect(Math.abs(sum / rows / (attributes.forceLevelCount as number) - 1)).toBeLessThan(0.08);
      }
    });
  },
);
