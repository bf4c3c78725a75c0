import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCamera } from '../../sensors/camera/camera.js';
import type { SensorSample, StreamDescription } from '../../sensors/contract.js';
import { paintDepth, paintLabels, paintScalars } from '../../sensors/picture/colour-map.js';

import { beside, enlarge, type Picture } from '../../sensors/picture/picture.js';
import { writePng } from '../../sensors/picture/png.js';
import { paintSample, writeSamplePictures } from '../../sensors/picture/sample-pictures.js';
import { body, scene, scripted } from './scene.js';
import { cameraAt } from './view.js';

const pixel = ({ width, rgb }: Picture, row: number, column: number): number[] => [
  ...rgb.subarray((row * width + column) * 3, (row * width + column) * 3 + 3),
];

const ball = body('ball', 'fixed', { kind: 'sphere', radiusM: 0.3 }, 'wood');
const spec = scene([ball]);
const camera = createCamera('eye', cameraAt([-1, 0, 0], [0, 0, 0], { width: 5, height: 4 }), spec);
const stream: StreamDescription = camera.stream;
const sample: SensorSample = camera.sense(scripted(spec)[0]!)[0]!;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'umwelt-pictures-'));
});
afterAll(() => rm(directory, { recursive: true }));

describe('pictures', () => {
  it('enlarges by repeating pixels', () => {
    const picture = { width: 2, height: 1, rgb: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect(enlarge(picture, 2)).toEqual({
      width: 4,
      height: 2,
      rgb: Uint8Array.of(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6),
    });
  });

  it('lays pictures side by side on white', () => {
    const dot = { width: 1, height: 1, rgb: Uint8Array.of(9, 8, 7) };
    const both = beside([dot, enlarge(dot, 2)], 1);
    expect([both.width, both.height]).toEqual([4, 2]);
    expect(pixel(both, 0, 0)).toEqual([9, 8, 7]);
    expect(pixel(both, 1, 0)).toEqual([255, 255, 255]);
    expect(pixel(both, 0, 1)).toEqual([255, 255, 255]);
    expect(pixel(both, 1, 3)).toEqual([9, 8, 7]);
    expect(beside([], 3)).toEqual({ width: 0, height: 0, rgb: new Uint8Array(0) });
  });

  it('paints scalars from the least to the greatest, and what is not finite grey', () => {
    const values = [1, 3, Number.POSITIVE_INFINITY, Number.NaN];
    const picture = paintScalars(values, 4, 1);
    expect([0, 1, 2, 3].map((column) => pixel(picture, 0, column))).toEqual([
      [68, 1, 84],
      [253, 231, 37],
      [40, 40, 40],
      [40, 40, 40],
    ]);
    expect(pixel(paintScalars([2, 2], 2, 1), 0, 1)).toEqual([68, 1, 84]);
  });

  it('paints depth by its inverse, near in yellow', () => {
    // 1 / 1.6 lies half way between 1 / 4 and 1 / 1.
    const picture = paintDepth([1, 1.6, 4, Number.POSITIVE_INFINITY], 4, 1);
    expect([0, 1, 2, 3].map((column) => pixel(picture, 0, column))).toEqual([
      [253, 231, 37],
      [33, 144, 141],
      [68, 1, 84],
      [40, 40, 40],
    ]);
  });

  it('paints labels in colours that differ', () => {
    const labels = Array.from({ length: 30 }, (_, label) => label);
    const picture = paintLabels(labels, 30, 1);
    const colours = labels.map((column) => pixel(picture, 0, column));
    expect(colours[0]).toEqual([40, 40, 40]);
    for (const [i, a] of colours.entries()) {
      for (const b of colours.slice(0, i)) {
        expect(Math.max(...a.map((value, channel) => Math.abs(value - b[channel]!)))).toBeGreaterThan(9);
      }
    }
  });
});

describe('pictures of a frame', () => {
  it('shows colour as it is, and what is near in yellow', () => {
    const pictures = paintSample(sample, stream);
    expect(Object.keys(pictures)).toEqual(['colour', 'depthM', 'instance']);
    expect(pictures.colour).toEqual({ width: 5, height: 4, rgb: sample.values.colour });
    expect(pixel(pictures.depthM!, 1, 2)).toEqual([253, 231, 37]);
    expect(pixel(pictures.depthM!, 0, 0)).toEqual([40, 40, 40]);
    expect(pixel(pictures.instance!, 1, 2)).not.toEqual([40, 40, 40]);
  });

  it('writes readable PNG files', async () => {
    const paths = await writeSamplePictures(sample, stream, join(directory, 'new', 'folder'));
    expect(paths.map((path) => path.slice(directory.length))).toEqual([
      '/new/folder/eye-colour.png',
      '/new/folder/eye-depthM.png',
      '/new/folder/eye-instance.png',
      '/new/folder/eye.png',
    ]);
    const { data, info } = await sharp(paths[0]).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 385, height: 308, channels: 3 });
    const shown = { width: 385, height: 308, rgb: new Uint8Array(data) };
    expect(pixel(shown, 150, 200)).toEqual([...sample.values.colour!.subarray(21, 24)]);
    const overview = await sharp(paths[3]).raw().toBuffer({ resolveWithObject: true });
    expect(overview.info).toMatchObject({ width: 3 * 385 + 24, height: 308 + 15 + 6 });
    const strips = [0, 1, 2].map((column) => {
      const ink: number[] = [];
      for (let row = 308; row < overview.info.height; row++) {
        for (let x = 0; x < 385; x++) {
          const at = row * overview.info.width + column * (385 + 12) + x;
          if (overview.data[at * 3]! < 128) ink.push((row - 308) * 385 + x);
        }
      }
      return ink.join();
    });
    expect(strips.every((ink) => ink.length > 0)).toBe(true);
    expect(new Set(strips).size).toBe(3);
  });

  it('refuses what is not a frame of the camera', async () => {
    const invalid = expect.objectContaining({ code: 'invalid-input' });
    expect(paintSample(sample, { ...stream, kind: 'audio' })).toEqual({});
    expect(() => paintSample({ ...sample, stream: 'ear' }, stream)).toThrow(invalid);
    const short = { ...sample, values: { ...sample.values, depthM: new Float32Array(3) } };
    expect(() => paintSample(short, stream)).toThrow(/20 values of field depthM.*got 3/);
    await writeFile(join(directory, 'file'), '');
    await expect(
      writePng(enlarge(paintSample(sample, stream).colour!, 1), join(directory, 'file', 'x.png')),
    ).rejects.toThrow(expect.objectContaining({ code: 'io' }));
  });
});
