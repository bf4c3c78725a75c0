import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDataset } from '../../../datasets/reader.js';
import { bmclabForcePlate } from '../../../datasets/recordings/bmclab-force-plate.js';
import { importRecordings } from '../../../datasets/recordings/import.js';
import { temporaryFolder } from '../sample-dataset.js';
import { expectSafeFromHostileBytes, readerOf } from './hostile.js';

const recordings = join(process.env.UMWELT_RECORDINGS || '../shared/recordings', 'bmclab-force-plate');
const NAME = 'PDS1grf.txt';
const HEADER = [
  'Time RGRF_X RGRF_Y RGRF_Z LGRF_X LGRF_Y LGRF_Z GRFNET_X RCOP_X RCOP_Y RCOP_Z LCOP_X LCOP_Y LCOP_Z',
  'RFREEMOMENT_Y LFREEMOMENT_Y',
].join(' ');
const FIRST = '0 1 2 3 4 5 6 5 .1 .2 .3 .4 .5 .6 7 8';
const SECOND = '0.01 1 2 3 4 5 6 5 .1 .2 .3 .4 .5 .6 7 8';
const fileOf = (...lines: string[]) => Buffer.from(`${lines.join('\n').replaceAll(' ', '\t')}\n`);

describe('bmclab-force-plate', () => {
  it('turns the axes and stamps the rows', async () => {
    const read = await readerOf(bmclabForcePlate);
    const [recording] = await read(fileOf(HEADER, FIRST, SECOND), NAME);
    expect(recording!.durationS).toBe(0.01);
    expect(recording!.samples.map(({ timeNs }) => timeNs)).toEqual([0n, 10_000_000n]);
    expect(recording!.samples[1]!.values).toEqual({
      forceN: Float64Array.of(1, -3, 2, 4, -6, 5),
      centreOfPressureM: Float64Array.of(0.1, -0.3, 0.2, 0.4, -0.6, 0.5),
      freeMomentNm: Float64Array.of(7, 8),
    });
  });

  it.each([
    [fileOf(HEADER.replace('LCOP_Z', 'x'), FIRST), 'PDS1grf.txt, line 1: there is no column LCOP_Z'],
    [fileOf(HEADER, FIRST, SECOND.slice(0, 20)), 'line 3: expected 16 cells, got'],
    [
      fileOf(HEADER, FIRST.replace('.6', 'NaN')),
      'line 2, column LCOP_Z: expected a finite number, got "NaN"',
    ],
    [fileOf(HEADER, SECOND, FIRST), 'line 3, column Time: time must run forwards'],
    [fileOf(HEADER), 'there are no rows'],
  ])('names the place that is wrong (%#)', async (bytes, message) => {
    const read = await readerOf(bmclabForcePlate);
    await expect(read(bytes, NAME)).rejects.toThrow(message);
  });

  it('is safe from hostile bytes', async () => {
    const valid = fileOf(HEADER, FIRST, SECOND);
    await expectSafeFromHostileBytes(await readerOf(bmclabForcePlate), { fileName: NAME, valid, runs: 50 });
  });
});

describe.skipIf(!existsSync(recordings))(
  `the real force plates (skipped where ${recordings} is absent)`,
  () => {
    it('carry the weight of a standing person along z, between the feet', async () => {
      const directory = join(await temporaryFolder(), 'data');
      const manifest = await importRecordings(recordings, directory);
      expect(manifest.dataSha256).toBe('2cf05f15077c6330529a9fc921e142be10e5a81ad329dfd3297dc6f58bfd0c3e');
      expect(
        manifest.episodes.map(({ attributes }) => [attributes.sourceFile, attributes.sourceSha256]),
      ).toEqual(Object.entries(bmclabForcePlate.publication!.sha256));
      const { values, rows } = (await (await openDataset(directory)).readEpisode(0)).streams.force!;
      expect(rows).toBe(6000);
      expect(values.forceN![2]! + values.forceN![5]!).toBeCloseTo(637.1045, 3);
      for (let row = 0; row < rows; row++) {
        expect(Math.abs(values.forceN![row * 6 + 2]! + values.forceN![row * 6 + 5]! - 637)).toBeLessThan(30);
        // Left is +y: the left foot stands there.
        expect(
          values.centreOfPressureM![row * 6 + 4]! - values.centreOfPressureM![row * 6 + 1]!,
        ).toBeGreaterThan(0.1);
      }
    });
  },
);
