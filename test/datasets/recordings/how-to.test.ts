import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UmweltError } from '../../../core/errors.js';
import type { SensorSample } from '../../../datasets/contract.js';
import type { RecordingFormat } from '../../../datasets/recordings/contract.js';

const REAL = '../shared/recordings/bmclab-force-plate/PDS13OR1grf.txt';
const root = resolve(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'umwelt-how-to-'));
let format: RecordingFormat;

beforeAll(async () => {
  const guide = readFileSync(join(root, 'docs/how-to-add-a-recording-format.md'), 'utf8');
  const example = /```ts\n(.*?)```/s.exec(guide)![1]!;
  const file = join(folder, 'bmclab-force-plate.ts');
  const here = `'${root}/datasets/recordings/`;
  writeFileSync(file, example.replaceAll("'./", here).replaceAll("'../", `${here}../`));
  format = (await import(/* @vite-ignore */ file)).bmclabForcePlate;
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const HEADER = 'Time\tRGRF_X\tRGRF_Y\tRGRF_Z\tLGRF_X\tLGRF_Y\tLGRF_Z';
const decode = (text: string): SensorSample[] => {
  const { samples } = format.decode(Buffer.from(text), 'PDS1grf.txt');
  return [...(samples as Iterable<SensorSample>)];
};

describe('the example of "how to add a recording format"', () => {
  it('turns the axes and stamps the rows', () => {
    const samples = decode(`${HEADER}\n0\t1\t2\t3\t4\t5\t6\n0.01\t7\t8\t9\t10\t11\t12\n`);
    expect(samples.map(({ timeNs }) => timeNs)).toEqual([0n, 10_000_000n]);
    expect(samples[0]!.values.forceN).toEqual(Float64Array.of(1, -3, 2, 4, -6, 5));
  });

  it('names the line that is wrong', () => {
    expect(() => decode('Time\tRGRF_X\n0\t1')).toThrow('PDS1grf.txt, line 1: there is no column RGRF_Y');
    expect(() => decode(`${HEADER}\n0\t1\t2\t3\t4\t5\t6\n0.01\t7\t8\n`)).toThrow(
      'line 3: "" is not a finite number',
    );
    expect(() => decode(`${HEADER}\n0\t1\tNaN\t3\t4\t5\t6`)).toThrow('line 2: "NaN" is not a finite number');
    expect(() => decode(HEADER)).toThrow('there are no rows');
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(() => format.decode(bytes, 'x')).toThrow(UmweltError);
      }),
    );
  });

  it.skipIf(!existsSync(REAL))(
    `gives the weight of a standing person along z (skipped where ${REAL} is absent)`,
    () => {
      expect(format.isRecording('PDS13OR1grf.txt')).toBe(true);
      const samples = decode(readFileSync(REAL, 'utf8'));
      expect(samples).toHaveLength(6000);
      expect(samples[0]!.values.forceN![2]! + samples[0]!.values.forceN![5]!).toBeCloseTo(637.1045, 3);
      for (const { values } of samples)
        expect(Math.abs(values.forceN![2]! + values.forceN![5]! - 637)).toBeLessThan(30);
    },
  );
});
